"""`gatehold pdp serve` as a process: how it starts, refuses to start, and ends."""

import asyncio
import json
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from gatehold.cli.processes import Process
from gatehold.v1.audit_service_pb2 import TailAuditRecordsRequest
from tests.integration.pdp_harness import READ, REFUND, REFUNDS, Pdp

SERVE = ["pdp", "serve", "--listen", "127.0.0.1:0"]


def start(folder: Path, *flags: str) -> Process:
    return Process("decision point", [*SERVE, "--data-dir", str(folder), *flags], folder.with_suffix(".log"))


def refused(*arguments: str, **environment: str) -> str:
    """Runs `gatehold pdp serve` that must not start, and returns what it says."""
    command = [sys.executable, "-m", "gatehold", "pdp", "serve", *arguments]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=os.environ | environment, check=False
    )
    assert ended.returncode == 1 and ended.stdout == "" and "Traceback" not in ended.stderr
    return ended.stderr


def connected(process: Process, folder: Path) -> Pdp:
    return Pdp(folder, grpc.aio.insecure_channel(process.ready_line.removeprefix("ready ")))


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


async def test_health_and_reflection_need_no_credential(tmp_path: Path) -> None:
    with start(tmp_path / "data") as process:
        pdp = connected(process, tmp_path / "data")
        health = health_pb2_grpc.HealthStub(pdp.channel)
        for service in ["", "gatehold.v1.DecisionPointService"]:
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        reflection = reflection_pb2_grpc.ServerReflectionStub(pdp.channel)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        call = reflection.ServerReflectionInfo(iter([asked]), timeout=10)
        listed = {service.name for service in (await call.read()).list_services_response.service}
        assert listed >= {
            f"gatehold.v1.{name}Service" for name in ["DecisionPoint", "Fleet", "Policy", "Catalog", "Agent", "Audit"]
        }
        await pdp.channel.close()
        assert process.stop() == 0


async def test_sigterm_ends_calls_and_streams_and_a_restart_keeps_the_record(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder) as process:
        pdp = connected(process, folder)
        answer = await pdp.evaluate(READ)
        tail = pdp.audit.TailAuditRecords(TailAuditRecordsRequest(backlog=1), metadata=pdp.metadata("auditor"))
        await tail.read()
        assert await asyncio.to_thread(process.stop) == 0
        await pdp.channel.close()
    keys = {file.name: file.read_bytes() for file in (folder / "keys").iterdir()}
    with start(folder) as process:
        assert (folder / "pdp.address").read_text().strip() == process.ready_line.removeprefix("ready ")
        pdp = connected(process, folder)
        assert [record.decision.decision_id for record in await pdp.records(kind=1)] == [answer.decision_id]
        await pdp.channel.close()
    assert {file.name: file.read_bytes() for file in (folder / "keys").iterdir()} == keys


async def test_every_answer_before_a_sigkill_is_on_record(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    answered: list[str] = []
    enough = asyncio.Event()

    async def ask(pdp: Pdp) -> None:
        try:
            while True:
                answered.append((await pdp.evaluate(READ)).decision_id)
                if len(answered) == 200:
                    enough.set()
        except grpc.aio.AioRpcError:
            return

    with start(folder) as process:
        pdp = connected(process, folder)
        asking = [asyncio.create_task(ask(pdp)) for _ in range(8)]
        await enough.wait()
        await asyncio.to_thread(process.kill)
        await asyncio.gather(*asking)
        await pdp.channel.close()
    with start(folder) as process:
        pdp = connected(process, folder)
        kept = {record.decision.decision_id for record in await pdp.records(kind=1)}
        await pdp.channel.close()
    assert kept >= set(answered)


async def test_policies_seed_an_empty_store_and_replace_others_only_when_told_to(tmp_path: Path) -> None:
    folder, policies = tmp_path / "data", tmp_path / "policies"
    policies.mkdir()
    (policies / "refunds.yaml").write_text(REFUNDS)
    with start(folder, "--policies", str(policies)) as process:
        pdp = connected(process, folder)
        assert (await pdp.evaluate(REFUND, '{"amount": 5}')).policy_matched == "small-refunds"
        assert [record.change.object for record in await pdp.records(kind=4)] == [
            "policy/small-refunds",
            "policy/large-refund-gate",
        ]
        await pdp.channel.close()
    with start(folder, "--policies", str(policies)) as process:
        pass  # the same again
    (policies / "refunds.yaml").write_text(REFUNDS.replace("small-refunds", "tiny-refunds"))
    said = refused("--listen", "127.0.0.1:0", "--data-dir", str(folder), "--policies", str(policies))
    assert "policy/small-refunds" in said and "--apply" in said
    with start(folder, "--policies", str(policies), "--apply") as process:
        pdp = connected(process, folder)
        assert (await pdp.evaluate(REFUND, '{"amount": 5}')).policy_matched == "tiny-refunds"
        await pdp.channel.close()


def test_a_second_one_on_the_same_database_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder) as first:
        said = refused("--listen", "127.0.0.1:0", "--data-dir", str(folder))
        assert "another process" in said.lower()
        port = first.ready_line.rpartition(":")[2]
        said = refused("--listen", f"127.0.0.1:{port}", "--data-dir", str(tmp_path / "other"))
        assert port in said
        assert not first.ended


