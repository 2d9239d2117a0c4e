"""A real decision point and real sidecars as processes of their own, in a directory of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import grpc

from gatehold import Guard
from gatehold.cli.connection import Connection
from gatehold.cli.processes import Process
from gatehold.v1.agent_service_pb2_grpc import AgentServiceStub
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest
from gatehold.v1.audit_service_pb2_grpc import AuditServiceStub
from gatehold.v1.catalog_service_pb2_grpc import CatalogServiceStub
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from gatehold.v1.key_service_pb2_grpc import KeyServiceStub
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest
from gatehold.v1.policy_service_pb2_grpc import PolicyServiceStub
from gatehold.v1.session_service_pb2_grpc import SessionServiceStub
from gatehold.v1.tenant_service_pb2_grpc import TenantServiceStub

GATEHOLD = ("-m", "gatehold")
T = TypeVar("T")

STUBS = {
    "agents": AgentServiceStub,
    "approvers": ApproverServiceStub,
    "audit": AuditServiceStub,
    "catalog": CatalogServiceStub,
    "fleet": FleetServiceStub,
    "keys": KeyServiceStub,
    "policies": PolicyServiceStub,
    "sessions": SessionServiceStub,
    "tenants": TenantServiceStub,
}


class Running(Process):
    """A process that a test can also stop the clock of.

    Args:
        program: what Python runs instead of the product's own entry point.
        environment: variables beside the present ones.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        program: Sequence[str] = GATEHOLD,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        self.ready_line = self._wait_until_ready()

    @property
    def pid(self) -> int:
        return self._process.pid

    def pause(self) -> None:
        """Stops it where it stands, as a debugger or an overcommitted host would."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def wait(self, seconds: float = 30) -> int:
        """Its exit code, once it has ended by itself."""
        return self._process.wait(seconds)

    def stop(self) -> int:
        if not self.ended:
            self.resume()
        return super().stop()


class Stack:
    """One decision point, and sidecars by agent. Everything it starts is ended with it."""

    def __init__(self, folder: Path, *pdp_flags: str) -> None:
        self.folder = folder
        self.pdp_flags = pdp_flags
        self.pdp: Running | None = None
        self.sidecars: dict[str, Running] = {}
        self.address = "127.0.0.1:0"
        self._guards: list[Guard] = []

    def start_pdp(self, *flags: str, listen: str | None = None, **how: Any) -> Running:
        """Starts the decision point; after the first time on the same address again. `how`: see `Running`."""
        arguments = ["pdp", "serve", "--data-dir", str(self.folder), "--listen", listen or self.address]
        self.pdp = Running("decision point", [*arguments, *self.pdp_flags, *flags], self.folder / "pdp.log", **how)
        self.address = self.pdp.ready_line.removeprefix("ready ")
        return self.pdp

    def start_sidecar(self, agent: str = "dev", *flags: str, pdp: str | None = None, **how: Any) -> Running:
        """Starts a sidecar, by default straight at the decision point. `how`: see `Running`."""
        arguments = ["sidecar", "run", "--data-dir", str(self.folder), "--agent", agent, "--pdp", pdp or self.address]
        places = ["--listen", self.target(agent), "--spool", str(self.spool(agent))]
        log = self.folder / f"sidecar-{agent}.log"
        self.sidecars[agent] = Running("sidecar", [*arguments, *places, *flags], log, **how)
        return self.sidecars[agent]

    def spool(self, agent: str = "dev") -> Path:
        return self.folder / f"spool-{agent}"

    def target(self, agent: str = "dev") -> str:
        return f"unix:{self.folder}/{agent}.sock"

    def guard(self, agent: str = "dev", **options: Any) -> Guard:
        guard = Guard(self.target(agent), **options)
        self._guards.append(guard)
        return guard

    def direct(self, **options: Any) -> Guard:
        """Asks the decision point itself, as agent `dev`."""
        guard = Guard(self.address, token_file=str(self.folder / "keys/agent.key"), **options)
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


def until(condition: Callable[[], T | None], seconds: float = 30) -> T:
    """Waits until the condition holds, and returns what it found.

    Raises:
        AssertionError: it never did.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "what was waited for did not come about"
        time.sleep(0.01)
    return found


def status(error: grpc.RpcError) -> grpc.StatusCode:
    """The status of a failed call."""
    code = error.code()
    assert isinstance(code, grpc.StatusCode)
    return code
