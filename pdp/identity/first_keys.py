"""The keys that a first start leaves in a directory, so that one flag configures everything on one machine."""

import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from time import time_ns

from pdp.identity.apikey import ApiKey, KeyFormatError, generate_key
from pdp.identity.principal import ANY_AGENT, Role
from pdp.store.interface import KeyStore, StoredKey

FIRST_AGENT = "dev"
"""The agent that `agent.key` stands for."""

NO_TENANT = ""
"""The tenant of a platform administrator, who sees into none."""

_FIRST_KEYS = {
    "administrator": (Role.ADMIN, "administrator", ()),
    "approver": (Role.APPROVER, "approver", ()),
    "auditor": (Role.AUDITOR, "auditor", ()),
    "sidecar": (Role.SIDECAR, "sidecar", (ANY_AGENT,)),
    "agent": (Role.AGENT, FIRST_AGENT, ()),
    "platform": (Role.PLATFORM_ADMIN, "platform", ()),
}


class KeyFileError(Exception):
    """A key file or its directory can not be used. Says what to do; never carries a key."""


def seed_first_keys(store: KeyStore, directory: Path, tenant: str) -> None:
    """Writes the first keys to `directory`, one file each, and stores them.

    Files come first and are never overwritten: a start that dies in between is finished by the next one, which stores
    what it finds written. Once the store holds a key, nothing is generated any more, so a key file that somebody
    removed stays removed.

    Args:
        directory: made with mode 0700 where it does not exist; the files get 0600.

    Raises:
        KeyFileError: the directory is open to other users, or a file holds no key.
        OSError: the directory can not be written.
    """
    stored = store.keys()
    known = {key.key_id for key in stored}
    if not stored:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_private(directory)
        for name in _FIRST_KEYS:
            _write_new(directory / f"{name}.key", generate_key())
    for name, key in _written(directory):
        if key.key_id not in known:
            role, principal, agents = _FIRST_KEYS[name]
            store.add_key(
                StoredKey(
                    key_id=key.key_id,
                    tenant=NO_TENANT if role is Role.PLATFORM_ADMIN else tenant,
                    digest=key.digest,
                    role=role,
                    principal=principal,
                    agents=agents,
                    groups=(),
                    created_us=time_ns() // 1_000,
                )
            )


def _written(directory: Path) -> Iterator[tuple[str, ApiKey]]:
    for name in _FIRST_KEYS:
        path = directory / f"{name}.key"
        if not path.exists():
            continue
        _require_private(directory)
        try:
            yield name, ApiKey.parse(path.read_text(encoding="ascii").strip())
        except (KeyFormatError, UnicodeError):
            raise KeyFileError(f"{path}: holds no API key; remove the file, or restore it") from None


def _require_private(directory: Path) -> None:
    if stat.S_IMODE(directory.stat().st_mode) & 0o077:
        raise KeyFileError(f"{directory}: other users can reach the keys in it; run: chmod 700 {directory}")


def _write_new(path: Path, key: ApiKey) -> None:
    """Writes the key unless the file exists. The name appears only once its content is on the disk."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.text}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # unlike a rename, it fails where the name is taken
    finally:
        draft.unlink()
    _sync(path.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
