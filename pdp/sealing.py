"""Encryption at rest of what must be kept and must not be read: frozen arguments, signing secrets.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each text. What a text belongs to is authenticated with it, so
that a row's ciphertext is of no use in another row.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gatehold.invalid import InvalidInput

_KEY_BYTES = 32
_NONCE_BYTES = 12
_NAME_BYTES = 8


class CannotOpen(Exception):
    """The text was sealed with a key that is not there any more, or belongs to something else."""


class Sealer:
    """Seals with the first key and opens with any of them.

    Args:
        keys: 32 bytes each, at least one.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {hashlib.sha256(key).digest()[:_NAME_BYTES]: AESGCM(key) for key in keys}
        self._name = next(iter(self._ciphers))

    def seal(self, text: bytes, *belongs_to: str) -> bytes:
        """The text encrypted, readable only with the same `belongs_to`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._name + nonce + self._ciphers[self._name].encrypt(nonce, text, _associated(belongs_to))

    def open(self, sealed: bytes, *belongs_to: str) -> bytes:
        """The text. Raises CannotOpen."""
        name, nonce = sealed[:_NAME_BYTES], sealed[_NAME_BYTES : _NAME_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CannotOpen("the key that it was sealed with is not in the sealing key file")
        try:
            return cipher.decrypt(nonce, sealed[_NAME_BYTES + _NONCE_BYTES :], _associated(belongs_to))
        except (InvalidTag, ValueError):
            raise CannotOpen("it was changed, or belongs to something else") from None


def open_key_file(path: Path) -> Sealer:
    """Reads sealing keys, one in base64 on each line: the first seals, all open. A file that is not there is made.

    Raises:
        InvalidInput: other users can read the file, or it holds no keys.
        OSError: it can not be read or made.
    """
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InvalidInput("sealing_key_file", f"other users can read {path}; run: chmod 600 {path}")
    try:
        keys = [base64.b64decode(line, validate=True) for line in path.read_text(encoding="ascii").split()]
    except (binascii.Error, UnicodeDecodeError):
        keys = []
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise InvalidInput("sealing_key_file", f"{path} must hold {_KEY_BYTES} bytes in base64 on each line")
    return Sealer(keys)


def _make(path: Path) -> None:
    """The name appears only once its content is on the disk, and never in the place of another file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another start made it first
    finally:
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)  # else a power failure could take the key, and with it all that was sealed since
    finally:
        os.close(directory)


def _associated(belongs_to: Sequence[str]) -> bytes:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    parts = [part.encode() for part in belongs_to]
    return b"".join(len(part).to_bytes(4) + part for part in parts)
