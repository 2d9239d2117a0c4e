import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { Obligation } from "../answer.js";
import type { GateClient } from "../channel.js";
import { digest, type JsonObject, parseObject } from "../digest/index.js";
import { type Approval, ApprovalState } from "../gen/gatehold/v1/approval_pb.js";
import type { ClaimApprovalResponse } from "../gen/gatehold/v1/decision_point_service_pb.js";
import { readObligation } from "../obligations.js";
import { statusOf } from "../status.js";
import { pause, pauses, type Timing } from "../timing.js";
import { type Held, refused } from "./held.js";

const MOST_ATTEMPTS = 5;

/** After these the claim may have been taken, so the same one is sent again. */
export const MAYBE_TAKEN: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Canceled,
  Code.Unknown,
]);

/** What a claimant says. The same again renews the claim. */
export interface ClaimRequest {
  readonly approvalId: string;
  readonly claimId: string;
  readonly argsDigest: string;
  readonly contextDigest: string;
  readonly toolDefinitionDigest: string;
}

/** The right to run an approved call once. */
export interface Claim {
  /** The frozen arguments, unredacted; other ones than were requested where a person edited them. */
  readonly args: JsonObject;
  /** To be met before the call runs; undefined where they cannot be read, so that they cannot be met. */
  readonly obligations: readonly Obligation[] | undefined;
  /** How long it holds, in milliseconds from before it was asked for. */
  readonly lengthMs: number;
}

/** @throws ApprovalRefused unless the gate says, of this very call, that it is this process's to run. */
export async function claim(
  client: GateClient,
  held: Held,
  request: ClaimRequest,
  timing: Timing,
  closed: AbortSignal,
): Promise<Claim> {
  const retry = pauses(timing);
  for (let attempt = 1; ; attempt += 1) {
    let reply: ClaimApprovalResponse;
    try {
      reply = await client.claimApproval(request, { timeoutMs: timing.approvalCall });
    } catch (error) {
      const { code, message, reason } = statusOf(error);
      if (attempt === MOST_ATTEMPTS || !MAYBE_TAKEN.has(code)) {
        throw refused(held, reason ? `${message} [${reason}]` : message);
      }
      await pause(retry.next().value, closed);
      continue;
    }
    return checked(reply, held, request, timing);
  }
}

function checked(
  { approval, obligations }: ClaimApprovalResponse,
  held: Held,
  request: ClaimRequest,
  timing: Timing,
): Claim {
  if (
    approval?.state !== ApprovalState.CLAIMED ||
    approval.approvalId !== request.approvalId ||
    approval.claimId !== request.claimId ||
    approval.verb !== held.verb
  ) {
    throw refused(held, "the reply to the claim is not about it");
  }
  const args = frozenArgs(approval);
  if (args === undefined || digest(args) !== request.argsDigest || approval.argsDigest !== request.argsDigest) {
    throw refused(held, "the arguments in the reply to the claim are not the approved ones");
  }
  return { args, obligations: read(obligations), lengthMs: lengthMs(approval, timing) };
}

/** How long a claim holds that the approval tells of. */
export function lengthMs(approval: Approval | undefined, timing: Timing): number {
  const left = approval?.timeLeft;
  return left === undefined ? timing.claim : durationMs(left);
}

function frozenArgs({ argsJson }: Approval): JsonObject | undefined {
  try {
    return parseObject(argsJson, "args_json");
  } catch {
    return undefined;
  }
}

function read(obligations: ClaimApprovalResponse["obligations"]): readonly Obligation[] | undefined {
  try {
    return obligations.map(readObligation);
  } catch {
    return undefined;
  }
}
