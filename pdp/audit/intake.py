"""What a stream of records holds while it is open."""

from collections.abc import Sequence

from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from pdp.audit.committer import Committer
from pdp.audit.model import Shipper, SpooledRecord
from pdp.audit.own_records import Waiting
from pdp.audit.records import draft
from pdp.audit.spools import Spools
from pdp.store.model import StreamPosition


class SpoolIntake:
    """One open spool of a sidecar.

    Attributes:
        acknowledged: the last sequence of it that is committed.
    """

    def __init__(
        self, committer: Committer, spools: Spools, shipper: Shipper, spool_id: str, acknowledged: int
    ) -> None:
        self.acknowledged = acknowledged
        self._committer = committer
        self._spools = spools
        self._shipper = shipper
        self._spool_id = spool_id

    async def append(self, batch: Sequence[SpooledRecord]) -> int:
        """Commits what follows on what is stored, and returns `acknowledged`.

        What was stored before and comes again with the same bytes is passed over.

        Raises:
            InvalidInput: a record is not what it has to be. Nothing of the batch is stored.
            SequenceGap, BrokenChain, ConflictingDuplicate: after an alarm, and what precedes it, are committed.
            Unavailable: nothing of the batch is stored.
        """
        append = self._spools.append
        self.acknowledged = await self._committer.run(lambda: append(self._shipper, self._spool_id, batch))
        return self.acknowledged


class AgentStream:
    """One open stream of an agent's own records.

    Attributes:
        acknowledged: the last sequence of it that is committed.
    """

    def __init__(self, committer: Committer, tenant: str, agent: str, stream_id: str, acknowledged: int) -> None:
        self.acknowledged = acknowledged
        self._committer = committer
        self._key = (tenant, agent, stream_id)

    async def append(self, sequence: int, record: AuditRecord) -> int:
        """Commits one record to the decision point's own spool, once for each sequence, and returns `acknowledged`.

        Args:
            record: as `gatehold.agent_records` made it, of this stream's tenant and agent.

        Raises:
            InvalidInput: it is not what a record has to be.
            SequenceGap: a sequence was skipped. Nothing is stored.
            Unavailable: nothing is stored.
        """
        if sequence < 1:
            raise InvalidInput("agent_record.sequence", "starts at 1")
        if (record.tenant, record.agent) != self._key[:2]:
            raise InvalidInput("agent_record.record.agent", "is not the agent whose stream this is")
        waiting = Waiting(draft(record), StreamPosition(*self._key, last_sequence=sequence))
        self.acknowledged = await self._committer.record(waiting)
        return self.acknowledged
