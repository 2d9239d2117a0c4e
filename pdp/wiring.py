"""The decision point, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import structlog
from google.protobuf.descriptor import FileDescriptor

from gatehold.invalid import InvalidInput
from gatehold.serving import Capacity, Limits, register, server_options
from gatehold.serving.standard import register_standard
from gatehold.v1 import (
    agent_service_pb2,
    approver_service_pb2,
    audit_service_pb2,
    catalog_service_pb2,
    decision_point_service_pb2,
    fleet_service_pb2,
    key_service_pb2,
    policy_service_pb2,
    session_service_pb2,
    tenant_service_pb2,
    webhook_service_pb2,
)
from gatehold.vocabulary import AgentMode
from pdp.approvals.ballots import Ballots
from pdp.approvals.keeper import ApprovalKeeper
from pdp.approvals.requests import ApprovalRequests
from pdp.approvals.sweeper import Sweeper
from pdp.approvals.watches import Watches
from pdp.approvals.webhook.deliveries import Deliveries
from pdp.approvals.webhook.keeper import WebhookKeeper
from pdp.audit.log import AuditLog
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.content import RegisteredAgent
from pdp.fleet.leases import LONGEST_NS
from pdp.fleet.registry import Registry
from pdp.fleet.seeding import open_tenant, seed
from pdp.fleet.sidecars import Sidecars
from pdp.health import Health
from pdp.identity import FIRST_AGENT, Keyring, seed_first_keys
from pdp.identity.addresses import AllowLists
from pdp.identity.issuing import Issuer
from pdp.longest_lease import remember_longest, served_before
from pdp.metrics import PdpCollector, serve_metrics
from pdp.model import Agent
from pdp.sealing import Sealer, open_key_file
from pdp.settings import TENANT, HostPort, Settings
from pdp.store.interface import Store
from pdp.store.opening import open_store
from pdp.tally import Tally
from pdp.transport.agent_service import AgentServicer
from pdp.transport.approval_lists import ApprovalLists
from pdp.transport.approval_messages import ApprovalMessages
from pdp.transport.approver_service import ApproverServicer
from pdp.transport.audit_service import AuditServicer
from pdp.transport.authentication import Authenticator
from pdp.transport.catalog_service import CatalogServicer
from pdp.transport.decision_point import DecisionPointServicer
from pdp.transport.decision_point_approvals import ApprovalCallServicer
from pdp.transport.fleet_service import FleetServicer
from pdp.transport.key_service import KeyServicer
from pdp.transport.policy_service import PolicyServicer
from pdp.transport.session_service import SessionServicer
from pdp.transport.tenant_service import TenantServicer
from pdp.transport.tls import ServerTls
from pdp.transport.webhook_service import WebhookServicer

_GRACE_SECONDS = 1.0  # for calls under way when it stops; lease streams and tails never end by themselves
_FIRST_AGENT = RegisteredAgent(Agent(FIRST_AGENT, AgentMode.AUTONOMOUS))
_LARGE = {
    "DecisionPointService": {"BatchEvaluate"},
    "PolicyService": {"ApplyPolicies", "ValidatePolicies", "CreatePolicy", "UpdatePolicy", "SimulatePolicies"},
    "CatalogService": {"ApplyCatalog"},
}
_UNCHECKED = {"BatchEvaluate": {"requests"}}  # a bad item blocks that item alone

Work = Callable[[], Coroutine[None, None, None]]
Services = list[tuple[FileDescriptor, object]]
"""The services of a contract file, and what serves them; several objects may share the methods of one service."""

_log = structlog.get_logger()


async def serve(settings: Settings, ready: Callable[[HostPort], None], stop: asyncio.Event) -> None:
    """Runs the decision point until `stop` is set; then finishes the calls under way and commits what was taken in.

    Args:
        ready: called with the address once callers can connect.

    Raises:
        InvalidInput: a setting can not be used.
        StoreError, KeyFileError, OSError: the database, the keys or a port can not be used.
        InvalidDocuments, DifferentPolicies: the policies to start with do not load, or are not those in force.
    """
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, settings.database)
        stack.callback(store.close)
        # A store that was emptied or replaced is new, and leases of the one before it may be live all the same.
        is_first_start = settings.data_dir is not None and not served_before(settings.data_dir)
        is_new = open_tenant(store, TENANT, [_FIRST_AGENT]) and is_first_start
        keyring, allow_lists = _keyring(store, settings), AllowLists(store.allow_lists())
        authenticator = Authenticator(keyring, allow_lists, settings.trust_domain)
        sealer = open_key_file(_sealing_key_file(settings))

        audit, registry = AuditLog(store), Registry()
        await audit.start()
        stack.push_async_callback(audit.close)
        changes = await stack.enter_async_context(_changing(settings, store, audit, registry, is_new))

        tally, health = Tally(), Health(audit.gate)
        approval_services, works = _approvals(authenticator, store, audit, registry, sealer)
        services: Services = [
            (
                decision_point_service_pb2.DESCRIPTOR,
                DecisionPointServicer(authenticator, registry.current, audit, tally.decided),
            ),
            (fleet_service_pb2.DESCRIPTOR, FleetServicer(authenticator, changes, audit, Sidecars())),
            (audit_service_pb2.DESCRIPTOR, AuditServicer(authenticator, audit)),
            *_configuration(authenticator, changes, registry, store),
            *_credentials(authenticator, keyring, allow_lists, store, audit, changes),
            *approval_services,
        ]
        server = _server(services, health, tally)
        address = _bind(server, settings)
        if settings.metrics is not None:
            collector = PdpCollector(tally, lambda: audit.gate.open, lambda: registry.current(TENANT).revision)
            port = stack.enter_context(serve_metrics(settings.metrics.host, settings.metrics.port, collector))
            _log.info("metrics", address=str(HostPort(settings.metrics.host, port)))

        await health.tell()
        await stack.enter_async_context(_running(health.run, *works))
        await server.start()
        _log.info("listening", address=str(address), revision=registry.current(TENANT).revision)
        _publish(address, settings)
        ready(address)
        await stop.wait()
        _log.info("stopping")
        await health.servicer.enter_graceful_shutdown()
        await server.stop(_GRACE_SECONDS)


@asynccontextmanager
async def _changing(
    settings: Settings, store: Store, audit: AuditLog, registry: Registry, is_new: bool
) -> AsyncIterator[ChangeCoordinator]:
    """What changes the configuration, with the policies to start with in force."""
    earlier_ns = _earlier_lease_ns(settings)
    changes = ChangeCoordinator(store, audit, registry, ttl_ns=settings.lease_ns, earlier_ttl_ns=earlier_ns)
    await changes.start([TENANT] if is_new else [])
    try:
        if settings.policies is not None:
            await seed(changes, TENANT, settings.policies, apply=settings.apply, actor="pdp serve")
        yield changes
    finally:
        await changes.stop()


def _approvals(
    authenticator: Authenticator, store: Store, audit: AuditLog, registry: Registry, sealer: Sealer
) -> tuple[Services, tuple[Work, ...]]:
    """The services that approvals have, and what goes on with them by itself: time, and telling the webhooks."""
    watches = Watches()
    keeper = ApprovalKeeper(store, audit, watches)
    messages = ApprovalMessages(store.now_us, registry.is_idempotent)
    requests = ApprovalRequests(keeper, store, registry.current, sealer)
    lists = ApprovalLists(keeper, store, messages)
    ballots = Ballots(keeper, registry.current, sealer)
    services: Services = [
        (
            decision_point_service_pb2.DESCRIPTOR,
            ApprovalCallServicer(authenticator, requests, lists, watches, messages),
        ),
        (
            approver_service_pb2.DESCRIPTOR,
            ApproverServicer(authenticator, ballots, keeper, store, lists, watches, messages),
        ),
    ]
    webhooks = WebhookKeeper(store, audit, sealer)
    services.append((webhook_service_pb2.DESCRIPTOR, WebhookServicer(authenticator, webhooks, store.now_us)))
    return services, (Sweeper(keeper, registry.tenants).run, Deliveries(store, webhooks, registry.tenants).run)


def _configuration(
    authenticator: Authenticator, changes: ChangeCoordinator, registry: Registry, store: Store
) -> Services:
    """The services that change what decides."""
    return [
        (policy_service_pb2.DESCRIPTOR, PolicyServicer(authenticator, changes, registry, store)),
        (catalog_service_pb2.DESCRIPTOR, CatalogServicer(authenticator, changes, registry)),
        (agent_service_pb2.DESCRIPTOR, AgentServicer(authenticator, changes, registry)),
    ]


def _credentials(
    authenticator: Authenticator,
    keyring: Keyring,
    allow_lists: AllowLists,
    store: Store,
    audit: AuditLog,
    changes: ChangeCoordinator,
) -> Services:
    """The services that say who may call."""
    issuer = Issuer(store, audit, keyring, allow_lists)
    return [
        (key_service_pb2.DESCRIPTOR, KeyServicer(authenticator, issuer, keyring, allow_lists, changes)),
        (session_service_pb2.DESCRIPTOR, SessionServicer(authenticator, issuer)),
        (tenant_service_pb2.DESCRIPTOR, TenantServicer(authenticator, issuer, store, changes)),
    ]


def _sealing_key_file(settings: Settings) -> Path:
    if settings.sealing_key_file is not None:
        return settings.sealing_key_file
    if settings.data_dir is None:
        raise InvalidInput("sealing_key_file", "give --sealing-key-file, or --data-dir to keep one there")
    return settings.data_dir / "keys" / "sealing.key"


def _keyring(store: Store, settings: Settings) -> Keyring:
    if settings.data_dir is not None:
        seed_first_keys(store, settings.data_dir / "keys", TENANT)
    keys = store.keys()
    if not keys:
        raise InvalidInput("data_dir", "the database holds no key, so nobody could call; give --data-dir")
    keyring = Keyring()
    keyring.replace(keys)
    for session in store.live_sessions():
        try:
            keyring.add_session(session)
        except ValueError as error:  # its token is not valid then, and everybody else's is
            _log.error("session_not_loaded", session=session.session_id, error=str(error))
    return keyring


def _earlier_lease_ns(settings: Settings) -> int:
    """The longest lease that may be live from before this start."""
    if settings.data_dir is None:
        return LONGEST_NS
    return remember_longest(settings.data_dir, settings.lease_ns)


def _publish(address: HostPort, settings: Settings) -> None:
    """Leaves the address where the other commands find it by the same --data-dir."""
    if settings.data_dir is not None:
        draft = settings.data_dir / "pdp.address.new"
        draft.write_text(f"{address}\n", encoding="ascii")
        draft.replace(settings.data_dir / "pdp.address")


def _server(services: Services, health: Health, tally: Tally) -> grpc.aio.Server:
    limits = Limits()
    capacity = Capacity.of(limits)
    server = grpc.aio.server(options=server_options(limits))
    names: dict[str, None] = {}
    for file, servicer in services:
        for name, service in file.services_by_name.items():
            large = _LARGE.get(name, ())
            register(server, service, servicer, tally, limits, capacity, large=large, unchecked=_UNCHECKED)
            names[service.full_name] = None
    register_standard(server, health.servicer, list(names), limits)
    return server


def _bind(server: grpc.aio.Server, settings: Settings) -> HostPort:
    """Takes the ports. Only the one for sidecars asks for certificates: gRPC can not leave it to the client."""
    tls = settings.tls
    own = None if tls is None else ServerTls(replace(tls, client_ca=None))
    address = _listen(server, settings.listen, own)
    if settings.sidecar_listen is not None and tls is not None:
        _log.info("listening_for_sidecars", address=str(_listen(server, settings.sidecar_listen, ServerTls(tls))))
    return address


def _listen(server: grpc.aio.Server, listen: HostPort, tls: ServerTls | None) -> HostPort:
    try:
        if tls is None:
            port = server.add_insecure_port(str(listen))
        else:
            port = server.add_secure_port(str(listen), tls.credentials())
    except RuntimeError as error:
        raise OSError(f"{listen} can not be listened on; is another process there?") from error
    return HostPort(listen.host, port)


@asynccontextmanager
async def _running(*works: Work) -> AsyncIterator[None]:
    """Runs what goes on by itself until the block ends."""
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
