"""One decision point and one sidecar, and the same questions put to both."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.v1 import decision_pb2
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from tests.stack import Stack

EVALUATE = "/gatehold.v1.DecisionPointService/Evaluate"

# A HIGH verb that an allow names exactly: whatever is wrong with a call must not reach that allow.
POLICIES = """
- id: small-refunds
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions:
    - {field: args.amount, operator: less_or_equal, value: 100}
    - {field: args.name, operator: equals, value: José}
    - {field: args.express, operator: equals, value: 1}
  action: {type: allow}
- id: never-to-mallory
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.to, operator: equals, value: mallory}]
  action: {type: block}
  mandatory: true
- id: notes-may-be-anything
  verbMatchers: [{type: verb, value: "stripe:list_customers"}]
  action: {type: allow}
"""
GOOD = '{"amount":100,"name":"José","express":1,"to":"ann"}'


@dataclass
class Endpoint:
    """Where agents' calls go: straight to the decision point with a key, or through a sidecar."""

    name: str
    address: str
    metadata: tuple[tuple[str, str], ...] = field(repr=False)

    def channel(self) -> grpc.Channel:
        options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        return grpc.insecure_channel(self.address, options=options)

    def send(self, message: bytes | EvaluateRequest, metadata: Any = (), compression: Any = None) -> EvaluateResponse:
        """Sends bytes as they are, and returns the response or raises RpcError."""
        data = message if isinstance(message, bytes) else message.SerializeToString()
        with self.channel() as channel:
            call = channel.unary_unary(EVALUATE, lambda b: b, EvaluateResponse.FromString)
            response: EvaluateResponse = call(
                data, timeout=10, metadata=(*self.metadata, *metadata), compression=compression, wait_for_ready=True
            )
            return response

    def healthy(self) -> bool:
        """Whether the next sound call gets the allow that policy gives it."""
        response = self.send(EvaluateRequest(verb="stripe:create_refund", args_json=GOOD))
        return response.decision == decision_pb2.DECISION_ALLOW


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("contract")) as stack:
        stack.start_pdp()
        stack.apply_policies(POLICIES)
        stack.start_sidecar()
        yield stack


@pytest.fixture(scope="session", params=["pdp", "sidecar"])
def endpoint(request: pytest.FixtureRequest, stack: Stack) -> Endpoint:
    return direct(stack) if request.param == "pdp" else beside(stack)


def direct(stack: Stack) -> Endpoint:
    """The decision point, with an agent's key."""
    return Endpoint("pdp", stack.address, stack.connection("agent").metadata)


def beside(stack: Stack) -> Endpoint:
    """The sidecar."""
    return Endpoint("sidecar", stack.target(), ())


def refused(endpoint: Endpoint, message: bytes | EvaluateRequest, **options: Any) -> tuple[grpc.StatusCode, str, Any]:
    """Sends what must be refused. Returns status, message and ErrorInfo."""
    with pytest.raises(grpc.RpcError) as raised:
        endpoint.send(message, **options)
    error: Any = raised.value
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)
    for detail in itertools.chain(status.details if status else ()):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
    return error.code(), error.details(), info
