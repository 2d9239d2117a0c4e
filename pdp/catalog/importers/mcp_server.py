"""The tools of a running MCP server, asked for over its standard input and output."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel

from gatehold.redaction import printable
from pdp.catalog.importers.imported import Imported, require_provider
from pdp.catalog.importers.mcp_tools import import_mcp_tools

_MAX_PAGES = 100
_SHOWN_STDERR = 2_000  # bytes


class ToolServerError(Exception):
    """The server could not be started, did not answer in time, or answered with something else than a list of tools."""


class _Page(BaseModel):
    # Tools as they came: the MCP library's own model drops members it does not know, and its `list_tools` whole tools,
    # so that a digest would not match and an entry be missing without a word.
    tools: list[dict[str, Any]]
    nextCursor: str | None = None  # noqa: N815  # the protocol's spelling


async def import_mcp_server(
    command: Sequence[str],
    provider: str,
    *,
    within_seconds: float = 30.0,
    pin: bool = True,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Imported:
    """Starts a server, imports its tools as `import_mcp_tools` does, and ends it.

    Args:
        command: program and arguments. It runs with this user's rights, outside any gate.
        provider: the provider that the verbs get.
        within_seconds: for all of it. After that the server is ended: asked first, then killed within about 5 s.
        pin: as for `import_mcp_tools`.
        env: variables for the server, besides HOME, LOGNAME, PATH, SHELL, TERM and USER.
        cwd: its working directory; None is this process's.

    Raises:
        ToolServerError: there is no list of tools.
        DocumentError: the list can not be read strictly.
        InvalidInput: `provider` can not be one.
    """
    require_provider(provider)
    with tempfile.TemporaryFile("w+b") as stderr:
        try:
            tools = await _listed(command, within_seconds, env, cwd, stderr)
        except Exception as error:
            said = _tail(stderr)
            raise ToolServerError(f"{_cause(error)}; it said: {said}" if said else _cause(error)) from error
    return import_mcp_tools(json.dumps({"tools": tools}), provider, source=f"{provider}.json", pin=pin)


async def _listed(
    command: Sequence[str], seconds: float, env: Mapping[str, str] | None, cwd: Path | None, stderr: IO[bytes]
) -> list[dict[str, Any]]:
    # Here, so that only this import pays for loading it.
    import anyio
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    program, *args = command
    server = StdioServerParameters(command=program, args=args, env=dict(env) if env else None, cwd=cwd)
    with anyio.fail_after(seconds), os.fdopen(os.dup(stderr.fileno()), "w") as errlog:
        async with stdio_client(server, errlog=errlog) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            return await _all_pages(session)


async def _all_pages(session: Any) -> list[dict[str, Any]]:
    from mcp.types import ListToolsRequest, PaginatedRequestParams

    tools: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        request = ListToolsRequest(params=PaginatedRequestParams(cursor=cursor))
        page = await session.send_request(request, _Page)
        tools += page.tools
        cursor = page.nextCursor
        if cursor is None:
            return tools
    raise ToolServerError(f"the list of tools has more than {_MAX_PAGES} pages")


def _cause(error: BaseException) -> str:
    """The innermost error: a task group wraps what happened inside it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return printable(f"the server gave no list of tools ({type(error).__name__}: {str(error)[:500]})")


def _tail(stderr: IO[bytes]) -> str:
    end = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, end - _SHOWN_STDERR))
    return printable(stderr.read().decode(errors="replace").strip())
