"""KeyService: what administrators make and revoke API keys with, and say from where they may be used."""

import asyncio

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.identifier import require_agent_id, require_identifier
from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.v1 import key_pb2
from gatehold.v1.key_service_pb2 import (
    CreateKeyRequest,
    CreateKeyResponse,
    GetAllowListRequest,
    GetAllowListResponse,
    ListKeysRequest,
    ListKeysResponse,
    RevokeKeyRequest,
    RevokeKeyResponse,
    SetAllowListRequest,
    SetAllowListResponse,
)
from pdp.fleet.changes import ChangeCoordinator, Request, Revoked
from pdp.fleet.edits import unchanged
from pdp.fleet.errors import NoSuchObject, ObjectExists
from pdp.identity import ANY_AGENT, Keyring, Principal, Role
from pdp.identity.addresses import AllowLists, contains, parse_networks, peer_address
from pdp.identity.certificates import is_sidecar_name
from pdp.identity.errors import Lockout
from pdp.identity.issuing import Issuer, NewKey, key_document
from pdp.store.model import ObjectChange, StoredKey
from pdp.transport.authentication import Authenticator
from pdp.transport.bounds import change_reason
from pdp.transport.paging import page, rest_of

_ROLE_NUMBERS: dict[Role, key_pb2.Role] = {role: getattr(key_pb2, f"ROLE_{role.name}") for role in Role}
_ROLES = {number: role for role, number in _ROLE_NUMBERS.items()}
_READERS = (Role.ADMIN, Role.AUDITOR)
_MOST_NAMED = 1_000  # agents of a sidecar, groups of an approver
_MAX_GROUP = 128
_LONGEST_SECONDS = 10 * 366 * 24 * 60 * 60
_END_OF_TIME = 2**62  # microseconds; beyond every time that is stored


