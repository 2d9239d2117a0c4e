"""A secret is handed over once, where it was asked for, and to its owner alone."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import click
import pytest

from gatehold.cli.secret import Handover

SECRET = "gh_0123456789abcdef_" + "s" * 43
DOCUMENT = {"key_id": "0123456789abcdef"}


def give(path: Path | None, output: str = "table", secret: str = SECRET) -> None:
    with Handover(path, output) as handover:
        handover.give("secret", secret, DOCUMENT, "made it\x1b[2J")


def test_a_table_has_the_secret_alone_on_standard_output(capsys: Any) -> None:
    give(None)
    printed = capsys.readouterr()
    assert printed.out == f"{SECRET}\n"
    assert SECRET not in printed.err and "made it" in printed.err and "\x1b" not in printed.err


def test_json_has_it_in_the_one_object(capsys: Any) -> None:
    give(None, "json")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {**DOCUMENT, "secret": SECRET} and printed.err == ""


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_a_file_is_its_owners_alone_and_nothing_else_has_the_secret(tmp_path: Path, capsys: Any, output: str) -> None:
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        give(path, output)
    finally:
        os.umask(before)
    assert path.read_text() == f"{SECRET}\n" and stat.S_IMODE(path.stat().st_mode) == 0o600
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err and str(path) in printed.out + printed.err


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/nowhere")])
def test_nothing_is_written_over_what_is_there(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "key")
    with pytest.raises(click.ClickException, match="remove it, or name another"):
        give(tmp_path / "key")
    assert not (tmp_path / "key").is_file() or (tmp_path / "key").read_text() == ""


def test_a_file_that_cannot_be_made_is_told_before_anything_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="cannot be made"):
        Handover(tmp_path / "missing" / "key", "table")


def test_where_no_secret_comes_no_file_stays(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Handover(tmp_path / "key", "table"):
        raise RuntimeError
    assert not (tmp_path / "key").exists()


def test_a_secret_that_could_not_be_kept_is_said_to_be_lost(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(click.ClickException) as lost, Handover(None, "table") as handover:
        handover._path, handover._descriptor = Path("/dev/full"), os.open("/dev/full", os.O_WRONLY)
        handover.give("secret", SECRET, DOCUMENT, "made it")
    assert "revoke it" in lost.value.message and SECRET not in lost.value.message
    assert SECRET not in capsys.readouterr().out


def test_where_there_is_none_none_is_shown(capsys: Any) -> None:
    give(None, "table", "")
    give(None, "json", "")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == DOCUMENT and "not shown again" not in printed.err
