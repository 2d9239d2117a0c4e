"""What a session narrows to, read strictly; and how long its token is valid."""

import dataclasses
import json
from typing import Any

import pytest

from gatehold.invalid import InvalidInput
from pdp.identity import CredentialInvalid, Keyring, Role, generate_key, generate_token
from pdp.identity.sessions import scope
from pdp.store.model import StoredKey, StoredSession

TOKEN, KEY = generate_token(), generate_key()
CEILING = {"field": "args.amount", "operator": "less_or_equal", "value": 50}


def session(**fields: Any) -> StoredSession:
    """One of agent `dev`, made with `KEY`, that ends at 1,000."""
    known: dict[str, Any] = {
        "tenant": "t",
        "session_id": TOKEN.key_id,
        "digest": TOKEN.digest,
        "agent": "dev",
        "on_behalf_of": "",
        "verbs": (),
        "bundles": (),
        "ceilings": "",
        "bound_address": "",
        "maker": "dev",
        "maker_key": KEY.key_id,
        "created_us": 0,
        "expires_us": 1_000,
    }
    return StoredSession(**known | fields)


def key(**fields: Any) -> StoredKey:
    known = {"tenant": "t", "role": "agent", "principal": "dev", "agents": (), "groups": (), "created_us": 0}
    return StoredKey(key_id=KEY.key_id, digest=KEY.digest, **known | fields)


class Ring(Keyring):
    def __init__(self) -> None:
        self.now = 0
        super().__init__(lambda: self.now)
        self.add_key(key())

    def admits(self) -> bool:
        try:
            return self.authenticate(f"Bearer {TOKEN.text}").session is not None
        except CredentialInvalid:
            return False


@pytest.fixture
def ring() -> Ring:
    ring = Ring()
    ring.add_session(session())
    assert ring.admits()  # so it is remembered as verified, which must not outlive it
    return ring


def test_a_token_stands_for_its_agent_and_nothing_else(ring: Ring) -> None:
    principal = ring.authenticate(f"Bearer {TOKEN.text}")
    assert (principal.tenant, principal.role, principal.name) == ("t", Role.AGENT, "dev")
    assert principal.key_id == TOKEN.key_id and principal.session is not None
    assert not principal.speaks_for("other")


def test_a_token_is_no_key_and_a_key_no_token(ring: Ring) -> None:
    forged = TOKEN.text.replace("ghs_", "gh_", 1), KEY.text.replace("gh_", "ghs_", 1)
    for text in forged:
        with pytest.raises(CredentialInvalid):
            ring.authenticate(f"Bearer {text}")


def test_it_ends_by_its_time(ring: Ring) -> None:
    ring.now = 999
    assert ring.admits()
    ring.now = 1_000
    assert not ring.admits()


def test_it_ends_when_it_is_revoked(ring: Ring) -> None:
    ring.drop_session(TOKEN.key_id)
    assert not ring.admits()


def test_it_ends_with_the_key_that_it_was_made_with(ring: Ring) -> None:
    ring.drop_key(KEY.key_id)
    assert not ring.admits()
    ring.replace([key(revoked_us=5)])
    assert not ring.admits()
    ring.replace([key(expires_us=500)])
    assert ring.admits()
    ring.now = 500
    assert not ring.admits()


def test_one_whose_key_nobody_knows_is_valid_for_nothing() -> None:
    ring = Ring()
    ring.add_session(session(maker_key=""))
    assert not ring.admits()


def test_those_that_are_over_do_not_count(ring: Ring) -> None:
    other = generate_token()
    ring.add_session(session(session_id=other.key_id, digest=other.digest, expires_us=2_000))
    assert (ring.live_sessions("t", "dev"), ring.live_sessions("u", "dev"), ring.live_sessions("t", "x")) == (2, 0, 0)
    ring.now = 1_500
    assert ring.live_sessions("t", "dev") == 1
    ring.drop_key(KEY.key_id)
    assert ring.live_sessions("t", "dev") == 0


def test_a_secret_is_in_no_repr(ring: Ring) -> None:
    assert TOKEN.text not in repr(ring.__dict__["_sessions"]) and repr(TOKEN.digest) not in repr(session())


def test_what_it_narrows_to_is_read_whole() -> None:
    made = scope("s1", "ann", ["stripe:*"], ["cards"], json.dumps([CEILING]))
    assert (made.session_id, made.on_behalf_of, made.bundles) == ("s1", "ann", frozenset({"cards"}))
    assert (made.verbs, len(made.ceilings)) == ((("stripe", "*"),), 1)
    assert scope("s1", "", [], [], "").ceilings == ()


@pytest.mark.parametrize(
    ("ceilings", "field"),
    [
        ("[", "session.ceilings_json"),
        ("[]", "session.ceilings_json"),
        ("{}", "session.ceilings_json"),
        ('[{"field": "args.a", "field": "args.b"}]', "session.ceilings_json[0].field"),
        ("[1]", "session.ceilings_json[0]"),
        (json.dumps([CEILING, {**CEILING, "operator": "below"}]), "session.ceilings_json[1]"),
        (json.dumps([{**CEILING, "value": "50"}]), "session.ceilings_json[0]"),
        (json.dumps([{**CEILING, "unless": 1}]), "session.ceilings_json[0].unless"),
        (json.dumps([{"cel": "args.amount < 50"}]), "session.ceilings_json"),
        (json.dumps([{"not": {"all": [{"cel": "true"}]}}]), "session.ceilings_json"),
        (json.dumps([CEILING] * 33), "session.ceilings_json"),
    ],
)
def test_a_ceiling_that_is_not_of_the_form_is_refused(ceilings: str, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        scope("s1", "", [], [], ceilings)
    assert error.value.field == field and "Value error" not in str(error.value)


@pytest.mark.parametrize("verb", ["", "stripe", "stripe:", "Stripe:x", "stripe:[a]", "stripe:a:b", "sтripe:x"])
def test_a_verb_that_is_none_is_refused(verb: str) -> None:
    with pytest.raises(InvalidInput) as error:
        scope("s1", "", ["stripe:*", verb], [], "")
    assert error.value.field == "session.verbs[1]"


def test_a_scope_of_a_later_release_does_not_load(ring: Ring) -> None:
    with pytest.raises(ValueError, match="ceilings"):
        ring.add_session(dataclasses.replace(session(), ceilings='[{"moon": "full"}]'))
