"""Why the record refuses something. A failing storage is `pdp.store.errors.Unavailable`, here as everywhere."""


class AuditError(Exception):
    """The record does not take this in, or does not give this out."""


class ForeignSpool(AuditError):
    """The spool belongs to another sidecar or agent. Answered with PERMISSION_DENIED."""


class RefusedRecords(AuditError):
    """A batch, or the rest of it, is not stored.

    Attributes:
        acknowledged: the last stored sequence of that spool or stream. All before it is safe.
        sequence: the record at which it stopped.
    """

    def __init__(self, message: str, acknowledged: int, sequence: int) -> None:
        super().__init__(message)
        self.acknowledged = acknowledged
        self.sequence = sequence


class SequenceGap(RefusedRecords):
    """A sequence was skipped. Answered with OUT_OF_RANGE."""


class BrokenChain(RefusedRecords):
    """A record does not carry the hash of the ones before it. Answered with INVALID_ARGUMENT."""


class ConflictingDuplicate(RefusedRecords):
    """A stored sequence came again with other bytes. Answered with INVALID_ARGUMENT."""


class SlowConsumer(AuditError):
    """A tail did not keep up and was cut off, so that it delays nobody. Answered with RESOURCE_EXHAUSTED."""
