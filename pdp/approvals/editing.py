"""Arguments that an approver edited without having seen all of them. Pure."""

from collections.abc import Mapping

from gatehold.invalid import InvalidInput
from gatehold.redaction import REDACTED

_FIELD = "edited_args_json"
_NOWHERE = object()


def restored(
    edited: Mapping[str, object], shown: Mapping[str, object], frozen: Mapping[str, object]
) -> dict[str, object]:
    """The edited arguments with what was hidden from the editor put back.

    `[redacted]` at a place where the editor was shown `[redacted]` stands for the value that is frozen there.

    Args:
        edited: as the editor sent them.
        shown: as the editor saw them.
        frozen: as they are.

    Raises:
        InvalidInput: `[redacted]` stands anywhere else, so that nobody can tell what is meant.
    """
    return {
        key: _restored(value, shown.get(key, _NOWHERE), frozen.get(key, _NOWHERE), f"{_FIELD}.{key}")
        for key, value in edited.items()
    }


def _restored(edited: object, shown: object, frozen: object, field: str) -> object:
    if edited == REDACTED:
        if shown != REDACTED or frozen is _NOWHERE:
            raise InvalidInput(field, f"{REDACTED} stands where nothing was redacted; write the value itself")
        return frozen
    if isinstance(edited, Mapping):
        shown_members, frozen_members = _members(shown), _members(frozen)
        return {
            key: _restored(value, shown_members.get(key, _NOWHERE), frozen_members.get(key, _NOWHERE), f"{field}.{key}")
            for key, value in edited.items()
        }
    if isinstance(edited, list | tuple):
        # In a list of another length a place says nothing about which item is meant.
        places = [(_item(shown, at, len(edited)), _item(frozen, at, len(edited))) for at in range(len(edited))]
        return [
            _restored(value, seen, real, f"{field}[{at}]")
            for at, (value, (seen, real)) in enumerate(zip(edited, places, strict=True))
        ]
    return edited


def _members(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _item(value: object, at: int, length: int) -> object:
    return value[at] if isinstance(value, list | tuple) and len(value) == length else _NOWHERE
