"""The spool as the event loop sees it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sidecar.spool.batch import AgentPlace, Append
from sidecar.spool.fatal import Fatal, exit_at_once
from sidecar.spool.faults import refusal
from sidecar.spool.interface import (
    Make,
    Spool,
    SpoolBusy,
    SpooledRecord,
    SpoolFailed,
    SpoolFull,
    SpoolIdentity,
    SpoolLimits,
)
from sidecar.spool.ledger import Ledger
from sidecar.spool.opening import open_ledger, own_directory
from sidecar.spool.writer import AppendJob, Job, Report, WorkJob, Writer

T = TypeVar("T")


async def open_spool(directory: Path, limits: SpoolLimits | None = None, fatal: Fatal = exit_at_once) -> Spool:
    """Opens the spool of this start: what earlier starts left behind is still in it.

    Args:
        directory: made if it does not exist; its mode becomes 0700. One process at a time owns it.
        limits: defaults to `SpoolLimits()`.
        fatal: called in the spool's thread when the disk fails; must end the process.

    Raises:
        SpoolBusy: another process owns the directory.
        SpoolFull: there is no room even to begin.
        SpoolFailed: the file cannot be used, or was written by a version of the product that this one does not know.
        OSError: the directory cannot be used.
    """
    limits = limits or SpoolLimits()
    lock = own_directory(directory)
    try:
        ledger = await asyncio.to_thread(open_ledger, directory, limits)
    except BaseException as error:
        os.close(lock)
        if isinstance(error, (SpoolBusy, SpoolFailed, SpoolFull, OSError)) or not isinstance(error, Exception):
            raise
        raise refusal(error) from error
    return SqliteSpool(ledger, lock, limits, fatal)


class SqliteSpool:
    """See `Spool`. Work that touches the file is handed to a `Writer`; this side only waits."""

    def __init__(self, ledger: Ledger, lock: int, limits: SpoolLimits, fatal: Fatal) -> None:
        """Takes over the ledger and the descriptor that locks the directory."""
        self._lock = lock
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._failure: SpoolFailed | None = None
        self._advanced = asyncio.Event()
        self._identity = ledger.identity
        self._last_sequence = ledger.last_sequence
        self._durable_sequence = ledger.durable_sequence
        self._closing = False
        self._writer = Writer(ledger, limits, fatal, self._hand_over)

    @property
    def identity(self) -> SpoolIdentity:
        return self._identity

    @property
    def last_sequence(self) -> int:
        return self._last_sequence

    @property
    def durable_sequence(self) -> int:
        return self._durable_sequence

    async def append(self, make: Make, *, durable: bool) -> int:
        return await self._append(Append(make, durable))

    async def append_from_agent(self, stream_id: str, sequence: int, make: Make) -> int:
        return await self._append(Append(make, durable=True, place=AgentPlace(stream_id, sequence)))

    async def agent_sequence(self, stream_id: str) -> int:
        return await self._work(lambda ledger: ledger.agent_streams.sequence(stream_id))

    async def unshipped(self) -> list[SpoolIdentity]:
        return await self._work(Ledger.unshipped)

    async def pending(self, spool_id: str, after: int, limit: int, max_bytes: int) -> list[SpooledRecord]:
        return await self._work(lambda ledger: ledger.pending(spool_id, after, limit, max_bytes))

    async def acknowledge(self, spool_id: str, sequence: int) -> None:
        # In steps, so that appends come in between and share the disk.
        while not await self._work(lambda ledger: ledger.acknowledge(spool_id, sequence)):
            pass

    async def wait_durable(self, after: int) -> int:
        while self._durable_sequence <= after:
            if self._failure is not None:
                raise SpoolFailed(str(self._failure))
            await self._advanced.wait()
        return self._durable_sequence

    async def close(self) -> None:
        if not self._closing:
            self._closing = True
            await asyncio.to_thread(self._writer.close)
            os.close(self._lock)
            self._failure = self._failure or SpoolFailed("the spool is closed")
            self._advanced.set()

    async def _append(self, append: Append) -> int:
        if self._waiting >= self._limits.waiting:
            raise SpoolFull("the disk is too slow: too many records wait for it")
        sequence: int = await self._submit(AppendJob(append, self._loop.create_future()))
        return sequence

    async def _work(self, work: Callable[[Ledger], T]) -> T:
        result: T = await self._submit(WorkJob(work, self._loop.create_future()))
        return result

    async def _submit(self, job: Job) -> Any:
        if self._closing:
            raise SpoolFailed("the spool is closed")
        if self._failure is not None:
            raise SpoolFailed(str(self._failure))
        self._waiting += 1
        self._writer.submit(job)
        return await job.future

    def _hand_over(self, report: Report) -> None:
        """In the writer's thread: one wake-up of the loop for all that a transaction settles."""
        self._loop.call_soon_threadsafe(self._settle, report)

    def _settle(self, report: Report) -> None:
        self._last_sequence = report.last_sequence
        self._failure = report.failure
        self._waiting -= len(report.outcomes)
        if report.durable_sequence > self._durable_sequence or report.failure:
            self._durable_sequence = report.durable_sequence
            self._advanced.set()
            self._advanced = asyncio.Event()
        for future, outcome in report.outcomes:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
