"""`gatehold policy lint`: what loads exits 0, what does not is named and exits 5."""

import json
from pathlib import Path
from typing import Any

import pytest

from gatehold.cli import main

GOOD = '{"riskLevel": "HIGH", "action": "block"}'
BAD = (
    '- id: a\n  verbMatchers: [{type: verb, value: "x"}]\n  action: {type: block}\n- {riskLevel: HIGH, action: blok}\n'
)


def run(capsys: Any, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(("policy", "lint", *words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_a_folder_that_loads(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "a.json").write_text(GOOD)
    assert run(capsys, str(tmp_path)) == (0, "1 policy in 1 file: all load\n", "")
    assert run(capsys, str(tmp_path), "--output", "json")[1] == "[]\n"


def test_every_problem_is_named_at_once(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    code, _, err = run(capsys, str(file))
    assert code == 5
    assert f"{file}:2: verbMatchers[0].value" in err.replace("[0].verbMatchers", "verbMatchers")
    assert f"{file}:4:" in err and "2 problems" in err
    problems = json.loads(run(capsys, str(file), "--output", "json")[1])
    assert [p["line"] for p in problems] == [2, 4]
