import { Code } from "@connectrpc/connect";
import { Answer } from "../answer.js";
import type { Call } from "../call.js";
import type { GateClient } from "../channel.js";
import { Blocked } from "../errors.js";
import type { Approval } from "../gen/gatehold/v1/approval_pb.js";
import { ErrorReason } from "../gen/gatehold/v1/error_reason_pb.js";
import { fromStatus } from "../reading.js";
import { type Status, statusOf } from "../status.js";

/**
 * Asks people to approve a call.
 *
 * @returns undefined where policy, by now, allows or blocks the call, so that it has to be decided anew.
 * @throws Blocked when no approval of this very call came back.
 */
export async function requestApproval(
  client: GateClient,
  call: Call,
  justification: string,
  timeoutMs: number,
): Promise<Approval | undefined> {
  const { verb, argsJson, contextJson, onBehalfOf, toolDefinitionDigest, argsDigest } = call;
  const request = { verb, argsJson, contextJson, onBehalfOf, toolDefinitionDigest, justification };
  let approval: Approval | undefined;
  try {
    ({ approval } = await client.requestApproval(request, { timeoutMs }));
  } catch (error) {
    const status = statusOf(error);
    if (isNotRequired(status)) return undefined;
    throw new Blocked(verb, fromStatus(status, argsDigest));
  }
  if (approval === undefined || !isAbout(approval, call)) {
    throw new Blocked(verb, Answer.failClosed("invalid_response", "The approval is not about this call", argsDigest));
  }
  return approval;
}

function isNotRequired({ code, reason }: Status): boolean {
  return code === Code.FailedPrecondition && reason === ErrorReason[ErrorReason.APPROVAL_NOT_REQUIRED];
}

function isAbout({ approvalId, verb, argsDigest, edited }: Approval, call: Call): boolean {
  return approvalId !== "" && verb === call.verb && argsDigest !== "" && (edited || argsDigest === call.argsDigest);
}
