"""Entries from the result of an MCP `tools/list` (specification 2025-06-18, server/tools), saved as a JSON file."""

from gatehold.invalid import InvalidInput
from gatehold.tool_definition import tool_definition_digest
from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.importers.imported import Imported, Proposals, one_document


def import_mcp_tools(text: str, provider: str, *, source: str = "tools.json", pin: bool = True) -> Imported:
    """One entry for each tool.

    The annotations are a server's word about itself: they suggest the risk that an administrator reviews.
    `readOnlyHint: true` → LOW, read. `destructiveHint: false` → MEDIUM, write. Else, and where the two contradict each
    other or are not booleans → HIGH, write. `idempotentHint` is not taken, for believing a false one runs a call twice.

    Args:
        text: a `tools/list` result, the JSON-RPC response around one, or the bare list of tools.
        provider: the provider that the verbs get.
        source: name of the file, for errors.
        pin: pin each entry to this definition, so that calls must carry the same `tool_definition_digest`.

    Raises:
        DocumentError: `text` is not JSON or holds no list of tools.
        InvalidInput: `provider` can not be one.
    """
    proposals = Proposals(provider)
    for index, tool in enumerate(_tools(text, source, proposals)):
        if isinstance(tool, dict):
            _propose(proposals, tool, pin=pin)
        else:
            proposals.warn(f"tools[{index}]", "left out: not an object")
    return proposals.result()


def _tools(text: str, source: str, proposals: Proposals) -> list[object]:
    document = one_document(text, source)
    value = document.value
    if isinstance(value, dict) and isinstance(value.get("result"), dict):
        value = value["result"]
    if isinstance(value, dict):
        if value.get("nextCursor") is not None:
            proposals.warn("nextCursor", "the list goes on; tools on later pages are not in the file")
        value = value.get("tools")
    if not isinstance(value, list):
        raise document.error((), "holds no list of tools")
    return value


def _propose(proposals: Proposals, tool: dict[str, object], *, pin: bool) -> None:
    risk_level, access = _suggested(proposals, tool)
    fields: dict[str, object] = {
        "risk_level": risk_level,
        "access": access,
        "description": "" if tool.get("description") is None else tool["description"],
        "args_schema": tool.get("inputSchema"),
    }
    try:
        if pin:
            fields["definition_digest"] = tool_definition_digest(tool)
    except InvalidInput as error:
        proposals.warn(tool.get("name"), f"left out: its definition {error.message}")
        return
    proposals.propose(tool.get("name"), fields)


def _suggested(proposals: Proposals, tool: dict[str, object]) -> tuple[RiskLevel, Access]:
    annotations = tool.get("annotations")
    hints = annotations if isinstance(annotations, dict) else {}
    match hints.get("readOnlyHint"), hints.get("destructiveHint"):
        case (True, True):
            proposals.warn(tool.get("name"), "says that it only reads and that it destroys; taken as HIGH")
        case (True, False | None):
            return RiskLevel.LOW, Access.READ
        case (False | None, False):
            return RiskLevel.MEDIUM, Access.WRITE
    return RiskLevel.HIGH, Access.WRITE
