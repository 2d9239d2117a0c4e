"""How much work a JSON Schema can make, told from the schema alone.

Keywords after JSON Schema 2020-12 (core sections 8 and 10, validation), with those of drafts 4 to 7 that differ.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

MAX_DEPTH = 16  # arguments nest no deeper, so no evaluation goes deeper through properties and items

# These apply to the value itself, so every one of them multiplies the work on it.
_SAME_VALUE = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf")
_SAME_VALUE_MAPS = ("dependentSchemas", "dependencies")
# These apply to what is inside the value.
_INSIDE = (
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
)
_INSIDE_MAPS = ("properties", "patternProperties")
_UNSUPPORTED = ("$dynamicRef", "$recursiveRef")


def unfolded_size(schema: Mapping[str, object], limit: int) -> int:
    """The most subschemas that can be evaluated along one path through any arguments; above `limit`, just `limit` + 1.

    Raises:
        ValueError: a reference leads outside the schema, or back to itself on the same value, or a keyword is not
            supported because it makes the answer uncertain.
    """
    try:
        return _Unfolding(schema, limit).size(schema, MAX_DEPTH)
    except RecursionError as error:
        raise ValueError("a reference leads back to itself, or it is nested too deep") from error


class _Unfolding:
    def __init__(self, root: Mapping[str, object], limit: int) -> None:
        self.root = root
        self.cap = limit + 1
        self.sizes: dict[tuple[int, int], int] = {}

    def size(self, node: object, depth: int) -> int:
        if not isinstance(node, Mapping):
            return 1
        key = (id(node), depth)
        if key not in self.sizes:
            same = sum(self.size(child, depth) for child in self._same_value(node))
            # The longest path, not the sum: the arguments' own size bounds how many paths there are.
            below = _children(node, _INSIDE, _INSIDE_MAPS) if depth else ()
            inside = max((self.size(child, depth - 1) for child in below), default=0)
            self.sizes[key] = min(self.cap, 1 + same + inside)
        return self.sizes[key]

    def _same_value(self, node: Mapping[str, object]) -> Iterator[object]:
        for keyword in _UNSUPPORTED:
            if keyword in node:
                raise ValueError(f"{keyword} is not supported")
        if node is not self.root and isinstance(node.get("$id"), str):
            raise ValueError("$id is supported at the top only")
        if isinstance(reference := node.get("$ref"), str):
            yield self._target(reference)
        yield from _children(node, _SAME_VALUE, _SAME_VALUE_MAPS)

    def _target(self, reference: str) -> object:
        """The subschema at a JSON pointer in a URI fragment (RFC 6901 section 6); None where there is nothing."""
        if reference != "#" and not reference.startswith("#/"):
            raise ValueError("only references to a place within the schema (#/…) are followed")
        target: object = self.root
        for step in unquote(reference[1:]).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list) and name.isdecimal():
                target = dict(enumerate(target)).get(int(name))
            elif isinstance(target, Mapping):
                target = target.get(name)
        return target


def _children(node: Mapping[str, object], keywords: tuple[str, ...], maps: tuple[str, ...]) -> Iterator[object]:
    for keyword in keywords:
        value = node.get(keyword)
        if isinstance(value, list):
            yield from value
        elif isinstance(value, Mapping):
            yield value
    for keyword in maps:
        value = node.get(keyword)
        if isinstance(value, Mapping):
            yield from value.values()
