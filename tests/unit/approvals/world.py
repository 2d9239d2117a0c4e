"""The whole room of approvals on a real database, whose time passes and whose policies change when a test says so."""

import asyncio
import itertools
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gatehold.vocabulary import AgentMode, RiskLevel
from pdp.approvals.ballots import Ballot, Ballots, etag
from pdp.approvals.keeper import ApprovalKeeper
from pdp.approvals.requests import ApprovalRequests, Asked, Claim, Claimed
from pdp.approvals.watches import Watches
from pdp.audit.log import AuditLog
from pdp.catalog.catalog import Catalog
from pdp.catalog.model import CatalogEntry
from pdp.configuration import Configuration
from pdp.model import Agent
from pdp.policy.form import PolicyForm
from pdp.policy.policy_set import PolicySet
from pdp.sealing import Sealer
from pdp.store.approval import Approval
from pdp.store.migrations.upgrade import upgrade
from pdp.store.sql import SqlStore
from pdp.store.sqlite.clock import DatabaseClock
from pdp.store.sqlite.database import SqliteDatabase

T = TypeVar("T")

ONCE, AGAIN = "pay:once", "pay:again"
SECRET = "4242-4242-4242-4242"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "ann": ("finance",),
    "bob": ("finance", "legal"),
    "cleo": ("legal",),
    "dev": (),  # named like an agent
}
AGENTS = {name: Agent(name, AgentMode.AUTONOMOUS) for name in ("dev", "ops")}
ENTRIES = [
    CatalogEntry(verb=ONCE, risk_level=RiskLevel.MEDIUM, sensitive_args=("card", "lines[*].token")),
    CatalogEntry(verb=AGAIN, risk_level=RiskLevel.MEDIUM, idempotent=True),
]
START_US = 1_800_000_000_000_000


class Time:
    """Nanoseconds on the clock that the database counts on."""

    def __init__(self) -> None:
        self.boottime_ns = 10**12

    def __call__(self) -> int:
        return self.boottime_ns

    def move_us(self, us: int) -> None:
        self.boottime_ns += us * 1_000


def gate(verb: str, name: str = "gate", **action: object) -> dict[str, object]:
    """A policy that asks for approval, or what `type` says, of one verb."""
    return {
        "id": name,
        "verbMatchers": [{"type": "verb", "value": verb}],
        "action": {"type": "require_approval", **action},
    }


class World:
    """Everything between the wire and the disk."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        self.database = SqliteDatabase(folder / "gatehold.db", clock=self._clock)
        self.database.write(upgrade)
        self.store = SqlStore(self.database)
        self.audit = AuditLog(self.store)
        self.watches = Watches()
        self.keeper = ApprovalKeeper(self.store, self.audit, self.watches)
        self.configurations: dict[str, Configuration] = {}
        self.sealer = Sealer([b"k" * 32])
        self.requests = ApprovalRequests(self.keeper, self.store, self.configurations.__getitem__, self.sealer)
        self.ballots = Ballots(self.keeper, self.configurations.__getitem__, self.sealer)
        self._numbers = itertools.count(1)
        self._runner = asyncio.Runner()

    def _clock(self, path: Path) -> DatabaseClock:
        return DatabaseClock(path, boottime=self.time, wall_us=lambda: START_US, boot=lambda: "this boot")

    def close(self) -> None:
        self.run(self.audit.close())
        self._runner.close()
        self.store.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    @property
    def now_us(self) -> int:
        return self.store.now_us()

    def tenant(self, *policies: dict[str, object]) -> str:
        """A new tenant with these policies."""
        name = f"t{next(self._numbers)}"
        self.store.create_tenant(name, "[]", "[]", "[]")
        self.apply(name, *policies)
        return name

    def apply(self, tenant: str, *policies: dict[str, object], entries: Sequence[CatalogEntry] = ENTRIES) -> None:
        """Puts other policies in force."""
        revision = self.configurations[tenant].revision + 1 if tenant in self.configurations else 1
        compiled = PolicySet.of(PolicyForm.model_validate(policy).policy() for policy in policies)
        self.configurations[tenant] = Configuration(tenant, revision, Catalog.of(entries), compiled, AGENTS)

    def approval(self, tenant: str, approval_id: str) -> Approval:
        """As it is stored."""
        found = self.store.approval(tenant, approval_id)
        assert found is not None
        return found

    def request(self, tenant: str, args: Mapping[str, object], **fields: Any) -> Approval:
        known = {"agent": "dev", "session": None, "on_behalf_of": "", "verb": ONCE, "context": {}}
        rest = {"tool_definition_digest": "", "justification": "", "request_id": ""}
        asked = Asked(**{"tenant": tenant, "args": args} | known | rest | fields)
        return self.run(self.requests.request(asked))

    def ballot(self, approval: Approval, who: str, **fields: Any) -> Ballot:
        known = {"tenant": approval.tenant, "approval_id": approval.approval_id, "approver": who}
        seen = {"groups": GROUPS.get(who, ()), "etag": etag(approval), "args_digest": approval.call.args_digest}
        return Ballot(**known | seen | fields)

    def approve(self, approval: Approval, who: str = "ann", **fields: Any) -> Approval:
        return self.run(self.ballots.approve(self.ballot(approval, who, **fields)))

    def edit(self, approval: Approval, args: Mapping[str, object], who: str = "ann", **fields: Any) -> Approval:
        return self.run(self.ballots.edit(self.ballot(approval, who, **fields), args))

    def deny(self, approval: Approval, who: str = "ann", **fields: Any) -> Approval:
        return self.run(self.ballots.deny(self.ballot(approval, who, **{"reason": "no"} | fields)))

    def claim(self, approval: Approval, claim_id: str = "c1", agent: str = "dev", **fields: Any) -> Claimed:
        claim = Claim(
            **{"claim_id": claim_id, "args_digest": "", "context_digest": "", "tool_definition_digest": ""} | fields
        )
        return self.run(self.requests.claim(approval.tenant, agent, approval.approval_id, claim))
