"""The types of matcher, and the values each can take."""

import re
from collections.abc import Callable, Iterable

from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.vocabulary import Access, RiskLevel

from pdp.policy.pattern import parse_pattern

_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)

# The classification's closed lists of words.
_DIMENSIONS = {
    "trust_tier": "native self_hosted third_party_processor public_protocol",
    "data_sensitivity": "public internal confidential regulated",
    "export_boundary": "none org_internal third_party_processor public_network",
    "consent_requirement": "none org_admin end_user case_by_case",
    "retention_class": "ephemeral operational audit user_content",
    "scope": "project organization network platform",
    "audience": "customer_safe approval_required internal_only",
}


def _identifier(value: str) -> None:
    require_identifier(value, "value")


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
    "agent": _identifier,
    "any": _nothing,
    **{dimension: _one_of(words.split()) for dimension, words in _DIMENSIONS.items()},
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
