"""`gatehold sidecar run` as a process: how it starts, who it lets in, how it stops, and how light it is."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from gatehold.v1.decision_pb2 import Decision
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from tests.fakes.running_sidecar import KEY, spooled
from tests.fakes.scripted_pdp import ScriptedPdp, answer

RUN = "from sidecar.commands import sidecar; sidecar(auto_envvar_prefix='GATEHOLD_SIDECAR')"
TOKEN = "t" * 32
CALL = EvaluateRequest(verb="files:read")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory as the decision point leaves it."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "sidecar.key").write_text(KEY + "\n")
    (tmp_path / "token").write_text(TOKEN)
    for secret in ("keys/sidecar.key", "token"):
        (tmp_path / secret).chmod(0o600)
    return tmp_path


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    await scripted.start()
    yield scripted
    await scripted.stop()


def command(data: Path, *flags: str) -> list[str]:
    return [sys.executable, "-c", RUN, "run", "--data-dir", str(data), "--agent", "dev", *flags]


@contextmanager
def started(data: Path, *flags: str) -> Iterator["subprocess.Popen[str]"]:
    """A sidecar that has said that it is ready; its first line is in `args`."""
    process = subprocess.Popen(command(data, *flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.args = process.stdout.readline().strip()
        yield process
    finally:
        process.kill()
        process.communicate()


def refused(data: Path, *flags: str, **environment: str) -> str:
    """Starts a sidecar that must not start; returns what it says."""
    done = subprocess.run(
        command(data, *flags),
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    return done.stderr


async def test_it_says_ready_serves_and_stops_cleanly(data: Path, pdp: ScriptedPdp) -> None:
    path = data / "agent.sock"
    with started(data, "--pdp", pdp.address) as process:
        assert process.args == f"ready unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with grpc.aio.insecure_channel(f"unix:{path}") as channel:
            response = await DecisionPointServiceStub(channel).Evaluate(CALL)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert response.decision == Decision.DECISION_ALLOW
    assert not path.exists()
    assert "stopping" in err and KEY not in err


async def test_a_call_under_way_is_answered_before_it_stops(data: Path, pdp: ScriptedPdp) -> None:
    path = data / "agent.sock"

    async def answer_late(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        process.send_signal(signal.SIGTERM)
        while path.exists():  # noqa: ASYNC110  (another process removes it)
            await asyncio.sleep(0.01)
        return answer(request, revision)

    pdp.script = answer_late
    with started(data, "--pdp", pdp.address) as process:
        async with grpc.aio.insecure_channel(f"unix:{path}") as channel:
            response = await DecisionPointServiceStub(channel).Evaluate(CALL)
        process.communicate(timeout=30)
    assert response.decision == Decision.DECISION_ALLOW


async def test_a_killed_sidecar_leaves_its_records_and_the_next_one_takes_over(data: Path, pdp: ScriptedPdp) -> None:
    pdp.taking = False
    for _ in range(2):
        with started(data, "--pdp", pdp.address) as process:
            async with grpc.aio.insecure_channel(
                f"unix:{data}/agent.sock", (("grpc.use_local_subchannel_pool", 1),)
            ) as channel:
                await DecisionPointServiceStub(channel).Evaluate(CALL)
            process.kill()
            process.wait()
        assert (data / "agent.sock").exists()
    assert len(await spooled(data)) == 2


async def test_tcp_needs_the_token(data: Path, pdp: ScriptedPdp) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with started(data, "--pdp", pdp.address, "--listen", address, "--token-file", f"{data}/token"):
        async with grpc.aio.insecure_channel(address) as channel:
            stub = DecisionPointServiceStub(channel)
            for metadata in [(), (("authorization", "Bearer " + "u" * 32),), (("authorization", TOKEN),)]:
                with pytest.raises(grpc.aio.AioRpcError) as error:
                    await stub.Evaluate(CALL, metadata=metadata)
                assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
            response = await stub.Evaluate(CALL, metadata=(("authorization", f"Bearer {TOKEN}"),))
    assert response.decision == Decision.DECISION_ALLOW


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--pdp", "10.0.0.1:8181"], "not on loopback"),
        (["--listen", "0.0.0.0:1"], "not on loopback"),
        (["--listen", "127.0.0.1:1"], "token_file"),
        (["--token-file", "token"], "token_file"),
        (["--listen", "127.0.0.1:1", "--require-session", "--token-file", "token"], "--require-session"),
        (["--key-file", "missing"], "key_file"),
        (["--socket-group", "no-such-group"], "socket_group"),
        (["--agent", "a\x1b[2J"], "agent"),
        (["--agent", "é"], "ASCII"),
        (["--agent", "dev "], "ASCII"),
        (["--metrics-listen", "unix:x"], "metrics_listen"),
    ],
)
def test_it_does_not_start_half_configured(data: Path, flags: list[str], says: str) -> None:
    assert says in refused(data, *flags)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
@pytest.mark.parametrize("secret", ["keys/sidecar.key", "token"])
def test_a_secret_that_others_can_use_is_refused(data: Path, secret: str, mode: int) -> None:
    (data / secret).chmod(mode)
    assert f"chmod 600 {data / secret}" in refused(data, "--listen", "127.0.0.1:0", "--token-file", f"{data}/token")


def test_whatever_it_makes_is_its_users_alone(data: Path) -> None:
    places = ("--listen", f"unix:{data}/run/dev/a.sock", "--spool", f"{data}/lib/dev/spool")
    before = os.umask(0)
    try:
        with started(data, *places):
            made = [path for top in ("run", "lib") for path in (data / top, *(data / top).rglob("*"))]
            assert data / "lib/dev/spool/spool.db" in made
            assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}
    finally:
        os.umask(before)


def test_every_flag_is_a_variable(data: Path) -> None:
    assert "10.0.0.1" in refused(data, GATEHOLD_SIDECAR_RUN_PDP="10.0.0.1:1")


def test_the_decision_point_on_the_same_directory_is_found(data: Path) -> None:
    (data / "pdp.address").write_text("10.0.0.2:7\n")
    assert "10.0.0.2:7" in refused(data)
    assert "10.0.0.3:7" in refused(data, "--pdp", "10.0.0.3:7")


def test_a_second_sidecar_on_the_same_directory_is_refused(data: Path) -> None:
    with started(data):
        assert "spool" in refused(data, "--listen", f"unix:{data}/other.sock")


def test_metrics_are_served_where_they_are_asked_for(data: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with started(data, "--metrics-listen", f"127.0.0.1:{port}"), socket.create_connection(("127.0.0.1", port)) as page:
        page.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = page.makefile("rb").read().decode()
    for name in ["cache_hits_total 0", 'phase{phase="closed"} 1', "spool_last_sequence 0"]:
        assert f"gatehold_sidecar_{name}" in text


def test_it_imports_nothing_heavy() -> None:
    heavy = "{'rich', 'pydantic', 'sqlalchemy', 'alembic', 'pdp', 're2', 'prometheus_client'}"
    script = f"import sys, sidecar.commands; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
