"""API keys and the ring that verifies them."""

import pytest

from gatehold.serving import Refusal
from pdp.identity import ApiKey, CredentialInvalid, KeyFormatError, Keyring, Principal, Role, generate_key
from pdp.store.model import StoredKey
from pdp.transport.authentication import Authenticator


def stored(key: ApiKey, role: str = "sidecar", **fields: object) -> StoredKey:
    values = {"tenant": "t", "principal": "box", "agents": ("dev",), "groups": (), "created_us": 0} | fields
    return StoredKey(key_id=key.key_id, digest=key.digest, role=role, **values)


def ring(*keys: StoredKey, now: int = 1_000) -> Keyring:
    keyring = Keyring(lambda: now)
    keyring.replace(keys)
    return keyring


def test_a_key_has_the_published_form_and_reads_back() -> None:
    key = generate_key()
    assert ApiKey.parse(key.text) == key
    assert key.text.startswith(f"gh_{key.key_id}_") and len(key.text) == 3 + 16 + 1 + 43
    assert generate_key().text != key.text


@pytest.mark.parametrize("change", [str.upper, lambda t: t[:-1], lambda t: t + "A", lambda t: t + "\n", lambda t: ""])
def test_what_is_not_a_key_is_refused_without_repeating_it(change) -> None:
    text = change(generate_key().text)
    with pytest.raises(KeyFormatError) as error:
        ApiKey.parse(text)
    assert not text or text.strip() not in str(error.value)


def test_a_secret_is_in_no_repr() -> None:
    key = generate_key()
    secret = key.text.rsplit("_", 1)[-1] if key.text.count("_") == 2 else key.text[20:]
    assert secret not in repr(key)
    assert secret not in repr(ring(stored(key)).__dict__["_keys"])


def test_a_valid_key_stands_for_its_principal() -> None:
    key = generate_key()
    principal = ring(stored(key)).authenticate(f"Bearer {key.text}")
    assert principal == Principal("t", Role.SIDECAR, "box", key.key_id, frozenset({"dev"}))
    assert ring(stored(key)).authenticate(f"bearer {key.text}") == principal


def test_the_right_id_with_another_secret_is_refused() -> None:
    key, other = generate_key(), generate_key()
    forged = f"gh_{key.key_id}_{other.text[20:]}"
    with pytest.raises(CredentialInvalid):
        ring(stored(key)).authenticate(f"Bearer {forged}")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer  {key}", "Bearer {key} "])
def test_a_malformed_header_is_refused(header: str) -> None:
    key = generate_key()
    with pytest.raises(CredentialInvalid):
        ring(stored(key)).authenticate(header.format(key=key.text))


def test_a_revoked_key_is_refused_even_when_it_was_verified_before() -> None:
    key = generate_key()
    keyring = ring(stored(key))
    keyring.authenticate(f"Bearer {key.text}")
    keyring.replace([stored(key, revoked_us=5)])
    with pytest.raises(CredentialInvalid):
        keyring.authenticate(f"Bearer {key.text}")


def test_an_expired_key_is_refused_even_when_it_was_verified_before() -> None:
    key = generate_key()
    now = [999]
    keyring = Keyring(lambda: now[0])
    keyring.replace([stored(key, expires_us=1_000)])
    keyring.authenticate(f"Bearer {key.text}")
    now[0] = 1_000
    with pytest.raises(CredentialInvalid):
        keyring.authenticate(f"Bearer {key.text}")


def test_the_memory_of_verified_keys_is_bounded() -> None:
    keys = [generate_key() for _ in range(1_030)]
    keyring = ring(*map(stored, keys))
    for key in keys:
        keyring.authenticate(f"Bearer {key.text}")
    assert len(keyring.__dict__["_verified"]) <= 1_024


def test_a_role_of_a_later_release_does_not_load() -> None:
    with pytest.raises(ValueError, match="emperor"):
        ring(stored(generate_key(), role="emperor"))


@pytest.mark.parametrize(
    ("role", "name", "agents", "agent", "may"),
    [
        (Role.AGENT, "dev", (), "dev", True),
        (Role.AGENT, "dev", ("other",), "other", False),
        (Role.SIDECAR, "box", ("dev",), "dev", True),
        (Role.SIDECAR, "box", ("dev",), "other", False),
        (Role.SIDECAR, "box", ("*",), "other", True),
        (Role.SIDECAR, "dev", (), "dev", False),
        (Role.ADMIN, "dev", ("*",), "dev", False),
    ],
)
def test_who_speaks_for_whom(role: Role, name: str, agents: tuple[str, ...], agent: str, may: bool) -> None:
    assert Principal("t", role, name, "k", frozenset(agents)).speaks_for(agent) is may


class Metadata:
    """The one part of a call that authentication reads."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self.pairs

    def peer(self) -> str:
        return "ipv4:127.0.0.1:50000"

    def auth_context(self) -> dict[str, tuple[bytes, ...]]:
        return {}


def test_two_credentials_are_none() -> None:
    key = generate_key()
    header = ("authorization", f"Bearer {key.text}")
    authenticator = Authenticator(ring(stored(key)))
    assert authenticator.principal(Metadata(header), Role.SIDECAR).name == "box"
    for metadata in [Metadata(header, header), Metadata()]:
        with pytest.raises(Refusal) as refusal:
            authenticator.principal(metadata, Role.SIDECAR)
        assert refusal.value.code.name == "UNAUTHENTICATED"
        assert key.text not in str(refusal.value)
