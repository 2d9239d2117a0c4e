"""What programs read may be read by people too: nothing in it moves or reorders the terminal."""

import json

import pytest
import yaml

from gatehold.cli.output import json_text, show

ODD = {"reason": "\x00\x1b[2J\x7f\x9b31m\u202egnp.exe\u2066\u200b\u2028é李\U000e0041"}


@pytest.mark.parametrize(("output", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_data_is_printable_ascii_and_reads_back_the_same(
    output: str, read: object, capsys: pytest.CaptureFixture[str]
) -> None:
    show([ODD], output)
    text = capsys.readouterr().out
    assert all(" " <= character <= "~" or character == "\n" for character in text)
    assert callable(read) and read(text) == [ODD]


def test_a_document_of_a_tail_is_one_line() -> None:
    text = json_text(ODD)
    assert text.isascii() and text.isprintable()
    assert json.loads(text) == ODD
