"""API keys: `gh_<key id>_<secret>`.

The key id is 16 hex digits and not secret; the secret is 32 random bytes in base64url. With 256 bits of entropy a plain
SHA-256 is enough at rest: there is no dictionary to try, so a slow hash would only cost the hot path.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

_KEY = re.compile(r"gh_([0-9a-f]{16})_[A-Za-z0-9_-]{43}", re.ASCII)


class KeyFormatError(ValueError):
    """A text that is not an API key. It never carries the text, which may be a secret with a typing error."""

    def __init__(self) -> None:
        super().__init__("is not an API key: expected gh_, 16 hex digits, _ and 43 characters of base64url")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A whole key.

    Attributes:
        key_id: names it; may be logged.
        text: the secret as its holder sends it; kept out of `repr`.
    """

    key_id: str
    text: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "ApiKey":
        """Reads a key.

        Raises:
            KeyFormatError: the text is not one.
        """
        match = _KEY.fullmatch(text)
        if match is None:
            raise KeyFormatError
        return cls(match[1], text)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole key: all that is stored of it."""
        return hashlib.sha256(self.text.encode()).digest()


def generate_key() -> ApiKey:
    """Makes a key from the operating system's randomness."""
    key_id = secrets.token_hex(8)
    return ApiKey(key_id, f"gh_{key_id}_{secrets.token_urlsafe(32)}")
