"""Every implementation of the store passes this one suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pdp.store.interface import Store
from pdp.store.opening import open_store


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that does not exist yet."""
    return {"sqlite": f"sqlite:///{tmp_path}/gatehold.db"}[request.param]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store with the tenants `acme` and `globex`."""
    opened = open_store(url)
    for tenant in ("acme", "globex"):
        opened.create_tenant(tenant, policies="[]", catalog="[]", agents="[]")
    yield opened
    opened.close()
