"""Messages reach their receiver, whatever becomes of it meanwhile."""

import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from pdp.approvals.webhook.deliveries import DeliveryPace
from tests.fakes.webhook_receiver import Answer, Receiver
from tests.integration.webhook_harness import delivering, until
from tests.messages import tell

ATTEMPTS = 10
LONGEST_WAIT = 24 * 60 * 60 * 1.2 + 1
HELD = 0.5


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_messages_come_in_order_and_verified(tmp_path: Path) -> None:
    with Receiver() as receiver:
        async with delivering(tmp_path) as at:
            secret = await at.set(receiver.url)
            tell(at.store, "acme", "c", "a", body='{"type": "x"}')
            tell(at.store, "acme", "b")
            await until(lambda: at.webhook().waiting == 0)
        assert receiver.ids == ["c", "a", "b"]
        assert receiver.received[0].verified(secret) == {"type": "x"}


async def test_a_message_that_was_refused_comes_again_with_the_same_id(tmp_path: Path) -> None:
    with Receiver(Answer(500)) as receiver:
        async with delivering(tmp_path) as at:
            secret = await at.set(receiver.url)
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error)
            assert at.webhook().last_error == "status 500: Internal Server Error"
            at.time.pass_seconds(4)
            tell(at.store, "acme", "b")
            await until(lambda: receiver.ids == ["a", "b"])
            at.time.pass_seconds(3)
            await until(lambda: at.webhook().waiting == 0)
            assert at.webhook().last_error == ""
        assert receiver.ids == ["a", "b", "a"]
        assert [one.verified(secret) for one in receiver.received] == [{}, {}, {}]


async def test_a_receiver_may_ask_to_be_left_alone_for_longer(tmp_path: Path) -> None:
    with Receiver(Answer(503, {"Retry-After": "600"})) as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error)
            at.time.pass_seconds(599)
            tell(at.store, "acme", "b")
            await until(lambda: at.webhook().waiting == 1)
            assert receiver.ids == ["a", "b"]
            at.time.pass_seconds(122)
            await until(lambda: at.webhook().waiting == 0)


async def test_a_server_that_is_down_at_first_gets_everything(tmp_path: Path) -> None:
    port = free_port()
    async with delivering(tmp_path) as at:
        secret = await at.set(f"http://127.0.0.1:{port}/hook")
        tell(at.store, "acme", "a", "b")
        await until(
            lambda: at.webhook().last_error.startswith("cannot connect: ") and not at.store.due_deliveries("acme", 1)
        )
        with Receiver(port=port) as receiver:
            at.time.pass_seconds(7)
            await until(lambda: at.webhook().waiting == 0)
            assert sorted(receiver.ids) == ["a", "b"]
            receiver.received[0].verified(secret)


async def test_a_message_is_given_up_after_the_last_attempt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Receiver(*[Answer(500)] * ATTEMPTS) as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            tell(at.store, "acme", "a")
            for attempt in range(1, ATTEMPTS + 1):
                await until(lambda: len(receiver.received) == attempt)  # noqa: B023
                await until(lambda: not at.store.due_deliveries("acme", 1))
                at.time.pass_seconds(LONGEST_WAIT)
            await until(lambda: at.webhook().waiting == 0)
            tell(at.store, "acme", "b")
            await until(lambda: receiver.ids[-1] == "b")
        assert receiver.ids == ["a"] * ATTEMPTS + ["b"]
    logged = "".join(capsys.readouterr())
    assert "message_given_up" in logged and "status 500" in logged


async def test_a_redirect_is_a_failure(tmp_path: Path) -> None:
    with Receiver() as elsewhere, Receiver(Answer(307, {"Location": elsewhere.url})) as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error == "status 307: redirects are not followed")
            assert at.webhook().waiting == 1
        assert elsewhere.received == []


async def test_a_slow_server_keeps_nobody_elses_messages(tmp_path: Path) -> None:
    held = threading.Event()
    with Receiver(Answer(hold=held)) as slow, Receiver() as quick:
        async with delivering(tmp_path) as at:
            await at.set(slow.url, "acme")
            await at.set(quick.url, "globex")
            tell(at.store, "acme", "a", "b")
            await until(lambda: slow.ids == ["a"])
            tell(at.store, "globex", *(f"g{number}" for number in range(10)))
            await until(lambda: at.webhook("globex").waiting == 0)
            assert slow.ids == ["a"] and at.webhook("acme").waiting == 2
            held.set()
            await until(lambda: at.webhook("acme").waiting == 0)
            assert slow.ids == ["a", "b"]


async def test_a_server_that_never_answers_is_left_for_the_next_message(tmp_path: Path) -> None:
    held = threading.Event()
    with Receiver(Answer(hold=held)) as receiver:
        async with delivering(tmp_path, attempt_seconds=HELD) as at:
            await at.set(receiver.url)
            tell(at.store, "acme", "a", "b")
            await until(lambda: receiver.ids == ["a", "b"])
            await until(lambda: at.webhook().waiting == 1)
            at.time.pass_seconds(7)
            await until(lambda: at.webhook().waiting == 0)
        assert receiver.ids == ["a", "b", "a"]


