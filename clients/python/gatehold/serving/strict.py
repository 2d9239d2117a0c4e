"""Reading a message strictly.

gRPC answers bytes that it cannot decode with INTERNAL before any handler runs, and protobuf keeps fields it does not know in
silence. Both must be INVALID_ARGUMENT, so the deserializer returns what is wrong instead of raising it.
"""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from gatehold.serving.errors import Refusal

M = TypeVar("M", bound=Message)


def strict_deserializer(message: type[M], max_bytes: int) -> Callable[[bytes], M | Refusal]:
    """Returns a function from bytes to the message, or to the refusal that the call must end with."""

    def deserialize(data: bytes) -> M | Refusal:
        if len(data) > max_bytes:
            return Refusal.too_large("the request message", max_bytes)
        try:
            parsed = message.FromString(data)
        except (DecodeError, ValueError, RecursionError):
            return Refusal.malformed(f"the bytes are not a {message.DESCRIPTOR.full_name}")
        problem = _problem(parsed)
        return Refusal.malformed(problem) if problem else parsed

    return deserialize


def _problem(message: Message) -> str:
    """Names the first field or enum value that this server does not know; empty when there is none.

    A field that a newer client set may be one that restricts; to ignore it could be to allow.
    """
    unknown = UnknownFieldSet(message)
    if len(unknown):
        return f"{message.DESCRIPTOR.full_name} has no field number {unknown[0].field_number}"
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_ENUM:
            for number in value if field.is_repeated else (value,):
                if number not in field.enum_type.values_by_number:
                    return f"{field.name}: {number} is not a {field.enum_type.full_name}"
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _messages(field, value):
                if problem := _problem(part):
                    return f"{field.name}: {problem}"
    return ""


def _messages(field: FieldDescriptor, value: object) -> list[Message]:
    if not field.is_repeated:
        return [value]  # type: ignore[list-item]
    if field.message_type.GetOptions().map_entry:
        return [part for part in value.values() if isinstance(part, Message)]  # type: ignore[attr-defined]
    return list(value)  # type: ignore[call-overload]