class KeyServicer:
    """Makes and revokes the keys of the caller's tenant."""

    def __init__(
        self,
        authenticator: Authenticator,
        issuer: Issuer,
        keyring: Keyring,
        allow_lists: AllowLists,
        changes: ChangeCoordinator,
    ) -> None:
        self._authenticator = authenticator
        self._issuer = issuer
        self._keyring = keyring
        self._allow_lists = allow_lists
        self._changes = changes
        self._making = asyncio.Lock()

    async def CreateKey(self, request: CreateKeyRequest, context: Context) -> CreateKeyResponse:
        """Makes one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        reason = change_reason(request.change_reason)
        new = _new(request)
        async with self._making:
            if new.certificate and await self._is_certified(principal.tenant, new.principal):
                raise ObjectExists(f"there is a certificate's key for the sidecar {new.principal} already")
            key, secret = await self._issuer.create_key(principal.tenant, new, principal.name, reason)
        return CreateKeyResponse(key=_message(key), secret=secret)

    async def RevokeKey(self, request: RevokeKeyRequest, context: Context) -> RevokeKeyResponse:
        """Revokes one, and returns when no decision that was made for its holder is reused any more."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        reason = change_reason(request.change_reason)
        key = await self._key(principal.tenant, request.key_id)
        if key.revoked_us is None:
            if self._keyring.is_last_administrator(principal.tenant, key.key_id):
                raise Lockout("it is the last administrator's key; make another one first")
            await self._revoke(principal, key, reason)
        return RevokeKeyResponse(key=_message(await self._key(principal.tenant, key.key_id)))

    async def ListKeys(self, request: ListKeysRequest, context: Context) -> ListKeysResponse:
        """Lists one page, newest first."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        keys = sorted(await self._issuer.keys(tenant), key=_place)
        messages, token = page(rest_of(keys, _place, request.page_token), _place, _message, request.page_size)
        return ListKeysResponse(keys=messages, next_page_token=token)

    async def SetAllowList(self, request: SetAllowListRequest, context: Context) -> SetAllowListResponse:
        """Says from which networks the tenant's credentials may be used."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        networks = parse_networks(request.networks)
        address = peer_address(context.peer())
        if networks and (address is None or not contains(networks, address)):
            raise Lockout(f"the caller's own address, {address}, is in none of these networks")
        texts = [str(network) for network in networks]
        reason = change_reason(request.change_reason)
        await self._issuer.set_allow_list(principal.tenant, texts, principal.name, reason)
        return SetAllowListResponse(networks=texts)

    async def GetAllowList(self, request: GetAllowListRequest, context: Context) -> GetAllowListResponse:
        """Reads that."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        return GetAllowListResponse(networks=self._allow_lists.of(tenant))

    async def _revoke(self, principal: Principal, key: StoredKey, reason: str) -> None:
        # At once, and for good even where the change below fails: nobody could tell how far it had come.
        self._keyring.drop_key(key.key_id)
        change = ObjectChange(f"key/{key.key_id}", key_document(key), "")
        revoked = Revoked(key.key_id, change)
        await self._changes.apply(principal.tenant, unchanged, Request(principal.name, reason, revokes=revoked))

    async def _key(self, tenant: str, key_id: str) -> StoredKey:
        require_identifier(key_id, "key_id")
        for key in await self._issuer.keys(tenant):
            if key.key_id == key_id:
                return key
        raise NoSuchObject(f"there is no key {key_id}")

    async def _is_certified(self, tenant: str, sidecar: str) -> bool:
        keys = await self._issuer.keys(tenant)
        return any(not key.digest and key.revoked_us is None and key.principal == sidecar for key in keys)


def _new(request: CreateKeyRequest) -> NewKey:
    role = _ROLES.get(request.role)
    if role is None or role is Role.PLATFORM_ADMIN:
        raise InvalidInput("role", "must be agent, sidecar, approver, admin or auditor")
    if request.agents and role is not Role.SIDECAR:
        raise InvalidInput("agents", "only a sidecar's key has them")
    if request.groups and role is not Role.APPROVER:
        raise InvalidInput("groups", "only an approver's key has them")
    if request.certificate and role is not Role.SIDECAR:
        raise InvalidInput("certificate", "only a sidecar shows one")
    if request.certificate and not is_sidecar_name(request.principal):
        raise InvalidInput("principal", "a certificate names it, so it must be of letters, digits, ., _ and -")
    named = require_agent_id if role in (Role.AGENT, Role.SIDECAR) else require_identifier
    return NewKey(
        role=role,
        principal=named(request.principal, "principal"),
        agents=_agents(request),
        groups=_groups(request),
        ttl_us=_ttl_us(request.ttl) if request.HasField("ttl") else None,
        certificate=request.certificate,
    )


def _agents(request: CreateKeyRequest) -> tuple[str, ...]:
    if len(request.agents) > _MOST_NAMED:
        raise InvalidInput("agents", f"has more than {_MOST_NAMED} items")
    checked = (
        one if one == ANY_AGENT else require_agent_id(one, f"agents[{at}]") for at, one in enumerate(request.agents)
    )
    return tuple(dict.fromkeys(checked))


def _groups(request: CreateKeyRequest) -> tuple[str, ...]:
    if len(request.groups) > _MOST_NAMED:
        raise InvalidInput("groups", f"has more than {_MOST_NAMED} items")
    checked = (require_identifier(one, f"groups[{at}]", _MAX_GROUP) for at, one in enumerate(request.groups))
    return tuple(dict.fromkeys(checked))


def _ttl_us(ttl: Duration) -> int:
    if not (0 < ttl.seconds <= _LONGEST_SECONDS and 0 <= ttl.nanos < 1_000_000_000):
        raise InvalidInput("ttl", "must be 1 s to 10 years; leave it out for a key that does not expire")
    return ttl.seconds * 1_000_000 + ttl.nanos // 1_000


def _place(key: StoredKey) -> tuple[int, str]:
    return (_END_OF_TIME - key.created_us, key.key_id)  # newest first


def _message(key: StoredKey) -> key_pb2.Key:
    message = key_pb2.Key(
        key_id=key.key_id,
        role=_ROLE_NUMBERS[Role(key.role)],
        principal=key.principal,
        agents=key.agents,
        groups=key.groups,
        certificate=not key.digest,
    )
    times: tuple[tuple[Timestamp, int | None], ...] = (
        (message.create_time, key.created_us),
        (message.expire_time, key.expires_us),
        (message.revoke_time, key.revoked_us),
    )
    for field, us in times:
        if us is not None:
            field.FromMicroseconds(us)
    return message
