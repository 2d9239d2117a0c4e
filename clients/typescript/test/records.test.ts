import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type AuditRecord, Outcome, RecordKind } from "gatehold/v1/audit_record_pb.js";
import type { DecisionPointService } from "gatehold/v1/decision_point_service_pb.js";
import { Channel } from "../src/channel.js";
import { Recorder } from "../src/records/recorder.js";
import { resolve } from "../src/target.js";
import { FAST, ScriptedGate, until, VERB } from "./gate.js";

type RecordAudit = ServiceImpl<typeof DecisionPointService>["recordAudit"];

/** A gate that stores records as a sidecar does: by stream, each sequence once, and never after a gap. */
class Store {
  readonly records: AuditRecord[] = [];
  readonly streams: string[] = [];
  readonly stored = new Map<string, bigint>();
  refuses: (record: AuditRecord) => boolean = () => false;
  /** Called after each record that is stored, before it is acknowledged. */
  afterEach: () => void = () => undefined;

  readonly recordAudit: RecordAudit = (messages) => this.#take(messages);

  async *#take(messages: Parameters<RecordAudit>[0]): AsyncGenerator<{ acknowledgedSequence: bigint }> {
    let stream = "";
    for await (const { message } of messages) {
      if (message.case === "open") {
        assert.equal(message.value.protocolVersion, 1);
        assert.ok(message.value.stream.case === "streamId");
        stream = message.value.stream.value;
        this.streams.push(stream);
      } else if (message.case === "agentRecord") {
        this.#store(stream, message.value.sequence, message.value.record as AuditRecord);
      }
      yield { acknowledgedSequence: this.stored.get(stream) ?? 0n };
    }
  }

  #store(stream: string, sequence: bigint, record: AuditRecord): void {
    const last = this.stored.get(stream) ?? 0n;
    if (sequence > last + 1n) throw new ConnectError("gap", Code.OutOfRange);
    if (sequence <= last) return;
    if (this.refuses(record)) throw new ConnectError("record.verb: no", Code.InvalidArgument);
    this.records.push(record);
    this.stored.set(stream, sequence);
    this.afterEach();
  }
}

let gate: ScriptedGate;
let store: Store;
beforeEach(async () => {
  store = new Store();
  gate = await new ScriptedGate({ recordAudit: store.recordAudit }).start();
});
afterEach(() => gate.stop());

const verbs = (): string[] => store.records.map(({ verb }) => verb);

test("a run that succeeded is on the record", async () => {
  await gate.guard().protect(VERB, () => 1)({});
  await until(() => store.records.length === 1);
  const [record] = store.records;
  assert.equal(record?.kind, RecordKind.TOOL_EXECUTION);
  assert.equal(record.verb, VERB);
  assert.ok(record.detail.case === "execution");
  const { outcome, error, decisionId, approvalId, duration } = record.detail.value;
  assert.deepEqual([outcome, error, approvalId], [Outcome.SUCCEEDED, "", ""]);
  assert.notEqual(decisionId, "");
  assert.ok(duration !== undefined && duration.nanos > 0);
});

describe("a run that failed is on the record", () => {
  class CardError extends Error {}
  const cases: Record<string, [unknown, boolean, string]> = {
    "without its text": [new CardError("card 4242 declined"), false, "CardError"],
    "with it where that is asked for": [new CardError("card 4242 declined"), true, "CardError: card 4242 declined"],
    "whatever was thrown": ["text", true, "string"],
    "even where the error cannot be read": [
      Object.defineProperty(new Error(), "message", {
        get(): never {
          throw new Error("gone");
        },
      }),
      true,
      "unknown",
    ],
  };
  for (const [name, [thrown, recordErrorText, told]] of Object.entries(cases)) {
    test(name, async () => {
      const guarded = gate.guard({ recordErrorText }).protect(VERB, () => Promise.reject(thrown as Error));
      await assert.rejects(guarded({}), (error: unknown) => error === thrown);
      await until(() => store.records.length === 1);
      const detail = store.records[0]?.detail;
      assert.ok(detail?.case === "execution");
      assert.deepEqual([detail.value.outcome, detail.value.error], [Outcome.FAILED, told]);
    });
  }

  test("cut between characters at 4,096 bytes", async () => {
    const guarded = gate
      .guard({ recordErrorText: true })
      .protect(VERB, () => Promise.reject(new Error(`x${"€".repeat(3_000)}`)));
    await assert.rejects(guarded({}));
    await until(() => store.records.length === 1);
    const detail = store.records[0]?.detail;
    assert.ok(detail?.case === "execution");
    assert.equal(detail.value.error, `Error: x${"€".repeat(1_362)}`);
  });
});

