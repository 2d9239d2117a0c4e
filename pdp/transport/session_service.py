"""SessionService: what key holders mint narrower, short-lived credentials with."""

from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.identifier import require_agent_id, require_identifier
from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.serving.call import MAX_SUBJECT
from gatehold.v1 import session_pb2
from gatehold.v1.session_service_pb2 import (
    CreateSessionRequest,
    CreateSessionResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    RevokeSessionRequest,
    RevokeSessionResponse,
)
from pdp.fleet.errors import NoSuchObject
from pdp.identity import Principal, Role
from pdp.identity.addresses import parse_address
from pdp.identity.issuing import Issuer, NewSession
from pdp.store.model import StoredSession
from pdp.transport.authentication import Authenticator
from pdp.transport.bounds import change_reason
from pdp.transport.paging import page, page_size, read_token

_MAKERS = (Role.AGENT, Role.ADMIN)
_READERS = (Role.AGENT, Role.ADMIN, Role.AUDITOR)
_DEFAULT_SECONDS = 60 * 60
_LONGEST_SECONDS = 24 * 60 * 60
_MOST_NAMED = 100
_MAX_CEILINGS = 16 * 1024  # characters
_END = 2**62  # beyond every position
_FIRST = (0,)


class SessionServicer:
    """Makes sessions: for itself where the caller is an agent, for any agent where it is an administrator."""

    def __init__(self, authenticator: Authenticator, issuer: Issuer) -> None:
        self._authenticator = authenticator
        self._issuer = issuer

    async def CreateSession(self, request: CreateSessionRequest, context: Context) -> CreateSessionResponse:
        """Makes one."""
        principal = self._authenticator.principal(context, *_MAKERS)
        new = _new(principal, request)
        reason = change_reason(request.change_reason)
        session, token = await self._issuer.create_session(principal, new, reason)
        return CreateSessionResponse(session=_message(session), token=token)

    async def RevokeSession(self, request: RevokeSessionRequest, context: Context) -> RevokeSessionResponse:
        """Revokes one."""
        principal = self._authenticator.principal(context, *_MAKERS)
        session_id = require_identifier(request.session_id, "session_id")
        session = await self._issuer.session(principal.tenant, session_id)
        if session is None or _own(principal) not in (None, session.agent):
            raise NoSuchObject(f"there is no session {session_id}")
        if session.revoked_us is None:
            reason = change_reason(request.change_reason)
            session = await self._issuer.revoke_session(session, principal.name, reason)
        return RevokeSessionResponse(session=_message(session))

    async def ListSessions(self, request: ListSessionsRequest, context: Context) -> ListSessionsResponse:
        """Lists one page, newest first: an agent's own, or all of the tenant's."""
        principal = self._authenticator.principal(context, *_READERS)
        before = _END - int(read_token(request.page_token, _FIRST)[0]) if request.page_token else None
        size = page_size(request.page_size)
        sessions = await self._issuer.sessions(principal.tenant, _own(principal), before, size + 1)
        messages, token = page(sessions, _place, _message, size)
        return ListSessionsResponse(sessions=messages, next_page_token=token)


def _own(principal: Principal) -> str | None:
    """The one agent whose sessions the principal sees; None for all."""
    return principal.name if principal.role is Role.AGENT else None


def _new(principal: Principal, request: CreateSessionRequest) -> NewSession:
    wanted = request.session
    agent = _own(principal) or require_agent_id(wanted.agent, "session.agent")
    if wanted.agent not in ("", agent):
        raise InvalidInput("session.agent", "an agent makes sessions of its own only")
    if len(wanted.verbs) > _MOST_NAMED or len(wanted.bundles) > _MOST_NAMED:
        raise InvalidInput("session.verbs", f"at most {_MOST_NAMED} verbs and {_MOST_NAMED} bundles are named")
    if len(wanted.ceilings_json) > _MAX_CEILINGS:
        raise InvalidInput("session.ceilings_json", f"is longer than {_MAX_CEILINGS} characters")
    subject, address = wanted.on_behalf_of, wanted.bound_address
    return NewSession(
        agent=agent,
        on_behalf_of=require_identifier(subject, "session.on_behalf_of", MAX_SUBJECT) if subject else "",
        verbs=tuple(wanted.verbs),
        bundles=tuple(require_identifier(one, f"session.bundles[{at}]") for at, one in enumerate(wanted.bundles)),
        ceilings=wanted.ceilings_json,
        bound_address=parse_address(address, "session.bound_address") if address else "",
        ttl_us=_ttl_us(request),
    )


def _ttl_us(request: CreateSessionRequest) -> int:
    if not request.HasField("ttl"):
        return _DEFAULT_SECONDS * 1_000_000
    seconds, nanos = request.ttl.seconds, request.ttl.nanos
    whole = seconds + nanos / 1_000_000_000
    if not (0 <= nanos < 1_000_000_000 and 1 <= whole <= _LONGEST_SECONDS):
        raise InvalidInput("ttl", "must be 1 s to 24 h")
    return seconds * 1_000_000 + nanos // 1_000


def _place(session: StoredSession) -> tuple[int]:
    return (_END - session.position,)  # newest first


def _message(session: StoredSession) -> session_pb2.Session:
    message = session_pb2.Session(
        session_id=session.session_id,
        agent=session.agent,
        on_behalf_of=session.on_behalf_of,
        verbs=session.verbs,
        bundles=session.bundles,
        ceilings_json=session.ceilings,
        bound_address=session.bound_address,
        maker=session.maker,
    )
    times: tuple[tuple[Timestamp, int | None], ...] = (
        (message.create_time, session.created_us),
        (message.expire_time, session.expires_us),
        (message.revoke_time, session.revoked_us),
    )
    for field, us in times:
        if us is not None:
            field.FromMicroseconds(us)
    return message
