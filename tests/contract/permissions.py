"""Who may call what: every method of the contract, with the roles that may."""

from collections.abc import Mapping

ADMIN, AGENT, APPROVER, AUDITOR, PLATFORM, SIDECAR = (
    "admin",
    "agent",
    "approver",
    "auditor",
    "platform_admin",
    "sidecar",
)
SESSION = "session"
"""An agent that shows a session's token."""

ROLES = (ADMIN, AGENT, APPROVER, AUDITOR, PLATFORM, SIDECAR, SESSION)

_DECIDING = frozenset({AGENT, SIDECAR, SESSION})
_APPROVALS = frozenset({APPROVER, ADMIN, AUDITOR})
_VOTES = frozenset({APPROVER})
_READS = frozenset({ADMIN, AUDITOR})
_WRITES = frozenset({ADMIN})
_PLATFORM = frozenset({PLATFORM})

MAY: Mapping[str, Mapping[str, frozenset[str]]] = {
    "DecisionPointService": {
        "Evaluate": _DECIDING,
        "BatchEvaluate": _DECIDING,
        "ListPermittedVerbs": _DECIDING,
        "RequestApproval": _DECIDING,
        "GetApproval": _DECIDING,
        "ListApprovals": _DECIDING,
        "WatchApproval": _DECIDING,
        "CancelApproval": _DECIDING,
        "ClaimApproval": _DECIDING,
        "CompleteApproval": _DECIDING,
        "RecordAudit": _DECIDING,
    },
    "ApproverService": {
        "ListApprovals": _APPROVALS,
        "GetApproval": _APPROVALS,
        "WatchApprovals": _APPROVALS,
        "Approve": _VOTES,
        "Deny": _VOTES,
        "Cancel": _VOTES,
        "Resolve": _VOTES,
    },
    "PolicyService": {
        "ApplyPolicies": _WRITES,
        "ValidatePolicies": _READS,
        "ListPolicies": _READS,
        "GetPolicy": _READS,
        "CreatePolicy": _WRITES,
        "UpdatePolicy": _WRITES,
        "DeletePolicy": _WRITES,
        "ListRevisions": _READS,
    },
    "CatalogService": {"ApplyCatalog": _WRITES, "ListVerbs": _READS, "GetVerb": _READS},
    "AgentService": {
        "CreateAgent": _WRITES,
        "UpdateAgent": _WRITES,
        "ListAgents": _READS,
        "DeleteAgent": _WRITES,
    },
    "KeyService": {
        "CreateKey": _WRITES,
        "RevokeKey": _WRITES,
        "ListKeys": _READS,
        "SetAllowList": _WRITES,
        "GetAllowList": _READS,
    },
    "SessionService": {
        "CreateSession": frozenset({AGENT, ADMIN}),
        "RevokeSession": frozenset({AGENT, ADMIN}),
        "ListSessions": frozenset({AGENT, ADMIN, AUDITOR}),
    },
    "TenantService": {"CreateTenant": _PLATFORM, "ListTenants": _PLATFORM},
    "AuditService": {"ListAuditRecords": _READS, "TailAuditRecords": _READS},
    "FleetService": {"HoldLease": frozenset({SIDECAR}), "ListSidecars": _READS},
    "WebhookService": {"SetWebhook": _WRITES, "GetWebhook": _READS, "DeleteWebhook": _WRITES},
}

UNIMPLEMENTED = {("PolicyService", "RollbackRevision"), ("PolicyService", "SimulatePolicies")}
