"""Which arguments a schema shows to be secrets."""

from collections import deque

from gatehold.conditions.path import step_text
from pdp.catalog.model import MAX_SENSITIVE_ARGS

# Compared without "_", "-" and case.
_SECRET_NAMES = frozenset(
    """
    password passwd passphrase secret clientsecret token accesstoken refreshtoken idtoken authtoken bearertoken apikey
    apitoken authorization privatekey secretkey credential credentials cardnumber cvv cvc ssn
    """.split()  # noqa: SIM905  # as a list it would be three times as long
)
# A schema may refer to itself, and so have no end.
_MAX_VISITED = 10_000
_MAX_STEPS = 12


def sensitive_paths(schema: dict[str, object]) -> tuple[str, ...]:
    """Paths (`gatehold.redaction.parse_path`) of arguments that look secret: by name, `format: password`, `writeOnly`.

    Follows properties, items and references within the schema, shallow ones first, and stops at 100. An aid to whoever
    reviews the import, not a guarantee.
    """
    found: list[str] = []
    waiting: deque[tuple[tuple[str, ...], str, object]] = deque([((), "", schema)])
    for _ in range(_MAX_VISITED):
        if not waiting or len(found) == MAX_SENSITIVE_ARGS:
            break
        steps, name, node = waiting.popleft()
        target = _dereferenced(schema, node)
        if steps and _is_secret(name, target):
            found.append("".join(steps).removeprefix("."))
        elif isinstance(target, dict) and len(steps) < _MAX_STEPS:
            properties = target.get("properties")
            for key, child in properties.items() if isinstance(properties, dict) else ():
                waiting.append(((*steps, step_text(key)), key, child))
            if "items" in target:
                waiting.append(((*steps, "[*]"), "", target["items"]))
    return tuple(found)


def _is_secret(name: str, schema: object) -> bool:
    if name.lower().replace("_", "").replace("-", "") in _SECRET_NAMES:
        return True
    return isinstance(schema, dict) and (schema.get("format") == "password" or schema.get("writeOnly") is True)


def _dereferenced(root: dict[str, object], node: object) -> object:
    reference = node.get("$ref") if isinstance(node, dict) else None
    if not isinstance(reference, str) or not reference.startswith("#"):
        return node
    target: object = root
    for step in reference.split("/")[1:]:
        target = target.get(step) if isinstance(target, dict) else None
    return target