async def test_after_failures_in_a_row_attempts_come_further_apart(tmp_path: Path) -> None:
    # Pauses far longer than the test: a message is only tried at once where the one before it was taken.
    with Receiver(Answer(), Answer(500)) as receiver, Receiver() as other:
        async with delivering(tmp_path, pace=DeliveryPace(look=0.01, first_pause=600, last_pause=600)) as at:
            await at.set(receiver.url)
            await at.set(other.url, "globex")
            tell(at.store, "acme", "a", "b", "c")
            await until(lambda: at.webhook().last_error)
            tell(at.store, "globex", *(f"g{number}" for number in range(20)))
            await until(lambda: at.webhook("globex").waiting == 0)
            assert receiver.ids == ["a", "b"]
            assert [one.message_id for one in at.store.due_deliveries("acme", 10)] == ["c"]


async def test_a_new_secret_signs_what_waits(tmp_path: Path) -> None:
    with Receiver(Answer(500)) as receiver:
        async with delivering(tmp_path) as at:
            old = await at.set(receiver.url)
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error)
            new = await at.set(receiver.url)
            at.time.pass_seconds(7)
            await until(lambda: at.webhook().waiting == 0)
        first, second = receiver.received
        first.verified(old)
        second.verified(new)
        with pytest.raises(WebhookVerificationError):
            second.verified(old)


async def test_what_waits_goes_to_the_new_url_and_nothing_to_a_removed_one(tmp_path: Path) -> None:
    with Receiver(Answer(500)) as old, Receiver() as new:
        async with delivering(tmp_path) as at:
            await at.set(old.url)
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error)
            await at.set(new.url)
            at.time.pass_seconds(7)
            await until(lambda: new.ids == ["a"])
            await until(lambda: at.webhook().waiting == 0)
            assert await at.keeper.delete("acme", "admin", "")
            assert not await at.keeper.delete("acme", "admin", "")
            tell(at.store, "acme", "b")
            assert await at.keeper.get("acme") is None and at.store.due_deliveries("acme", 1) == []
        assert old.ids == ["a"] and new.ids == ["a"]


async def test_a_receiver_that_is_gone_is_removed_on_the_record(tmp_path: Path) -> None:
    with Receiver(Answer(410)) as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            tell(at.store, "acme", "a", "b")
            await until(lambda: at.store.webhook("acme") is None)
            assert at.store.due_deliveries("acme", 10) == []
            tell(at.store, "acme", "c")
            assert at.store.due_deliveries("acme", 10) == []
        assert receiver.ids == ["a"]


async def test_a_receiver_that_is_gone_takes_no_newer_webhook_with_it(tmp_path: Path) -> None:
    held = threading.Event()
    with Receiver(Answer(410, hold=held)) as gone, Receiver() as new:
        async with delivering(tmp_path) as at:
            await at.set(gone.url)
            tell(at.store, "acme", "a")
            await until(lambda: gone.ids == ["a"])
            await at.set(new.url)
            held.set()
            await until(lambda: new.ids == ["a"])
            assert at.webhook().url == new.url


async def test_a_secret_that_cannot_be_opened_is_said_and_ends_nothing(tmp_path: Path) -> None:
    with Receiver() as receiver:
        async with delivering(tmp_path) as at:
            at.store.put_webhook("acme", receiver.url, b"sealed with a key that is lost", [])
            tell(at.store, "acme", "a")
            await until(lambda: at.webhook().last_error.startswith("set the webhook again: "))
            secret = await at.set(receiver.url)
            at.time.pass_seconds(7)
            await until(lambda: at.webhook().waiting == 0)
        receiver.received[0].verified(secret)


async def test_what_is_on_its_way_when_it_stops_is_sent_again(tmp_path: Path) -> None:
    held = threading.Event()
    with Receiver(Answer(hold=held)) as receiver:
        async with delivering(tmp_path) as at:
            secret = await at.set(receiver.url)
            tell(at.store, "acme", "a")
            await until(lambda: receiver.ids == ["a"])
        async with delivering(tmp_path) as at:
            await until(lambda: at.webhook().waiting == 0)
        assert receiver.ids == ["a", "a"]
        assert [one.verified(secret) for one in receiver.received] == [{}, {}]


async def test_a_store_that_fails_for_a_while_ends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Receiver() as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            with closing(sqlite3.connect(tmp_path / "gatehold.db", isolation_level=None)) as intruder:
                tell(at.store, "acme", "a")
                intruder.execute("BEGIN IMMEDIATE")
                await until(lambda: "deliveries_interrupted" in "".join(capsys.readouterr()))
            # Taken, but nobody could write that down: it comes again.
            await until(lambda: at.webhook().waiting == 0)
            assert len(receiver.ids) >= 2 and set(receiver.ids) == {"a"}


async def test_a_store_that_cannot_be_read_for_a_while_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Receiver() as receiver:
        async with delivering(tmp_path) as at:
            await at.set(receiver.url)
            with closing(sqlite3.connect(tmp_path / "gatehold.db", isolation_level=None)) as intruder:
                intruder.execute("ALTER TABLE delivery RENAME TO away")
                await until(lambda: "deliveries_not_read" in "".join(capsys.readouterr()))
                intruder.execute("ALTER TABLE away RENAME TO delivery")
            tell(at.store, "acme", "a")
            await until(lambda: receiver.ids == ["a"])
