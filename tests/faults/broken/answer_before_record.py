"""A sidecar that answers before its record is stored. The record follows, as it would from a slow disk."""

import asyncio
from typing import Any

from gatehold.cli import main
from sidecar.spool.sqlite import SqliteSpool

DISK_SECONDS = 1.0
store = SqliteSpool.append


async def append(spool: SqliteSpool, make: Any, *, durable: bool) -> int:
    loop = asyncio.get_running_loop()
    loop.call_later(DISK_SECONDS, lambda: loop.create_task(store(spool, make, durable=durable)))
    return spool.last_sequence


SqliteSpool.append = append  # type: ignore
main()
