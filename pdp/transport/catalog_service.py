"""CatalogService: what administrators tell about verbs with."""

from gatehold.serving import Context
from gatehold.v1.catalog_service_pb2 import (
    ApplyCatalogRequest,
    ApplyCatalogResponse,
    GetVerbRequest,
    GetVerbResponse,
    ListVerbsRequest,
    ListVerbsResponse,
)
from gatehold.verb import parse_verb
from pdp.catalog.compiled import CompiledEntry
from pdp.configuration import Configuration
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.edits import apply_catalog
from pdp.fleet.errors import NoSuchObject
from pdp.fleet.registry import Registry
from pdp.identity import Role
from pdp.transport.authentication import Authenticator
from pdp.transport.change_requests import change_request, named_texts, object_changes
from pdp.transport.paging import page, rest_of
from pdp.transport.translate import catalog_entry

_READERS = (Role.ADMIN, Role.AUDITOR)


class CatalogServicer:
    """Changes the own entries of the caller's tenant, and lists all that it has."""

    def __init__(self, authenticator: Authenticator, changes: ChangeCoordinator, registry: Registry) -> None:
        self._authenticator = authenticator
        self._changes = changes
        self._registry = registry

    async def ApplyCatalog(self, request: ApplyCatalogRequest, context: Context) -> ApplyCatalogResponse:
        """Replaces the tenant's own entries, or adds to them."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        how = change_request(
            principal,
            request,
            request_id=request.request_id,
            reason=request.change_reason,
            expected_revision=request.expected_revision if request.HasField("expected_revision") else None,
            validate_only=request.validate_only,
        )
        edit = apply_catalog(named_texts(request.documents), merge=request.merge)
        applied = await self._changes.apply(principal.tenant, edit, how)
        return ApplyCatalogResponse(revision=applied.revision, changes=object_changes(applied.changes))

    async def ListVerbs(self, request: ListVerbsRequest, context: Context) -> ListVerbsResponse:
        """Lists one page, in order, shipped entries too."""
        configuration = self._configuration(context)
        entries = configuration.catalog.entries
        if request.provider:
            entries = tuple(entry for entry in entries if entry.provider == request.provider)
        rest = rest_of(entries, _place, request.page_token)
        messages, token = page(rest, _place, catalog_entry, request.page_size)
        return ListVerbsResponse(entries=messages, next_page_token=token, revision=configuration.revision)

    async def GetVerb(self, request: GetVerbRequest, context: Context) -> GetVerbResponse:
        """Reads one."""
        configuration = self._configuration(context)
        parse_verb(request.verb)
        entry = configuration.catalog.get(request.verb)
        if entry is None:
            raise NoSuchObject(f"there is no verb {request.verb} in the catalog, so calls of it are blocked")
        return GetVerbResponse(entry=catalog_entry(entry))

    def _configuration(self, context: Context) -> Configuration:
        return self._registry.current(self._authenticator.principal(context, *_READERS).tenant)


def _place(entry: CompiledEntry) -> tuple[str]:
    return (entry.verb,)
