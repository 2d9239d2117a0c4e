"""`gatehold catalog import`: what it prints loads as a catalog."""

import json
from pathlib import Path
from typing import Any

import pytest

from gatehold.cli import main
from pdp.catalog.load import load_catalog

TOOLS = [{"name": "read_file", "description": "Reads.", "inputSchema": {"type": "object"}}, {"name": "no spaces"}]


def run(capsys: Any, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(("catalog", "import", *words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_what_it_prints_loads(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS))
    code, out, err = run(capsys, "mcp", str(tmp_path / "tools.json"), "--provider", "acme")
    assert code == 0
    entries = load_catalog([("out.yaml", out)]).entries
    assert [entry.verb for entry in entries] == ["acme:read_file"]
    assert "warning: no spaces" in err and "1 verbs, " in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mcp", "/nonexistent", "--provider", "acme"), "No such file"),
        (("mcp", "{file}", "--provider", "Acme Inc"), "provider"),
        (("openapi", "{file}", "--provider", "acme"), "OpenAPI"),
        (("mcp-server", "/nonexistent/server", "--provider", "acme"), "No such file"),
        (("soap", "{file}", "--provider", "acme"), "soap"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, capsys: Any, words: tuple[str, ...], message: str) -> None:
    file = tmp_path / "tools.json"
    file.write_text("{}")
    code, out, err = run(capsys, *(word.format(file=file) for word in words))
    assert (code, out) == (1, "") and message in err
