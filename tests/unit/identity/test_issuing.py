"""Credentials are made with a record, and end with one."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from pdp.audit.log import AuditLog
from pdp.identity import ApiKey, CredentialInvalid, Keyring, Principal, Role, issuing
from pdp.identity.addresses import AllowLists
from pdp.identity.errors import TooManySessions
from pdp.identity.issuing import Issuer, NewKey, NewSession
from pdp.store.interface import Store
from pdp.store.model import NewRevision, RecordFilter
from pdp.store.opening import open_store

HOUR = 3_600_000_000
AGENT = NewKey(Role.AGENT, "dev", (), (), None, certificate=False)
CEILING = '[{"field": "args.amount", "operator": "less", "value": 5}]'
SESSION = NewSession("dev", "ann", ("stripe:*",), ("cards",), CEILING, "10.0.0.1", HOUR)


class Desk:
    """An issuer with all it needs."""

    def __init__(self, store: Store, audit: AuditLog) -> None:
        self.store, self.keyring, self.allow_lists = store, Keyring(), AllowLists({})
        self.issuer = Issuer(store, audit, self.keyring, self.allow_lists)

    async def maker(self) -> Principal:
        _, secret = await self.issuer.create_key("acme", AGENT, "root", "first")
        return self.keyring.authenticate(f"Bearer {secret}")

    def changes(self) -> list[Any]:
        """What the record says was changed, oldest first."""
        stored = self.store.records("acme", RecordFilter(), None, 100)
        return [AuditRecord.FromString(one.entry.body).change for one in reversed(stored)]

    def admits(self, secret: str) -> bool:
        try:
            return bool(self.keyring.authenticate(f"Bearer {secret}"))
        except CredentialInvalid:
            return False


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/gatehold.db")
    for tenant in ("acme", "globex"):
        opened.create_tenant(tenant, policies="[]", catalog="[]", agents="[]")
    yield opened
    opened.close()


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    audit = AuditLog(store)
    await audit.start()
    yield Desk(store, audit)
    await audit.close()


async def test_a_key_is_valid_at_once_stored_as_a_digest_and_on_the_record(desk: Desk) -> None:
    key, secret = await desk.issuer.create_key("acme", replace(AGENT, ttl_us=HOUR), "root", "for billing")
    assert desk.admits(secret) and ApiKey.parse(secret).digest == key.digest
    assert key.expires_us == key.created_us + HOUR
    (change,) = desk.changes()
    assert (change.object, change.old_json, change.actor, change.reason) == (
        f"key/{key.key_id}",
        "",
        "root",
        "for billing",
    )
    assert json.loads(change.new_json)["principal"] == "dev"
    assert secret not in change.new_json and key.digest.hex() not in change.new_json
    assert [one.key_id for one in await desk.issuer.keys("acme")] == [key.key_id]
    assert await desk.issuer.keys("globex") == []


async def test_a_key_that_is_made_leaves_one_dropped_meanwhile_dropped(desk: Desk) -> None:
    dropped, secret = await desk.issuer.create_key("acme", AGENT, "root", "")
    desk.keyring.drop_key(dropped.key_id)  # its revocation is still on the way to the store
    await desk.issuer.create_key("acme", AGENT, "root", "")
    assert not desk.admits(secret)


async def test_a_certificate_has_no_secret(desk: Desk) -> None:
    new = NewKey(Role.SIDECAR, "box", ("dev",), (), None, certificate=True)
    key, secret = await desk.issuer.create_key("acme", new, "root", "")
    assert (secret, key.digest) == ("", b"")
    assert desk.keyring.certified("acme", "box").key_id == key.key_id
    with pytest.raises(CredentialInvalid):
        desk.keyring.certified("globex", "box")


async def test_a_session_is_valid_at_once_and_after_a_restart(desk: Desk) -> None:
    maker = await desk.maker()
    session, token = await desk.issuer.create_session(maker, SESSION, "for the run")
    principal = desk.keyring.authenticate(f"Bearer {token}")
    assert (principal.name, principal.bound_address, principal.session and principal.session.session_id) == (
        "dev",
        "10.0.0.1",
        session.session_id,
    )
    assert session.expires_us == session.created_us + HOUR
    change = desk.changes()[-1]
    assert (change.object, change.actor, change.reason) == (f"session/{session.session_id}", "dev", "for the run")
    shown = json.loads(change.new_json)
    assert (shown["maker_key"], shown["ceilings"], shown["on_behalf_of"]) == (maker.key_id, json.loads(CEILING), "ann")
    assert token not in change.new_json and session.digest.hex() not in change.new_json
    again = Keyring()
    again.replace(desk.store.keys())
    for stored in desk.store.live_sessions():
        again.add_session(stored)
    assert again.authenticate(f"Bearer {token}") == principal


async def test_a_revoked_session_is_over_at_once_and_after_a_restart(desk: Desk) -> None:
    session, token = await desk.issuer.create_session(await desk.maker(), SESSION, "")
    revoked = await desk.issuer.revoke_session(session, "root", "seen enough")
    assert not desk.admits(token) and revoked.revoked_us is not None
    assert desk.store.live_sessions() == []
    change = desk.changes()[-1]
    assert (bool(change.old_json), change.new_json, change.actor, change.reason) == (True, "", "root", "seen enough")
    assert await desk.issuer.session("globex", session.session_id) is None


async def test_a_session_that_is_not_of_the_form_is_neither_made_nor_recorded(desk: Desk) -> None:
    maker = await desk.maker()
    with pytest.raises(InvalidInput):
        await desk.issuer.create_session(maker, replace(SESSION, ceilings="[]"), "")
    assert len(desk.changes()) == 1 and desk.store.live_sessions() == []


async def test_only_so_many_sessions_of_an_agent_live_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "MOST_SESSIONS", 2)
    maker = await desk.maker()
    first, _ = await desk.issuer.create_session(maker, SESSION, "")
    await desk.issuer.create_session(maker, SESSION, "")
    with pytest.raises(TooManySessions):
        await desk.issuer.create_session(maker, SESSION, "")
    await desk.issuer.create_session(maker, replace(SESSION, agent="other"), "")
    await desk.issuer.revoke_session(first, "root", "")
    await desk.issuer.create_session(maker, SESSION, "")


async def test_the_allow_list_is_in_force_stored_and_on_the_record(desk: Desk) -> None:
    await desk.issuer.set_allow_list("acme", ["10.0.0.0/8"], "root", "office only")
    assert desk.allow_lists.of("acme") == ("10.0.0.0/8",) and desk.allow_lists.of("globex") == ()
    assert desk.store.allow_lists() == {"acme": ("10.0.0.0/8",)}
    await desk.issuer.set_allow_list("acme", [], "root", "")
    assert desk.store.allow_lists() == {}
    told = [(change.object, change.old_json, change.new_json) for change in desk.changes()]
    assert told == [("allow_list", "[]", '["10.0.0.0/8"]'), ("allow_list", '["10.0.0.0/8"]', "[]")]


async def test_a_session_is_shown_to_end_with_its_key(desk: Desk) -> None:
    _, secret = await desk.issuer.create_key("acme", replace(AGENT, ttl_us=HOUR // 2), "root", "")
    maker = desk.keyring.authenticate(f"Bearer {secret}")
    session, _ = await desk.issuer.create_session(maker, SESSION, "")
    (key,) = await desk.issuer.keys("acme")
    assert session.expires_us == key.expires_us
    (listed,) = await desk.issuer.sessions("acme", None, None, 10)
    assert listed == replace(session, position=listed.position) and listed.revoked_us is None
    desk.store.prepare(NewRevision("acme", "", "", "[]", "[]", "[]", "root", "", (), revokes=key.key_id), None)
    (listed,) = await desk.issuer.sessions("acme", None, None, 10)
    assert listed.revoked_us is not None
