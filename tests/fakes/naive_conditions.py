"""What conditions and argument schemas say of a call, slowly and plainly; see `naive_evaluator`."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import re2  # type: ignore[import-untyped]

Json = dict[str, Any]
Truth = Callable[[Json], bool | None]

MISSING = object()


def worth(node: Json, truth: Truth) -> bool | None:
    """Kleene's logic: a policy's conditions are and-ed, and one without conditions is true."""
    if "action" in node:
        return least([worth(part, truth) for part in node.get("conditions", [])])
    if "all" in node:
        return least([worth(part, truth) for part in node["all"]])
    if "any" in node:
        return negated(least([negated(worth(part, truth)) for part in node["any"]]))
    return negated(worth(node["not"], truth)) if "not" in node else truth(node)


def least(truths: list[bool | None]) -> bool | None:
    """False, then unknown, then true."""
    return False if False in truths else None if None in truths else True


def negated(truth: bool | None) -> bool | None:
    """Unknown stays unknown."""
    return None if truth is None else not truth


def compare(atom: Json, call: Json) -> bool | None:
    """A missing field, a wrong type and any error are unknown; only `exists` never is."""
    roots = {"args": call["args"], "context": call["context"], "agent": call["agent"]["attributes"]}
    sized = atom["field"].startswith("size(")
    found = look_up(atom["field"][5:-1] if sized else atom["field"], roots)
    if sized:
        found = len(found) if isinstance(found, str | list | dict) else MISSING
    operator, value = atom["operator"], atom.get("value", True)
    if operator == "exists":
        return (found is not MISSING) is value
    return check(operator, found, value)


def look_up(path: str, value: Any) -> Any:
    """`.name`, `[0]` and `["any key"]`; a present null is found, and nothing is found in what holds nothing."""
    for name, index, quoted in re.findall(r'([A-Za-z_][\w-]*)|\[(\d+)\]|\["([^"]*)"\]', path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else MISSING
        else:
            value = value.get(name or quoted, MISSING) if isinstance(value, dict) else MISSING
    return value


def check(operator: str, found: Any, value: Any) -> bool | None:
    """Equality is type-strict, order takes numbers only, text operators take normalised text only."""
    if operator in ("not_equals", "not_in"):
        return negated(check(operator.removeprefix("not_"), found, value))
    if operator == "in":
        return negated(least([negated(check("equals", found, item)) for item in value]))
    if operator == "contains" and isinstance(found, list):
        return negated(least([negated(check("equals", item, value)) for item in found]))
    if operator == "equals":
        return found == value if kind_of(found) == kind_of(value) != "" else None
    if kind_of(found) == kind_of(value) == "number":
        return ordered(operator, found, value)
    if kind_of(found) == kind_of(value) == "string":
        return textual(operator, found, value)
    return None


def ordered(operator: str, found: float, value: float) -> bool | None:
    """Order operators take numbers; no other operator is left for them."""
    numeric = {
        "greater": found > value,
        "greater_or_equal": found >= value,
        "less": found < value,
        "less_or_equal": found <= value,
    }
    return numeric.get(operator)


def textual(operator: str, found: str, value: str) -> bool | None:
    """Text operators; `matches` is RE2 on the whole text."""
    if operator == "matches":
        return re2.fullmatch(value, found) is not None
    texts = {"contains": value in found, "starts_with": found.startswith(value), "ends_with": found.endswith(value)}
    return texts.get(operator)


def kind_of(value: Any) -> str:
    """The JSON type of a scalar; empty for all else, and for text that is not NFC-normalised."""
    if isinstance(value, str):
        return "string" if unicodedata.normalize("NFC", value) == value else ""
    return {int: "number", float: "number", bool: "boolean", type(None): "null"}.get(type(value), "")


def fits(schema: Json, value: Any) -> bool:
    """JSON Schema, as far as the cases use it: type, required, properties."""
    kind = "object" if isinstance(value, dict) else kind_of(value)
    if "type" in schema and schema["type"] != kind:
        return False
    if kind != "object":
        return True
    return all(name in value for name in schema.get("required", ())) and all(
        fits(part, value[name]) for name, part in schema.get("properties", {}).items() if name in value
    )
