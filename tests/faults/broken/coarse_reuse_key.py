"""A sidecar that reuses a decision for every call of the verb, whatever its arguments."""

from typing import Any

from gatehold.cli import main
from sidecar.cache.shape import Shape


def findings(shape: Shape, call: Any) -> tuple[object, ...]:
    return ()


Shape.findings = findings  # type: ignore
main()