def test_policies_that_do_not_load_are_named_by_file_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(REFUNDS.replace("greater, value", "grater, value"))
    said = refused("--data-dir", str(tmp_path / "data"), "--policies", str(file))
    assert re.search(rf"{re.escape(str(file))}:7: \[1\]\.conditions\[0\]\.operator: ", said)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give --database, or --data-dir"),
        (["--data-dir", "{}/d", "--listen", "0.0.0.0:8181"], "not on loopback"),
        (["--data-dir", "{}/d", "--listen", "8181"], "is not HOST:PORT"),
        (["--data-dir", "{}/d", "--listen", "127.0.0.1:99999"], "is not HOST:PORT"),
        (["--data-dir", "{}/d", "--apply"], "give --policies too"),
        (["--data-dir", "{}/d", "--policies", "{}"], "holds no .yaml"),
        (["--data-dir", "{}/d", "--lease-ttl", "0.5"], "lease-ttl"),
        (["--data-dir", "{}/d", "--metrics-listen", "nowhere"], "metrics_listen"),
        (["--database", "sqlite:///{}/alone.db"], "holds no key"),
        (["--database", "mysql://x/y"], "sqlite:///"),
    ],
)
def test_half_a_configuration_does_not_start(tmp_path: Path, arguments: list[str], says: str) -> None:
    assert says in refused(*(argument.format(tmp_path) for argument in arguments))


def test_every_flag_is_a_variable(tmp_path: Path) -> None:
    variables = {"GATEHOLD_PDP_SERVE_DATA_DIR": str(tmp_path / "d"), "GATEHOLD_PDP_SERVE_LISTEN": "0.0.0.0:0"}
    assert "not on loopback" in refused(**variables)


async def test_metrics_and_logs_say_what_happened_and_no_secret(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder, "--metrics-listen", "127.0.0.1:0", "--log-level", "debug") as process:
        log = folder.with_suffix(".log")
        entries = [json.loads(line) for line in log.read_text().splitlines()]
        address = next(entry["address"] for entry in entries if entry["event"] == "metrics")
        pdp = connected(process, folder)
        await pdp.evaluate(READ, '{"path": "a-secret-path"}')
        with pytest.raises(grpc.aio.AioRpcError):
            await pdp.evaluate("")
        await pdp.channel.close()
        text = await asyncio.to_thread(fetched, f"http://{address}/metrics")
    method = 'method="/gatehold.v1.DecisionPointService/Evaluate"'
    assert f'gatehold_pdp_call_seconds_count{{code="OK",{method}}} 1.0' in text
    assert f'gatehold_pdp_call_seconds_count{{code="INVALID_ARGUMENT",{method}}} 1.0' in text
    assert 'gatehold_pdp_decisions_total{decision="allow"} 1.0' in text
    assert "gatehold_pdp_storing 1.0" in text
    logged = log.read_text()
    assert "a-secret-path" not in logged
    for file in (folder / "keys").iterdir():
        assert file.read_text().strip()[20:] not in logged + text


def test_what_it_writes_is_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start(folder) as process:
        process.stop()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (folder / "keys").iterdir()} == {0o600}


def test_sigint_ends_it_well(tmp_path: Path) -> None:
    with start(tmp_path / "data") as process:
        process._process.send_signal(signal.SIGINT)
        assert process._process.wait(10) == 0
