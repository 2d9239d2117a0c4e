"""A request that is sent again changes nothing more, and one that is out of date changes nothing at all."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import CreatePolicyRequest, DeletePolicyRequest
from gatehold.vocabulary import RecordKind
from pdp.fleet.changes import Request
from pdp.fleet.edits import replace_policies
from pdp.policy.load import load_policies
from pdp.store.errors import Unavailable
from pdp.store.interface import Store
from pdp.store.model import LogEntry, NewRevision, Prepared, RecordFilter, StoredRecord
from pdp.store.opening import open_store
from tests.integration.change_harness import TENANT, DecisionPoint, decision_point, eventually

BLOCK = "{id: block-all, verbMatchers: [{type: any}], action: block}"
ALLOW = "{id: allow-all, verbMatchers: [{type: any}], action: allow}"


class UnsureStore:
    """A store whose commits take effect and are reported as failed, once for each method that is named."""

    def __init__(self, store: Store, *unsure: str) -> None:
        self._store = store
        self._unsure = set(unsure)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def prepare(self, new: NewRevision, expected_revision: int | None) -> Prepared:
        prepared = self._store.prepare(new, expected_revision)
        self._fail_once("prepare")
        return prepared

    def flip(self, tenant: str, revision: int, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        stored = self._store.flip(tenant, revision, entries)
        self._fail_once("flip")
        return stored

    def _fail_once(self, name: str) -> None:
        if name in self._unsure:
            self._unsure.remove(name)
            raise Unavailable("the outcome of the commit is unknown")


class SlowStore(UnsureStore):
    """A store that is about to prepare a change until it is let go on."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.preparing = threading.Event()
        self.go_on = threading.Event()

    def prepare(self, new: NewRevision, expected_revision: int | None) -> Prepared:
        self.preparing.set()
        self.go_on.wait()
        return super().prepare(new, expected_revision)


def change_records(pdp: DecisionPoint) -> list[AuditRecord]:
    """Oldest first."""
    stored = pdp.store.records(TENANT, RecordFilter(kind=RecordKind.CONFIG_CHANGE), None, 100)
    return [AuditRecord.FromString(one.entry.body) for one in reversed(stored)]


