"""Entries that follow on each other, for every test that stores some."""

import itertools
import uuid
from collections.abc import Iterator

from gatehold import chain
from gatehold.vocabulary import Decision, RecordKind
from pdp.store.model import LogEntry

_clock_us = itertools.count(1_800_000_000_000_000)


def entry(
    spool_id: str,
    sequence: int = 1,
    previous_hash: bytes = chain.FIRST,
    *,
    tenant: str = "acme",
    kind: RecordKind = RecordKind.DECISION,
    agent: str = "dev",
    verb: str = "stripe:create_refund",
    decision: Decision | None = Decision.ALLOW,
    body: bytes = b"record",
) -> LogEntry:
    """One entry with defaults, a microsecond after the one made before it."""
    return LogEntry(
        str(uuid.uuid4()), tenant, spool_id, sequence, previous_hash, next(_clock_us), kind, agent, verb, decision, body
    )


def entries(spool_id: str, *, tenant: str = "acme", agent: str = "dev") -> Iterator[LogEntry]:
    """A spool's entries, from its first, without end."""
    previous_hash = chain.FIRST
    for sequence in itertools.count(1):
        made = entry(spool_id, sequence, previous_hash, tenant=tenant, agent=agent, body=b"record %d" % sequence)
        previous_hash = chain.link(previous_hash, made.body)
        yield made


def take(count: int, of: Iterator[LogEntry]) -> list[LogEntry]:
    """The next `count`."""
    return list(itertools.islice(of, count))
