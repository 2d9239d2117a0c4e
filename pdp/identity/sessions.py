"""What a session narrows its agent to, read strictly."""

from collections.abc import Iterable

from pydantic import ValidationError

from gatehold.conditions import Condition
from gatehold.digest import parse_value
from gatehold.invalid import InvalidInput
from pdp.identity.principal import Principal, Role
from pdp.policy.cel import CelExpression
from pdp.policy.condition_form import ConditionForm, check_extent
from pdp.policy.pattern import Pattern, parse_pattern
from pdp.session_scope import SessionScope
from pdp.store.model import StoredSession

_CEILINGS = "session.ceilings_json"


def session_principal(session: StoredSession) -> Principal:
    """The agent that a session narrows. Raises ValueError where its scope does not load in this release."""
    return Principal(
        tenant=session.tenant,
        role=Role.AGENT,
        name=session.agent,
        key_id=session.session_id,
        session=scope(session.session_id, session.on_behalf_of, session.verbs, session.bundles, session.ceilings),
        bound_address=session.bound_address,
    )


def scope(
    session_id: str, on_behalf_of: str, verbs: Iterable[str], bundles: Iterable[str], ceilings: str
) -> SessionScope:
    """Reads what a session narrows to.

    Raises:
        InvalidInput: the first part that is not of the form.
    """
    return SessionScope(
        session_id=session_id,
        on_behalf_of=on_behalf_of,
        verbs=tuple(_pattern(text, at) for at, text in enumerate(verbs)),
        bundles=frozenset(bundles),
        ceilings=_ceilings(ceilings),
    )


def _pattern(text: str, at: int) -> Pattern:
    try:
        return parse_pattern(text)
    except ValueError as error:
        raise InvalidInput(f"session.verbs[{at}]", str(error)) from None


def _ceilings(text: str) -> tuple[Condition, ...]:
    if not text:
        return ()
    items = parse_value(text, _CEILINGS)
    if not isinstance(items, list) or not items:
        raise InvalidInput(_CEILINGS, "must be a JSON list of conditions, or empty")
    forms = [_form(item, f"{_CEILINGS}[{at}]") for at, item in enumerate(items)]
    try:
        check_extent(forms)
    except ValueError as error:
        raise InvalidInput(_CEILINGS, str(error)) from None
    conditions = tuple(form.condition for form in forms)
    if any(isinstance(atom, CelExpression) for condition in conditions for atom in condition.atoms()):
        raise InvalidInput(_CEILINGS, "a ceiling is made of comparisons; it can not have cel:")
    return conditions


def _form(item: object, field: str) -> ConditionForm:
    try:
        return ConditionForm.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        cause = first.get("ctx", {}).get("error")
        place = ".".join([field, *(str(part) for part in first["loc"])])
        raise InvalidInput(place, first["msg"] if cause is None else str(cause)) from None
