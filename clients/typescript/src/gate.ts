import { Answer } from "./answer.js";
import type { Call } from "./call.js";
import type { GateClient } from "./channel.js";
import { Intent } from "./gen/gatehold/v1/decision_pb.js";
import type { Obligations } from "./obligations.js";
import { fromResponse, fromStatus } from "./reading.js";
import { statusOf } from "./status.js";

/** How a question is put. */
export interface Question {
  /** The call does not run next. It never changes the decision. */
  readonly preflight?: boolean | undefined;
  /** Correlation id for the record. Default: none. */
  readonly requestId?: string | undefined;
}

/** Asks for decisions. */
export class Gate {
  readonly #client: GateClient;
  readonly #obligations: Obligations;
  readonly #deadlineMs: number;

  constructor(client: GateClient, obligations: Obligations, deadlineMs: number) {
    this.#client = client;
    this.#obligations = obligations;
    this.#deadlineMs = deadlineMs;
  }

  /** What the gate says. Never rejects: what could not be decided comes back as a block. */
  async ask(call: Call, { preflight = false, requestId = "" }: Question = {}): Promise<Answer> {
    const { verb, argsJson, contextJson, onBehalfOf, toolDefinitionDigest } = call;
    const intent = preflight ? Intent.PREFLIGHT : Intent.EXECUTE;
    const request = { verb, argsJson, contextJson, onBehalfOf, toolDefinitionDigest, intent, requestId };
    try {
      const response = await this.#client.evaluate(request, { timeoutMs: this.#deadlineMs });
      return fromResponse(response, call.argsDigest, this.#obligations);
    } catch (error) {
      return fromStatus(statusOf(error), call.argsDigest);
    }
  }
}
