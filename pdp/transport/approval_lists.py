"""Pages of approvals, the ones that were requested first at the top."""

from collections.abc import Collection, Sequence

from gatehold import vocabulary
from gatehold.v1 import approval_pb2
from pdp.approvals.keeper import ApprovalKeeper
from pdp.store.approval import Approval
from pdp.store.interface import ApprovalStore
from pdp.transport.approval_messages import STATE_WORDS, ApprovalMessages
from pdp.transport.paging import page, page_size, read_token

_FIRST = (0,)
_CHUNK = 32  # approvals read at once
_FULL = 1024 * 1024  # characters of arguments with which a page is full, whatever else is in it


class ApprovalLists:
    """Lists what is stored, after time has acted on it."""

    def __init__(self, keeper: ApprovalKeeper, store: ApprovalStore, messages: ApprovalMessages) -> None:
        self._keeper = keeper
        self._store = store
        self._messages = messages

    async def page(
        self,
        tenant: str,
        agent: str | None,
        states: Collection[vocabulary.ApprovalState],
        requested_size: int,
        token: str,
    ) -> tuple[list[approval_pb2.Approval], str]:
        """One page and the token of the next.

        Args:
            agent: only those of this agent; None for any.

        Raises:
            InvalidInput: a size or token that is not one.
        """
        after = int(read_token(token, _FIRST)[0]) if token else 0
        size = page_size(requested_size)
        await self._keeper.catch_up(tenant)
        found = await self._keeper.read(lambda: self._found(tenant, agent, states, after, size + 1))
        return page(found, _place, self._messages.approval, size)

    def _found(
        self, tenant: str, agent: str | None, states: Collection[vocabulary.ApprovalState], after: int, limit: int
    ) -> list[Approval]:
        """Up to `limit`, and no more than it takes for a page to be full of their arguments: each may have 256 KiB."""
        found: list[Approval] = []
        size = 0
        while len(found) < limit and size <= _FULL:
            chunk = min(_CHUNK, limit - len(found))
            more = self._store.approvals(tenant, states, agent, after, chunk)
            found += more
            if len(more) < chunk:
                break
            after = more[-1].position
            size += sum(len(one.call.shown_args) + len(one.call.shown_context) for one in more)
        return found


def requested_states(
    numbers: Sequence[approval_pb2.ApprovalState], default: Collection[vocabulary.ApprovalState]
) -> Collection[vocabulary.ApprovalState]:
    """The states of a filter, each once however often it is sent. Zero, which is none of them, finds nothing."""
    return {STATE_WORDS[number] for number in set(numbers) if number in STATE_WORDS} if numbers else default


def _place(approval: Approval) -> tuple[int]:
    return (approval.position,)
