"""The name of a tool definition, so that a tool which changes after it was approved is noticed.

Agents are talked into things through the descriptions and schemas that tool servers send. Where a digest is pinned, a
server that swaps them after review stops at the gate.
"""

from collections.abc import Mapping

from gatehold.digest import digest

# What a model reads of a tool, by the names that MCP gives them (schema 2025-06-18, `Tool`).
_FIELDS = ("name", "description", "inputSchema", "annotations")


def tool_definition_digest(definition: Mapping[str, object]) -> str:
    """The digest that a catalog pins and a call carries as `tool_definition_digest`.

    It is the SHA-256 of the RFC 8785 form of one object: the definition's name, description, inputSchema and
    annotations, without those that are absent or null. Other members (title, icons, outputSchema, _meta) do not count.

    Args:
        definition: one item of the `tools` of an MCP `tools/list` result, as JSON.

    Returns:
        64 lowercase hex digits.

    Raises:
        InvalidInput: the definition has no canonical form, because of an integer beyond ±(2^53-1) for example.
    """
    return digest({key: definition[key] for key in _FIELDS if definition.get(key) is not None})
