"""A decision point's configuration half on a real socket and a real database, and a sidecar that does what it is told.

The clock of the leases stands still until a test moves it, so that no outcome depends on how fast anything runs.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from gatehold.serving import Capacity, Limits, Refusal, register, server_options
from gatehold.v1 import agent_service_pb2, catalog_service_pb2, fleet_service_pb2, policy_service_pb2
from gatehold.v1.agent_service_pb2_grpc import AgentServiceStub
from gatehold.v1.catalog_service_pb2_grpc import CatalogServiceStub
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, HoldLeaseResponse, InvalidateAck, LeaseRequest
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2_grpc import PolicyServiceStub
from pdp.audit.log import AuditLog
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.leases import DEFAULT_NS, SECOND_NS
from pdp.fleet.registry import Registry
from pdp.fleet.seeding import open_tenant
from pdp.fleet.sidecars import Sidecars
from pdp.identity import Keyring, Role, generate_key
from pdp.store.interface import Store
from pdp.store.model import StoredKey
from pdp.store.opening import open_store
from pdp.transport import agent_service, catalog_service, fleet_service, policy_service, refusals
from pdp.transport.authentication import Authenticator

TENANT = "default"
HOLD_NS = DEFAULT_NS + DEFAULT_NS // 1000
SERVICES = (policy_service_pb2, catalog_service_pb2, agent_service_pb2, fleet_service_pb2)


class ManualClock:
    """Nanoseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_ns = 1_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now_ns


class Handling:
    """Keeps what no handler meant to raise."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []

    def finished(self, method: str, code: str, seconds: float) -> None: ...

    def failed(self, method: str, error: BaseException) -> None:
        self.faults.append(error)

    def refusal(self, error: Exception) -> Refusal | None:
        return refusals.refusal(error)


@dataclass
class DecisionPoint:
    """What a test sees of a running one."""

    store: Store
    audit: AuditLog
    registry: Registry
    changes: ChangeCoordinator
    keyring: Keyring
    clock: ManualClock
    channel: grpc.aio.Channel
    keys: dict[Role, str]
    policies: Any = field(init=False)
    catalog: Any = field(init=False)
    agents: Any = field(init=False)
    fleet: Any = field(init=False)

    def __post_init__(self) -> None:
        self.policies = PolicyServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)
        self.agents = AgentServiceStub(self.channel)
        self.fleet = FleetServiceStub(self.channel)

    def metadata(self, role: Role = Role.ADMIN, agent: str = "") -> list[tuple[str, str]]:
        speaks_for = [("gatehold-agent", agent)] if agent else []
        return [("authorization", f"Bearer {self.keys[role]}"), *speaks_for]

    def sidecar(self, agent: str = "dev") -> "ScriptedSidecar":
        return ScriptedSidecar(self.fleet.HoldLease(metadata=self.metadata(Role.SIDECAR, agent)))

    def revision(self) -> int:
        return self.registry.current(TENANT).revision

    async def apply(self, *documents: str, **fields: Any) -> Any:
        """ApplyPolicies with one YAML document per text."""
        sources = [SourceDocument(name=f"{at}.yaml", content=text) for at, text in enumerate(documents)]
        request = policy_service_pb2.ApplyPoliciesRequest(documents=sources, **fields)
        return await self.policies.ApplyPolicies(request, metadata=self.metadata())


class ScriptedSidecar:
    """One process's lease stream. It answers nothing by itself."""

    def __init__(self, stream: Any, nonce: str = "") -> None:
        self.stream = stream
        self.nonce = nonce or str(uuid.uuid4())
        self.spool_id = str(uuid.uuid4())
        self.seq = 0

    async def ask(self, **fields: Any) -> None:
        self.seq += 1
        known = {"nonce": self.nonce, "seq": self.seq, "protocol_version": 1, "spool_id": self.spool_id}
        await self.stream.write(HoldLeaseRequest(lease_request=LeaseRequest(**{**known, **fields})))

    async def acknowledge(self, revision: int) -> None:
        ack = InvalidateAck(nonce=self.nonce, revision=revision)
        await self.stream.write(HoldLeaseRequest(invalidate_ack=ack))

    async def hear(self) -> HoldLeaseResponse:
        """The next message; fails with the stream's status when there is none."""
        response = await self.stream.read()
        if not isinstance(response, HoldLeaseResponse):
            code = await self.stream.code()
            raise grpc.aio.AioRpcError(code, None, None, await self.stream.details())
        return response

    async def leased(self) -> int:
        """Asks, and returns the revision it was granted; 0 when it was refused."""
        await self.ask()
        response = await self.hear()
        return response.lease_grant.revision

    async def granted(self) -> int:
        """Asks, and returns the revision of the next grant, past invalidations that were under way."""
        await self.ask()
        while not (response := await self.hear()).HasField("lease_grant"):
            pass
        return response.lease_grant.revision

    async def invalidated(self) -> int:
        """The revision of an invalidation, which must come next."""
        response = await self.hear()
        assert response.HasField("invalidate"), response
        return response.invalidate.revision


def _add_keys(store: Store) -> dict[Role, str]:
    keys = {}
    for role in (Role.ADMIN, Role.AUDITOR, Role.SIDECAR, Role.AGENT):
        key = generate_key()
        agents = ("*",) if role is Role.SIDECAR else ()
        store.add_key(StoredKey(key.key_id, TENANT, key.digest, role, str(role), agents, (), created_us=1))
        keys[role] = key.text
    return keys


@asynccontextmanager
async def decision_point(
    path: Path, clock: ManualClock | None = None, store: Store | None = None
) -> AsyncIterator[DecisionPoint]:
    """Runs one until the block ends; whatever no handler meant to raise fails the test."""
    clock = clock or ManualClock()
    store = store or open_store(f"sqlite:///{path / 'pdp.db'}")
    made = open_tenant(store, TENANT)
    audit, registry, keyring, handling = AuditLog(store), Registry(), Keyring(), Handling()
    keys = _add_keys(store)
    keyring.replace(store.keys())
    changes = ChangeCoordinator(store, audit, registry, clock=clock)
    await audit.start()
    await changes.start({TENANT} if made else ())
    server = grpc.aio.server(options=server_options(Limits()))
    authenticator = Authenticator(keyring)
    servicers = (
        policy_service.PolicyServicer(authenticator, changes, registry, store),
        catalog_service.CatalogServicer(authenticator, changes, registry),
        agent_service.AgentServicer(authenticator, changes, registry),
        fleet_service.FleetServicer(authenticator, changes, audit, Sidecars()),
    )
    for module, servicer in zip(SERVICES, servicers, strict=True):
        (service,) = module.DESCRIPTOR.services_by_name.values()
        register(server, service, servicer, handling, Limits(), Capacity.of(Limits()))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield DecisionPoint(store, audit, registry, changes, keyring, clock, channel, keys)
    finally:
        await server.stop(0)
        await changes.stop()
        await audit.close()
        store.close()
    assert handling.faults == []


async def eventually(condition: Any) -> None:
    """Returns when `condition()` holds; the test's own time limit ends the wait."""
    while not condition():  # noqa: ASYNC110  # no event tells of what other threads and processes have done
        await asyncio.sleep(0.005)
