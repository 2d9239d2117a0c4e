import type { Answer } from "./answer.js";
import type { Approval } from "./gen/gatehold/v1/approval_pb.js";

/** Base of every error that a guard makes of what the gate says. */
export class GateholdError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The call was not let through, so the function did not run. */
export class NotAllowed extends GateholdError {
  /** The call's verb. */
  readonly verb: string;
  /** The decision. */
  readonly answer: Answer;
  /** Why it did not run, in one sentence. */
  readonly reason: string;

  constructor(verb: string, answer: Answer, reason: string, where: string) {
    super(`${verb}: ${reason} [${where}]`);
    this.verb = verb;
    this.answer = answer;
    this.reason = reason;
  }
}

/** The call must not run, or nobody could decide. */
export class Blocked extends NotAllowed {
  constructor(verb: string, answer: Answer) {
    super(verb, answer, answer.reason, answer.reasonCode);
  }
}

/** A person must approve the call, and it did not come to a run. */
export class ApprovalRequired extends NotAllowed {
  /** As it was last seen. Sensitive arguments in it read `[redacted]`. */
  readonly approval: Approval;

  constructor(verb: string, answer: Answer, approval: Approval, reason: string) {
    super(verb, answer, reason, `approval ${approval.approvalId}`);
    this.approval = approval;
  }
}

/** Nobody has decided yet. The approval stays open: `Guard.resume` runs the call once it is approved. */
export class ApprovalPending extends ApprovalRequired {}

/** A person denied it; `reason` is theirs. */
export class ApprovalDenied extends ApprovalRequired {}

/** Nobody decided, or ran it, in time. */
export class ApprovalExpired extends ApprovalRequired {}

/** It was taken back; `reason` says why. */
export class ApprovalCancelled extends ApprovalRequired {}

/** It may be approved, but this process must not run it: another one has it, or something changed since. */
export class ApprovalRefused extends ApprovalRequired {}
