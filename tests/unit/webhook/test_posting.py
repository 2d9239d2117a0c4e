"""One attempt, against real servers on loopback."""

import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pdp.approvals.webhook.endpoint import parse_endpoint
from pdp.approvals.webhook.network import CheckedNetwork
from pdp.approvals.webhook.posting import Outcome, Poster
from tests.fakes.webhook_receiver import Answer, Receiver

LIMIT = "no answer within 0.2 s"


async def post(url: str, body: bytes = b"{}", seconds: float = 10) -> Outcome:
    return await Poster(seconds).post(parse_endpoint(url), {"webhook-id": "msg_1"}, body)


async def test_a_message_arrives_as_it_is() -> None:
    with Receiver() as receiver:
        assert await post(f"{receiver.url};v=1?a=%2F", b'{"type": "x"}') == Outcome()
    received = receiver.received[0]
    assert (received.path, received.body) == ("/hook;v=1?a=%2F", b'{"type": "x"}')
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["user-agent"].startswith("gatehold/")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_status_of_success_is_one(status: int) -> None:
    with Receiver(Answer(status)) as receiver:
        assert await post(receiver.url) == Outcome()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(400), Outcome("status 400: Bad Request")),
        (Answer(404), Outcome("status 404: Not Found")),
        (Answer(410), Outcome("status 410: Gone", gone=True)),
        (Answer(500), Outcome("status 500: Internal Server Error")),
        (Answer(599), Outcome("status 599: unknown")),
        (Answer(429, {"Retry-After": "120"}), Outcome("status 429: Too Many Requests", asked_seconds=120)),
        (Answer(503, {"Retry-After": "999999"}), Outcome("status 503: Service Unavailable", asked_seconds=86_400)),
        (Answer(503, {"Retry-After": "-1"}), Outcome("status 503: Service Unavailable")),
        (Answer(503, {"Retry-After": "9" * 5_000}), Outcome("status 503: Service Unavailable")),
        (Answer(503, {"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"}), Outcome("status 503: Service Unavailable")),
    ],
)
async def test_every_other_status_is_a_failure(answer: Answer, outcome: Outcome) -> None:
    with Receiver(answer) as receiver:
        assert await post(receiver.url) == outcome


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with Receiver() as elsewhere, Receiver(Answer(status, {"Location": elsewhere.url})) as receiver:
        assert await post(receiver.url) == Outcome(f"status {status}: redirects are not followed")
        assert len(receiver.received) == 1 and elsewhere.received == []


async def test_the_body_of_an_answer_is_not_waited_for() -> None:
    with Receiver(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx")) as receiver:
        assert await post(receiver.url) == Outcome()


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH_9.6 secret\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"a" * 1_000_000])
async def test_what_is_not_http_is_a_failure_and_is_not_repeated(raw: bytes) -> None:
    with Receiver(Answer(raw=raw)) as receiver:
        outcome = await post(receiver.url)
    assert outcome.error.startswith("no answer that is HTTP: ") and "secret" not in outcome.error


async def test_a_server_that_does_not_answer_is_left() -> None:
    held = threading.Event()
    with Receiver(Answer(hold=held)) as receiver:
        assert await post(receiver.url, seconds=0.2) == Outcome(LIMIT)


async def test_a_server_that_sends_a_byte_at_a_time_is_left() -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await post(f"http://127.0.0.1:{port}/", seconds=0.2) == Outcome(LIMIT)


async def test_a_connection_is_closed_also_when_its_handshake_is_interrupted() -> None:
    closed = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        closed.set()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        posting = asyncio.create_task(post(f"https://127.0.0.1:{port}/", seconds=0.2))
        outcome = await posting
        assert outcome.error
        await asyncio.wait_for(closed.wait(), 10)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = await post(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert outcome.error.startswith("cannot connect: ")


async def test_a_name_that_stands_for_several_addresses_is_tried_until_one_answers() -> None:
    with Receiver() as receiver:
        assert await post(f"http://localhost:{receiver.port}/") == Outcome()


async def test_a_name_that_nobody_knows() -> None:
    outcome = await post(f"https://{'a' * 64}.example/")  # a label that long is refused before anybody is asked
    assert outcome == Outcome("cannot connect: the host's name is not known")


# Spellings that only the resolver reads as numbers, so these are names until they are looked up.
@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "169.254.43518"])
async def test_a_name_that_stands_for_a_link_local_address_is_not_connected_to(host: str) -> None:
    assert str(ip_address(socket.getaddrinfo(host, 80)[0][4][0])) == "169.254.169.254"
    outcome = await post(f"https://{host}/")
    assert outcome == Outcome("cannot connect: no address of the host is one that messages are sent to")


async def test_without_tls_a_name_is_connected_to_on_loopback_alone() -> None:
    with Receiver() as receiver:
        stream = await CheckedNetwork(plain=True).connect_tcp("0x7f000001", receiver.port)
        await stream.aclose()
    for host in ("3232235777", "10.0.0.1"):
        with pytest.raises(httpcore2.ConnectError, match="no address"):
            await CheckedNetwork(plain=True).connect_tcp(host, 9)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy, Receiver() as receiver:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert await post(receiver.url) == Outcome()
        assert proxy.received == []


async def test_a_certificate_that_is_trusted_is_accepted_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, other = self_signed(tmp_path, "127.0.0.1"), self_signed(tmp_path, "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with Receiver(tls=server_context(trusted)) as receiver:
        assert await post(receiver.url) == Outcome()
        # The same certificate is not one of that name.
        assert "cannot connect" in (await post(f"https://localhost:{receiver.port}/")).error
        assert len(receiver.received) == 1
    with Receiver(tls=server_context(other)) as stranger:
        outcome = await post(stranger.url)
        assert outcome.error.startswith("cannot connect: ") and "CERTIFICATE_VERIFY_FAILED" in outcome.error
        assert stranger.received == []


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


def self_signed(folder: Path, address: str) -> Path:
    """A certificate of an address, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{address}.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    file.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file
