"""Entries from a list of functions as OpenAI's APIs take them: chat completions, responses, and older `functions`."""

from pdp.catalog.importers.imported import Imported, Proposals, one_document

# A function without `parameters` takes none.
_NO_ARGUMENTS: dict[str, object] = {"type": "object", "maxProperties": 0}


def import_openai_functions(text: str, provider: str, *, source: str = "functions.json") -> Imported:
    """One entry for each function: HIGH and write, because the format does not tell.

    Not pinned: the agent's own code sends these definitions, so no server can change them.

    Args:
        text: a list of `{"type": "function", "function": {…}}`, `{"type": "function", "name": …}` or bare
            `{"name": …, "parameters": …}`, or an object with that list as `tools` or `functions`.
        provider: the provider that the verbs get.
        source: name of the file, for errors.

    Raises:
        DocumentError: `text` is not JSON or holds no list of functions.
        InvalidInput: `provider` can not be one.
    """
    proposals = Proposals(provider)
    document = one_document(text, source)
    value = document.value
    if isinstance(value, dict):
        value = value.get("tools", value.get("functions"))
    if not isinstance(value, list):
        raise document.error((), "holds no list of functions")
    for index, item in enumerate(value):
        _propose(proposals, item, f"[{index}]")
    return proposals.result()


def _propose(proposals: Proposals, item: object, where: str) -> None:
    if not isinstance(item, dict):
        proposals.warn(where, "left out: not an object")
    elif item.get("type", "function") != "function":
        proposals.warn(where, f"left out: a tool of type {item['type']!r} is run by the model's host, past any gate")
    else:
        function = item.get("function", item)
        if not isinstance(function, dict):
            proposals.warn(where, "left out: its function is not an object")
            return
        schema = function.get("parameters")
        description = function.get("description")
        fields = {
            "args_schema": _NO_ARGUMENTS if schema is None else schema,
            "description": "" if description is None else description,
        }
        proposals.propose(function.get("name"), fields)
