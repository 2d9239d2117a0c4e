import { uptime } from "node:os";
import type { GateClient } from "../channel.js";
import type { Logger } from "../log.js";
import { statusOf } from "../status.js";
import type { Timing } from "../timing.js";
import { type ClaimRequest, lengthMs, MAYBE_TAKEN } from "./claim.js";

/** Keeps a claim while it is used. */
export class Renewal {
  readonly #client: GateClient;
  readonly #request: ClaimRequest;
  readonly #timing: Timing;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #end: number;

  /** @param end - seconds of `os.uptime`, which counts time asleep too, at which the claim is over unless it is renewed. */
  constructor(client: GateClient, request: ClaimRequest, end: number, timing: Timing, log: Logger) {
    this.#client = client;
    this.#request = request;
    this.#end = end;
    this.#timing = timing;
    this.#log = log;
    this.#timer = setInterval(() => void this.#renew(), timing.renewal).unref();
  }

  /** False once another process may have the claim: what has not begun must not begin. */
  holds(): boolean {
    return uptime() < this.#end;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    const began = uptime();
    try {
      const { approval } = await this.#client.claimApproval(this.#request, { timeoutMs: this.#timing.approvalCall });
      this.#end = began + lengthMs(approval, this.#timing) / 1_000;
    } catch (error) {
      const { code, message } = statusOf(error);
      this.#log.warn(`the claim on approval ${this.#request.approvalId} was not renewed: ${message}`);
      if (MAYBE_TAKEN.has(code)) return;
      this.#end = 0;
      this.stop();
    }
  }
}
