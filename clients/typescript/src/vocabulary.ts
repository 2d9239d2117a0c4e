import { type Decision as WireDecision, type DecisionSource as WireSource } from "./gen/gatehold/v1/decision_pb.js";
import { type RiskLevel as WireRiskLevel } from "./gen/gatehold/v1/decision_pb.js";
import { type ReasonCode as WireReasonCode } from "./gen/gatehold/v1/reason_code_pb.js";

/** The names of a wire enumeration, without its zero, which means that nothing was said. */
type Names<E> = Exclude<keyof E & string, "UNSPECIFIED">;

/** What the gate does with a call. Anything but `allow` does not run. */
export type Decision = Lowercase<Names<typeof WireDecision>>;
/** How much harm a verb can do. */
export type RiskLevel = Names<typeof WireRiskLevel>;
/** Who answered: the policies, the sidecar's cache, or nobody, so that the call is blocked. */
export type DecisionSource = Lowercase<Names<typeof WireSource>>;
/** Why a decision is what it is, for programs. */
export type ReasonCode = Lowercase<Names<typeof WireReasonCode>>;

/**
 * The name of a wire value.
 *
 * @throws RangeError for a number that this client does not know, and for zero.
 */
export function nameOf<E extends object>(wire: E, value: number, what: string): Names<E> {
  const name = (wire as Record<number, string>)[value];
  if (value === 0 || name === undefined) throw new RangeError(`its ${what} is ${value}`);
  return name as Names<E>;
}

/** {@link nameOf} in the short spelling that people see. */
export function wordOf<E extends object>(wire: E, value: number, what: string): Lowercase<Names<E>> {
  return nameOf(wire, value, what).toLowerCase() as Lowercase<Names<E>>;
}
