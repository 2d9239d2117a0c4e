import { Code } from "@connectrpc/connect";
import type { GateClient } from "../channel.js";
import type { Logger } from "../log.js";
import { type Status, statusOf } from "../status.js";
import { pause, pauses, type Timing } from "../timing.js";
import { Journal, type Message, type NewRecord } from "./journal.js";

/** How one stream went. */
interface Reply {
  /** The highest sequence that came back. */
  readonly acknowledged: bigint;
  /** Undefined where it ended well. */
  readonly status: Status | undefined;
}

/** Brings the agent's records to the gate in the background, and keeps each until it is durable there. */
export class Recorder {
  readonly #client: GateClient;
  readonly #deadlineMs: number;
  readonly #timing: Timing;
  readonly #log: Logger;
  readonly #journal = new Journal();
  readonly #closing = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(client: GateClient, deadlineMs: number, timing: Timing, log: Logger) {
    this.#client = client;
    this.#deadlineMs = deadlineMs;
    this.#timing = timing;
    this.#log = log;
  }

  /** Returns at once. What it tells of has happened, so a journal that is full is logged, not thrown. */
  later(record: NewRecord): void {
    if (!this.#journal.add(record)) this.#log.warn("an outcome is not on the record: too many wait for the gate");
    this.#sending ??= this.#send();
  }

  /** Tries once more to send what waits. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
  }

  async #send(): Promise<void> {
    const retry = pauses(this.#timing);
    for (let last = false; ; last = this.#closing.signal.aborted) {
      const hindrance = await this.#bring();
      if (this.#journal.waiting === 0 || last) {
        if (hindrance) this.#log.warn(`${this.#journal.waiting} outcomes are not on the record: ${hindrance}`);
        this.#sending = undefined; // at once: a record that comes now has to start the next
        return;
      }
      await pause(retry.next().value, this.#closing.signal, true);
    }
  }

  /**
   * Sends what waits, on one stream after another. Only InvalidArgument speaks of one record, and sending that again cannot
   * help; every other error speaks of the connection, the stream or the gate's state, so it costs no record.
   *
   * @returns why records wait still; empty where none do.
   */
  async #bring(): Promise<string> {
    for (let renewed = false; this.#journal.waiting > 0;) {
      const { last } = this.#journal;
      const { acknowledged, status } = await this.#exchange(this.#journal.messages(), last);
      if (status?.code === Code.InvalidArgument) {
        // The status may have overtaken acknowledgements, so ask anew how far the records came.
        const standing = await this.#exchange([this.#journal.opening()], last);
        if (standing.status !== undefined || standing.acknowledged >= last) return status.message;
        this.#log.error(`an outcome is lost, for the gate refused its record: ${status.message}`);
        this.#journal.refused();
      } else if (status?.code === Code.OutOfRange && !renewed) {
        // The gate has forgotten the stream. It takes no record after a gap, so none of these is stored there.
        this.#journal.renew();
        renewed = true;
      } else if (status !== undefined || acknowledged < last) {
        return status?.message ?? "the gate did not acknowledge all";
      }
    }
    return "";
  }

  /** Sends messages, and takes acknowledgements up to `last`, the highest sequence that may be among them. */
  async #exchange(messages: Message[], last: bigint): Promise<Reply> {
    const stop = new AbortController();
    const options = { timeoutMs: this.#deadlineMs, signal: stop.signal };
    let acknowledged = 0n;
    let status: Status | undefined;
    try {
      for await (const { acknowledgedSequence } of this.#client.recordAudit(each(messages), options)) {
        if (acknowledgedSequence > acknowledged) acknowledged = acknowledgedSequence;
        if (acknowledged >= last) stop.abort(); // not `break`, after which Connect's timer would keep the process alive
      }
    } catch (error) {
      if (!stop.signal.aborted) status = statusOf(error);
    }
    this.#journal.acknowledged(acknowledged < last ? acknowledged : last);
    return { acknowledged, status };
  }
}

async function* each(messages: Message[]): AsyncGenerator<Message> {
  for (const message of messages) yield await Promise.resolve(message);
}
