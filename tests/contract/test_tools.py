"""The field's own tools, as they come from the Go module proxy: they need nothing but the address."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack import Stack, until

TOOLS = {
    "grpcurl": "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4",
    "grpc-health-probe": "github.com/grpc-ecosystem/grpc-health-probe@v0.4.62",
    "ghz": "github.com/bojand/ghz/cmd/ghz@v0.121.0",
}
EVALUATE = "gatehold.v1.DecisionPointService/Evaluate"
CALL = json.dumps({"verb": "filesystem:read_text_file", "args_json": '{"path": "README.md"}'})

Run = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.timeout(600)  # the first use builds the tools


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Run:
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("go is missing, and in CI no tool is left out")
        pytest.skip("needs go")
    folder = tmp_path_factory.mktemp("tools")
    for module in TOOLS.values():
        environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-mod=mod"}
        subprocess.run(["go", "install", module], env=environment, check=True, capture_output=True, timeout=500)

    def run(name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(folder / name), *words]
        variables = {**os.environ, **environment}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=variables)

    return run


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("tools-stack")) as stack:
        stack.start_pdp()
        stack.start_sidecar()
        yield stack


def test_grpcurl_calls_by_reflection_alone(tool: Run, stack: Stack) -> None:
    asked = tool("grpcurl", "-plaintext", "-d", CALL, stack.target(), EVALUATE)
    assert json.loads(asked.stdout)["decision"] == "DECISION_ALLOW", asked.stderr
    described = tool("grpcurl", "-plaintext", stack.target(), "describe", EVALUATE.replace("/", "."))
    assert "EvaluateRequest" in described.stdout, described.stderr


def test_grpcurl_needs_a_key_at_the_decision_point(tool: Run, stack: Stack) -> None:
    words = ("-plaintext", "-expand-headers", "-H", "authorization: Bearer ${KEY}", "-d", CALL, stack.address, EVALUATE)
    key = (stack.folder / "keys/agent.key").read_text().strip()
    assert json.loads(tool("grpcurl", *words, KEY=key).stdout)["decision"] == "DECISION_ALLOW"
    refused = tool("grpcurl", *words, KEY="nothing")
    assert refused.returncode != 0 and "Unauthenticated" in refused.stderr


@pytest.mark.parametrize("where", ["pdp", "sidecar"])
def test_grpc_health_probe_is_answered(tool: Run, stack: Stack, where: str) -> None:
    address = stack.address if where == "pdp" else stack.target()
    for words in ((), ("-service", "gatehold.v1.DecisionPointService")):
        until(lambda words=words: tool("grpc-health-probe", "-addr", address, *words).returncode == 0)
    assert tool("grpc-health-probe", "-addr", address, "-service", "gatehold.v1.Nothing").returncode != 0


def test_the_sidecar_takes_the_load_of_ghz(tool: Run, stack: Stack, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("--insecure", "--call", EVALUATE.replace("/", "."), "-d", CALL, "-n", "500", "-c", "10")
    done = tool("ghz", *words, "--format", "json", "-o", str(report), stack.target())
    assert done.returncode == 0, done.stderr
    assert json.loads(report.read_text())["statusCodeDistribution"] == {"OK": 500}
