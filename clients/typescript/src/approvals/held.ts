import type { Answer } from "../answer.js";
import { ApprovalCancelled, ApprovalDenied, ApprovalExpired, ApprovalRefused } from "../errors.js";
import { type Approval, ApprovalState } from "../gen/gatehold/v1/approval_pb.js";

/** An approval that this process acts on, and what it holds it against. */
export interface Held {
  /** The verb of the function that would run. */
  readonly verb: string;
  readonly approval: Approval;
  /** Hex SHA-256 of the context that this process is in; empty where it does not state one. */
  readonly contextDigest: string;
  readonly toolDefinitionDigest: string;
  /** The answer that asked for approval. */
  readonly answer: Answer;
}

export function refused({ verb, approval, answer }: Held, why: string): ApprovalRefused {
  return new ApprovalRefused(verb, answer, approval, why);
}

/** @throws ApprovalRequired, of the kind that its state stands for, unless it is approved. */
export function requireApproved(held: Held): void {
  const { verb, approval, answer } = held;
  const why = approval.endReason;
  switch (approval.state) {
    case ApprovalState.APPROVED:
      return;
    case ApprovalState.DENIED:
      throw new ApprovalDenied(verb, answer, approval, why || "a person denied it");
    case ApprovalState.EXPIRED:
      throw new ApprovalExpired(verb, answer, approval, why || "its time is over");
    case ApprovalState.CANCELLED:
      throw new ApprovalCancelled(verb, answer, approval, why || "it was taken back");
    default: // whoever has it by now, or a state that nobody here knows
      throw refused(held, `it is ${ApprovalState[approval.state] ?? "in an unknown state"}`);
  }
}
