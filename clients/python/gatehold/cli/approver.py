"""ApproverService with a person's credential, and the short ids that people type."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import click

from gatehold.cli.connection import DEADLINE_SECONDS, Connection
from gatehold.cli.paging import pages
from gatehold.redaction import printable
from gatehold.v1.approval_pb2 import Approval, ApprovalState
from gatehold.v1.approver_service_pb2 import (
    ApproverServiceGetApprovalRequest,
    ApproverServiceGetApprovalResponse,
    ListApprovalsRequest,
)
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub

SHORT = 8
"""How many characters of an id tables show."""
_SHORTEST = 4
_NAMED = 10
_WHOLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = re.compile(r"[0-9a-f-]{1,36}")
_OPEN = (
    ApprovalState.APPROVAL_STATE_PENDING,
    ApprovalState.APPROVAL_STATE_APPROVED,
    ApprovalState.APPROVAL_STATE_CLAIMED,
    ApprovalState.APPROVAL_STATE_INDETERMINATE,
)
_ENDED = (
    ApprovalState.APPROVAL_STATE_DENIED,
    ApprovalState.APPROVAL_STATE_EXPIRED,
    ApprovalState.APPROVAL_STATE_CANCELLED,
    ApprovalState.APPROVAL_STATE_SUCCEEDED,
    ApprovalState.APPROVAL_STATE_FAILED,
)


class Approver:
    """Calls as one approver. Every method raises RpcError for an error status."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stub: Any = ApproverServiceStub(connection.channel)

    @property
    def address(self) -> str:
        """Where the decision point is."""
        return self._connection.address

    def call(self, method: str, request: Any) -> Any:
        """Calls a unary method by its name."""
        return getattr(self._stub, method)(request, metadata=self._connection.metadata, timeout=DEADLINE_SECONDS)

    def approvals(
        self, states: Iterable[ApprovalState | str] = (), agent: str = "", limit: int | None = None
    ) -> Iterator[Approval]:
        """Yields approvals, the ones that wait longest first.

        Args:
            states: names or numbers of the wire; none means pending.
        """
        request = ListApprovalsRequest(states=states, agent=agent)
        return pages(self._stub.ListApprovals, request, "approvals", self._connection.metadata, limit)

    def read(self, approval_id: str) -> ApproverServiceGetApprovalResponse:
        """Reads one whole."""
        request = ApproverServiceGetApprovalRequest(approval_id=approval_id)
        response: ApproverServiceGetApprovalResponse = self.call("GetApproval", request)
        return response

    def find(self, word: str, ended: bool = False) -> str:
        """Returns the whole id that `word` is, or is the beginning of; of a beginning, among those that are open.

        Args:
            ended: looks among those that have ended too, where no open one fits.

        Raises:
            ClickException: it is no id, too short, or the beginning of none or of several.
        """
        part = word.lower()
        if _WHOLE.fullmatch(part):
            return part
        if not _PART.fullmatch(part) or len(part) < _SHORTEST:
            raise click.ClickException(
                f"{printable(word)!r} is neither an approval's id nor its first {_SHORTEST} or more characters"
            )
        found = _beginning(part, self._open)
        if not found and ended:
            found = _beginning(part, self.approvals(_ENDED))
        if len(found) > 1:
            raise click.ClickException(f"{part} is the beginning of several: {_named(found)}")
        if not found:
            raise click.ClickException(
                f"no {'' if ended else 'open '}approval's id begins with {part}{self._near(part)}"
            )
        return found[0].approval_id

    @cached_property
    def _open(self) -> Sequence[Approval]:
        return list(self.approvals(_OPEN))

    def _near(self, part: str) -> str:
        beginnings = [approval.approval_id[: len(part)] for approval in self._open]
        near = difflib.get_close_matches(part, beginnings, n=1)
        return f": did you mean {near[0]}?" if near else ": `gatehold approvals list` shows what waits"


def _beginning(part: str, approvals: Iterable[Approval]) -> list[Approval]:
    return [approval for approval in approvals if approval.approval_id.startswith(part)]


def _named(approvals: Sequence[Approval]) -> str:
    named = [printable(f"{one.approval_id} ({one.verb} of {one.agent})") for one in approvals[:_NAMED]]
    return ", ".join(named) + (f" and {len(approvals) - _NAMED} more" if len(approvals) > _NAMED else "")
