"""A policy back in its file form: camelCase, defaults left out, the same text for the same policy."""

from collections.abc import Mapping

from gatehold.conditions import All, Any, Atom, Condition, Not, Test
from pdp.policy.cel import CelExpression
from pdp.policy.model import Action, ActionType, Matcher, Mode, Policy

_DEFAULT_ACTION = Action(ActionType.ALLOW)


def emit(policy: Policy) -> dict[str, object]:
    """The canonical file form: what loading it again turns into an equal policy. JSON values only."""
    form: dict[str, object] = {"id": policy.id}
    if policy.description:
        form["description"] = policy.description
    form["verbMatchers"] = [_matcher(matcher) for matcher in policy.matchers]
    if policy.conditions:
        form["conditions"] = [_condition(condition) for condition in policy.conditions]
    form["action"] = _action(policy.action)
    if policy.mandatory:
        form["mandatory"] = True
    if not policy.enabled:
        form["enabled"] = False
    if policy.mode is not Mode.ENFORCE:
        form["mode"] = policy.mode.value
    return form


def _matcher(matcher: Matcher) -> dict[str, object]:
    return {"type": matcher.type, "value": matcher.value} if matcher.value else {"type": matcher.type}


def _condition(condition: Condition) -> dict[str, object]:
    match condition:
        case All(parts):
            return {"all": [_condition(part) for part in parts]}
        case Any(parts):
            return {"any": [_condition(part) for part in parts]}
        case Not(part):
            return {"not": _condition(part)}
        case Test(atom):
            return _comparison(atom)


def _comparison(atom: Atom | CelExpression) -> dict[str, object]:
    if isinstance(atom, CelExpression):
        return {"cel": atom.text}
    value = list(atom.value) if isinstance(atom.value, tuple) else atom.value
    return {"field": str(atom.field), "operator": atom.operator.value, "value": value}


def _action(action: Action) -> dict[str, object]:
    form: dict[str, object] = {"type": action.type.value}
    if action.reason:
        form["reason"] = action.reason
    if action.groups:
        form["groups"] = list(action.groups)
    if action.count != _DEFAULT_ACTION.count:
        form["count"] = action.count
    if action.decide_by != _DEFAULT_ACTION.decide_by:
        form["decideBy"] = int(action.decide_by.total_seconds()) // 60
    for name in ("justification", "separation"):
        if getattr(action, name):
            form[name] = True
    if action.properties:
        form["properties"] = _plain(action.properties)
    return form


def _plain(value: object) -> object:
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value
