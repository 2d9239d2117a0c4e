"""Entries from an OpenAPI 3 description: one for each operation."""

import re
from collections.abc import Iterator

from gatehold.redaction import printable
from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.importers.imported import Imported, Proposals, one_document
from pdp.catalog.importers.openapi_arguments import Ambiguous, OpenApi
from pdp.documents import Document

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")  # OpenAPI 3.1.1, Path Item Object
_SAFE = frozenset({"get", "head", "options", "trace"})  # RFC 9110 section 9.2.1
_OUTSIDE_TOOL_NAME = re.compile(r"[^A-Za-z0-9_.-]+", re.ASCII)
_MAX_NAME = 128


def import_openapi(text: str, provider: str, *, source: str = "openapi.json") -> Imported:
    """One entry for each operation.

    The tool is the operationId, or `method_path` where there is none, with every run of characters that a tool name can
    not have as one underscore. Arguments are the parameters by name, and the request's content as `body`; nothing else.

    A safe method is by its definition a read, but nothing tells what it reads: MEDIUM. Any other is HIGH and a write.

    Args:
        text: the description, JSON or YAML by the name of `source`.
        provider: the provider that the verbs get.
        source: name of the file.

    Raises:
        DocumentError: `text` can not be read, or is not OpenAPI 3.
        InvalidInput: `provider` can not be one.
    """
    proposals = Proposals(provider)
    api = _api(one_document(text, source))
    for method, path, item in _operations(api, proposals):
        operation = item[method]
        if isinstance(operation, dict):
            _propose(proposals, api, method, path, item, operation)
        else:
            proposals.warn(f"{method} {path}", "left out: not an object")
    return proposals.result()


def _api(document: Document) -> OpenApi:
    root = document.value
    version = root.get("openapi") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(version, str) or not version.startswith("3."):
        raise document.error(("openapi",), "must be 3.x, the version of OpenAPI, as a string")
    if not isinstance(root.get("paths", {}), dict):
        raise document.error(("paths",), "must be an object")
    return OpenApi(root, draft_4=version.startswith("3.0"))


def _operations(api: OpenApi, proposals: Proposals) -> Iterator[tuple[str, str, dict[str, object]]]:
    for path, reference in api.paths.items():
        item = api.resolved(reference)
        if not isinstance(item, dict) or "$ref" in item:
            proposals.warn(path, "left out: its operations are not in this file")
            continue
        for method in _METHODS:
            if method in item:
                yield method, path, item


def _propose(
    proposals: Proposals, api: OpenApi, method: str, path: str, item: dict[str, object], operation: dict[str, object]
) -> None:
    safe = method in _SAFE
    name = _tool_name(proposals, method, path, operation.get("operationId"))
    try:
        schema = api.arguments(item, operation)
    except Ambiguous as error:
        proposals.warn(f"{method} {path}", f"left out: {error}")
        return
    fields = {
        "risk_level": RiskLevel.MEDIUM if safe else RiskLevel.HIGH,
        "access": Access.READ if safe else Access.WRITE,
        "description": operation.get("summary") or operation.get("description") or f"{method.upper()} {path}",
        "args_schema": schema,
    }
    proposals.propose(name, fields)


def _tool_name(proposals: Proposals, method: str, path: str, operation_id: object) -> str:
    written = operation_id if isinstance(operation_id, str) and operation_id else f"{method}_{path.strip('/')}"
    name = _OUTSIDE_TOOL_NAME.sub("_", written).strip("_")[:_MAX_NAME]
    if written is operation_id and name != written:
        proposals.warn(operation_id, f"is called {printable(name)} in the catalog")
    return name
