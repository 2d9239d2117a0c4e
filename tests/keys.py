"""Keys that a test needs beside those that a first start leaves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time_ns

from pdp.identity import Role, generate_key, seed_first_keys
from pdp.longest_lease import remember_longest, served_before
from pdp.settings import TENANT
from pdp.store.interface import StoredKey
from pdp.store.opening import open_store


def add_keys(
    folder: Path, role: Role, holders: Mapping[str, Sequence[str]], agents: Sequence[str] = (), tenant: str = TENANT
) -> None:
    """Puts a key for each holder, with its groups, into a data directory that no decision point has open.

    The first start's own keys are made too. Each key is in `keys/HOLDER.key`.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if not served_before(folder):
        remember_longest(folder, 1)  # else the first start would wait for leases of whoever made the keys
    store = open_store(f"sqlite:///{folder}/gatehold.db")
    try:
        seed_first_keys(store, folder / "keys", TENANT)
        for holder, groups in holders.items():
            key = generate_key()
            (folder / "keys" / f"{holder}.key").write_text(f"{key.text}\n")
            (folder / "keys" / f"{holder}.key").chmod(0o600)
            store.add_key(
                StoredKey(
                    key_id=key.key_id,
                    tenant=tenant,
                    digest=key.digest,
                    role=role,
                    principal=holder,
                    agents=tuple(agents),
                    groups=tuple(groups),
                    created_us=time_ns() // 1_000,
                )
            )
    finally:
        store.close()