async def status(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value.code(), str(refused.value.details())


async def test_the_same_request_again_returns_the_same_revision(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        first = await pdp.apply(BLOCK, request_id="r1")
        await pdp.apply(ALLOW)
        again = await pdp.apply(BLOCK, request_id="r1")
        assert again == first
        assert pdp.revision() == 3


async def test_a_lost_reply_is_made_up_for_by_the_same_request(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        lost = asyncio.create_task(pdp.apply(BLOCK, request_id="r1"))
        assert await sidecar.invalidated() == 2
        lost.cancel()
        again = asyncio.create_task(pdp.apply(BLOCK, request_id="r1"))
        await sidecar.acknowledge(2)
        assert (await again).revision == 2
        assert pdp.store.head(TENANT).revision == 2


async def test_a_request_id_of_another_request_is_refused(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK, request_id="r1")
        code, message = await status(pdp.apply(ALLOW, request_id="r1"))
        assert code is grpc.StatusCode.ALREADY_EXISTS
        assert "r1" in message
        assert pdp.revision() == 2


async def test_creating_and_deleting_again_is_not_refused(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        document = SourceDocument(name="one.yaml", content=BLOCK)
        create = CreatePolicyRequest(document=document, request_id="create")
        delete = DeletePolicyRequest(id="block-all", request_id="delete")
        for _ in range(2):
            created = await pdp.policies.CreatePolicy(create, metadata=pdp.metadata())
            assert (created.policy.id, created.policy.revision) == ("block-all", 2)
        for _ in range(2):
            assert (await pdp.policies.DeletePolicy(delete, metadata=pdp.metadata())).revision == 3


async def test_a_stale_expectation_is_refused(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK, expected_revision=1)
        code, _ = await status(pdp.apply(ALLOW, expected_revision=1))
        assert code is grpc.StatusCode.ABORTED
        assert pdp.revision() == 2


async def test_a_change_that_changes_nothing_makes_no_revision(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK, ALLOW)
        again = await pdp.apply(ALLOW, BLOCK)
        assert (again.revision, len(again.changes)) == (2, 0)
        assert pdp.store.head(TENANT).revision == 2


async def test_a_request_that_changed_nothing_undoes_nothing_when_it_comes_again(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK)
        unchanged = await pdp.apply(BLOCK, request_id="r1")
        assert (unchanged.revision, len(unchanged.changes)) == (2, 0)
        await pdp.apply(ALLOW)
        assert await pdp.apply(BLOCK, request_id="r1") == unchanged
        assert pdp.revision() == 3
        code, _ = await status(pdp.apply(ALLOW, request_id="r1"))
        assert code is grpc.StatusCode.ALREADY_EXISTS


async def test_validating_tells_the_changes_and_makes_none(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        response = await pdp.apply(BLOCK, validate_only=True)
        assert response.revision == 1
        assert [change.object for change in response.changes] == ["policy/block-all"]
        assert pdp.store.head(TENANT).prepared is None
        assert pdp.revision() == 1


async def test_every_changed_object_is_on_the_record(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK, change_reason="a quiet night")
        await pdp.apply(BLOCK.replace("block}", "off}"), ALLOW)
        first, second, third = change_records(pdp)
        assert (first.change.object, first.change.old_json) == ("policy/block-all", "")
        assert (first.change.actor, first.change.reason) == ("admin", "a quiet night")
        assert first.change.revision == 2
        assert (second.change.object, second.change.old_json) == ("policy/allow-all", "")
        assert third.change.old_json == first.change.new_json
        assert '"off"' in third.change.new_json
        assert {second.change.revision, third.change.revision} == {3}


async def test_a_preparation_of_unknown_outcome_is_finished(tmp_path: Path) -> None:
    store = UnsureStore(open_store(f"sqlite:///{tmp_path / 'pdp.db'}"), "prepare")
    async with decision_point(tmp_path, store=store) as pdp:
        code, _ = await status(pdp.apply(BLOCK, request_id="r1"))
        assert code is grpc.StatusCode.UNAVAILABLE
        await eventually(lambda: pdp.revision() == 2)
        assert (await pdp.apply(BLOCK, request_id="r1")).revision == 2
        assert pdp.revision() == pdp.store.head(TENANT).revision == 2
        assert len(change_records(pdp)) == 1


async def test_a_caller_that_goes_away_while_a_change_is_prepared_does_not_end_it(tmp_path: Path) -> None:
    store = SlowStore(open_store(f"sqlite:///{tmp_path / 'pdp.db'}"))
    async with decision_point(tmp_path, store=store) as pdp:
        edit = replace_policies(load_policies([(BLOCK, "one.yaml")]))
        lost = asyncio.create_task(pdp.changes.apply(TENANT, edit, Request("admin")))
        await asyncio.to_thread(store.preparing.wait)
        lost.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lost
        store.go_on.set()
        await eventually(lambda: pdp.revision() == 2)
        assert (await pdp.apply(ALLOW)).revision == 3


async def test_no_lease_is_granted_while_a_change_is_being_stored(tmp_path: Path) -> None:
    store = SlowStore(open_store(f"sqlite:///{tmp_path / 'pdp.db'}"))
    async with decision_point(tmp_path, store=store) as pdp:
        sidecar = pdp.sidecar()
        applying = asyncio.create_task(pdp.apply(BLOCK))
        await asyncio.to_thread(store.preparing.wait)
        asking = asyncio.create_task(sidecar.leased())
        while not (await pdp.fleet.ListSidecars(ListSidecarsRequest(), metadata=pdp.metadata())).sidecars:
            pass
        assert not asking.done()
        store.go_on.set()
        assert await asking in (0, 2)
        assert (await applying).revision == 2


async def test_a_flip_of_unknown_outcome_is_read_again(tmp_path: Path) -> None:
    store = UnsureStore(open_store(f"sqlite:///{tmp_path / 'pdp.db'}"), "flip")
    async with decision_point(tmp_path, store=store) as pdp:
        assert (await pdp.apply(BLOCK)).revision == 2
        assert pdp.revision() == pdp.store.head(TENANT).revision == 2
        assert len(change_records(pdp)) == 1
