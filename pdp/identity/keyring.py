"""The keys that are valid now, in memory."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import time_ns

from pdp.identity.apikey import ApiKey, KeyFormatError
from pdp.identity.principal import Principal

_SCHEME = "bearer "
_REMEMBERED = 1_024


class CredentialInvalid(Exception):
    """No valid credential. It does not say which part was wrong, so that nobody can search for key ids."""

    def __init__(self) -> None:
        super().__init__("no valid API key; send metadata `authorization: Bearer gh_…`")


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key as the ring knows it.

    Attributes:
        hash: SHA-256 of the whole key.
        principal: whom it stands for.
        expire_time_us: microseconds since the epoch, UTC, from which it is invalid; None means it does not expire.
    """

    hash: bytes
    principal: Principal
    expire_time_us: int | None = None

    def expired(self, now_us: int) -> bool:
        """Whether its time is over."""
        return self.expire_time_us is not None and now_us >= self.expire_time_us


class Keyring:
    """Verifies credentials without a look at the store.

    Args:
        now_us: the wall clock, in microseconds since the epoch.
    """

    def __init__(self, now_us: Callable[[], int] = lambda: time_ns() // 1_000) -> None:
        self._now_us = now_us
        self._keys: dict[str, HeldKey] = {}
        # Verified before, by the whole header: a hit spares parsing and hashing. Emptied with every change of keys.
        self._verified: dict[str, HeldKey] = {}

    def replace(self, keys: Iterable[HeldKey]) -> None:
        """From now on exactly these are valid. A revoked key must not be among them."""
        self._keys = {key.principal.key_id: key for key in keys}
        self._verified = {}

    def authenticate(self, authorization: str) -> Principal:
        """Returns whom the value of an `authorization` header stands for.

        Raises:
            CredentialInvalid: the key is malformed, unknown, revoked or expired.
        """
        held = self._verified.get(authorization) or self._verify(authorization)
        if held.expire_time_us is not None and held.expired(self._now_us()):
            raise CredentialInvalid
        return held.principal

    def _verify(self, authorization: str) -> HeldKey:
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise CredentialInvalid
        try:
            key = ApiKey.parse(authorization[len(_SCHEME) :])
        except KeyFormatError:
            raise CredentialInvalid from None
        held = self._keys.get(key.key_id)
        if held is None or not hmac.compare_digest(held.hash, key.hash):
            raise CredentialInvalid
        if len(self._verified) >= _REMEMBERED:
            self._verified = {}
        self._verified[authorization] = held
        return held
