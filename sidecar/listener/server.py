"""The gRPC server that the service stands on."""

from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gatehold.serving import Handling, Limits, register, server_options
from gatehold.v1 import decision_point_service_pb2
from sidecar.listener.servicer import Servicer

_SERVICE = decision_point_service_pb2.DESCRIPTOR.services_by_name["DecisionPointService"]
_HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"]


def build_server(servicer: Servicer, health: Any, handling: Handling) -> grpc.aio.Server:
    """Returns a server with the service, health and reflection, not yet listening.

    Args:
        health: serves grpc.health.v1.Health.
    """
    limits = Limits()
    server = grpc.aio.server(options=server_options(limits), maximum_concurrent_rpcs=limits.concurrent_calls)
    unchecked = {"BatchEvaluate": {"requests"}}  # a bad item blocks that item alone
    register(server, _SERVICE, servicer, handling, limits, large={"BatchEvaluate"}, unchecked=unchecked)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    reflection.enable_server_reflection((_SERVICE.full_name, _HEALTH.full_name, reflection.SERVICE_NAME), server)
    return server
