"""Makes credentials and ends sessions, each with its record. A key is ended by a revision: `pdp.fleet.changes`."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import time_ns
from typing import TypeVar

from pdp.audit.log import AuditLog
from pdp.audit.records import change_records
from pdp.identity.addresses import AllowLists
from pdp.identity.apikey import generate_key, generate_token
from pdp.identity.errors import TooManySessions
from pdp.identity.keyring import Keyring
from pdp.identity.principal import Principal, Role
from pdp.identity.sessions import session_principal
from pdp.store.interface import Store, StoredKey, StoredSession
from pdp.store.model import ObjectChange

MOST_SESSIONS = 1_000  # live ones of one agent
_NO_REVISION = 0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is to be made; see `StoredKey`.

    Attributes:
        ttl_us: how long it lives; None for ever.
        certificate: it is a sidecar that shows a certificate, and has no secret.
    """

    role: Role
    principal: str
    agents: tuple[str, ...]
    groups: tuple[str, ...]
    ttl_us: int | None
    certificate: bool


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that is to be made; see `StoredSession`."""

    agent: str
    on_behalf_of: str
    verbs: tuple[str, ...]
    bundles: tuple[str, ...]
    ceilings: str
    bound_address: str
    ttl_us: int


class Issuer:
    """Keeps the keyring and the allow lists in step with the store."""

    def __init__(self, store: Store, audit: AuditLog, keyring: Keyring, allow_lists: AllowLists) -> None:
        self._store = store
        self._audit = audit
        self._keyring = keyring
        self._allow_lists = allow_lists

    async def create_key(self, tenant: str, new: NewKey, actor: str, reason: str) -> tuple[StoredKey, str]:
        """Makes a key. Returns it, and its secret, which nothing keeps; empty for a certificate."""
        secret, now_us = generate_key(), time_ns() // 1_000
        key = StoredKey(
            key_id=secret.key_id,
            tenant=tenant,
            digest=b"" if new.certificate else secret.digest,
            role=new.role,
            principal=new.principal,
            agents=new.agents,
            groups=new.groups,
            created_us=now_us,
            expires_us=None if new.ttl_us is None else now_us + new.ttl_us,
        )
        change = ObjectChange(f"key/{key.key_id}", "", key_document(key))
        await self._audit.record_with(
            change_records(tenant, _NO_REVISION, [change], actor, reason), partial(self._store.add_key, key)
        )
        self._keyring.add_key(key)
        return key, "" if new.certificate else secret.text

    async def keys(self, tenant: str) -> list[StoredKey]:
        """The tenant's keys, expired and revoked ones too, by creation."""
        return [key for key in await self._read(self._store.keys) if key.tenant == tenant]

    async def create_session(self, maker: Principal, new: NewSession, reason: str) -> tuple[StoredSession, str]:
        """Makes a session. Returns it, and its token, which nothing keeps.

        Raises:
            InvalidInput: what it is to narrow to is not of the form.
            TooManySessions.
        """
        token, now_us = generate_token(), time_ns() // 1_000
        session = StoredSession(
            tenant=maker.tenant,
            session_id=token.key_id,
            digest=token.digest,
            agent=new.agent,
            on_behalf_of=new.on_behalf_of,
            verbs=new.verbs,
            bundles=new.bundles,
            ceilings=new.ceilings,
            bound_address=new.bound_address,
            maker=maker.name,
            maker_key=maker.key_id,
            created_us=now_us,
            expires_us=now_us + new.ttl_us,
        )
        session_principal(session)
        if self._keyring.live_sessions(maker.tenant, new.agent) >= MOST_SESSIONS:
            raise TooManySessions(f"{MOST_SESSIONS} sessions of this agent live already")
        change = ObjectChange(f"session/{session.session_id}", "", session_document(session))
        records = change_records(maker.tenant, _NO_REVISION, [change], maker.name, reason)
        await self._audit.record_with(records, partial(self._store.add_session, session))
        self._keyring.add_session(session)
        (shown,) = await self._within_keys(maker.tenant, [session])
        return shown, token.text

    async def revoke_session(self, session: StoredSession, actor: str, reason: str) -> StoredSession:
        """Ends a session; nothing that was decided in it is reused anywhere, so it ends at once."""
        self._keyring.drop_session(session.session_id)
        change = ObjectChange(f"session/{session.session_id}", session_document(session), "")
        records = change_records(session.tenant, _NO_REVISION, [change], actor, reason)
        await self._audit.record_with(records, partial(self._store.revoke_session, session.tenant, session.session_id))
        return await self.session(session.tenant, session.session_id) or session

    async def session(self, tenant: str, session_id: str) -> StoredSession | None:
        """One session of the tenant, None for an unknown one."""
        session = await self._read(lambda: self._store.session(tenant, session_id))
        return (await self._within_keys(tenant, [session]))[0] if session else None

    async def sessions(self, tenant: str, agent: str | None, before: int | None, limit: int) -> list[StoredSession]:
        """The tenant's sessions, newest first."""
        sessions = await self._read(lambda: self._store.sessions(tenant, agent, before, limit))
        return await self._within_keys(tenant, sessions)

    async def set_allow_list(self, tenant: str, networks: Sequence[str], actor: str, reason: str) -> None:
        """Says from which networks the tenant's credentials may be used; none for any."""
        before, after = json.dumps(self._allow_lists.of(tenant)), json.dumps(list(networks))
        records = change_records(tenant, _NO_REVISION, [ObjectChange("allow_list", before, after)], actor, reason)
        await self._audit.record_with(records, partial(self._store.put_allow_list, tenant, networks))
        self._allow_lists.replace(tenant, networks)

    async def _within_keys(self, tenant: str, sessions: Sequence[StoredSession]) -> list[StoredSession]:
        """The sessions with the ends that they have: none outlasts the key that it was made with."""
        keys = {key.key_id: key for key in await self.keys(tenant)}
        return [
            _within(session, keys[session.maker_key]) if session.maker_key in keys else session for session in sessions
        ]

    async def _read(self, query: Callable[[], T]) -> T:
        return await asyncio.to_thread(query)


def _within(session: StoredSession, key: StoredKey) -> StoredSession:
    revoked_us = min((us for us in (session.revoked_us, key.revoked_us) if us is not None), default=None)
    expires_us = session.expires_us if key.expires_us is None else min(session.expires_us, key.expires_us)
    return replace(session, revoked_us=revoked_us, expires_us=expires_us)


def key_document(key: StoredKey) -> str:
    """A key as records show it: without what could be used."""
    shown = {
        "key_id": key.key_id,
        "role": key.role,
        "principal": key.principal,
        "agents": key.agents,
        "groups": key.groups,
        "expires_us": key.expires_us,
        "certificate": not key.digest,
    }
    return json.dumps(shown)


def session_document(session: StoredSession) -> str:
    """A session as records show it, likewise."""
    shown = {
        "session_id": session.session_id,
        "agent": session.agent,
        "on_behalf_of": session.on_behalf_of,
        "verbs": session.verbs,
        "bundles": session.bundles,
        "ceilings": json.loads(session.ceilings) if session.ceilings else [],
        "bound_address": session.bound_address,
        "maker": session.maker,
        "maker_key": session.maker_key,
        "expires_us": session.expires_us,
    }
    return json.dumps(shown)
