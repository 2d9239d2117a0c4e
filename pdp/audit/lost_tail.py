"""When records that were made will never come. Pure.

A sidecar says what it holds in three ways: a lease renewal tells the last sequence of the spool it writes; opening a
spool tells the last sequence of the one before; and the records of a spool come only after all those of the spools
before it. So a tail is lost, as far as anybody can know, when

1. a successor names its predecessor's end, and more than that had been reported: the sidecar's disk lost what it had;
2. a successor's first record comes, and the predecessor is not stored to its named end: the sidecar has no more of it;
3. a spool is behind, and nothing was heard of it for a long time: nobody is there to ship it.

The third may be premature where a machine was only switched off. Then the records come after the alarm, and are stored.
"""

from pdp.audit.succession import Alarm
from pdp.store.model import Spool


def at_opening(predecessor: Spool, named_end: int) -> Alarm | None:
    """Rule 1. `predecessor` as it is known when a successor that names `named_end` opens."""
    first = max(predecessor.committed_sequence, named_end) + 1
    return _lost(first, predecessor.reported_sequence, f"its successor ends it at {named_end}")


def at_first_record(predecessor: Spool, named_end: int) -> Alarm | None:
    """Rule 2. `predecessor` as it is stored when its successor's first record comes."""
    return _lost(predecessor.committed_sequence + 1, named_end, "its successor ships already")


def after_silence(spool: Spool) -> Alarm | None:
    """Rule 3. `spool` has not been heard of for as long as is waited."""
    return _lost(spool.committed_sequence + 1, spool.reported_sequence, "nothing was heard of it since")


def _lost(first: int, last: int, why: str) -> Alarm | None:
    if last < first:
        return None
    return Alarm("lost_tail", first, last, f"sequences {first} to {last} were made and have not come: {why}")
