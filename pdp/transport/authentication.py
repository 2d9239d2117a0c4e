"""From a call's metadata to the principal that makes it, and to the agent that it speaks for."""

from collections.abc import Iterable
from dataclasses import replace
from time import time_ns

import grpc

from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal, end_stream_within, take_share
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.identity import CredentialInvalid, Keyring, Principal, Role
from pdp.identity.addresses import AllowLists
from pdp.identity.certificates import TRUST_DOMAIN, certified

AUTHORIZATION = "authorization"
AGENT = "gatehold-agent"
"""Names the agent that a sidecar speaks for, exactly once per call or stream."""
SESSION = "gatehold-session"
"""The session token that the agent showed its sidecar, `Bearer ghs_…`; absent where it showed none."""

# Names of gRPC's own: https://github.com/grpc/grpc/blob/master/include/grpc/grpc_security_constants.h.
_SPIFFE_ID = "peer_spiffe_id"
_CERTIFICATE = "x509_pem_cert"

_DECIDES_FOR = frozenset({Role.AGENT, Role.SIDECAR})


class Authenticator:
    """What every servicer asks first.

    Args:
        trust_domain: of the SPIFFE IDs that clients' certificates may have.
    """

    def __init__(
        self, keyring: Keyring, allow_lists: AllowLists | None = None, trust_domain: str = TRUST_DOMAIN
    ) -> None:
        self._keyring = keyring
        self._allow_lists = allow_lists or AllowLists({})
        self._trust_domain = trust_domain

    def principal(self, context: Context, *roles: Role) -> Principal:
        """Returns the caller.

        Args:
            roles: the roles that may make this call.

        Raises:
            Refusal: UNAUTHENTICATED without exactly one valid credential, PERMISSION_DENIED for another role, for a
                session where nothing but an agent's own calls may be made, and from an address that is not allowed.
        """
        principal = self._authenticate(context, _values(context, AUTHORIZATION))
        if principal.role not in roles or principal.session is not None:
            raise _not_permitted(f"a principal of role {_named(principal)} may not call this")
        return principal

    def speaker(self, context: Context) -> tuple[Principal, str]:
        """Returns an agent, or a sidecar, and the id of the agent in whose name it calls.

        A sidecar's principal carries the session that the agent showed it, if any.

        Raises:
            Refusal: as `principal` does; also INVALID_ARGUMENT for a sidecar that does not name exactly one agent, and
                PERMISSION_DENIED for one whose key does not list it, or that passes on a session of another agent.
        """
        authorization: list[str] = []
        agents: list[str] = []
        sessions: list[str] = []
        for key, value in context.invocation_metadata() or ():
            if key == AUTHORIZATION:
                authorization.append(_text(value))
            elif key == AGENT:
                agents.append(_text(value))
            elif key == SESSION:
                sessions.append(_text(value))
        principal = self._authenticate(context, authorization)
        if principal.role not in _DECIDES_FOR:
            raise _not_permitted(f"a principal of role {principal.role} may not call this")
        agent = _agent(principal, agents)
        return (self._in_session(context, principal, agent, sessions) if sessions else principal), agent

    def _in_session(self, context: Context, principal: Principal, agent: str, sessions: list[str]) -> Principal:
        if principal.role is not Role.SIDECAR or len(sessions) != 1:
            raise InvalidInput(SESSION, "is sent once at most, as metadata, by a sidecar")
        try:
            shown = self._keyring.authenticate(sessions[0])
        except CredentialInvalid as error:
            raise _unauthenticated(error) from None
        if shown.session is None or (shown.tenant, shown.name) != (principal.tenant, agent):
            raise _not_permitted("the session is not of the agent that this call names")
        self._require_address(context, shown)
        return replace(principal, session=shown.session)

    def _authenticate(self, context: Context, values: list[str]) -> Principal:
        try:
            principal = self._keyring.authenticate(values[0]) if len(values) == 1 else self._certified(context, values)
        except CredentialInvalid as error:
            raise _unauthenticated(error) from None
        self._require_address(context, principal)
        take_share(principal.tenant)
        return principal

    def _certified(self, context: Context, values: list[str]) -> Principal:
        """Whom the client's certificate names, where no key is shown. Raises CredentialInvalid."""
        if values:
            raise CredentialInvalid
        shown = context.auth_context()
        spiffe_id, pem = tuple(shown.get(_SPIFFE_ID, ())), tuple(shown.get(_CERTIFICATE, ()))
        if len(spiffe_id) != 1 or len(pem) != 1:
            raise CredentialInvalid
        named = certified(spiffe_id[0].decode(), pem[0], self._trust_domain)
        left_us = named.not_after_us - time_ns() // 1_000 if named else 0
        if named is None or left_us <= 0:
            raise CredentialInvalid
        end_stream_within(left_us / 1_000_000)
        return self._keyring.certified(named.tenant, named.sidecar)

    def _require_address(self, context: Context, principal: Principal) -> None:
        if not self._allow_lists.admits(principal.tenant, principal.bound_address, context.peer):
            raise Refusal(
                grpc.StatusCode.PERMISSION_DENIED,
                ErrorReason.ERROR_REASON_ADDRESS_NOT_ALLOWED,
                "the credential may not be used from this address",
            )


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


def _named(principal: Principal) -> str:
    return f"{principal.role} in a session" if principal.session is not None else principal.role


def _unauthenticated(error: CredentialInvalid) -> Refusal:
    return Refusal(grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, str(error))


def _not_permitted(message: str) -> Refusal:
    return Refusal(grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_NOT_PERMITTED, message)
