"""What two calls must have in common to share an answer."""

from typing import NamedTuple

from gatehold.v1.decision_pb2 import Intent
from sidecar.cache.shape import Shape
from sidecar.model import Call


class Key(NamedTuple):
    """A typed tuple, never a joined string, so that no two calls meet by the way their parts are spelled.

    The tenant is not in it: a sidecar holds one credential for as long as it lives, and that is of one tenant.

    Attributes:
        intent: INTENT_UNSPECIFIED stands as INTENT_EXECUTE, which it means.
        epoch: of the store that counts the revision; another store gives the same number to another configuration.
        revision: under which the answer was made, never the one that is leased now.
        shape: of the verb under that revision; the findings of one shape mean nothing under another.
        findings: each atom's truth, or the digests of arguments and context.
    """

    agent: str
    on_behalf_of: str
    verb: str
    intent: int
    tool_definition_digest: str
    epoch: int
    revision: int
    shape: Shape
    findings: tuple[object, ...]


def key_of(call: Call, epoch: int, revision: int, shape: Shape) -> Key:
    """The key of a call under one revision of an epoch and the shape that the verb has there."""
    request = call.request
    return Key(
        agent=call.agent,
        on_behalf_of=request.on_behalf_of,
        verb=request.verb,
        intent=request.intent or Intent.INTENT_EXECUTE,
        tool_definition_digest=request.tool_definition_digest,
        epoch=epoch,
        revision=revision,
        shape=shape,
        findings=shape.findings(call),
    )
