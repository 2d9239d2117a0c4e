"""Group commit: while one transaction is on its way to the disk, the records of the next one gather.

An fsync costs the same for one record as for hundreds; so concurrent callers share one, and nobody waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pdp.audit.errors import SequenceGap
from pdp.audit.gate import StorageGate
from pdp.audit.own_records import Waiting
from pdp.store.errors import Unavailable

T = TypeVar("T")

LARGEST_GROUP = 256
_LARGEST_QUEUE = 10_000

CommitGroup = Callable[[Sequence[Waiting]], list[int | SequenceGap]]


class Committer:
    """Runs everything that writes the record, one after the other, on one thread.

    Args:
        commit_group: stores many records in one transaction, and gives each one's outcome.
        gate: shut when a commit fails.
    """

    def __init__(self, commit_group: CommitGroup, gate: StorageGate) -> None:
        self._commit_group = commit_group
        self._gate = gate
        self._thread = ThreadPoolExecutor(1, "record-writer")
        self._waiting: deque[tuple[Waiting, asyncio.Future[int]]] = deque()
        self._turns: deque[Callable[[], Awaitable[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    async def record(self, waiting: Waiting) -> int:
        """Stores one record, and returns its stream's last stored sequence (0 where it is of none) after the commit.

        Raises:
            SequenceGap: it is not its stream's next.
            Unavailable: it could not be stored.
        """
        self._gate.check()
        self._admit()
        outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((waiting, outcome))
        self._wake()
        return await outcome

    async def run(self, job: Callable[[], T]) -> T:
        """Runs `job` between two groups, as its own transaction or several.

        Raises:
            Unavailable: the storage failed, now or before.
            Exception: what `job` raises.
        """
        self._gate.check()
        return await self.probe(job)

    async def probe(self, job: Callable[[], T]) -> T:
        """As `run`, but through a shut gate."""
        self._admit()
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        async def turn() -> None:
            try:
                result = await asyncio.get_running_loop().run_in_executor(self._thread, job)
            except Exception as error:
                if isinstance(error, Unavailable):
                    self._gate.shut(error)
                _fail(outcome, error)
            else:
                _settle(outcome, result)

        self._turns.append(turn)
        self._wake()
        return await outcome

    async def close(self) -> None:
        """Finishes what was begun, and takes in no more."""
        self._closed = True
        if self._writing:
            await self._writing
        self._thread.shutdown()

    def _admit(self) -> None:
        if self._closed:
            raise Unavailable("the record is closed")
        if len(self._waiting) + len(self._turns) >= _LARGEST_QUEUE:
            raise Unavailable("too many records wait to be stored")

    def _wake(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting or self._turns:
            if self._waiting:
                await self._write_group()
            if self._turns:
                await self._turns.popleft()()

    async def _write_group(self) -> None:
        size = min(len(self._waiting), LARGEST_GROUP)
        group = [self._waiting.popleft() for _ in range(size)]
        records = [waiting for waiting, _ in group]
        try:
            told = await asyncio.get_running_loop().run_in_executor(self._thread, self._commit_group, records)
        except Exception as error:
            self._gate.shut(error)
            for _, outcome in group:
                _fail(outcome, error)
            return
        for (_, outcome), result in zip(group, told, strict=True):
            if isinstance(result, SequenceGap):
                _fail(outcome, result)
            else:
                _settle(outcome, result)


def _settle(outcome: asyncio.Future[T], result: T) -> None:
    if not outcome.done():  # its caller may have gone away; the record stays
        outcome.set_result(result)


def _fail(outcome: asyncio.Future[T], error: Exception) -> None:
    if not outcome.done():
        outcome.set_exception(error)
