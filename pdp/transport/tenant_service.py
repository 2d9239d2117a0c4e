"""TenantService: what the platform administrator makes tenants with."""

import asyncio
import re

from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.v1 import tenant_pb2
from gatehold.v1.tenant_service_pb2 import (
    CreateTenantRequest,
    CreateTenantResponse,
    ListTenantsRequest,
    ListTenantsResponse,
)
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.errors import ObjectExists
from pdp.fleet.seeding import open_tenant
from pdp.identity import Role
from pdp.identity.issuing import Issuer, NewKey
from pdp.store.interface import ConfigurationStore
from pdp.store.model import FIRST_REVISION
from pdp.transport.authentication import Authenticator
from pdp.transport.paging import page, page_size, rest_of

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_ADMINISTRATOR = NewKey(Role.ADMIN, "administrator", (), (), None, certificate=False)


class TenantServicer:
    """Makes tenants, and sees nothing inside them."""

    def __init__(
        self, authenticator: Authenticator, issuer: Issuer, store: ConfigurationStore, changes: ChangeCoordinator
    ) -> None:
        self._authenticator = authenticator
        self._issuer = issuer
        self._store = store
        self._changes = changes
        self._making = asyncio.Lock()

    async def CreateTenant(self, request: CreateTenantRequest, context: Context) -> CreateTenantResponse:
        """Makes one, with a first administrator's key. One that was left half made is finished."""
        principal = self._authenticator.principal(context, Role.PLATFORM_ADMIN)
        tenant = request.tenant_id
        if not _NAME.fullmatch(tenant):
            raise InvalidInput("tenant_id", "must be 1 to 64 of a-z, 0-9 and -, with no - at either end")
        async with self._making:
            await asyncio.to_thread(open_tenant, self._store, tenant)
            if await self._issuer.keys(tenant):
                raise ObjectExists(f"there is a tenant {tenant} already")
            await self._changes.open(tenant)
            _, secret = await self._issuer.create_key(tenant, _ADMINISTRATOR, principal.name, "a new tenant")
        return CreateTenantResponse(tenant=await self._message(tenant), admin_secret=secret)

    async def ListTenants(self, request: ListTenantsRequest, context: Context) -> ListTenantsResponse:
        """Lists one page, by id."""
        self._authenticator.principal(context, Role.PLATFORM_ADMIN)
        names = [head.tenant for head in await asyncio.to_thread(self._store.heads)]
        rest = rest_of(names, _place, request.page_token)
        made = {name: await self._message(name) for name in rest[: page_size(request.page_size)]}
        messages, token = page(rest, _place, made.__getitem__, request.page_size)
        return ListTenantsResponse(tenants=messages, next_page_token=token)

    async def _message(self, tenant: str) -> tenant_pb2.Tenant:
        first = await asyncio.to_thread(self._store.revision, tenant, FIRST_REVISION)
        message = tenant_pb2.Tenant(tenant_id=tenant)
        message.create_time.FromMicroseconds(first.created_us)
        return message


def _place(tenant: str) -> tuple[str]:
    return (tenant,)
