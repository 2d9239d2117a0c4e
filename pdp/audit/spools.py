"""Takes sidecars' spools in: each record once, in its place, with an alarm wherever that fails."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gatehold.clock import boottime_ns
from gatehold.invalid import InvalidInput
from pdp.audit import lost_tail
from pdp.audit.alarms import Alarms
from pdp.audit.errors import ForeignSpool
from pdp.audit.model import Shipper, SpooledRecord
from pdp.audit.records import shipped_entry
from pdp.audit.succession import Alarm, follow
from pdp.store.interface import Store
from pdp.store.model import LogEntry, Spool, SpoolOpening

LARGEST_BATCH = 256
_LARGEST_SEQUENCE = 2**63 - 1  # what a database's integer holds


class Spools:
    """The spools of all sidecars. For the writer's thread alone, so that nothing comes between check and commit.

    Args:
        silence_seconds: how long nothing may be heard of a spool that is behind before its tail is taken for lost.
        clock: nanoseconds that run through suspend.
    """

    def __init__(
        self, store: Store, alarms: Alarms, silence_seconds: float, clock: Callable[[], int] = boottime_ns
    ) -> None:
        self._store = store
        self._alarms = alarms
        self._silence_ns = int(silence_seconds * 1e9)
        self._clock = clock
        # What was heard before this start is not known, so the silence counts from here.
        self._started_ns = clock()
        self._heard_ns: dict[tuple[str, str], int] = {}

    def open(self, shipper: Shipper, spool_id: str, predecessor_id: str | None, predecessor_last_sequence: int) -> int:
        """Makes the spool known and returns its last stored sequence.

        Raises:
            InvalidInput: a spool without an id, or its own predecessor.
            ForeignSpool: it, or the predecessor, is another's.
        """
        if not spool_id or spool_id == predecessor_id:
            raise InvalidInput("open.spool.spool_id", "is required, and is not the predecessor's")
        self._must_be_own(shipper, self._store.spool(shipper.tenant, spool_id))
        opening = SpoolOpening(shipper.tenant, spool_id, shipper.sidecar, shipper.agent)
        if predecessor_id:
            predecessor = self._report(shipper, predecessor_id, predecessor_last_sequence)
            self._alarms.commit([(predecessor, lost_tail.at_opening(predecessor, predecessor_last_sequence))])
            opening = replace(
                opening, predecessor_id=predecessor_id, predecessor_last_sequence=predecessor_last_sequence
            )
        self._hear(shipper.tenant, spool_id)
        return self._store.open_spool(opening).committed_sequence

    def append(self, shipper: Shipper, spool_id: str, batch: Sequence[SpooledRecord]) -> int:
        """Stores what follows, and returns the last stored sequence.

        Raises:
            InvalidInput: the batch is too large, or a record is not what it has to be. Nothing is stored.
            ForeignSpool: the spool is another's.
            RefusedRecords: after what precedes the refused record, and an alarm, are stored.
        """
        _check(batch)
        spool = self._must_be_own(shipper, self._store.spool(shipper.tenant, spool_id))
        if spool is None:
            raise InvalidInput("spool_batch", "came before its spool was opened")
        self._hear(shipper.tenant, spool_id)
        succession = follow(spool, batch, self._repeated(spool, batch))
        entries = tuple(shipped_entry(shipper, spool_id, spooled) for spooled in succession.fresh)
        self._alarms.commit([(spool, succession.alarm), *self._tail_before(spool, entries)], entries)
        if succession.refusal:
            raise succession.refusal
        return entries[-1].sequence if entries else spool.committed_sequence

    def report(self, shipper: Shipper, spool_id: str, last_sequence: int) -> None:
        """Notes what a sidecar says it holds.

        Raises:
            ForeignSpool: the spool is another's.
        """
        if not spool_id:
            raise InvalidInput("lease_request.spool_id", "is required")
        self._report(shipper, spool_id, last_sequence)

    def watch(self) -> None:
        """Raises alarms for the spools that are behind and silent."""
        now_ns = self._clock()
        for head in self._store.heads():
            for spool in self._store.behind_spools(head.tenant):
                heard_ns = self._heard_ns.get((spool.tenant, spool.spool_id), self._started_ns)
                if now_ns - heard_ns >= self._silence_ns:
                    self._alarms.commit([(spool, lost_tail.after_silence(spool))])
        # A spool heard of before the silence began is as silent as one never heard of.
        self._heard_ns = {key: ns for key, ns in self._heard_ns.items() if now_ns - ns < self._silence_ns}

    def _report(self, shipper: Shipper, spool_id: str, last_sequence: int) -> Spool:
        if last_sequence > _LARGEST_SEQUENCE:
            raise InvalidInput("last_sequence", f"is over {_LARGEST_SEQUENCE}")
        known = self._must_be_own(shipper, self._store.spool(shipper.tenant, spool_id))
        self._hear(shipper.tenant, spool_id)
        if known and last_sequence <= max(known.committed_sequence, known.reported_sequence):
            return known  # what is stored needs no promise, so a sidecar that keeps up costs no write
        return self._store.report_spool(shipper.tenant, spool_id, shipper.sidecar, shipper.agent, last_sequence)

    def _tail_before(self, spool: Spool, entries: Sequence[LogEntry]) -> list[tuple[Spool, Alarm | None]]:
        if spool.predecessor_id is None or not entries or entries[0].sequence != 1:
            return []
        predecessor = self._store.spool(spool.tenant, spool.predecessor_id)
        assert predecessor is not None  # opening the successor made it known
        return [(predecessor, lost_tail.at_first_record(predecessor, spool.predecessor_last_sequence))]

    def _repeated(self, spool: Spool, batch: Sequence[SpooledRecord]) -> dict[int, LogEntry]:
        sequences = {spooled.sequence for spooled in batch if spooled.sequence <= spool.committed_sequence}
        stored = self._store.spool_entries(spool.tenant, spool.spool_id, sequences) if sequences else []
        return {entry.sequence: entry for entry in stored}

    def _must_be_own(self, shipper: Shipper, spool: Spool | None) -> Spool | None:
        if spool and (spool.sidecar, spool.agent) != (shipper.sidecar, shipper.agent):
            raise ForeignSpool(f"spool {spool.spool_id} is not of sidecar {shipper.sidecar} for agent {shipper.agent}")
        return spool

    def _hear(self, tenant: str, spool_id: str) -> None:
        self._heard_ns[tenant, spool_id] = self._clock()


def _check(batch: Sequence[SpooledRecord]) -> None:
    if len(batch) > LARGEST_BATCH:
        raise InvalidInput("spool_batch.records", f"has more than {LARGEST_BATCH} records")
    for index, spooled in enumerate(batch):
        if not 1 <= spooled.sequence <= _LARGEST_SEQUENCE:
            raise InvalidInput(f"spool_batch.records[{index}].sequence", f"is not from 1 to {_LARGEST_SEQUENCE}")
