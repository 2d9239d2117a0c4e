import { Code } from "@connectrpc/connect";
import { Answer } from "./answer.js";
import { hasPassed } from "./boottime.js";
import { Decision, DecisionSource, RiskLevel } from "./gen/gatehold/v1/decision_pb.js";
import type { EvaluateResponse } from "./gen/gatehold/v1/decision_point_service_pb.js";
import { ReasonCode } from "./gen/gatehold/v1/reason_code_pb.js";
import { type Obligations, readObligation } from "./obligations.js";
import type { Status } from "./status.js";
import { nameOf, wordOf } from "./vocabulary.js";

const REFUSED: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.ResourceExhausted,
  Code.FailedPrecondition,
  Code.NotFound,
  Code.Unimplemented,
]);

/** The block that an error status stands for. */
export function fromStatus({ code, message }: Status, argsDigest: string): Answer {
  return REFUSED.has(code)
    ? Answer.failClosed("refused", `The gate refused the request: ${message}`, argsDigest)
    : Answer.failClosed("sidecar_unreachable", `The gate could not be asked: ${message}`, argsDigest);
}

/**
 * The answer, or a block where the response is garbage, too late or asks for something unknown.
 *
 * @param argsDigest - of the arguments that were sent; an answer about others is garbage.
 */
export function fromResponse(response: EvaluateResponse, argsDigest: string, obligations: Obligations): Answer {
  let answer: Answer;
  try {
    answer = read(response, argsDigest);
  } catch (error) {
    const why = error instanceof Error ? error.message : "it cannot be read";
    return Answer.failClosed("invalid_response", `The gate's answer is unusable: ${why}`, argsDigest);
  }
  const unknown = obligations.unknown(answer.obligations);
  if (answer.decision === "block" || unknown === undefined) return answer;
  const reason = `The call carries an obligation nobody here knows: ${unknown.type}`;
  return Answer.failClosed("unknown_obligation", reason, argsDigest);
}

function read(response: EvaluateResponse, argsDigest: string): Answer {
  const decision = wordOf(Decision, response.decision, "decision");
  const source = wordOf(DecisionSource, response.source, "source");
  if (hasPassed(response.validUntilBoottimeNs)) throw new RangeError("it came too late");
  if (decision !== "block" && (source === "fail_closed" || response.revision < 1n)) {
    throw new RangeError("it permits what nobody decided");
  }
  if (!response.decisionId || response.argsDigest !== argsDigest) throw new RangeError("it is not about this call");
  const fields = {
    decision,
    source,
    reason: response.reason,
    reasonCode: wordOf(ReasonCode, response.reasonCode, "reason_code"),
    riskLevel: nameOf(RiskLevel, response.riskLevel, "risk_level"),
    policyMatched: response.policyMatched,
    decisionId: response.decisionId,
    revision: Number(response.revision),
    obligations: response.obligations.map(readObligation),
    argsDigest,
  };
  return new Answer(fields, response.validUntilBoottimeNs);
}
