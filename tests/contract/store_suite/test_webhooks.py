"""Webhooks, and the messages that they have not taken yet."""

import pytest

from gatehold.vocabulary import ApprovalState
from pdp.store.interface import Delivery, NotContiguous, SpoolOpening, Store, StoreError
from pdp.store.opening import open_store
from pdp.store.webhooks import MOST_WAITING
from tests.contract.store_suite.chains import entries, entry, take
from tests.messages import tell

URL, SEALED = "https://hooks.example/a", b"sealed"
HOUR_US = 3_600 * 1_000_000


def with_webhook(store: Store, *tenants: str) -> None:
    for tenant in tenants:
        store.put_webhook(tenant, URL, SEALED, [])


def due(store: Store, tenant: str = "acme", limit: int = 100) -> list[str]:
    return [delivery.message_id for delivery in store.due_deliveries(tenant, limit)]


def waiting(store: Store, tenant: str = "acme") -> int:
    webhook = store.webhook(tenant)
    assert webhook is not None
    return webhook.waiting


def test_a_webhook_is_kept_whole(url: str, store: Store) -> None:
    assert store.webhook("acme") is None
    before_us = store.now_us()
    store.put_webhook("acme", URL, SEALED, [])
    kept = store.webhook("acme")
    assert kept is not None and (kept.tenant, kept.url, kept.sealed) == ("acme", URL, SEALED)
    assert before_us <= kept.created_us <= store.now_us()
    assert (kept.last_attempt_us, kept.last_error, kept.waiting) == (None, "", 0)
    assert store.webhook("globex") is None
    store.close()
    again = open_store(url)
    assert again.webhook("acme") == kept
    again.close()


def test_messages_wait_only_where_there_is_a_webhook(store: Store) -> None:
    tell(store, "acme", "early")
    with_webhook(store, "acme")
    assert due(store) == [] and waiting(store) == 0
    tell(store, "acme", "a", "b")
    tell(store, "globex", "elsewhere")
    assert due(store) == ["a", "b"] and waiting(store) == 2


def test_messages_are_due_at_once_and_in_the_order_of_their_changes(url: str, store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "z", "a", body='{"type": "x"}')
    tell(store, "acme", "m")
    assert due(store) == ["z", "a", "m"] and due(store, limit=2) == ["z", "a"]
    first = store.due_deliveries("acme", 1)[0]
    assert first == Delivery("acme", "z", '{"type": "x"}', first.created_us, attempts=0)
    store.close()
    again = open_store(url)
    assert due(again) == ["z", "a", "m"]
    again.close()


def test_messages_are_stored_with_their_change_or_not_at_all(store: Store) -> None:
    with_webhook(store, "acme")
    with pytest.raises(StoreError, match="refused a row"):
        tell(store, "acme", "twice", "twice")
    assert due(store) == [] and store.approvals("acme", [ApprovalState.PENDING], None, 0, 10) == []


def test_a_message_that_was_taken_is_forgotten(store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "a", "b")
    store.not_delivered("acme", "a", 0, "status 500")
    store.delivered("acme", "a")
    assert due(store) == ["b"]
    webhook = store.webhook("acme")
    assert webhook is not None and webhook.last_error == "" and webhook.last_attempt_us is not None
    store.delivered("acme", "a")
    assert due(store) == ["b"]


def test_a_message_that_was_not_taken_is_due_again_when_its_wait_is_over(store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "a", "b")
    store.not_delivered("acme", "a", HOUR_US, "status 500")
    assert due(store) == ["b"] and waiting(store) == 2
    webhook = store.webhook("acme")
    assert webhook is not None and webhook.last_error == "status 500" and webhook.last_attempt_us is not None
    store.not_delivered("acme", "a", 0, "status 503")
    again = store.due_deliveries("acme", 100)
    assert [(one.message_id, one.attempts) for one in again] == [("a", 2), ("b", 0)]


def test_a_message_that_is_given_up_is_forgotten(store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "a", "b")
    store.not_delivered("acme", "a", None, "status 500")
    assert due(store) == ["b"] and waiting(store) == 1


def test_what_waits_goes_to_the_webhook_that_takes_the_place(store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "a")
    store.not_delivered("acme", "a", 0, "status 500")
    store.put_webhook("acme", "https://hooks.example/b", b"other", [])
    webhook = store.webhook("acme")
    assert webhook is not None
    assert (webhook.url, webhook.sealed, webhook.waiting) == ("https://hooks.example/b", b"other", 1)
    assert (webhook.last_error, webhook.last_attempt_us) == ("", None)
    assert due(store) == ["a"]


def test_a_new_webhook_need_not_wait_for_what_the_one_before_did_not_take(store: Store) -> None:
    with_webhook(store, "acme")
    tell(store, "acme", "a")
    store.not_delivered("acme", "a", HOUR_US, "refused")
    assert due(store) == []
    store.put_webhook("acme", "https://hooks.example/b", SEALED, [])
    assert [(one.message_id, one.attempts) for one in store.due_deliveries("acme", 10)] == [("a", 0)]


def test_a_webhook_is_removed_with_what_waits(store: Store) -> None:
    with_webhook(store, "acme", "globex")
    tell(store, "acme", "a")
    tell(store, "globex", "g")
    store.delete_webhook("acme", [])
    assert store.webhook("acme") is None and due(store) == []
    assert waiting(store, "globex") == 1
    with_webhook(store, "acme")
    assert due(store) == []


def test_a_tenant_sees_and_changes_no_other_ones(store: Store) -> None:
    with_webhook(store, "acme", "globex")
    tell(store, "acme", "a")
    tell(store, "globex", "g", "same")
    tell(store, "acme", "same")
    for change in (
        lambda: store.delivered("acme", "g"),
        lambda: store.not_delivered("acme", "g", HOUR_US, "status 500"),
        lambda: store.not_delivered("acme", "g", None, "status 500"),
        lambda: store.delivered("acme", "same"),
    ):
        change()
    assert due(store, "globex") == ["g", "same"] and due(store) == ["a"]
    webhook = store.webhook("globex")
    assert webhook is not None and webhook.last_attempt_us is None


def test_so_many_messages_wait_and_no_more(store: Store) -> None:
    with_webhook(store, "acme", "globex")
    tell(store, "acme", *(f"m{number}" for number in range(MOST_WAITING - 1)))
    tell(store, "acme", "last", "too many")
    tell(store, "acme", "too late")
    assert waiting(store) == MOST_WAITING
    assert due(store, limit=MOST_WAITING)[-1] == "last"
    tell(store, "globex", "elsewhere")
    assert due(store, "globex") == ["elsewhere"]
    store.delivered("acme", "m0")
    tell(store, "acme", "fits")
    assert due(store, limit=MOST_WAITING)[-2:] == ["last", "fits"]


def test_a_change_is_stored_with_its_record_or_not_at_all(store: Store) -> None:
    store.open_spool(SpoolOpening("acme", "own", "", ""))
    first, second = take(2, entries("own", agent=""))
    assert [record.entry for record in store.put_webhook("acme", URL, SEALED, [first])] == [first]
    with pytest.raises(NotContiguous):
        store.put_webhook("acme", "https://hooks.example/b", b"other", [entry("own", 7)])
    with pytest.raises(NotContiguous):
        store.delete_webhook("acme", [entry("own", 7)])
    webhook = store.webhook("acme")
    assert webhook is not None and (webhook.url, webhook.sealed) == (URL, SEALED)
    assert [record.entry for record in store.delete_webhook("acme", [second])] == [second]
    assert store.webhook("acme") is None
