"""PolicyService: what administrators change policies with."""

import asyncio

from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.v1.policy_service_pb2 import (
    ApplyPoliciesRequest,
    ApplyPoliciesResponse,
    CreatePolicyRequest,
    CreatePolicyResponse,
    DeletePolicyRequest,
    DeletePolicyResponse,
    GetPolicyRequest,
    GetPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    ListRevisionsRequest,
    ListRevisionsResponse,
    UpdatePolicyRequest,
    UpdatePolicyResponse,
    ValidatePoliciesRequest,
    ValidatePoliciesResponse,
)
from pdp.documents import InvalidDocuments
from pdp.fleet.changes import Applied, ChangeCoordinator
from pdp.fleet.edits import Edit, create_policy, delete_policy, replace_policies, update_policy
from pdp.fleet.errors import NoSuchObject
from pdp.fleet.registry import Registry, Snapshot
from pdp.identity import Principal, Role
from pdp.policy.built_in import BuiltIn
from pdp.policy.form import RESERVED_PREFIX
from pdp.policy.model import Policy
from pdp.store.interface import ConfigurationStore
from pdp.transport.authentication import Authenticator
from pdp.transport.change_requests import change_request, object_changes, problems
from pdp.transport.paging import page, page_size, read_token, rest_of
from pdp.transport.policy_messages import (
    built_in_policies,
    policy_message,
    read_policies,
    read_policy,
    required_id,
    revision_message,
)

_READERS = (Role.ADMIN, Role.AUDITOR)


class PolicyServicer:
    """Changes and lists the policies of the caller's tenant."""

    def __init__(
        self,
        authenticator: Authenticator,
        changes: ChangeCoordinator,
        registry: Registry,
        store: ConfigurationStore,
    ) -> None:
        self._authenticator = authenticator
        self._changes = changes
        self._registry = registry
        self._store = store

    async def ApplyPolicies(self, request: ApplyPoliciesRequest, context: Context) -> ApplyPoliciesResponse:
        """Replaces the whole set."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        how = change_request(
            principal,
            request,
            request_id=request.request_id,
            reason=request.change_reason,
            expected_revision=request.expected_revision if request.HasField("expected_revision") else None,
            validate_only=request.validate_only,
        )
        policies = await read_policies(request.documents)
        applied = await self._changes.apply(principal.tenant, replace_policies(policies), how)
        return ApplyPoliciesResponse(revision=applied.revision, changes=object_changes(applied.changes))

    async def ValidatePolicies(self, request: ValidatePoliciesRequest, context: Context) -> ValidatePoliciesResponse:
        """Tells what is wrong with documents."""
        self._authenticator.principal(context, *_READERS)
        try:
            await read_policies(request.documents)
        except InvalidDocuments as error:
            return ValidatePoliciesResponse(problems=problems(error))
        return ValidatePoliciesResponse()

    async def ListPolicies(self, request: ListPoliciesRequest, context: Context) -> ListPoliciesResponse:
        """Lists one page, by id."""
        snapshot = self._snapshot(context)
        both: dict[str, Policy | BuiltIn] = {**snapshot.content.policies, **built_in_policies(snapshot)}
        rest = rest_of(sorted(both), _place, request.page_token)
        messages, token = page(
            rest, _place, lambda policy_id: policy_message(both[policy_id], snapshot.revision), request.page_size
        )
        return ListPoliciesResponse(policies=messages, next_page_token=token, revision=snapshot.revision)

    async def GetPolicy(self, request: GetPolicyRequest, context: Context) -> GetPolicyResponse:
        """Reads one."""
        snapshot = self._snapshot(context)
        policy_id = required_id(request.id)
        policy = snapshot.content.policies.get(policy_id) or built_in_policies(snapshot).get(policy_id)
        if policy is None:
            raise NoSuchObject(f"there is no policy {policy_id}")
        return GetPolicyResponse(policy=policy_message(policy, snapshot.revision))

    async def CreatePolicy(self, request: CreatePolicyRequest, context: Context) -> CreatePolicyResponse:
        """Adds one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        policy = await read_policy(request.document)
        applied = await self._apply(principal, request, create_policy(policy))
        return CreatePolicyResponse(policy=policy_message(policy, applied.revision))

    async def UpdatePolicy(self, request: UpdatePolicyRequest, context: Context) -> UpdatePolicyResponse:
        """Replaces one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        policy = await read_policy(request.document)
        applied = await self._apply(principal, request, update_policy(policy))
        return UpdatePolicyResponse(policy=policy_message(policy, applied.revision))

    async def DeletePolicy(self, request: DeletePolicyRequest, context: Context) -> DeletePolicyResponse:
        """Removes one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        if required_id(request.id).startswith(RESERVED_PREFIX):
            raise InvalidInput("id", "names a policy that comes with the product and can not be removed")
        applied = await self._apply(principal, request, delete_policy(request.id))
        return DeletePolicyResponse(revision=applied.revision)

    async def ListRevisions(self, request: ListRevisionsRequest, context: Context) -> ListRevisionsResponse:
        """Lists one page, newest first."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        before = int(read_token(request.page_token, (0,))[0]) if request.page_token else None
        found = await asyncio.to_thread(self._store.revisions, tenant, before, page_size(request.page_size) + 1)
        current = self._registry.current(tenant).revision
        messages, token = page(
            found, lambda one: (one.revision,), lambda one: revision_message(one, current), request.page_size
        )
        return ListRevisionsResponse(revisions=messages, next_page_token=token)

    async def _apply(
        self,
        principal: Principal,
        request: CreatePolicyRequest | UpdatePolicyRequest | DeletePolicyRequest,
        edit: Edit,
    ) -> Applied:
        how = change_request(
            principal,
            request,
            request_id=request.request_id,
            reason=request.change_reason,
            expected_revision=request.expected_revision if request.HasField("expected_revision") else None,
        )
        return await self._changes.apply(principal.tenant, edit, how)

    def _snapshot(self, context: Context) -> Snapshot:
        return self._registry.snapshot(self._authenticator.principal(context, *_READERS).tenant)


def _place(policy_id: str) -> tuple[str]:
    return (policy_id,)
