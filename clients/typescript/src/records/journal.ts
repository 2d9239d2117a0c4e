import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AuditRecordSchema } from "../gen/gatehold/v1/audit_record_pb.js";
import type { RecordAuditRequestSchema } from "../gen/gatehold/v1/decision_point_service_pb.js";

export type NewRecord = MessageInitShape<typeof AuditRecordSchema>;
export type Message = MessageInitShape<typeof RecordAuditRequestSchema>;

const MOST_KEPT = 1_000;
const MOST_SENT = 100; // on one stream, so that its deadline suffices under load
const PROTOCOL_VERSION = 1;

/** Records that wait for their acknowledgement, in a numbered stream of the agent's own. */
export class Journal {
  #streamId: string = randomUUID();
  #stored = 0n; // sequence before the first that waits
  readonly #waiting: NewRecord[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Sequence of the last in `messages`. */
  get last(): bigint {
    return this.#stored + BigInt(Math.min(this.#waiting.length, MOST_SENT));
  }

  /** Keeps a record, last in line. Returns false where 1,000 wait already: one more would grow without bound. */
  add(record: NewRecord): boolean {
    if (this.#waiting.length >= MOST_KEPT) return false;
    this.#waiting.push(record);
    return true;
  }

  /** The first message of a stream, which the gate answers with how far it has the records. */
  opening(): Message {
    const stream = { case: "streamId", value: this.#streamId } as const;
    return { message: { case: "open", value: { stream, protocolVersion: PROTOCOL_VERSION } } };
  }

  /** The first that wait, numbered. The gate knows what it has stored before by its sequence, and stores it once. */
  messages(): Message[] {
    const records = this.#waiting.slice(0, MOST_SENT).map((record, index): Message => {
      const sequence = this.#stored + BigInt(index) + 1n;
      return { message: { case: "agentRecord", value: { sequence, record } } };
    });
    return [this.opening(), ...records];
  }

  /** Forgets the records up to `sequence`, which is at most the last that was sent. */
  acknowledged(sequence: bigint): void {
    const count = Number(sequence - this.#stored);
    if (count <= 0) return;
    this.#waiting.splice(0, count);
    this.#stored += BigInt(count);
  }

  /** Drops the first that waits, and gives those behind it a stream without its gap. */
  refused(): void {
    this.#waiting.shift();
    this.renew();
  }

  /** Starts a new stream, with what waits numbered from 1. */
  renew(): void {
    this.#streamId = randomUUID();
    this.#stored = 0n;
  }
}
