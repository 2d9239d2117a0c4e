"""The way to the decision point: the connection, and asking it to decide."""

from sidecar.upstream.certificates import Certificates
from sidecar.upstream.connection import Connection
from sidecar.upstream.decider import InvalidAnswer, Unreachable, Upstream
from sidecar.upstream.refusals import passing_on, unreachable

__all__ = ["Certificates", "Connection", "InvalidAnswer", "Unreachable", "Upstream", "passing_on", "unreachable"]
