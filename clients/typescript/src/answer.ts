import { hasPassed } from "./boottime.js";
import type { JsonObject } from "./digest/index.js";
import type { Approval } from "./gen/gatehold/v1/approval_pb.js";
import type { Decision, DecisionSource, ReasonCode, RiskLevel } from "./vocabulary.js";

/** Something to do before a call runs. */
export interface Obligation {
  /** The policy that asks. */
  readonly id: string;
  /** What to do, for example `notification`. */
  readonly type: string;
  readonly properties: JsonObject;
}

/** What an {@link Answer} is made of. */
export interface AnswerFields {
  readonly decision: Decision;
  readonly reason: string;
  readonly reasonCode: ReasonCode;
  readonly riskLevel: RiskLevel;
  readonly policyMatched: string;
  readonly decisionId: string;
  readonly revision: number;
  readonly source: DecisionSource;
  readonly obligations: readonly Obligation[];
  readonly argsDigest: string;
}

/** What the gate says of one call. Test {@link Answer.allowed} and nothing else. */
export class Answer implements AnswerFields {
  readonly decision: Decision;
  /** One sentence for a person. */
  readonly reason: string;
  /** Why, for programs. */
  readonly reasonCode: ReasonCode;
  /** Of the verb; HIGH where nobody could tell. */
  readonly riskLevel: RiskLevel;
  /** Id of the policy that decided; empty where none did. */
  readonly policyMatched: string;
  /** Of the record; empty where nobody could decide. */
  readonly decisionId: string;
  /** Of the configuration that decided; 0 where nobody could. */
  readonly revision: number;
  readonly source: DecisionSource;
  /** To be met before the call runs. */
  readonly obligations: readonly Obligation[];
  /** Hex SHA-256 of the canonical arguments; empty where they have no canonical form. */
  readonly argsDigest: string;
  readonly #validUntilNs: bigint;

  /**
   * @param fields - the answer.
   * @param validUntilNs - nanoseconds of CLOCK_BOOTTIME from which it must not be used; 0 for no such end.
   */
  constructor(fields: AnswerFields, validUntilNs = 0n) {
    this.decision = fields.decision;
    this.reason = fields.reason;
    this.reasonCode = fields.reasonCode;
    this.riskLevel = fields.riskLevel;
    this.policyMatched = fields.policyMatched;
    this.decisionId = fields.decisionId;
    this.revision = fields.revision;
    this.source = fields.source;
    this.obligations = fields.obligations;
    this.argsDigest = fields.argsDigest;
    this.#validUntilNs = validUntilNs;
  }

  /** True only where the call may run at this very moment: an answer of a cache has an end. */
  get allowed(): boolean {
    return this.decision === "allow" && !hasPassed(this.#validUntilNs);
  }

  /** The decision that asked for an approval, as far as the approval tells it. */
  static of(approval: Approval): Answer {
    return new Answer({
      decision: "require_approval",
      reason: approval.reason,
      reasonCode: "policy",
      riskLevel: "HIGH",
      policyMatched: approval.policyMatched,
      decisionId: "",
      revision: Number(approval.revision),
      source: "policy",
      obligations: [],
      argsDigest: approval.argsDigest,
    });
  }

  /** A block, because nobody could decide. */
  static failClosed(reasonCode: ReasonCode, reason: string, argsDigest = ""): Answer {
    return new Answer({
      decision: "block",
      reason,
      reasonCode,
      riskLevel: "HIGH",
      policyMatched: "",
      decisionId: "",
      revision: 0,
      source: "fail_closed",
      obligations: [],
      argsDigest,
    });
  }
}
