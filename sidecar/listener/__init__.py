"""What agents talk to: the socket, who may use it, and the service on it."""

from sidecar.listener.agent_stream import AgentStreams
from sidecar.listener.door import Door, TcpDoor
from sidecar.listener.endpoint import Endpoint
from sidecar.listener.server import build_server
from sidecar.listener.servicer import Servicer

__all__ = ["AgentStreams", "Door", "Endpoint", "Servicer", "TcpDoor", "build_server"]
