"""The one thread that touches the spool's file."""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from sidecar.spool.batch import Append, store
from sidecar.spool.fatal import Fatal
from sidecar.spool.faults import is_disk_failure, refusal
from sidecar.spool.interface import NotStored, SpoolFailed, SpoolFull, SpoolLimits
from sidecar.spool.ledger import Ledger

T = TypeVar("T")
_FLUSH_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class AppendJob:
    """A record to store, together with others, and who waits for it."""

    append: Append
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class WorkJob:
    """Anything else to do with the file, and who waits for its result."""

    work: Callable[[Ledger], object]
    future: asyncio.Future[Any]


Job = AppendJob | WorkJob


@dataclass(frozen=True, slots=True)
class Report:
    """What the thread did.

    Attributes:
        outcomes: each future with its result, an exception where it failed.
        last_sequence: of the present chain, after it.
        durable_sequence: likewise.
        failure: set once nothing will be stored any more.
    """

    outcomes: Sequence[tuple[asyncio.Future[Any], object]]
    last_sequence: int
    durable_sequence: int
    failure: SpoolFailed | None


class Writer:
    """Takes jobs in order and does them in its own thread; appends that wait together share a transaction."""

    def __init__(self, ledger: Ledger, limits: SpoolLimits, fatal: Fatal, report: Callable[[Report], None]) -> None:
        """Begins at once.

        Args:
            report: called in the thread, once for each transaction and job.
        """
        self._ledger = ledger
        self._limits = limits
        self._fatal = fatal
        self._report = report
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._failure: SpoolFailed | None = None
        self._disk_failed = False
        self._flush_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="gatehold-spool", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    def close(self) -> None:
        """Ends the thread after what was submitted before, makes everything durable and closes the file."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            # Whoever waits would wait for ever.
            self._fatal(f"the spool's thread ended: {error!r}")
            raise

    def _work(self) -> None:
        going = True
        while going:
            jobs = self._take()
            going = None not in jobs
            self._serve([job for job in jobs if job is not None])
        self._attempt(Ledger.flush)
        self._tell([])
        if not self._disk_failed:  # closing the file writes to it
            self._ledger.close()

    def _take(self) -> list[Job | None]:
        """Waits for a job, or until the next flush is due, and takes all that wait with it."""
        jobs: list[Job | None] = []
        timeout = None if self._flush_at is None else max(0.0, self._flush_at - time.monotonic())
        try:
            jobs.append(self._jobs.get(timeout=timeout))
            while jobs[-1] is not None and len(jobs) < self._limits.batch_records:
                jobs.append(self._jobs.get_nowait())
        except queue.Empty:
            pass
        return jobs

    def _serve(self, jobs: Iterable[Job]) -> None:
        together: list[AppendJob] = []
        for job in jobs:
            if isinstance(job, AppendJob):
                together.append(job)
                continue
            self._store(together)
            together = []
            self._tell([(job.future, self._attempt(job.work))])
        self._store(together)
        self._flush_when_due()
        self._attempt(Ledger.checkpoint)

    def _store(self, jobs: Sequence[AppendJob]) -> None:
        while jobs:
            outcomes = self._attempt(partial(store, [job.append for job in jobs], self._limits))
            if isinstance(outcomes, Exception):
                # One each: a raised exception grows by the traceback of whoever it is raised to.
                outcomes = [type(outcomes)(str(outcomes)) for _ in jobs]
            self._tell([(job.future, outcome) for job, outcome in zip(jobs, outcomes, strict=False)])
            jobs = jobs[len(outcomes) :]

    def _flush_when_due(self) -> None:
        waiting = self._ledger.last_sequence - self._ledger.durable_sequence
        if waiting == 0 or self._failure:
            self._flush_at = None
            return
        now = time.monotonic()
        if self._flush_at is None:
            self._flush_at = now + self._limits.flush_seconds
        if waiting < self._limits.flush_records and now < self._flush_at:
            return
        refused = self._attempt(Ledger.flush)
        self._flush_at = now + _FLUSH_RETRY_SECONDS if refused else None
        self._tell([])

    def _attempt(self, work: Callable[[Ledger], T]) -> T | Exception:
        """Returns what `work` returns, or the error it ends in: one that passes, or the failure of the whole spool."""
        if self._failure is not None:
            return SpoolFailed(str(self._failure))
        try:
            return work(self._ledger)
        except (SpoolFull, NotStored) as error:
            return error
        except Exception as error:
            translated = refusal(error)
            if isinstance(translated, SpoolFull):
                return translated
            return self._fail(error)

    def _fail(self, error: Exception) -> SpoolFailed:
        self._failure = SpoolFailed(f"the spool failed: {error}")
        if is_disk_failure(error):
            self._disk_failed = True
            self._fatal(f"the disk failed: {error}")
        else:
            with contextlib.suppress(OSError):  # the log may be on the same disk
                structlog.get_logger().critical("spool_failed", reason=str(error))
        return self._failure

    def _tell(self, outcomes: Sequence[tuple[asyncio.Future[Any], object]]) -> None:
        ledger = self._ledger
        self._report(Report(outcomes, ledger.last_sequence, ledger.durable_sequence, self._failure))
