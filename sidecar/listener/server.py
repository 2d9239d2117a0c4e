"""The gRPC server that the service stands on."""

from typing import Any

import grpc

from gatehold.serving import Capacity, Handling, Limits, register, server_options
from gatehold.serving.standard import register_standard
from gatehold.v1 import decision_point_service_pb2
from sidecar.listener.servicer import Servicer

_SERVICE = decision_point_service_pb2.DESCRIPTOR.services_by_name["DecisionPointService"]


def build_server(servicer: Servicer, health: Any, handling: Handling) -> grpc.aio.Server:
    """Returns a server with the service, health and reflection, not yet listening.

    Args:
        health: serves grpc.health.v1.Health.
    """
    limits = Limits()
    server = grpc.aio.server(options=server_options(limits))
    capacity = Capacity.of(limits)
    unchecked = {"BatchEvaluate": {"requests"}}  # a bad item blocks that item alone
    register(server, _SERVICE, servicer, handling, limits, capacity, large={"BatchEvaluate"}, unchecked=unchecked)
    register_standard(server, health, (_SERVICE.full_name,), limits)
    return server
