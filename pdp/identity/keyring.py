"""The keys that are valid now, in memory."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import time_ns

from pdp.identity.apikey import ApiKey, KeyFormatError
from pdp.identity.principal import Principal, Role
from pdp.store.model import StoredKey

_SCHEME = "bearer "  # RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1)
_REMEMBERED = 1_024


class CredentialInvalid(Exception):
    """No valid credential. It does not say which part was wrong, so that nobody can search for key ids."""

    def __init__(self) -> None:
        super().__init__("no valid API key; send metadata `authorization: Bearer gh_…`")


@dataclass(frozen=True, slots=True)
class _Held:
    digest: bytes
    principal: Principal
    expires_us: int | None


class Keyring:
    """Verifies credentials without a look at the store.

    Args:
        now_us: the wall clock, in microseconds since 1970-01-01 UTC.
    """

    def __init__(self, now_us: Callable[[], int] = lambda: time_ns() // 1_000) -> None:
        self._now_us = now_us
        self._keys: dict[str, _Held] = {}
        # Verified before, by the whole header: a hit spares parsing and hashing. Emptied with every change of keys.
        self._verified: dict[str, _Held] = {}

    def replace(self, keys: Iterable[StoredKey]) -> None:
        """From now on exactly these are valid, those that are revoked left out.

        Raises:
            ValueError: a key has a role that this release does not know.
        """
        self._keys = {key.key_id: _held(key) for key in keys if key.revoked_us is None}
        self._verified = {}

    def authenticate(self, authorization: str) -> Principal:
        """Returns whom the value of an `authorization` header stands for.

        Raises:
            CredentialInvalid: the key is malformed, unknown, revoked or expired.
        """
        held = self._verified.get(authorization) or self._verify(authorization)
        if held.expires_us is not None and self._now_us() >= held.expires_us:
            raise CredentialInvalid
        return held.principal

    def _verify(self, authorization: str) -> _Held:
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise CredentialInvalid
        try:
            key = ApiKey.parse(authorization[len(_SCHEME) :])
        except KeyFormatError:
            raise CredentialInvalid from None
        held = self._keys.get(key.key_id)
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
