import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Blocked, GateholdError, InvalidInput, type Obligation, type Run } from "gatehold";
import { Decision, DecisionSource } from "gatehold/v1/decision_pb.js";
import { allow, type Answering, refusal, ask, ScriptedGate, until, VERB } from "./gate.js";

interface Refund {
  charge: string;
  amount: number;
  note?: string;
}

let gate: ScriptedGate;
let runs: Refund[];
const refund = (args: Refund): string => {
  runs.push(args);
  return `refunded ${args.amount}`;
};
beforeEach(async () => {
  gate = await new ScriptedGate().start();
  runs = [];
});
afterEach(() => gate.stop());

const ARGS: Refund = { charge: "ch_1", amount: 250 };

describe("on an allow", () => {
  test("it runs with a copy of what was decided on", async () => {
    const guarded = gate.guard().protect(VERB, refund);
    assert.equal(await guarded({ ...ARGS, note: undefined } as never), "refunded 250");
    assert.deepEqual(runs, [ARGS]);
    assert.notEqual(runs[0], ARGS);
  });

  test("it runs with the values at the time of the call", async () => {
    const args = { ...ARGS };
    gate.script.evaluate = (request) => {
      args.amount = 9_999;
      return allow(request);
    };
    await gate.guard().protect(VERB, refund)(args);
    assert.equal(runs[0]?.amount, 250);
  });

  test("it learns under what it runs", async () => {
    let seen: Run | undefined;
    const guarded = gate.guard().protect(VERB, (_: Refund, run) => (seen = run), { onBehalfOf: "ada" });
    await guarded(ARGS);
    assert.equal(seen?.approvalId, "");
    assert.equal(seen.onBehalfOf, "ada");
    assert.equal(seen.answer.decisionId, "0b7f0e0e-6a3e-4f0e-8a54-0a4d7a0b6c11");
  });

  test("what is given to a call comes before what is given to protect", async () => {
    const guarded = gate.guard().protect(VERB, refund, { onBehalfOf: "ada", context: { desk: 1 } });
    await guarded(ARGS, { onBehalfOf: "bob" });
    assert.equal(gate.evaluations[0]?.onBehalfOf, "bob");
    assert.equal(gate.evaluations[0].contextJson, '{"desk":1}');
  });

  test("what it throws passes, be it anything", async () => {
    const thrown: unknown[] = [new RangeError("no such charge"), "text", undefined];
    for (const value of thrown) {
      const guarded = gate.guard().protect(VERB, () => Promise.reject(value as Error));
      await assert.rejects(guarded({}), (error: unknown) => error === value);
    }
  });
});

describe("it does not run", () => {
  const cases: Record<string, (request: { argsJson: string }) => Answering> = {
    "on a block": (request) => allow(request, { decision: Decision.BLOCK }),
    "on a decision of a later version": (request) => allow(request, { decision: 77 as Decision }),
    "on an allow that nobody decided": (request) => allow(request, { source: DecisionSource.FAIL_CLOSED }),
    "on an allow of other arguments": (request) => allow(request, { argsDigest: "00" }),
    "on an allow that is over": (request) => allow(request, { validUntilBoottimeNs: 1n }),
  };
  for (const [name, script] of Object.entries(cases)) {
    test(name, async () => {
      gate.script.evaluate = script;
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), Blocked);
      assert.deepEqual(runs, []);
      assert.equal(gate.requests.length, 0);
    });
  }

  test("where the sidecar is gone", async () => {
    await gate.die();
    const guarded = gate.guard().protect(VERB, refund);
    await assert.rejects(guarded(ARGS), (error) => error instanceof Blocked && /start the sidecar/.test(error.message));
    await gate.start();
  });

  test("where arguments have no JSON form", async () => {
    const guarded = gate.guard().protect(VERB, refund);
    await assert.rejects(guarded({ charge: "ch_1", amount: NaN }), Blocked);
    await assert.rejects(guarded(ARGS, { justification: 7 as never }), Blocked);
    assert.equal(gate.evaluations.length, 0);
  });

  test("where its obligation is not known", async () => {
    gate.script.evaluate = (request) =>
      allow(request, { obligations: [{ id: "p", type: "escrow", propertiesJson: "{}" }] as never });
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), Blocked);
    assert.deepEqual(runs, []);
  });

  test("where the answer is over once its obligations are met", { skip: process.platform !== "linux" }, async () => {
    const { uptime } = await import("node:os");
    const end = BigInt(Math.round((uptime() + 0.5) * 1e9));
    const obligations = [{ id: "p", type: "slow", propertiesJson: "" }] as never;
    gate.script.evaluate = (request) => allow(request, { obligations, validUntilBoottimeNs: end });
    const slow = (): Promise<void> => until(() => uptime() * 1e9 > Number(end));
    await assert.rejects(gate.guard({ handlers: { slow } }).protect(VERB, refund)(ARGS), /answer is over/);
    assert.deepEqual(runs, []);
  });
});

