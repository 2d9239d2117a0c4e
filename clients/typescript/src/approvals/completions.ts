import { Code } from "@connectrpc/connect";
import type { GateClient } from "../channel.js";
import type { Outcome } from "../gen/gatehold/v1/audit_record_pb.js";
import type { Logger } from "../log.js";
import { statusOf } from "../status.js";
import { pause, pauses, type Timing } from "../timing.js";

/** Saying it again would be answered in the same way. A credential that is refused is no such end: it can be replaced. */
const REFUSED_FOR_GOOD: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.FailedPrecondition,
  Code.Aborted,
  Code.OutOfRange,
  Code.Unimplemented,
]);

/** How a claimed run ended. */
export interface Completion {
  readonly approvalId: string;
  readonly claimId: string;
  readonly outcome: Outcome;
  readonly error: string;
  readonly duration: { seconds: bigint; nanos: number };
}

/** Tells the gate how claimed runs ended, in the background, until it has taken each or refused it for good. */
export class Completions {
  readonly #client: GateClient;
  readonly #timing: Timing;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(client: GateClient, timing: Timing, log: Logger) {
    this.#client = client;
    this.#timing = timing;
    this.#log = log;
  }

  later(completion: Completion): void {
    const delivery = this.#deliver(completion).finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  /** Tries each that is left once more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#underWay);
  }

  async #deliver(completion: Completion): Promise<void> {
    const retry = pauses(this.#timing);
    for (;;) {
      const last = this.#closing.signal.aborted;
      try {
        await this.#client.completeApproval(completion, { timeoutMs: this.#timing.approvalCall });
        return;
      } catch (error) {
        const { code, message } = statusOf(error);
        if (last || REFUSED_FOR_GOOD.has(code)) {
          this.#log.warn(`the gate does not know how approval ${completion.approvalId} ended: ${message}`);
          return;
        }
      }
      await pause(retry.next().value, this.#closing.signal, true);
    }
  }
}
