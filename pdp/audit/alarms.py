"""Puts alarms on the record, once for each place that is in doubt."""

from collections.abc import Iterable, Sequence

from pdp.audit.own_spool import OwnSpool
from pdp.audit.records import alarm_draft
from pdp.audit.succession import Alarm
from pdp.store.interface import RecordStore
from pdp.store.model import AlarmKey, LogEntry, Spool


class Alarms:
    """Synchronous; for the writer's thread alone."""

    def __init__(self, store: RecordStore, own: OwnSpool) -> None:
        self._store = store
        self._own = own

    def commit(self, raised: Iterable[tuple[Spool, Alarm | None]], entries: Sequence[LogEntry] = ()) -> None:
        """Stores the alarms that are new, together with the entries that came with them.

        A fault that persists, and a sidecar that goes on trying, would otherwise fill the record with one alarm.
        """
        new = {
            key: alarm_draft(spool, alarm)
            for spool, alarm in raised
            if alarm and not self._store.alarmed(key := _key(spool, alarm))
        }
        if new or entries:
            self._own.commit(
                list(new.values()), lambda own: self._store.append([*entries, *own], alarms=list(new.keys()))
            )


def _key(spool: Spool, alarm: Alarm) -> AlarmKey:
    return AlarmKey(spool.tenant, spool.spool_id, alarm.type, alarm.first_sequence)