describe("obligations", () => {
  const obligations = [
    { id: "tell", type: "notification", propertiesJson: '{"channel":"#refunds"}' },
    { id: "keep", type: "escrow", propertiesJson: '{"days":3}' },
  ] as never;
  beforeEach(() => (gate.script.evaluate = (request) => allow(request, { obligations })));

  test("are met before it runs", async () => {
    const met: Obligation[] = [];
    const escrow = (obligation: Obligation): void => {
      assert.deepEqual(runs, []);
      met.push(obligation);
    };
    await gate.guard({ handlers: { escrow } }).protect(VERB, refund)(ARGS);
    assert.deepEqual(met, [{ id: "keep", type: "escrow", properties: { days: 3 } }]);
    assert.match(gate.logged.join(), /policy tell asks for notice of this call: \{"channel":"#refunds"\}/);
    assert.equal(runs.length, 1);
  });

  for (const [name, escrow] of Object.entries({
    throws: () => {
      throw new Error("secret");
    },
    rejects: () => Promise.reject(new Error("secret")),
  })) {
    test(`that ${name} block`, async () => {
      const guarded = gate.guard({ handlers: { escrow } }).protect(VERB, refund);
      await assert.rejects(guarded(ARGS), (error) => {
        return error instanceof Blocked && error.answer.reasonCode === "unknown_obligation";
      });
      assert.deepEqual(runs, []);
      assert.doesNotMatch(gate.logged.join(), /secret/);
    });
  }

  test("block where the logger throws", async () => {
    const fail = (): never => {
      throw new Error("full");
    };
    const guard = gate.guard({ handlers: { escrow: fail }, log: { info: fail, warn: fail, error: fail } });
    await assert.rejects(guard.protect(VERB, refund)(ARGS), Blocked);
  });
});

describe("a function is not guarded", () => {
  test("that only prepares its run", () => {
    const guard = gate.guard();
    assert.throws(() => guard.protect(VERB, function* () {}), TypeError);
    assert.throws(() => guard.protect(VERB, async function* () {}), TypeError);
    assert.throws(() => guard.protect(VERB, "refund" as never), TypeError);
  });

  test("with a timeout below 0", async () => {
    const guard = gate.guard();
    assert.throws(() => guard.protect(VERB, refund, { timeoutMs: -1 }), InvalidInput);
    await assert.rejects(guard.protect(VERB, refund)(ARGS, { timeoutMs: NaN }), InvalidInput);
    assert.deepEqual(runs, []);
  });
});

test("an error says what and why", async () => {
  gate.script.evaluate = (request) => allow(request, { decision: Decision.BLOCK, reason: "Refunds are off." });
  const error = await gate
    .guard()
    .protect(
      VERB,
      refund,
    )(ARGS)
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof GateholdError && error instanceof Blocked);
  assert.equal(error.name, "Blocked");
  assert.equal(error.message, "stripe:create_refund: Refunds are off. [policy]");
});

describe("a request for approval", () => {
  beforeEach(() => (gate.script.evaluate = ask));

  test("says what was asked, and why", async () => {
    gate.script.requestApproval = () => Promise.reject(refusal(Code.InvalidArgument, "INVALID_FIELD"));
    const options = {
      context: { desk: 1 },
      onBehalfOf: "ada",
      toolDefinitionDigest: "ab",
      justification: "late parcel",
    };
    await assert.rejects(gate.guard().protect(VERB, refund, options)(ARGS), Blocked);
    const [sent] = gate.requests;
    assert.equal(sent?.verb, VERB);
    assert.equal(sent.argsJson, '{"amount":250,"charge":"ch_1"}');
    assert.equal(sent.contextJson, '{"desk":1}');
    assert.equal(sent.onBehalfOf, "ada");
    assert.equal(sent.toolDefinitionDigest, "ab");
    assert.equal(sent.justification, "late parcel");
  });

  test("that is not required is decided anew, and may run then", async () => {
    gate.script.requestApproval = () => {
      gate.script.evaluate = (request) => allow(request);
      return Promise.reject(refusal(Code.FailedPrecondition, "APPROVAL_NOT_REQUIRED"));
    };
    await gate.guard().protect(VERB, refund)(ARGS);
    assert.equal(runs.length, 1);
    assert.equal(gate.evaluations.length, 2);
  });

  test("that is not required may be blocked then", async () => {
    gate.script.requestApproval = () => {
      gate.script.evaluate = (request) => allow(request, { decision: Decision.BLOCK });
      return Promise.reject(refusal(Code.FailedPrecondition, "APPROVAL_NOT_REQUIRED"));
    };
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), Blocked);
    assert.deepEqual(runs, []);
  });

  test("is made three times at most", async () => {
    gate.script.requestApproval = () => Promise.reject(refusal(Code.FailedPrecondition, "APPROVAL_NOT_REQUIRED"));
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), Blocked);
    assert.equal(gate.requests.length, 3);
    assert.equal(gate.evaluations.length, 3);
  });

  for (const [name, error, code] of [
    ["another reason", refusal(Code.FailedPrecondition, "APPROVAL_STATE"), "refused"],
    ["the reason of a stranger", refusal(Code.FailedPrecondition, "APPROVAL_NOT_REQUIRED", "", "other.dev"), "refused"],
    ["that reason with another status", refusal(Code.Unavailable, "APPROVAL_NOT_REQUIRED"), "sidecar_unreachable"],
    ["no reason", new ConnectError("no", Code.FailedPrecondition), "refused"],
    ["too many", refusal(Code.ResourceExhausted, "TOO_MANY_APPROVALS"), "refused"],
    ["nobody there", new ConnectError("no", Code.Unavailable), "sidecar_unreachable"],
  ] as const) {
    test(`that fails is a block: ${name}`, async () => {
      gate.script.requestApproval = () => Promise.reject(error);
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (caught) => {
        return caught instanceof Blocked && caught.answer.reasonCode === code;
      });
      assert.equal(gate.requests.length, 1);
      assert.deepEqual(runs, []);
    });
  }
});
