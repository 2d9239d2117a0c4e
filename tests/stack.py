"""A real decision point and real sidecars as processes of their own, in a directory of their own."""

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from gatehold import Guard
from gatehold.cli.connection import Connection
from gatehold.cli.processes import Process
from gatehold.v1.agent_service_pb2_grpc import AgentServiceStub
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest
from gatehold.v1.audit_service_pb2_grpc import AuditServiceStub
from gatehold.v1.catalog_service_pb2_grpc import CatalogServiceStub
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest
from gatehold.v1.policy_service_pb2_grpc import PolicyServiceStub

STUBS = {
    "agents": AgentServiceStub,
    "audit": AuditServiceStub,
    "catalog": CatalogServiceStub,
    "fleet": FleetServiceStub,
    "policies": PolicyServiceStub,
}


class Stack:
    """One decision point, and sidecars by agent. Everything it starts is ended with it."""

    def __init__(self, folder: Path, *pdp_flags: str) -> None:
        self.folder = folder
        self.pdp_flags = pdp_flags
        self.pdp: Process | None = None
        self.sidecars: dict[str, Process] = {}
        self._guards: list[Guard] = []

    def start_pdp(self, *flags: str, listen: str = "127.0.0.1:0") -> Process:
        arguments = ["pdp", "serve", "--data-dir", str(self.folder), "--listen", listen, *self.pdp_flags, *flags]
        self.pdp = Process("decision point", arguments, self.folder / "pdp.log")
        return self.pdp

    def start_sidecar(self, agent: str = "dev", *flags: str, pdp: str | None = None) -> Process:
        arguments = ["sidecar", "run", "--data-dir", str(self.folder), "--agent", agent, "--pdp", pdp or self.address]
        places = ["--listen", self.target(agent), "--spool", str(self.folder / f"spool-{agent}")]
        log = self.folder / f"sidecar-{agent}.log"
        self.sidecars[agent] = Process("sidecar", [*arguments, *places, *flags], log)
        return self.sidecars[agent]

    @property
    def address(self) -> str:
        return (self.folder / "pdp.address").read_text(encoding="ascii").strip()

    def target(self, agent: str = "dev") -> str:
        return f"unix:{self.folder}/{agent}.sock"

    def guard(self, agent: str = "dev", **options: Any) -> Guard:
        guard = Guard(self.target(agent), **options)
        self._guards.append(guard)
        return guard

    def connection(self, role: str) -> Connection:
        return Connection(self.address, self.folder / "keys" / f"{role}.key")

    def call(self, service: str, method: str, request: Any, role: str = "administrator", seconds: float = 30) -> Any:
        connection = self.connection(role)
        with connection.channel:
            stub: Any = STUBS[service](connection.channel)
            return getattr(stub, method)(request, metadata=connection.metadata, timeout=seconds, wait_for_ready=True)

    def apply_policies(self, text: str, seconds: float = 30, **fields: Any) -> int:
        documents = [SourceDocument(name="policies.yaml", content=text)] if text else []
        response = self.call(
            "policies", "ApplyPolicies", ApplyPoliciesRequest(documents=documents, **fields), seconds=seconds
        )
        return int(response.revision)

    def records(self, **filters: Any) -> list[Any]:
        """Every committed record, newest first."""
        request = ListAuditRecordsRequest(filter=AuditFilter(**filters), page_size=1_000)
        found: list[Any] = []
        while True:
            response = self.call("audit", "ListAuditRecords", request, role="auditor")
            found.extend(response.records)
            if not response.next_page_token:
                return found
            request.page_token = response.next_page_token

    def gatehold(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line on this stack."""
        command = [sys.executable, "-m", "gatehold", *words]
        environment = {"GATEHOLD_DATA_DIR": str(self.folder), "PATH": "/usr/bin:/bin:/usr/local/bin"}
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    def __enter__(self) -> "Stack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for guard in self._guards:
            guard.close()
        for process in (*self.sidecars.values(), self.pdp):
            if process is not None:
                process.stop()


def status(error: grpc.RpcError) -> grpc.StatusCode:
    """The status of a failed call."""
    code = error.code()  # type: ignore[attr-defined]
    assert isinstance(code, grpc.StatusCode)
    return code
