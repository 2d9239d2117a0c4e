"""Messages as the documents that `--output json` prints, with the short spellings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gatehold.v1.policy_pb2 import SourceDocument

_SUFFIXES = {".yaml", ".yml", ".json"}
_DURATION = "google.protobuf.Duration"
_TIMESTAMP = "google.protobuf.Timestamp"


def to_document(message: Message) -> dict[str, Any]:
    """Returns every field of a message by its proto name.

    Enumerations take their short spelling (`DECISION_BLOCK` is "block", `RISK_LEVEL_HIGH` is "HIGH"), times ISO 8601 in
    UTC, durations seconds, `…_json` fields the value they hold, under their name without `_json`. Of a oneof only the
    member that is set is there, and an absent message is left out.

    It never fails, so that one odd message does not end a listing: what is no JSON is shown as its text, an enumeration
    without a name as its number, and a time or duration that does not exist by its seconds and nanos.
    """
    document: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        if field.name.endswith("_json"):
            document[field.name.removesuffix("_json")] = _parsed(value)
        elif field.is_repeated:
            document[field.name] = [_value(field, item) for item in value]
        else:
            document[field.name] = _value(field, value)
    return document


def _value(field: Any, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM and field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return short_spelling(field.enum_type.name, known.name) if known else value
    if field.type == FieldDescriptor.TYPE_BYTES:
        return value.hex()
    if field.type != FieldDescriptor.TYPE_MESSAGE or field.message_type is None:
        return value
    try:
        if field.message_type.full_name == _TIMESTAMP:
            return value.ToJsonString()
        if field.message_type.full_name == _DURATION:
            return value.ToTimedelta().total_seconds()
    except (ValueError, OverflowError):
        pass  # shown as the two numbers it is made of
    return to_document(value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refused) if text else None
    except (ValueError, RecursionError):
        return text


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def short_spelling(enumeration: str, name: str) -> str:
    """Returns `block` for ("Decision", "DECISION_BLOCK"), and `HIGH` for ("RiskLevel", "RISK_LEVEL_HIGH")."""
    words = "".join(f"_{c}" if c.isupper() else c for c in enumeration).upper().lstrip("_")
    short = name.removeprefix(f"{words}_")
    return short if enumeration == "RiskLevel" else short.lower()


def source_documents(paths: tuple[Path, ...]) -> list[SourceDocument]:
    """Reads files, and every `.yaml`, `.yml` and `.json` file under folders, in order of name.

    Raises:
        ClickException: a path does not exist, is not UTF-8, or a folder holds no such file.
    """
    documents = []
    for file in _files(paths):
        try:
            documents.append(SourceDocument(name=str(file), content=file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{file}: {error}") from error
    return documents


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
        if not found:
            raise click.ClickException(f"{path} holds no .yaml, .yml or .json file")
        yield from found
