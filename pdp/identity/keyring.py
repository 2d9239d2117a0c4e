"""The credentials that are valid now, in memory."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import time_ns

from pdp.identity.apikey import ApiKey, KeyFormatError
from pdp.identity.principal import Principal, Role
from pdp.identity.sessions import session_principal
from pdp.store.model import StoredKey, StoredSession

_SCHEME = "bearer "  # RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1)
_REMEMBERED = 1_024


class CredentialInvalid(Exception):
    """No valid credential. It does not say which part was wrong, so that nobody can search for key ids."""

    def __init__(self) -> None:
        super().__init__(
            "no valid credential; send metadata `authorization: Bearer` and a key, gh_…, or a session's token, ghs_…"
        )


@dataclass(frozen=True, slots=True)
class _Held:
    digest: bytes
    principal: Principal
    expires_us: int | None
    maker_key: str = ""  # of a session: the key that has to be valid too


class Keyring:
    """Verifies credentials without a look at the store.

    Args:
        now_us: the wall clock, in microseconds since 1970-01-01 UTC.
    """

    def __init__(self, now_us: Callable[[], int] = lambda: time_ns() // 1_000) -> None:
        self._now_us = now_us
        self._keys: dict[str, _Held] = {}
        self._sessions: dict[str, _Held] = {}
        self._certificates: dict[tuple[str, str], _Held] = {}
        # Verified before, by the whole header: a hit spares parsing and hashing. Emptied with every change.
        self._verified: dict[str, _Held] = {}

    def replace(self, keys: Iterable[StoredKey]) -> None:
        """From now on exactly these keys are valid, those that are revoked left out.

        Raises:
            ValueError: a key has a role that this release does not know.
        """
        valid = [key for key in keys if key.revoked_us is None]
        self._keys = {key.key_id: _held(key) for key in valid if key.digest}
        self._certificates = {(key.tenant, key.principal): _held(key) for key in valid if not key.digest}
        self._verified = {}

    def add_key(self, key: StoredKey) -> None:
        """From now on it is valid too."""
        if key.digest:
            self._keys[key.key_id] = _held(key)
        else:
            self._certificates[key.tenant, key.principal] = _held(key)

    def add_session(self, session: StoredSession) -> None:
        """From now on its token is valid, for as long as the key is that it was made with.

        Raises:
            ValueError: what it narrows to does not load in this release.
        """
        principal = session_principal(session)
        self._sessions[session.session_id] = _Held(session.digest, principal, session.expires_us, session.maker_key)

    def drop_session(self, session_id: str) -> None:
        """Its token is valid no more."""
        self._sessions.pop(session_id, None)
        self._verified = {}

    def drop_key(self, key_id: str) -> None:
        """That key is valid no more."""
        self._keys.pop(key_id, None)
        self._certificates = {
            name: held for name, held in self._certificates.items() if held.principal.key_id != key_id
        }
        self._verified = {}

    def authenticate(self, authorization: str) -> Principal:
        """Returns whom the value of an `authorization` header stands for.

        Raises:
            CredentialInvalid: the credential is malformed, unknown, revoked or expired.
        """
        held = self._verified.get(authorization) or self._verify(authorization)
        return self._unexpired(held)

    def certified(self, tenant: str, sidecar: str) -> Principal:
        """Returns the sidecar that a client certificate names.

        Raises:
            CredentialInvalid: nobody registered a certificate for it, or it is revoked or expired.
        """
        held = self._certificates.get((tenant, sidecar))
        if held is None:
            raise CredentialInvalid
        return self._unexpired(held)

    def is_last_administrator(self, tenant: str, key_id: str) -> bool:
        """Whether no other administrator of the tenant has a key that does not expire."""
        lasting = {
            one
            for one, held in self._keys.items()
            if held.principal.tenant == tenant and held.principal.role is Role.ADMIN and held.expires_us is None
        }
        return lasting == {key_id}

    def live_sessions(self, tenant: str, agent: str) -> int:
        """How many sessions the agent has that are not over; those that are, are forgotten."""
        over = [one for one, held in self._sessions.items() if self._is_over(held)]
        for session_id in over:
            self.drop_session(session_id)
        owners = [(held.principal.tenant, held.principal.name) for held in self._sessions.values()]
        return owners.count((tenant, agent))

    def _unexpired(self, held: _Held) -> Principal:
        if self._is_over(held):
            raise CredentialInvalid
        return held.principal

    def _is_over(self, held: _Held) -> bool:
        if held.expires_us is not None and self._now_us() >= held.expires_us:
            return True
        if held.principal.session is None:
            return False
        maker = self._keys.get(held.maker_key)
        return maker is None or self._is_over(maker)

    def _verify(self, authorization: str) -> _Held:
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise CredentialInvalid
        try:
            key = ApiKey.parse(authorization[len(_SCHEME) :])
        except KeyFormatError:
            raise CredentialInvalid from None
        held = (self._sessions if key.is_session else self._keys).get(key.key_id)
        if held is None or not hmac.compare_digest(held.digest, key.digest):
            raise CredentialInvalid
        if len(self._verified) >= _REMEMBERED:
            self._verified = {}
        self._verified[authorization] = held
        return held


def _held(key: StoredKey) -> _Held:
    principal = Principal(
        tenant=key.tenant,
        role=Role(key.role),
        name=key.principal,
        key_id=key.key_id,
        agents=frozenset(key.agents),
        groups=frozenset(key.groups),
    )
    return _Held(key.digest, principal, key.expires_us)
