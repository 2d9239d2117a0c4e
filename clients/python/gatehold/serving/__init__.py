"""What the decision point's server and the sidecar's server share: limits, strict input, and errors with reasons."""

from gatehold.serving.call import ReadCall, read_call, require_identifiers
from gatehold.serving.errors import Context, Refusal, abort
from gatehold.serving.handlers import Handling, register
from gatehold.serving.limits import Limits, server_options
from gatehold.serving.places import Capacity, Places, take_share
from gatehold.serving.strict import stranger
from gatehold.serving.term import end_stream_within

__all__ = [
    "Capacity",
    "Context",
    "Handling",
    "Limits",
    "Places",
    "ReadCall",
    "Refusal",
    "abort",
    "end_stream_within",
    "read_call",
    "register",
    "require_identifiers",
    "server_options",
    "stranger",
    "take_share",
]
