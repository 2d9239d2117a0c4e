"""How a decision came about, as a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from gatehold.cli.output import table


def show_trace(candidates: Iterable[Mapping[str, Any]]) -> None:
    """Prints what each policy said to a call, and on which comparisons."""
    rows = [
        {**c, "comparisons": "; ".join(f"{x['text']} is {x['result']}" for x in c["comparisons"])} for c in candidates
    ]
    table(rows, ("policy", "role", "action", "result", "comparisons", "overridden_by"), "What spoke")
