"""API keys."""

from dataclasses import replace

import pytest

from pdp.store.interface import KeyExists, Store, StoredKey
from pdp.store.opening import open_store

KEY = StoredKey(
    key_id="0123456789abcdef",
    tenant="acme",
    digest=bytes(range(32)),
    role="sidecar",
    principal="beside-dev",
    agents=("dev", "ops"),
    groups=(),
    created_us=1,
)


def test_a_key_is_kept_whole(url: str, store: Store) -> None:
    revoked = replace(
        KEY, key_id="f" * 16, tenant="globex", groups=("finance",), created_us=2, expires_us=5, revoked_us=3
    )
    store.add_key(revoked)
    store.add_key(KEY)
    store.close()
    again = open_store(url)
    assert again.keys() == [KEY, revoked]
    again.close()


def test_an_id_stands_for_one_key_over_all_tenants(store: Store) -> None:
    store.add_key(KEY)
    with pytest.raises(KeyExists):
        store.add_key(replace(KEY, tenant="globex"))
    assert store.keys() == [KEY]
