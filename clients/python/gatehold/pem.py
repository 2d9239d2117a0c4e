"""PEM files (RFC 7468) that TLS is set up with."""

import os
from pathlib import Path

from gatehold.invalid import InvalidInput


def read_certificates(path: Path, field: str) -> bytes:
    """Returns the content of a file with certificates. Raises InvalidInput on `field`, the setting that names it."""
    return _read(path, field, b"CERTIFICATE-----", "certificate")


def read_key(path: Path, field: str) -> bytes:
    """Returns the content of a file with a private key. Raises InvalidInput on `field`, also when others can read."""
    content = _read(path, field, b"PRIVATE KEY-----", "private key")
    if path.stat().st_mode & 0o077:
        raise InvalidInput(field, f"others can read {path}; run: chmod 600 {path}")
    return content


def _read(path: Path, field: str, mark: bytes, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(field, f"{path} cannot be read: {os.strerror(error.errno or 0)}") from None
    if mark not in content:
        raise InvalidInput(field, f"{path} holds no PEM {what}")
    return content
