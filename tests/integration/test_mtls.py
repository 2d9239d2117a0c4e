"""Sidecars that show a certificate: whom it names, what it may, and when it ends. Real processes, real handshakes."""

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509

from gatehold.cli import certificates
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, LeaseRequest
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from gatehold.v1.key_pb2 import ROLE_SIDECAR
from gatehold.v1.key_service_pb2 import CreateKeyRequest, RevokeKeyRequest
from gatehold.v1.key_service_pb2_grpc import KeyServiceStub
from tests.stack import Stack, status, until

READ = "filesystem:read_text_file"
UUID = "6f1c5c0e-0c51-4b7e-9a57-2f6f3f1d9f10"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Tls:
    """A decision point with a port for keys and one for certificates."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.folder = stack.folder / "ca"
        self.sidecars = f"localhost:{free_port()}"
        self._ca("init")
        self._ca("issue", "--server", "localhost", "--server", "127.0.0.1", "--out", str(self.folder / "pdp"))
        own = ("--tls-cert", f"{self.folder}/pdp.pem", "--tls-key", f"{self.folder}/pdp.key")
        listen = ("--sidecar-listen", self.sidecars.replace("localhost", "127.0.0.1"))
        stack.start_pdp(*own, *listen, "--tls-client-ca", f"{self.folder}/ca.pem")

    def _ca(self, *words: str) -> None:
        certificates.ca.main([words[0], "--dir", str(self.folder), *words[1:]], standalone_mode=False)

    def issue(self, name: str, *words: str) -> Path:
        out = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
        self._ca("issue", "--sidecar", name, "--out", str(out), *words)
        return out

    def made(self, names: list[x509.GeneralName], seconds: float = 3600) -> Path:
        """A certificate that the command would not make."""
        authority, signer = certificates._authority(self.folder)
        key = certificates._new_key()
        builder = certificates._builder(
            certificates._name("made"), authority.subject, key, datetime.timedelta(seconds=seconds)
        ).add_extension(x509.SubjectAlternativeName(names), critical=False)
        out = self.folder / f"made-{len(list(self.folder.iterdir()))}"
        certificates._write(out, certificates._signed(builder, signer), key)
        return out

    def channel(self, certificate: Path | None, address: str | None = None) -> grpc.Channel:
        own = [None, None]
        if certificate is not None:
            own = [certificate.with_name(f"{certificate.name}{suffix}").read_bytes() for suffix in (".key", ".pem")]
        credentials = grpc.ssl_channel_credentials((self.folder / "ca.pem").read_bytes(), *own)
        return grpc.secure_channel(address or self.sidecars, credentials)

    def evaluate(self, certificate: Path | None, agent: str = "dev") -> Any:
        with self.channel(certificate) as channel:
            stub: Any = DecisionPointServiceStub(channel)
            request = EvaluateRequest(verb=READ, args_json='{"path": "a"}')
            return stub.Evaluate(request, metadata=[("gatehold-agent", agent)], timeout=10)

    def administer(self, method: str, request: Any) -> Any:
        key = (self.stack.folder / "keys/administrator.key").read_text().strip()
        with self.channel(None, self.stack.address.replace("127.0.0.1", "localhost")) as channel:
            stub: Any = KeyServiceStub(channel)
            return getattr(stub, method)(request, metadata=[("authorization", f"Bearer {key}")], timeout=20)

    def register(self, name: str, *agents: str) -> Any:
        request = CreateKeyRequest(role=ROLE_SIDECAR, principal=name, agents=agents, certificate=True)
        return self.administer("CreateKey", request)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    with Stack(tmp_path) as stack:
        yield Tls(stack)


def refused(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return status(error.value)


def test_a_certificate_is_let_in_once_it_is_registered_and_until_it_is_revoked(tls: Tls) -> None:
    box = tls.issue("box")
    assert refused(lambda: tls.evaluate(box)) is grpc.StatusCode.UNAUTHENTICATED
    made = tls.register("box", "dev")
    assert made.secret == ""
    assert tls.evaluate(box).decision == 1
    assert refused(lambda: tls.evaluate(box, "other")) is grpc.StatusCode.PERMISSION_DENIED
    assert refused(lambda: tls.register("box", "dev")) is grpc.StatusCode.ALREADY_EXISTS
    tls.administer("RevokeKey", RevokeKeyRequest(key_id=made.key.key_id))
    assert refused(lambda: tls.evaluate(box)) is grpc.StatusCode.UNAUTHENTICATED


def test_only_one_spiffe_id_of_this_domain_and_tenant_names_a_sidecar(tls: Tls) -> None:
    tls.register("box", "*")
    for names in (
        ["spiffe://gatehold/tenant/default/sidecar/box", "spiffe://gatehold/tenant/default/sidecar/other"],
        ["spiffe://elsewhere/tenant/default/sidecar/box"],
        ["spiffe://gatehold/tenant/other/sidecar/box"],
        ["spiffe://gatehold/tenant/default/sidecar/box/more"],
        ["https://gatehold/tenant/default/sidecar/box"],
    ):
        uris: list[x509.GeneralName] = [x509.UniformResourceIdentifier(name) for name in names]
        assert refused(lambda uris=uris: tls.evaluate(tls.made(uris))) is grpc.StatusCode.UNAUTHENTICATED
    assert refused(lambda: tls.evaluate(None)) is grpc.StatusCode.UNAVAILABLE  # no handshake without one


def test_a_stream_ends_with_the_certificate_that_it_was_opened_with(tls: Tls) -> None:
    tls.register("box", "dev")
    uri = x509.UniformResourceIdentifier("spiffe://gatehold/tenant/default/sidecar/box")
    brief = tls.made([uri], seconds=4)
    with tls.channel(brief) as channel:
        stub: Any = FleetServiceStub(channel)
        lease = LeaseRequest(nonce=UUID, seq=1, protocol_version=1, spool_id=UUID)

        def requests() -> Iterator[HoldLeaseRequest]:
            yield HoldLeaseRequest(lease_request=lease)
            until(lambda: ended, 30)

        ended: list[bool] = []
        stream = stub.HoldLease(requests(), metadata=[("gatehold-agent", "dev")], timeout=30)
        assert next(stream).HasField("lease_grant")
        with pytest.raises(grpc.RpcError) as error:
            list(stream)
        ended.append(True)
        assert status(error.value) in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.CANCELLED)
        assert refused(lambda: tls.evaluate(brief)) in (
            grpc.StatusCode.UNAUTHENTICATED,
            grpc.StatusCode.UNAVAILABLE,
        )


def test_a_sidecar_process_works_by_certificate_and_follows_its_renewal(tls: Tls) -> None:
    tls.register("box", "dev")
    first = tls.issue("box")
    own = tls.folder / "own"
    for suffix in (".key", ".pem"):
        own.with_name(f"own{suffix}").write_bytes(first.with_name(f"{first.name}{suffix}").read_bytes())
        own.with_name(f"own{suffix}").chmod(0o600)
    flags = ("--tls-ca", f"{tls.folder}/ca.pem", "--tls-cert", f"{own}.pem", "--tls-key", f"{own}.key")
    tls.stack.start_sidecar("dev", *flags, pdp=tls.sidecars)
    guard = tls.stack.guard()
    until(lambda: guard.evaluate(READ, {"path": "a"}).source == "cache")
    second = tls.issue("box")
    for suffix in (".key", ".pem"):
        own.with_name(f"own{suffix}").write_bytes(second.with_name(f"{second.name}{suffix}").read_bytes())
    log = tls.stack.folder / "sidecar-dev.log"
    until(lambda: "certificates_renewed" in log.read_text())
    until(lambda: guard.evaluate(READ, {"path": "a"}).source == "cache")
    assert guard.evaluate(READ, {"path": "b"}, explain=True).allowed


def test_the_decision_point_follows_the_renewal_of_its_own(tls: Tls) -> None:
    with tls.channel(None, tls.stack.address.replace("127.0.0.1", "localhost")) as channel:
        grpc.channel_ready_future(channel).result(10)
    for suffix in (".pem", ".key"):
        (tls.folder / f"pdp{suffix}").unlink()
    tls._ca("issue", "--server", "localhost", "--out", str(tls.folder / "pdp"))
    tls.register("box", "dev")
    log = tls.stack.folder / "pdp.log"
    until(lambda: "certificates_reloaded" in log.read_text())


def test_plain_tcp_beyond_loopback_is_refused(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        words = ("pdp", "serve", "--data-dir", str(tmp_path), "--listen", "0.0.0.0:0")
        run = stack.gatehold(*words)
        assert run.returncode == 1 and "loopback" in run.stderr