test("a block is no run", async () => {
  gate.script.evaluate = () => ({});
  const guard = gate.guard();
  await assert.rejects(guard.protect(VERB, () => 1)({}));
  await guard.close();
  assert.equal(store.streams.length, 0);
});

test("each record is stored once, in order, over connections that are lost", async () => {
  let stored = 0;
  store.afterEach = () => {
    stored += 1;
    if (stored % 3 === 0) throw new ConnectError("no", Code.Unavailable);
  };
  const guard = gate.guard();
  for (let n = 0; n < 10; n += 1) await guard.protect(`a:t${n}`, () => 1)({});
  await until(() => store.records.length === 10);
  assert.deepEqual(
    verbs(),
    Array.from({ length: 10 }, (_, n) => `a:t${n}`),
  );
});

test("what waits while the sidecar is gone is sent when it is back", async () => {
  const guard = gate.guard();
  await guard.protect("a:first", async () => gate.die())({});
  await gate.start();
  await until(() => store.records.length === 1);
  assert.deepEqual(verbs(), ["a:first"]);
});

test("one that is refused for good is lost alone, and said to be", async () => {
  store.refuses = ({ verb }) => verb === "a:bad";
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const guard = gate.guard();
  const all = ["a:first", "a:bad", "a:last"].map((verb) => guard.protect(verb, () => held)({}));
  await until(() => gate.evaluations.length === 3);
  release();
  await Promise.all(all);
  await until(() => store.records.length === 2);
  assert.deepEqual(verbs(), ["a:first", "a:last"]);
  assert.match(gate.logged.join(), /an outcome is lost/);
});

test("a gate that has forgotten the stream gets a new one", async () => {
  const guard = gate.guard();
  await guard.protect("a:first", () => 1)({});
  await until(() => store.records.length === 1);
  store.stored.clear();
  await guard.protect("a:second", () => 1)({});
  await until(() => store.records.length === 2);
  assert.deepEqual(verbs(), ["a:first", "a:second"]);
  assert.equal(new Set(store.streams).size, 2);
});

test("a gate that never acknowledges does not hold up the run, and is told of at close", async () => {
  gate.script.recordAudit = async function* () {
    yield await Promise.resolve({ acknowledgedSequence: 0n });
  };
  const guard = gate.guard();
  assert.equal(await guard.protect(VERB, () => 1)({}), 1);
  await guard.close();
  assert.match(gate.logged.join(), /1 outcomes are not on the record/);
});

test("an acknowledgement beyond what was sent takes nothing along", async () => {
  const sequences: bigint[] = [];
  gate.script.recordAudit = async function* (messages) {
    for await (const { message } of messages) {
      if (message.case !== "agentRecord") continue;
      sequences.push(message.value.sequence);
      yield { acknowledgedSequence: 99n };
    }
  };
  const guarded = gate.guard().protect(VERB, () => 1);
  await guarded({});
  await until(() => sequences.length === 1);
  await guarded({});
  await until(() => sequences.length === 2);
  assert.deepEqual(sequences, [1n, 2n]);
});

test("1,000 wait at most, and all of them are sent at close", async () => {
  gate.script.recordAudit = () => {
    throw new ConnectError("no", Code.Unavailable);
  };
  const logged: string[] = [];
  const log = (message: string): number => logged.push(message);
  const channel = new Channel(resolve({ target: gate.target }));
  const timing = { ...FAST, firstPause: 60_000, longestPause: 60_000 };
  const recorder = new Recorder(channel.client, 60_000, timing, { info: log, warn: log, error: log });
  for (let n = 0; n < 1_000; n += 1) recorder.later({ verb: `a:t${n}` });
  assert.deepEqual(logged, []);
  recorder.later({ verb: "a:more" });
  assert.match(logged.join(), /too many wait/);
  gate.script.recordAudit = store.recordAudit;
  await recorder.close();
  channel.close();
  assert.deepEqual(
    verbs(),
    Array.from({ length: 1_000 }, (_, n) => `a:t${n}`),
  );
});
