import asyncio
import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gatehold import AsyncGuard, Guard
from gatehold.guard import claiming
from tests.fakes.scripted_approvals import ScriptedApprovals
from tests.fakes.scripted_gate import ScriptedGate, require_approval


class Blocking:
    """An AsyncGuard driven from ordinary code, so that one suite holds both guards to the same behaviour."""

    def __init__(self, target: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.inner = self.wait(self._make(target, options))

    async def _make(self, target: str, options: Any) -> AsyncGuard:
        return AsyncGuard(target, **options)

    def wait(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    def evaluate(self, *args: Any, **options: Any) -> Any:
        return self.wait(self.inner.evaluate(*args, **options))

    def record(self, record: Any) -> None:
        self.wait(self.inner.record(record))

    def protect(self, verb: str, function: Any, **options: Any) -> Any:
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        coroutine.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        guarded = self.inner.protect(verb, coroutine, **options)
        return lambda *args, **kwargs: self.wait(guarded(*args, **kwargs))

    def resume(self, supply: Any = None) -> Any:
        return self.wait(self.inner.resume(supply))

    def close(self) -> None:
        self.wait(self.inner.close())

    def stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[ScriptedGate]:
    gate = ScriptedGate(tmp_path)
    yield gate
    gate.stop()


@pytest.fixture(params=[Guard, Blocking], ids=["sync", "asyncio"])
def make_guard(request: pytest.FixtureRequest) -> Iterator[Any]:
    made: list[Any] = []

    def make(target: str, **options: Any) -> Any:
        made.append(request.param(target, **options))
        return made[-1]

    yield make
    for guard in made:
        guard.close()
        if isinstance(guard, Blocking):
            guard.stop_loop()


@pytest.fixture
def guard(make_guard: Any, gate: ScriptedGate) -> Any:
    return make_guard(gate.target)


@pytest.fixture
def approvals(gate: ScriptedGate, monkeypatch: pytest.MonkeyPatch) -> ScriptedApprovals:
    """Of a gate that asks a person about every call; with short pauses between tries."""
    gate.script = require_approval
    monkeypatch.setattr(claiming, "PAUSES", (0.01,) * len(claiming.PAUSES))
    return gate.approvals


@pytest.fixture
def start() -> Iterator[Callable[..., Future[Any]]]:
    """Calls a function in a thread of its own."""
    with ThreadPoolExecutor(8) as threads:
        yield threads.submit
