import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, test } from "node:test";
import { digest } from "gatehold";
import { ApprovalState } from "gatehold/v1/approval_pb.js";
import { ask, claimed, digestOf, pending, ScriptedGate, VERB } from "./gate.js";

const DRIVER = fileURLToPath(new URL("../conformance/main.js", import.meta.url));
const NOTHING = {
  result: "",
  reason_code: "",
  source: "",
  args_digest: "",
  runs: 0,
  ran_with: null,
  waited: false,
  digests: [],
};

/** What the program prints: one line, with exit code 0. */
async function driven(order: object): Promise<unknown> {
  const driver = spawn(process.execPath, [DRIVER], { stdio: ["pipe", "pipe", "inherit"] });
  driver.stdin.end(JSON.stringify(order));
  const closed = once(driver, "close") as Promise<[number]>;
  const [printed, [code]] = await Promise.all([text(driver.stdout), closed]);
  assert.equal(code, 0);
  assert.match(printed, /^[^\n]+\n$/);
  return JSON.parse(printed);
}

const argsJson = '{"amount":250}';
let gate: ScriptedGate;
beforeEach(async () => (gate = await new ScriptedGate().start()));
afterEach(() => gate.stop());

test("evaluate", async () => {
  const order = {
    target: gate.target,
    operation: "evaluate",
    verb: VERB,
    args_json: argsJson,
    context_json: '{"d":1}',
  };
  const answer = { result: "allow", reason_code: "policy", source: "policy", args_digest: digestOf(argsJson) };
  assert.deepEqual(await driven(order), { ...NOTHING, ...answer });
  assert.equal(gate.evaluations[0]?.contextJson, '{"d":1}');
});

test("what is no JSON", async () => {
  const order = { target: gate.target, operation: "evaluate", verb: VERB, args_json: '{"a":1,"a":1}' };
  const answer = { result: "block", reason_code: "refused", source: "fail_closed" };
  assert.deepEqual(await driven(order), { ...NOTHING, ...answer });
});

test("protect, through an approval, with a failure", async () => {
  const approval = pending({ verb: VERB, argsJson });
  gate.script.evaluate = (request) => ask(request);
  gate.script.watchApproval = async function* () {
    yield await Promise.resolve({ approval: { ...approval, state: ApprovalState.APPROVED } as never });
  };
  gate.script.claimApproval = (request) => {
    const obligations = [{ id: "p", type: "escrow", propertiesJson: "" }];
    return { ...claimed(approval, request), obligations } as never;
  };
  const order = { target: gate.target, operation: "protect", verb: VERB, args_json: argsJson, handlers: ["escrow"] };
  const result = {
    result: "failed",
    args_digest: digestOf(argsJson),
    runs: 1,
    ran_with: { amount: 250 },
    waited: true,
  };
  assert.deepEqual(await driven({ ...order, fails: true, justification: "late" }), { ...NOTHING, ...result });
  assert.equal(gate.requests[0]?.justification, "late");
  assert.equal(gate.completions.length, 1); // told before the program ended
  assert.equal(gate.records.length, 1);
});

test("protect, with an end to the wait", async () => {
  gate.script.evaluate = (request) => ask(request);
  gate.script.watchApproval = async function* () {
    yield await Promise.resolve({ approval: pending({ verb: VERB, argsJson }) as never });
  };
  const order = { target: gate.target, operation: "protect", verb: VERB, args_json: argsJson, timeout_seconds: 0.05 };
  const answer = { result: "pending", reason_code: "policy", source: "policy", args_digest: digestOf(argsJson) };
  assert.deepEqual(await driven(order), { ...NOTHING, ...answer, waited: true });
});

test("protect, with nobody there", async () => {
  const order = { target: "unix:/nowhere/agent.sock", operation: "protect", verb: VERB };
  const answer = { result: "blocked", reason_code: "sidecar_unreachable", source: "fail_closed" };
  assert.deepEqual(await driven(order), { ...NOTHING, ...answer, args_digest: digest({}) });
});

test("digests", async () => {
  const texts = ['{"a":1.0}', "", "[]", '{"a":1,"a":1}', "\ufeff{}"].map((raw) => Buffer.from(raw).toString("base64"));
  const digests = [digest({ a: 1 }), digest({}), null, null, null];
  assert.deepEqual(await driven({ operation: "digests", texts }), { ...NOTHING, digests });
});
