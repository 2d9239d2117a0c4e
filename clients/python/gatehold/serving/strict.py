"""Reading a message strictly.

gRPC answers bytes that it cannot decode with INTERNAL before any handler runs, and protobuf keeps fields that it does
not know in silence. Both must be INVALID_ARGUMENT, so the deserializer returns what is wrong instead of raising it.
"""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from gatehold.serving.errors import Refusal

M = TypeVar("M", bound=Message)
Check = Callable[[Any], str]


def strict_deserializer(
    message: type[M], max_bytes: int, unchecked: Collection[str] = ()
) -> Callable[[bytes], M | Refusal]:
    """Returns a function from bytes to the message, or to the refusal that the call must end with.

    Args:
        message: the message's class.
        max_bytes: the longest form that is read.
        unchecked: fields of the message whose own messages the servicer checks one by one, with `stranger`.
    """
    check = _check(message.DESCRIPTOR, frozenset(unchecked))
    read = message.FromString

    def deserialize(data: bytes) -> M | Refusal:
        if len(data) > max_bytes:
            return Refusal.too_large("the request message", max_bytes)
        try:
            parsed = read(data)
        except (DecodeError, ValueError, RecursionError):
            return Refusal.malformed(f"the bytes are not a {message.DESCRIPTOR.full_name}")
        problem = check(parsed)
        return Refusal.malformed(problem) if problem else parsed

    return deserialize


def stranger(message: Message) -> str:
    """Names the first field or enum value in `message` that this server does not know; empty when there is none.

    A field that a newer client set may be one that restricts; to ignore it could be to allow.
    """
    return _check(message.DESCRIPTOR)(message)


@cache
def _check(descriptor: Descriptor, unchecked: frozenset[str] = frozenset()) -> Check:
    """`stranger` for one type of message, with the walk over its descriptor done beforehand: it runs for every call."""
    own = f"{descriptor.full_name} has no field number "
    enums = [_check_enum(field) for field in descriptor.fields if field.enum_type]
    parts = [field for field in descriptor.fields if field.message_type and field.name not in unchecked]

    def check(message: Message) -> str:
        unknown = UnknownFieldSet(message)
        if len(unknown):
            return f"{own}{unknown[0].field_number}"
        for check_enum in enums:
            if problem := check_enum(message):
                return problem
        for field in parts:
            for part in _messages(message, field):
                if problem := stranger(part):
                    return f"{field.name}: {problem}"
        return ""

    return check


def _check_enum(field: FieldDescriptor) -> Check:
    enum = field.enum_type
    assert isinstance(enum, EnumDescriptor)
    name, known, full_name, repeated = field.name, frozenset(enum.values_by_number), enum.full_name, field.is_repeated

    def check(message: Message) -> str:
        value = getattr(message, name)
        if repeated:
            strange = next((number for number in value if number not in known), None)
        else:
            strange = None if value in known else value
        return "" if strange is None else f"{name}: {strange} is not a {full_name}"

    return check


def _messages(message: Message, field: FieldDescriptor) -> Iterable[Message]:
    if not field.is_repeated:
        return (getattr(message, field.name),) if message.HasField(field.name) else ()
    value: Any = getattr(message, field.name)
    if field.message_type and field.message_type.GetOptions().map_entry:
        return [part for part in value.values() if isinstance(part, Message)]
    parts: Iterable[Message] = value
    return parts
