/** Guards: ask the sidecar, run only what it lets through, fail closed on everything else. */
export { Answer, type Obligation } from "./answer.js";
export type { Waiting } from "./approvals/wait.js";
export type { CallOptions } from "./call.js";
export {
  canonical,
  digest,
  type IfJson,
  type Json,
  type JsonObject,
  type JsonValue,
  parseObject,
} from "./digest/index.js";
export * from "./errors.js";
export type { Approval } from "./gen/gatehold/v1/approval_pb.js";
export { type EvaluateOptions, Guard, type Guarded, type GuardOptions, type Resumed } from "./guard.js";
export { InvalidInput } from "./invalid.js";
export type { Logger } from "./log.js";
export type { Handler } from "./obligations.js";
export type { TargetOptions } from "./target.js";
export type { ProtectOptions, Run } from "./task.js";
export type { Decision, DecisionSource, ReasonCode, RiskLevel } from "./vocabulary.js";
