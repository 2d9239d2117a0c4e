"""API keys, `gh_<id>_<secret>`, and session tokens, `ghs_<id>_<secret>`.

The id is 16 hex digits and not secret; the secret is 32 random bytes in base64url. With 256 bits of entropy a plain
SHA-256 is enough at rest: there is no dictionary to try, so a slow hash would only cost the hot path.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

_CREDENTIAL = re.compile(r"(gh|ghs)_([0-9a-f]{16})_[A-Za-z0-9_-]{43}", re.ASCII)
_KEY, _SESSION = "gh", "ghs"


class KeyFormatError(ValueError):
    """A text that is no credential. It never carries the text, which may be a secret with a typing error."""

    def __init__(self) -> None:
        super().__init__("is not an API key: expected gh_, 16 hex digits, _ and 43 characters of base64url")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A whole key, or a whole session token.

    Attributes:
        key_id: names it; may be logged.
        text: the secret as its holder sends it; kept out of `repr`.
        is_session: whether it is a session's token.
    """

    key_id: str
    text: str = field(repr=False)
    is_session: bool = False

    @classmethod
    def parse(cls, text: str) -> "ApiKey":
        """Reads a key or token.

        Raises:
            KeyFormatError: the text is neither.
        """
        match = _CREDENTIAL.fullmatch(text)
        if match is None:
            raise KeyFormatError
        return cls(match[2], text, match[1] == _SESSION)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole text: all that is stored of it."""
        return hashlib.sha256(self.text.encode()).digest()


def generate_key() -> ApiKey:
    """Makes a key from the operating system's randomness."""
    return _generated(_KEY)


def generate_token() -> ApiKey:
    """Makes a session's token, likewise."""
    return _generated(_SESSION)


def _generated(kind: str) -> ApiKey:
    key_id = secrets.token_hex(8)
    return ApiKey(key_id, f"{kind}_{key_id}_{secrets.token_urlsafe(32)}", kind == _SESSION)
