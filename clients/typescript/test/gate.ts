import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { digest, Guard, type GuardOptions, parseObject } from "gatehold";
import { type Approval, type ApprovalSchema, ApprovalState } from "gatehold/v1/approval_pb.js";
import type { AuditRecord } from "gatehold/v1/audit_record_pb.js";
import { Decision, DecisionSource, RiskLevel } from "gatehold/v1/decision_pb.js";
import {
  type ClaimApprovalRequest,
  type ClaimApprovalResponseSchema,
  type CompleteApprovalRequest,
  DecisionPointService,
  type EvaluateRequest,
  type EvaluateResponseSchema,
  type RequestApprovalRequest,
} from "gatehold/v1/decision_point_service_pb.js";
import { ReasonCode } from "gatehold/v1/reason_code_pb.js";
import type { Timing } from "../src/timing.js";

export type Script = Partial<ServiceImpl<typeof DecisionPointService>>;
export type Answering = MessageInitShape<typeof EvaluateResponseSchema>;
export type ApprovalInit = MessageInitShape<typeof ApprovalSchema>;
export type Claiming = MessageInitShape<typeof ClaimApprovalResponseSchema>;

export const VERB = "stripe:create_refund";
export const EMPTY_DIGEST = digest({});
export const APPROVAL_ID = "7a3c2b9e-1f60-4f6b-9d2a-3f1f0c9b8a71";

const PATIENT_MS = 60_000; // a machine under load must not turn an answer into a block

/** Short pauses, so that what is repeated is repeated while a test looks on. */
export const FAST: Timing = {
  approvalCall: PATIENT_MS,
  firstPause: 5,
  longestPause: 20,
  renewal: 60_000,
  claim: 300_000,
};

/** A directory of its own for a socket; nobody else may write to it. */
export function socketPath(): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "gatehold-"));
  return { path: join(folder, "agent.sock"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A real gRPC server on a Unix socket that plays by script. What the script leaves out plays a healthy gate that allows. */
export class ScriptedGate {
  readonly evaluations: EvaluateRequest[] = [];
  readonly requests: RequestApprovalRequest[] = [];
  readonly claims: ClaimApprovalRequest[] = [];
  readonly completions: CompleteApprovalRequest[] = [];
  readonly records: AuditRecord[] = [];
  readonly headers: Headers[] = [];
  readonly guards: Guard[] = [];
  readonly logged: string[] = [];
  script: Script;
  #server: Http2Server | undefined;
  #sessions = new Set<ServerHttp2Session>();
  readonly #socket = socketPath();

  constructor(script: Script = {}) {
    this.script = script;
  }

  get path(): string {
    return this.#socket.path;
  }

  get target(): string {
    return `unix:${this.path}`;
  }

  guard(options: GuardOptions = {}, timing: Partial<Timing> = {}): Guard {
    const log = (message: string): number => this.logged.push(message);
    const logger = { info: log, warn: log, error: log };
    const guard = new Guard(
      { target: this.target, deadlineMs: PATIENT_MS, log: logger, ...options },
      { ...FAST, ...timing },
    );
    this.guards.push(guard);
    return guard;
  }

  async start(): Promise<this> {
    const handler = connectNodeAdapter({
      routes: (router) => router.service(DecisionPointService, this.#service()),
      connect: false,
      grpcWeb: false,
    });
    this.#server = createServer(handler);
    this.#server.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.path, resolve));
    return this;
  }

  /** Dies: every connection is lost, and the socket is gone. */
  async die(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server?.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  async stop(): Promise<void> {
    await Promise.all(this.guards.map((guard) => guard.close()));
    await this.die();
    this.#socket.remove();
  }

  #service(): ServiceImpl<typeof DecisionPointService> {
    const unscripted = (): never => {
      throw new ConnectError("not scripted", Code.Unimplemented);
    };
    return {
      evaluate: (request, context) => {
        this.evaluations.push(request);
        this.headers.push(context.requestHeader);
        return this.script.evaluate?.(request, context) ?? allow(request);
      },
      requestApproval: (request, context) => {
        this.requests.push(request);
        return this.script.requestApproval?.(request, context) ?? { approval: pending(request) };
      },
      claimApproval: (request, context) => {
        this.claims.push(request);
        return this.script.claimApproval?.(request, context) ?? unscripted();
      },
      completeApproval: (request, context) => {
        this.completions.push(request);
        return this.script.completeApproval?.(request, context) ?? {};
      },
      watchApproval: (request, context) => this.script.watchApproval?.(request, context) ?? unscripted(),
      listApprovals: (request, context) => this.script.listApprovals?.(request, context) ?? {},
      recordAudit: (messages, context) => this.script.recordAudit?.(messages, context) ?? this.#acknowledged(messages),
      batchEvaluate: unscripted,
      listPermittedVerbs: unscripted,
      getApproval: unscripted,
      cancelApproval: unscripted,
    };
  }

  async *#acknowledged(
    messages: Parameters<ServiceImpl<typeof DecisionPointService>["recordAudit"]>[0],
  ): AsyncGenerator<{ acknowledgedSequence: bigint }> {
    for await (const { message } of messages) {
      if (message.case !== "agentRecord") continue;
      if (message.value.record) this.records.push(message.value.record);
      yield { acknowledgedSequence: message.value.sequence };
    }
  }
}

/** A sound answer about the request; `changes` make it another one. */
export function allow(request: { argsJson: string }, changes: Answering = {}): Answering {
  return {
    decision: Decision.ALLOW,
    riskLevel: RiskLevel.LOW,
    reason: "Policy permits it.",
    reasonCode: ReasonCode.POLICY,
    policyMatched: "small-refunds",
    decisionId: "0b7f0e0e-6a3e-4f0e-8a54-0a4d7a0b6c11",
    revision: 7n,
    source: DecisionSource.POLICY,
    argsDigest: digestOf(request.argsJson),
    ...changes,
  };
}

export function ask(request: { argsJson: string }): Answering {
  return allow(request, { decision: Decision.REQUIRE_APPROVAL, reason: "Refund exceeds $100 threshold" });
}

/** An approval of the requested call. */
export function pending(request: { verb: string; argsJson: string; onBehalfOf?: string }): ApprovalInit {
  const { verb, argsJson, onBehalfOf = "" } = request;
  return {
    approvalId: APPROVAL_ID,
    state: ApprovalState.PENDING,
    verb,
    argsJson,
    onBehalfOf,
    argsDigest: digestOf(argsJson),
    reason: "Refund exceeds $100 threshold",
  };
}

/** A sound reply to the claim of `approval`. */
export function claimed(approval: ApprovalInit, request: ClaimApprovalRequest, changes: ApprovalInit = {}): Claiming {
  const { approvalId, claimId } = request;
  const state = ApprovalState.CLAIMED;
  return { approval: { ...approval, approvalId, claimId, state, ...changes } as Approval };
}

export function digestOf(argsJson: string): string {
  return digest(parseObject(argsJson, "args_json"));
}

/** An error status with a reason, as Gatehold's servers send it. */
export function refusal(code: Code, reason: string, message = "refused", domain = "gatehold.dev"): ConnectError {
  const info = new BinaryWriter();
  info.tag(1, WireType.LengthDelimited).string(reason);
  info.tag(2, WireType.LengthDelimited).string(domain);
  info.tag(3, WireType.LengthDelimited).bytes(new Uint8Array());
  const error = new ConnectError(message, code);
  error.details = [{ type: "google.rpc.ErrorInfo", value: info.finish() }];
  return error;
}

/** Returns once `holds` does. */
export async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; !holds(); round += 1) {
    if (round > 6_000) throw new Error("it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
