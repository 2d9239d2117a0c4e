"""The arguments of an OpenAPI operation as one JSON Schema."""

from collections.abc import Iterator

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_COMPONENTS = "#/components/schemas/"


class Ambiguous(Exception):  # a finding about the description
    """The operation's arguments can not be told apart or read."""


class OpenApi:
    """A description, as far as arguments need it.

    Args:
        root: the whole description.
        draft_4: OpenAPI 3.0, whose schemas are an extended subset of JSON Schema draft 5 (as validators have it, 4).
            From 3.1 on they are JSON Schema 2020-12.
    """

    def __init__(self, root: dict[str, object], *, draft_4: bool) -> None:
        self.root = root
        self.draft_4 = draft_4

    @property
    def paths(self) -> dict[str, object]:
        paths = self.root.get("paths", {})
        return paths if isinstance(paths, dict) else {}

    def resolved(self, node: object) -> object:
        """`node`, or what its reference within the file leads to in one step."""
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        target: object = self.root
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        return target

    def arguments(self, item: dict[str, object], operation: dict[str, object]) -> dict[str, object]:
        """A closed object schema: each parameter by name, and the content as `body`.

        Raises:
            Ambiguous: two parameters of one name, or one that can not be read.
        """
        properties: dict[str, object] = {}
        required: list[str] = []
        for name, schema, needed in [*self._parameters(item, operation), *self._body(operation)]:
            if name in properties:
                raise Ambiguous(f"two of its arguments are called {name}")
            properties[name] = schema
            required += [name] if needed else []
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = required
        return self._self_contained(schema)

    def _parameters(self, item: dict[str, object], operation: dict[str, object]) -> Iterator[tuple[str, object, bool]]:
        # An operation's parameter replaces the path's of the same name and place (OpenAPI 3.1.1, Operation Object).
        found: dict[tuple[object, object], dict[str, object]] = {}
        for holder in (item, operation):
            listed = holder.get("parameters", [])
            for reference in listed if isinstance(listed, list) else [listed]:
                parameter = self.resolved(reference)
                if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
                    raise Ambiguous("one of its parameters can not be read")
                found[parameter.get("in"), parameter["name"]] = parameter
        for (_, name), parameter in found.items():
            yield str(name), self._schema_of(parameter), parameter.get("required") is True

    def _body(self, operation: dict[str, object]) -> Iterator[tuple[str, object, bool]]:
        if "requestBody" not in operation:
            return
        body = self.resolved(operation["requestBody"])
        if not isinstance(body, dict) or "$ref" in body:
            raise Ambiguous("its request body can not be read")
        yield "body", self._schema_of(body), body.get("required") is True

    def _schema_of(self, holder: dict[str, object]) -> object:
        """The schema of a parameter or body: of several media types the JSON one; without one, anything goes."""
        content = holder.get("content")
        if not isinstance(content, dict):
            return holder.get("schema", {})
        json_type = next((name for name in content if name.partition(";")[0].endswith("json")), None)
        media = content.get(json_type) if json_type else None
        return media.get("schema", {}) if isinstance(media, dict) else {}

    def _self_contained(self, schema: dict[str, object]) -> dict[str, object]:
        """`schema` with the components it refers to, directly or through others, under the same path."""
        components: dict[str, object] = {}
        waiting = list(_component_names(schema))
        while waiting:
            name = waiting.pop()
            target = self.resolved({"$ref": _COMPONENTS + name})
            if name not in components and target is not None:
                components[name] = target
                waiting += _component_names(target)
        whole = {**schema, "components": {"schemas": components}} if components else schema
        if not self.draft_4:
            return whole
        adapted = _with_null(whole)
        return {"$schema": _DRAFT_4, **adapted} if isinstance(adapted, dict) else {}


def _component_names(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_COMPONENTS):
            yield reference.removeprefix(_COMPONENTS).partition("/")[0]
    for child in _children(node):
        yield from _component_names(child)


def _with_null(node: object) -> object:
    """OpenAPI 3.0 says `nullable: true` where JSON Schema has a union with the type null."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _with_null(value) for key, value in node.items()}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        copy["type"] = [node["type"], "null"]
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            copy["enum"] = [*node["enum"], None]
    return copy


def _children(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node
