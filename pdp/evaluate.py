"""The decision, whole: one call in, one verdict out."""

from gatehold.vocabulary import Decision, ReasonCode, RiskLevel
from pdp.configuration import Configuration
from pdp.model import Call, Verdict
from pdp.policy.decide import decide
from pdp.session_scope import SessionScope


def evaluate(
    configuration: Configuration, call: Call, explain: bool = False, session: SessionScope | None = None
) -> Verdict:
    """Decides one call.

    A verb outside the catalog blocks, whatever any policy says; so does what is outside the caller's session, a tool
    whose definition is not the pinned one, and arguments against the verb's schema. All else is for the policies.
    Whatever goes wrong on the way blocks.

    Args:
        configuration: of the caller's tenant.
        call: as the caller's identity and its strictly parsed request make it.
        explain: whether the verdict carries a trace of how it came about.
        session: that the call is made in; None where it is in none.
    """
    try:
        return _evaluated(configuration, call, explain, session)
    except Exception:  # an evaluator that fails has not allowed anything
        return _block(RiskLevel.HIGH, ReasonCode.EVALUATION_ERROR, "The call could not be evaluated.", explain)


def _evaluated(configuration: Configuration, call: Call, explain: bool, session: SessionScope | None) -> Verdict:
    entry = configuration.catalog.get(call.verb)
    if entry is None:
        return _block(RiskLevel.HIGH, ReasonCode.VERB_UNKNOWN, "The verb is not in the catalog.", explain)

    if session is not None and (problem := session.problem(entry, call)):
        return _block(entry.risk_level, ReasonCode.SESSION_SCOPE, problem, explain)

    if entry.definition_digest and call.tool_definition_digest != entry.definition_digest:
        reason = "The tool's definition is not the one that the catalog pins."
        return _block(entry.risk_level, ReasonCode.TOOL_DEFINITION_MISMATCH, reason, explain)

    if (error := entry.schema_error(call.args)) is not None:
        reason = f"The arguments do not fit the verb's schema: {error}"
        return _block(entry.risk_level, ReasonCode.ARGS_SCHEMA_VIOLATION, reason, explain)

    return decide(configuration.policies, entry, configuration.catalog.bundle_default(entry), call, explain)


def _block(risk_level: RiskLevel, code: ReasonCode, reason: str, explain: bool) -> Verdict:
    return Verdict(Decision.BLOCK, risk_level, reason, code, policy_matched="", trace=() if explain else None)
