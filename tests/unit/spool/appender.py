"""A process that records and prints every sequence once the spool has answered for it. Run: appender.py DIRECTORY MODE.

Modes: `written` and `durable` append from 16 tasks at once; `early` answers before the commit, which is what the tests
that kill this process must be able to see; `one` appends a durable record, prints it, and waits; `forever` appends one
durable record after the other.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from sidecar.spool import Spool, SpoolLimits, open_spool, writer
from sidecar.spool.batch import Append, Outcome
from sidecar.spool.ledger import Ledger


def record(sequence: int) -> bytes:
    return f"record {sequence} ".encode() * 20


def say(text: object) -> None:
    os.write(1, f"{text}\n".encode())


def answer_before_the_commit() -> None:
    stored: list[Append] = []

    def promise(appends: Sequence[Append], limits: SpoolLimits, ledger: Ledger) -> list[Outcome]:
        stored.extend(appends)
        return list(range(len(stored) - len(appends) + 1, len(stored) + 1))

    vars(writer)["store"] = promise


async def append_forever(spool: Spool, *, durable: bool) -> None:
    while True:
        say(await spool.append(record, durable=durable))


async def main(directory: Path, mode: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if mode == "early":
        answer_before_the_commit()
    spool = await open_spool(directory)
    say(spool.identity.spool_id)
    if mode == "one":
        say(await spool.append(record, durable=True))
        await asyncio.Event().wait()
    tasks = 1 if mode == "forever" else 16
    await asyncio.gather(*(append_forever(spool, durable=mode in ("durable", "forever")) for _ in range(tasks)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
