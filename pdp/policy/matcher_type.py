"""The types of matcher, and the values each can take."""

import re
from collections.abc import Callable, Iterable
from typing import get_args

from gatehold.identifier import require_agent_id, require_identifier
from gatehold.invalid import InvalidInput
from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.model import Classification
from pdp.policy.pattern import parse_pattern

_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


def _identifier(value: str) -> None:
    require_identifier(value, "value")


def _agent(value: str) -> None:
    require_agent_id(value, "value")


def _provider(value: str) -> None:
    if not _PROVIDER.fullmatch(value):
        raise ValueError(f"must match {_PROVIDER.pattern}")


def _one_of(words: Iterable[str]) -> Callable[[str], None]:
    known = tuple(words)

    def check(value: str) -> None:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")

    return check


def _nothing(value: str) -> None:
    if value not in ("", "*"):
        raise ValueError("any takes no value")


_CHECKS: dict[str, Callable[[str], object]] = {
    "verb": parse_pattern,
    "bundle": _identifier,
    "provider": _provider,
    "risk_level": _one_of(RiskLevel),
    "access": _one_of(Access),
    "agent": _agent,
    "any": _nothing,
    **{dimension: _one_of(get_args(field.annotation)) for dimension, field in Classification.model_fields.items()},
}

MATCHER_TYPES = tuple(_CHECKS)


def check_value(matcher_type: str, value: str) -> None:
    """Refuses a value that no verb or agent could have.

    Raises:
        InvalidInput: on the field `value`.
    """
    try:
        _CHECKS[matcher_type](value)
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput("value", str(error)) from error
