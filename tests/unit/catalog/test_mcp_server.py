"""The tools of running MCP servers: real processes, over their standard input and output."""

import json
import os
import shutil
import sys
import textwrap

import pytest

from gatehold.invalid import InvalidInput
from pdp.catalog.importers.mcp_server import ToolServerError, import_mcp_server
from pdp.catalog.importers.mcp_tools import import_mcp_tools

# A server by hand, because a library would not send what a hostile or newer one can.
SERVER = """
import json, os, sys
open(sys.argv[1], "w").write(str(os.getpid()))
pages = json.loads(sys.argv[2])
for line in sys.stdin:
    call = json.loads(line)
    if call["method"] == "initialize":
        result = {"protocolVersion": call["params"]["protocolVersion"], "capabilities": {"tools": {}},
                  "serverInfo": {"name": "s", "version": "1"}}
    elif call["method"] == "tools/list":
        result = pages[int((call.get("params") or {}).get("cursor") or 0)]
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}), flush=True)
"""


def tool(name, **fields):
    return {"name": name, "inputSchema": {"type": "object"}, **fields}


@pytest.fixture
def server(tmp_path):
    script, pid_file = tmp_path / "server.py", tmp_path / "pid"
    script.write_text(textwrap.dedent(SERVER))
    return lambda *pages: [sys.executable, str(script), str(pid_file), json.dumps(pages)]


def is_running(tmp_path):
    try:
        os.kill(int((tmp_path / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


async def test_all_pages_are_read_and_the_server_is_ended(server, tmp_path):
    # Members the library does not know count for the digest, so they must survive.
    annotations = {"readOnlyHint": True, "someFutureHint": [1]}
    first, second = tool("a", annotations=annotations, description="A."), tool("b")
    imported = await import_mcp_server(server({"tools": [first], "nextCursor": "1"}, {"tools": [second]}), "acme")
    assert imported == import_mcp_tools(json.dumps([first, second]), "acme")
    assert len(imported.entries) == 2
    assert not is_running(tmp_path)


async def test_a_list_without_end_is_refused(server, tmp_path):
    with pytest.raises(ToolServerError, match="more than 100 pages"):
        await import_mcp_server(server({"tools": [], "nextCursor": "0"}), "acme")
    assert not is_running(tmp_path)


async def test_a_server_that_does_not_answer_is_ended(tmp_path):
    script = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(ToolServerError, match="did not answer in time"):
        await import_mcp_server([sys.executable, "-c", script], "acme", within_seconds=2)
    assert not is_running(tmp_path)


async def test_what_a_failing_server_says_is_told_and_can_not_drive_the_terminal():
    script = r"import sys; sys.stderr.write('no token \x1b[2J'); sys.exit(3)"
    with pytest.raises(ToolServerError) as failed:
        await import_mcp_server([sys.executable, "-c", script], "acme")
    assert str(failed.value).endswith("it said: no token \\u{001B}[2J")


async def test_a_program_that_is_not_there():
    with pytest.raises(ToolServerError, match="FileNotFoundError"):
        await import_mcp_server(["/nonexistent/server"], "acme")


async def test_a_wrong_provider_starts_nothing(server, tmp_path):
    with pytest.raises(InvalidInput, match="provider"):
        await import_mcp_server(server({"tools": []}), "Acme")
    assert not (tmp_path / "pid").exists()


async def test_secrets_of_this_process_are_not_handed_to_the_server(monkeypatch):
    monkeypatch.setenv("GATEHOLD_ADMIN_KEY", "secret")
    script = "import os, sys; sys.exit(' '.join(sorted(os.environ)))"
    with pytest.raises(ToolServerError) as failed:
        await import_mcp_server([sys.executable, "-c", script], "acme", env={"GIVEN": "1"})
    assert "GIVEN" in str(failed.value)
    assert "GATEHOLD" not in str(failed.value)


@pytest.mark.skipif(shutil.which("npx") is None, reason="npx is not installed")
async def test_the_reference_filesystem_server(tmp_path):
    command = ["npx", "-y", "@modelcontextprotocol/server-filesystem", str(tmp_path)]
    try:
        imported = await import_mcp_server(command, "filesystem", within_seconds=90)
    except ToolServerError as error:
        pytest.skip(f"the server could not be fetched or started: {error}")
    risks = {entry.verb: (entry.risk_level, entry.access) for entry in imported.entries}
    assert risks["filesystem:read_text_file"] == ("LOW", "read")
    assert risks["filesystem:create_directory"] == ("MEDIUM", "write")
    assert risks["filesystem:write_file"] == ("HIGH", "write")
    assert all(entry.definition_digest and entry.args_schema for entry in imported.entries)
    assert imported.warnings == ()
