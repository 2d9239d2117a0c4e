"""Lengths of time as people write them."""

import click
import pytest

from gatehold.cli.durations import LENGTH


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7_200), ("7d", 604_800), ("0s", 0)])
def test_lengths(text: str, seconds: int) -> None:
    assert LENGTH.convert(text, None, None).seconds == seconds


@pytest.mark.parametrize("text", ["", "h", "90", "1.5h", "-1h", "1 h", "1h30m", "1y", "2H", "٣h", "9" * 10 + "s"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="90s, 15m, 2h or 7d"):
        LENGTH.convert(text, None, None)
