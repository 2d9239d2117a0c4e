import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Approval, ApprovalRefused, GateholdError, type Run } from "gatehold";
import { ApprovalState } from "gatehold/v1/approval_pb.js";
import { Outcome } from "gatehold/v1/audit_record_pb.js";
import { type ApprovalInit, claimed, digestOf, pending, refusal, ScriptedGate, until, VERB } from "./gate.js";

const OTHER = "stripe:create_charge";
const PAGE_SIZE = 2;

let gate: ScriptedGate;
let open: ApprovalInit[];
let runs: [unknown, Run][];
const refund = (args: { amount: number }, run: Run): number => {
  runs.push([args, run]);
  return args.amount;
};

const approval = (id: number, changes: Partial<Approval> = {}): ApprovalInit => {
  const argsJson = `{"amount":${id}}`;
  const state = ApprovalState.APPROVED;
  return { ...pending({ verb: VERB, argsJson }), approvalId: `a-${id}`, state, ...changes } as ApprovalInit;
};

beforeEach(async () => {
  open = [];
  runs = [];
  gate = await new ScriptedGate({
    listApprovals: ({ pageToken }) => {
      const from = Number(pageToken);
      const next = from + PAGE_SIZE;
      const approvals = open.slice(from, next) as Approval[];
      return { approvals, nextPageToken: next < open.length ? String(next) : "" };
    },
    claimApproval: (request) => {
      const found = open.find(({ approvalId }) => approvalId === request.approvalId);
      return claimed(found as ApprovalInit, request);
    },
  }).start();
});
afterEach(() => gate.stop());

test("what is approved runs, on whichever page it is, and is completed", async () => {
  open = [approval(1), approval(2, { onBehalfOf: "ada" }), approval(3)];
  const guard = gate.guard();
  guard.protect(VERB, refund, { toolDefinitionDigest: "ab" });
  const resumed = await guard.resume();
  assert.deepEqual(
    resumed.map(({ approval: { approvalId }, outcome, result }) => [approvalId, outcome, result]),
    [
      ["a-1", "ran", 1],
      ["a-2", "ran", 2],
      ["a-3", "ran", 3],
    ],
  );
  assert.deepEqual(
    runs.map(([args, { approvalId, onBehalfOf }]) => [args, approvalId, onBehalfOf]),
    [
      [{ amount: 1 }, "a-1", ""],
      [{ amount: 2 }, "a-2", "ada"],
      [{ amount: 3 }, "a-3", ""],
    ],
  );
  assert.equal(gate.claims[0]?.toolDefinitionDigest, "ab");
  assert.equal(gate.claims[0].argsDigest, digestOf('{"amount":1}'));
  assert.equal(gate.claims[0].contextDigest, ""); // each call may have had one of its own
  await until(() => gate.completions.length === 3 && gate.records.length === 3);
});

test("the context of the function is the one that is claimed in", async () => {
  open = [approval(1)];
  const guard = gate.guard();
  guard.protect(VERB, refund, { context: { desk: 1 } });
  await guard.resume();
  assert.equal(gate.claims[0]?.contextDigest, digestOf('{"desk":1}'));
});

test("what may be claimed again runs, and what may not does not", async () => {
  open = [
    approval(1, { state: ApprovalState.INDETERMINATE, reclaimable: true }),
    approval(2, { state: ApprovalState.INDETERMINATE }),
    approval(3, { state: ApprovalState.PENDING }),
  ];
  const guard = gate.guard();
  guard.protect(VERB, refund);
  await guard.resume();
  assert.deepEqual(
    runs.map(([args]) => args),
    [{ amount: 1 }],
  );
});

test("what no function has, or several have, is left alone", async () => {
  open = [approval(1), approval(2, { verb: OTHER })];
  const guard = gate.guard();
  guard.protect(VERB, refund);
  guard.protect(VERB, refund);
  guard.protect(VERB, refund);
  assert.deepEqual(await guard.resume(), []);
  assert.equal(gate.claims.length, 0);
});

test("what is on behalf of somebody else is left alone", async () => {
  open = [approval(1, { onBehalfOf: "bob" }), approval(2)];
  const guard = gate.guard();
  guard.protect(VERB, refund, { onBehalfOf: "ada" });
  assert.deepEqual(await guard.resume(), []);
  assert.equal(gate.claims.length, 0);
});

test("one that fails or is refused does not hold up the next", async () => {
  open = [approval(1), approval(2), approval(3)];
  gate.script.claimApproval = (request) => {
    if (request.approvalId === "a-1") throw refusal(Code.Aborted, "CLAIM_CONFLICT");
    const found = open.find(({ approvalId }) => approvalId === request.approvalId);
    return claimed(found as ApprovalInit, request);
  };
  const guard = gate.guard();
  guard.protect(VERB, ({ amount }: { amount: number }) => {
    if (amount === 2) throw new RangeError("no");
  });
  const [refused, failed, ran] = await guard.resume();
  assert.equal(refused?.outcome, "refused");
  assert.ok(refused.error instanceof ApprovalRefused);
  assert.equal(failed?.outcome, "failed");
  assert.ok(failed.error instanceof RangeError);
  assert.equal(ran?.outcome, "ran");
  await until(() => gate.completions.length === 2);
  assert.deepEqual(
    gate.completions.map(({ outcome }) => outcome),
    [Outcome.FAILED, Outcome.SUCCEEDED],
  );
});

test("a list that cannot be had is an error", async () => {
  gate.script.listApprovals = () => {
    throw new ConnectError("no", Code.Unavailable);
  };
  await assert.rejects(gate.guard().resume(), GateholdError);
});

test("a list without end is not followed", async () => {
  let pages = 0;
  gate.script.listApprovals = () => {
    pages += 1;
    return { nextPageToken: "again" };
  };
  assert.deepEqual(await gate.guard().resume(), []);
  assert.equal(pages, 100);
});
