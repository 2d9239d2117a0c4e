"""Lengths of time as people write them."""

import re
from typing import Any

import click
from google.protobuf.duration_pb2 import Duration

_FORM = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class _Length(click.ParamType[Duration]):
    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> Duration:
        """Reads a whole number of seconds, minutes, hours or days, such as 90s, 15m, 2h or 7d."""
        match = _FORM.fullmatch(value)
        if match is None:
            self.fail(f"{value!r} is not like 90s, 15m, 2h or 7d", param, ctx)
        return Duration(seconds=int(match[1]) * _SECONDS[match[2]])


LENGTH = _Length()
