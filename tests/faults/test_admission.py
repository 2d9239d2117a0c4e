"""Who must not begin at all."""

import uuid
from typing import Any

import click
import grpc
import pytest

from gatehold.v1.decision_point_service_pb2 import AuditStream, RecordAuditRequest, Spool
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, LeaseRequest
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from tests.faults.checks import READ
from tests.stack import Running, Stack, status


def test_25_a_second_decision_point_on_one_database(stack: Stack) -> None:
    stack.start_pdp()
    arguments = ["pdp", "serve", "--data-dir", str(stack.folder), "--listen", "127.0.0.1:0"]
    with pytest.raises(click.ClickException, match="open in another process"):
        Running("second decision point", arguments, stack.folder / "second.log")
    assert (stack.folder / "pdp.address").read_text().strip() == stack.address
    assert stack.direct().evaluate(READ).allowed


def sent(stack: Stack, stub: Any, method: str, message: Any) -> grpc.RpcError:
    connection = stack.connection("sidecar")
    metadata = (*connection.metadata, ("gatehold-agent", "dev"))
    with connection.channel as channel, pytest.raises(grpc.RpcError) as caught:
        list(getattr(stub(channel), method)(iter([message]), metadata=metadata, timeout=30))
    return caught.value


@pytest.mark.parametrize("version", [0, 2])
def test_32_a_sidecar_of_another_lease_protocol(stack: Stack, version: int) -> None:
    stack.start_pdp()
    request = LeaseRequest(
        nonce=str(uuid.uuid4()), seq=1, protocol_version=version, version="9.9", spool_id=str(uuid.uuid4())
    )
    error: Any = sent(stack, FleetServiceStub, "HoldLease", HoldLeaseRequest(lease_request=request))
    assert status(error) is grpc.StatusCode.FAILED_PRECONDITION
    assert f"version 1 of the lease protocol, not {version}" in error.details()


@pytest.mark.parametrize("version", [0, 2])
def test_32_a_sidecar_of_another_record_protocol(stack: Stack, version: int) -> None:
    stack.start_pdp()
    opening = AuditStream(spool=Spool(spool_id=str(uuid.uuid4())), protocol_version=version)
    error: Any = sent(stack, DecisionPointServiceStub, "RecordAudit", RecordAuditRequest(open=opening))
    assert status(error) is grpc.StatusCode.FAILED_PRECONDITION
    assert f"version 1 of the record protocol, not {version}" in error.details()
