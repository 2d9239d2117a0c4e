"""From a call's metadata to the principal that makes it, and to the agent that it speaks for."""

from collections.abc import Iterable

import grpc

from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.identity import CredentialInvalid, Keyring, Principal, Role

AUTHORIZATION = "authorization"
AGENT = "gatehold-agent"
"""Names the agent that a sidecar speaks for, exactly once per call or stream."""

_DECIDES_FOR = frozenset({Role.AGENT, Role.SIDECAR})


class Authenticator:
    """What every servicer asks first."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def principal(self, context: Context, *roles: Role) -> Principal:
        """Returns the caller.

        Args:
            roles: the roles that may make this call.

        Raises:
            Refusal: UNAUTHENTICATED without exactly one valid credential, PERMISSION_DENIED for another role.
        """
        principal = self._authenticate(_values(context, AUTHORIZATION))
        if principal.role not in roles:
            raise _not_permitted(f"a principal of role {principal.role} may not call this")
        return principal

    def speaker(self, context: Context) -> tuple[Principal, str]:
        """Returns an agent, or a sidecar, and the id of the agent in whose name it calls.

        Raises:
            Refusal: as `principal` does; also INVALID_ARGUMENT for a sidecar that does not name exactly one agent, and
                PERMISSION_DENIED for one whose key does not list it.
        """
        authorization: list[str] = []
        agents: list[str] = []
        for key, value in context.invocation_metadata() or ():
            if key == AUTHORIZATION:
                authorization.append(_text(value))
            elif key == AGENT:
                agents.append(_text(value))
        principal = self._authenticate(authorization)
        if principal.role not in _DECIDES_FOR:
            raise _not_permitted(f"a principal of role {principal.role} may not call this")
        return principal, _agent(principal, agents)

    def _authenticate(self, values: list[str]) -> Principal:
        try:
            if len(values) != 1:
                raise CredentialInvalid
            return self._keyring.authenticate(values[0])
        except CredentialInvalid as error:
            raise Refusal(
                grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, str(error)
            ) from None


def _agent(principal: Principal, named: list[str]) -> str:
    if not named and principal.role is Role.AGENT:
        return principal.name
    if len(named) != 1:
        raise InvalidInput(AGENT, "must be sent exactly once, as metadata, by a sidecar")
    agent = require_identifier(named[0], AGENT)
    if not principal.speaks_for(agent):
        raise _not_permitted("this credential may not speak for that agent")
    return agent


def _values(context: Context, name: str) -> list[str]:
    metadata: Iterable[tuple[str, str | bytes]] = context.invocation_metadata() or ()
    return [_text(value) for key, value in metadata if key == name]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("ascii", "replace")


def _not_permitted(message: str) -> Refusal:
    return Refusal(grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_NOT_PERMITTED, message)
