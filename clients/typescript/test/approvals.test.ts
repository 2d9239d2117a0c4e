import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Approval,
  ApprovalCancelled,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalPending,
  ApprovalRefused,
  ApprovalRequired,
  Blocked,
  type Run,
} from "gatehold";
import { ApprovalState } from "gatehold/v1/approval_pb.js";
import { Outcome } from "gatehold/v1/audit_record_pb.js";
import {
  APPROVAL_ID,
  type ApprovalInit,
  ask,
  claimed,
  type Claiming,
  digestOf,
  EMPTY_DIGEST,
  pending,
  refusal,
  ScriptedGate,
  until,
  VERB,
} from "./gate.js";

interface Refund {
  charge: string;
  amount: number;
}

const ARGS: Refund = { charge: "ch_1", amount: 250 };
const ARGS_JSON = '{"amount":250,"charge":"ch_1"}';
const PENDING = pending({ verb: VERB, argsJson: ARGS_JSON });
const APPROVED = { ...PENDING, state: ApprovalState.APPROVED } as ApprovalInit;

let gate: ScriptedGate;
let runs: Refund[];
let under: Run | undefined;
const refund = (args: Refund, run: Run): string => {
  runs.push(args);
  under = run;
  return `refunded ${args.amount}`;
};

/** A stream that shows `states` of the approval one after another, and then stays open. */
const showing = (...shown: ApprovalInit[]) =>
  async function* (_: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<{ approval: Approval }> {
    for (const approval of shown) yield { approval: approval as Approval };
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
  };

const ended = (state: ApprovalState, endReason = ""): ApprovalInit => ({ ...PENDING, state, endReason });

beforeEach(async () => {
  gate = await new ScriptedGate({
    evaluate: (request) => ask(request),
    watchApproval: showing(PENDING, APPROVED),
    claimApproval: (request) => claimed(APPROVED, request),
  }).start();
  runs = [];
  under = undefined;
});
afterEach(() => gate.stop());

test("what is approved runs once, as it was frozen, and is completed and recorded", async () => {
  const waits: Approval[] = [];
  const options = { onWait: (approval: Approval) => void waits.push(approval), context: { desk: 1 } };
  const guarded = gate.guard().protect(VERB, refund, { ...options, toolDefinitionDigest: "ab" });
  assert.equal(await guarded(ARGS), "refunded 250");

  assert.deepEqual(runs, [ARGS]);
  assert.equal(under?.approvalId, APPROVAL_ID);
  assert.equal(under.answer.decision, "require_approval");
  assert.deepEqual(
    waits.map(({ approvalId, state }) => [approvalId, state]),
    [[APPROVAL_ID, ApprovalState.PENDING]],
  );
  const [claim] = gate.claims;
  assert.equal(gate.claims.length, 1);
  assert.match(claim?.claimId ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.equal(claim?.argsDigest, digestOf(ARGS_JSON));
  assert.equal(claim.contextDigest, digestOf('{"desk":1}'));
  assert.equal(claim.toolDefinitionDigest, "ab");

  await until(() => gate.completions.length > 0 && gate.records.length > 0);
  const [completion] = gate.completions;
  assert.equal(completion?.approvalId, APPROVAL_ID);
  assert.equal(completion.claimId, claim.claimId);
  assert.equal(completion.outcome, Outcome.SUCCEEDED);
  assert.ok(completion.duration !== undefined);
  const detail = gate.records[0]?.detail;
  assert.ok(detail?.case === "execution");
  assert.equal(detail.value.approvalId, APPROVAL_ID);
  assert.equal(detail.value.decisionId, under.answer.decisionId);
});

test("the digest of no context is that of the empty object", async () => {
  await gate.guard().protect(VERB, refund)(ARGS);
  assert.equal(gate.claims[0]?.contextDigest, EMPTY_DIGEST);
});

test("what is approved already is claimed without a wait", async () => {
  gate.script.requestApproval = () => ({ approval: APPROVED as Approval });
  const onWait = (): never => assert.fail("nothing to wait for");
  await gate.guard().protect(VERB, refund, { onWait })(ARGS);
  assert.equal(runs.length, 1);
});

test("what a person edited runs as edited", async () => {
  const argsJson = '{"amount":50,"charge":"ch_1"}';
  const edited = { ...APPROVED, edited: true, argsJson, argsDigest: digestOf(argsJson) } as ApprovalInit;
  gate.script.watchApproval = showing(PENDING, edited);
  gate.script.claimApproval = (request) => claimed(edited, request);
  await gate.guard().protect(VERB, refund)(ARGS);
  assert.deepEqual(runs, [{ charge: "ch_1", amount: 50 }]);
  assert.equal(gate.claims[0]?.argsDigest, digestOf(argsJson));
});

test("what the function throws passes, and is told without its text", async () => {
  class CardError extends Error {}
  const failure = new CardError("card 4242 declined");
  const guarded = gate.guard().protect(VERB, () => Promise.reject(failure));
  await assert.rejects(guarded(ARGS), (error) => error === failure);
  await until(() => gate.completions.length > 0);
  assert.equal(gate.completions[0]?.outcome, Outcome.FAILED);
  assert.equal(gate.completions[0].error, "CardError");
});

describe("the requested approval is not about this call", () => {
  const cases: Record<string, Partial<Approval> | undefined> = {
    none: undefined,
    "of another verb": { verb: "stripe:create_charge" },
    "without an id": { approvalId: "" },
    "without a digest": { argsDigest: "" },
    "of other arguments": { argsDigest: EMPTY_DIGEST },
    "edited, without a digest": { edited: true, argsDigest: "" },
  };
  for (const [name, changes] of Object.entries(cases)) {
    test(name, async () => {
      gate.script.requestApproval = () => (changes ? { approval: { ...APPROVED, ...changes } as Approval } : {});
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (error) => {
        return error instanceof Blocked && error.answer.reasonCode === "invalid_response";
      });
      assert.equal(gate.claims.length, 0);
    });
  }
});

describe("it does not run where it is", () => {
  const cases = [
    [ApprovalState.DENIED, ApprovalDenied, "not this customer"],
    [ApprovalState.EXPIRED, ApprovalExpired, ""],
    [ApprovalState.CANCELLED, ApprovalCancelled, "asked twice"],
    [ApprovalState.CLAIMED, ApprovalRefused, ""],
    [ApprovalState.SUCCEEDED, ApprovalRefused, ""],
    [ApprovalState.FAILED, ApprovalRefused, "CardError"],
    [ApprovalState.INDETERMINATE, ApprovalRefused, ""],
    [ApprovalState.UNSPECIFIED, ApprovalRefused, ""],
    [42 as ApprovalState, ApprovalRefused, ""],
  ] as const;
  for (const [state, kind, reason] of cases) {
    test(ApprovalState[state] ?? state, async () => {
      gate.script.watchApproval = showing(PENDING, ended(state, reason));
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (error) => {
        assert.ok(error instanceof kind, String(error));
        assert.ok(error instanceof ApprovalRequired);
        if (kind !== ApprovalRefused && reason) assert.equal(error.reason, reason);
        assert.equal(error.approval.approvalId, APPROVAL_ID);
        return true;
      });
      assert.equal(gate.claims.length, 0);
      assert.deepEqual(runs, []);
    });
  }

  for (const [name, changes] of Object.entries({
    "another approval": { approvalId: "other" },
    "another verb": { verb: "stripe:create_charge" },
    "other arguments, unedited": { argsDigest: EMPTY_DIGEST },
  })) {
    test(`told of as ${name}`, async () => {
      gate.script.watchApproval = showing({ ...APPROVED, ...changes });
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), ApprovalRefused);
      assert.equal(gate.claims.length, 0);
    });
  }

  test("told of as nothing", async () => {
    gate.script.watchApproval = async function* () {
      yield await Promise.resolve({});
    };
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), ApprovalRefused);
  });
});

describe("the wait", () => {
  test("goes on over a stream that is lost", async () => {
    let watches = 0;
    gate.script.watchApproval = async function* (...given) {
      watches += 1;
      yield { approval: PENDING as Approval };
      if (watches === 1) throw new ConnectError("restarting", Code.Unavailable);
      if (watches === 2) return; // ends well, and too early
      if (watches === 3) throw new ConnectError("bug", Code.Internal);
      yield* showing(APPROVED)(...given);
    };
    let waits = 0;
    await gate.guard().protect(VERB, refund, { onWait: () => void (waits += 1) })(ARGS);
    assert.equal(watches, 4);
    assert.equal(waits, 1);
    assert.equal(runs.length, 1);
  });

  test("goes on over a sidecar that is started again", async () => {
    gate.script.watchApproval = showing(PENDING);
    let waiting = false;
    const run = gate.guard().protect(VERB, refund, { onWait: () => void (waiting = true) })(ARGS);
    await until(() => waiting);
    await gate.die();
    gate.script.watchApproval = showing(APPROVED);
    await gate.start();
    await run;
    assert.equal(runs.length, 1);
  });

  for (const code of [
    Code.NotFound,
    Code.Unauthenticated,
    Code.PermissionDenied,
    Code.InvalidArgument,
    Code.Unimplemented,
  ]) {
    test(`is over at ${Code[code]}`, async () => {
      gate.script.watchApproval = async function* () {
        yield { approval: PENDING as Approval };
        await Promise.reject(new ConnectError("no", code));
      };
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (error) => {
        return error instanceof Blocked && error.answer.reasonCode === "refused";
      });
      assert.equal(gate.claims.length, 0);
    });
  }

  test("has a time, after which the approval stays open", async () => {
    gate.script.watchApproval = showing(PENDING);
    await assert.rejects(gate.guard().protect(VERB, refund, { timeoutMs: 30 })(ARGS), (error) => {
      return error instanceof ApprovalPending && error.approval.approvalId === APPROVAL_ID;
    });
    assert.equal(gate.claims.length, 0);
  });

  test("has its time while nobody is there, and while the listener hangs", async () => {
    gate.script.watchApproval = () => {
      throw new ConnectError("no", Code.Unavailable);
    };
    const onWait = (): Promise<void> => new Promise(() => undefined);
    await assert.rejects(gate.guard().protect(VERB, refund, { timeoutMs: 30, onWait })(ARGS), ApprovalPending);
  });

  test("of 0 does not wait", async () => {
    gate.script.watchApproval = showing(PENDING);
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS, { timeoutMs: 0 }), ApprovalPending);
  });

  test("may be longer than a timer can be", async () => {
    await gate.guard().protect(VERB, refund)(ARGS, { timeoutMs: 2 ** 40 });
    assert.equal(runs.length, 1);
  });

  test("is over when the guard is closed", async () => {
    gate.script.watchApproval = showing(PENDING);
    const guard = gate.guard();
    let waiting = false;
    const run = guard.protect(VERB, refund, { onWait: () => void (waiting = true) })(ARGS);
    const rejected = assert.rejects(run, ApprovalPending);
    await until(() => waiting);
    await guard.close();
    await rejected;
  });

  test("is over when its listener throws", async () => {
    gate.script.watchApproval = showing(PENDING);
    const failure = new Error("no such channel");
    const onWait = (): Promise<void> => Promise.reject(failure);
    await assert.rejects(gate.guard().protect(VERB, refund, { onWait })(ARGS), (error) => error === failure);
    assert.deepEqual(runs, []);
  });
});

describe("a claim", () => {
  test("whose reply is lost is made again with the same id", async () => {
    const lost = [Code.Unavailable, Code.DeadlineExceeded, Code.Canceled, Code.Unknown];
    gate.script.claimApproval = (request) => {
      const code = lost[gate.claims.length - 1];
      if (code !== undefined) throw new ConnectError("lost", code);
      return claimed(APPROVED, request);
    };
    await gate.guard().protect(VERB, refund)(ARGS);
    assert.equal(gate.claims.length, 5);
    assert.equal(new Set(gate.claims.map(({ claimId }) => claimId)).size, 1);
    assert.equal(runs.length, 1);
  });

  test("whose connection is lost is made again with the same id", async () => {
    gate.script.claimApproval = async (request) => {
      if (gate.claims.length > 1) return claimed(APPROVED, request);
      await gate.die();
      await gate.start();
      return claimed(APPROVED, request);
    };
    await gate.guard().protect(VERB, refund)(ARGS);
    assert.equal(gate.claims.length, 2);
    assert.equal(gate.claims[0]?.claimId, gate.claims[1]?.claimId);
    assert.equal(runs.length, 1);
  });

  test("is made five times at most", async () => {
    gate.script.claimApproval = () => {
      throw new ConnectError("lost", Code.Unavailable);
    };
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), ApprovalRefused);
    assert.equal(gate.claims.length, 5);
    assert.deepEqual(runs, []);
  });

  const refusals = {
    CLAIM_CONFLICT: Code.Aborted,
    APPROVAL_STATE: Code.FailedPrecondition,
    APPROVAL_ARGS_CHANGED: Code.FailedPrecondition,
    APPROVAL_POLICY_BLOCKS: Code.FailedPrecondition,
    NOT_FOUND: Code.NotFound,
    INTERNAL: Code.Internal,
  };
  for (const [reason, code] of Object.entries(refusals)) {
    test(`that is refused is not made again: ${reason}`, async () => {
      gate.script.claimApproval = () => {
        throw refusal(code, reason);
      };
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (error) => {
        return error instanceof ApprovalRefused && error.reason.includes(reason);
      });
      assert.equal(gate.claims.length, 1);
      assert.deepEqual(runs, []);
      assert.equal(gate.completions.length, 0);
    });
  }

  const unsound: Record<string, ApprovalInit | undefined> = {
    "without an approval": undefined,
    "of another approval": { approvalId: "other" },
    "of another claim": { claimId: "other" },
    "of no claim": { claimId: "" },
    "of another verb": { verb: "stripe:create_charge" },
    "of other arguments": { argsJson: '{"amount":9999,"charge":"ch_1"}' },
    "of redacted arguments": { argsJson: '{"amount":250,"charge":"[redacted]"}' },
    "of no arguments": { argsJson: "" },
    "of arguments that are no JSON": { argsJson: "{" },
    "of a duplicate key": { argsJson: '{"amount":250,"amount":250,"charge":"ch_1"}' },
    "with another digest": { argsDigest: EMPTY_DIGEST },
    "with its own other arguments": { argsJson: "{}", argsDigest: EMPTY_DIGEST },
    "that says approved": { state: ApprovalState.APPROVED },
    "that says nothing": { state: ApprovalState.UNSPECIFIED },
    "that says something new": { state: 42 as ApprovalState },
  };
  for (const [name, changes] of Object.entries(unsound)) {
    test(`whose reply is unsound runs nothing: ${name}`, async () => {
      gate.script.claimApproval = (request) => (changes ? claimed(APPROVED, request, changes) : {});
      await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), ApprovalRefused);
      assert.deepEqual(runs, []);
      assert.equal(gate.claims.length, 1);
      await gate.guards[0]?.close();
      assert.equal(gate.completions.length, 0);
    });
  }
});

describe("the obligations of a claim", () => {
  const obliging = (type: string, propertiesJson = "{}"): void => {
    gate.script.claimApproval = (request) =>
      ({ ...claimed(APPROVED, request), obligations: [{ id: "keep", type, propertiesJson }] }) as Claiming;
  };

  test("are met before it runs", async () => {
    obliging("escrow");
    let met = 0;
    const escrow = (): void => void (met += 1 - runs.length);
    await gate.guard({ handlers: { escrow } }).protect(VERB, refund)(ARGS);
    assert.deepEqual([met, runs.length], [1, 1]);
  });

  const cases: Record<string, [string, string?]> = {
    "nobody knows": ["escrow"],
    "cannot be met": ["failing"],
    "cannot be read": ["notification", "["],
    "have no type": [""],
  };
  for (const [name, [type, properties]] of Object.entries(cases)) {
    test(`that ${name} end it before it begins`, async () => {
      obliging(type, properties);
      const failing = (): Promise<void> => Promise.reject(new Error("no"));
      await assert.rejects(gate.guard({ handlers: { failing } }).protect(VERB, refund)(ARGS), ApprovalRefused);
      await until(() => gate.completions.length > 0);
      assert.equal(gate.completions[0]?.outcome, Outcome.FAILED);
      assert.match(gate.completions[0].error, /not met/);
      assert.deepEqual(runs, []);
    });
  }

  test("no error shows what a claim uncovers", async () => {
    obliging("escrow");
    const argsJson = '{"amount":250,"charge":"[redacted]"}';
    const shown = { ...APPROVED, argsJson } as ApprovalInit;
    gate.script.requestApproval = () => ({ approval: shown as Approval });
    await assert.rejects(gate.guard().protect(VERB, refund)(ARGS), (error) => {
      return error instanceof ApprovalRefused && error.approval.argsJson === argsJson;
    });
  });
});

describe("a claim is kept", () => {
  const renewal = 10;

  test("while the function runs, and no longer", async () => {
    const guarded = gate.guard({}, { renewal }).protect(VERB, () => {
      const mine = gate.claims.at(-1)?.claimId;
      return until(() => gate.claims.filter(({ claimId }) => claimId === mine).length >= 4);
    });
    await guarded(ARGS);
    const [first] = gate.claims;
    const renewed = gate.claims.length;
    await guarded(ARGS); // whose own renewals tell how long the first had time for more
    const ofFirst = gate.claims.filter(({ claimId }) => claimId === first?.claimId);
    assert.ok(ofFirst.length <= renewed + 1, `${ofFirst.length} claims`); // one may have been on its way
  });

  test("over a renewal that fails", async () => {
    gate.script.claimApproval = (request) => {
      if (gate.claims.length === 2) throw new ConnectError("no", Code.Unavailable);
      return claimed(APPROVED, request);
    };
    await gate.guard({}, { renewal }).protect(VERB, () => until(() => gate.claims.length >= 4))(ARGS);
    assert.match(gate.logged.join(), /was not renewed/);
  });

  test("while obligations are met, and what lost it meanwhile does not begin", async () => {
    gate.script.claimApproval = (request) => {
      if (gate.claims.length > 1) throw refusal(Code.Aborted, "CLAIM_CONFLICT");
      const obligations = [{ id: "keep", type: "slow", propertiesJson: "" }];
      return { ...claimed(APPROVED, request), obligations } as Claiming;
    };
    const slow = (): Promise<void> => until(() => gate.logged.length > 0);
    await assert.rejects(gate.guard({ handlers: { slow } }, { renewal }).protect(VERB, refund)(ARGS), ApprovalRefused);
    assert.deepEqual(runs, []);
    await until(() => gate.completions.length > 0);
    assert.equal(gate.completions[0]?.outcome, Outcome.FAILED);
  });

  for (const [name, changes, timing] of [
    ["as long as the gate says", { timeLeft: { seconds: 0n, nanos: 1 } } as ApprovalInit, {}],
    ["for five minutes where it does not say", {}, { claim: 0 }],
  ] as const) {
    test(name, async () => {
      gate.script.claimApproval = (request) => claimed(APPROVED, request, changes);
      await assert.rejects(gate.guard({}, timing).protect(VERB, refund)(ARGS), /was over before/);
      assert.deepEqual(runs, []);
    });
  }
});

describe("a completion", () => {
  test("is told until it is taken", async () => {
    const failures = [
      Code.Unavailable,
      Code.DeadlineExceeded,
      Code.Internal,
      Code.Unauthenticated,
      Code.PermissionDenied,
    ];
    gate.script.completeApproval = () => {
      const code = failures[gate.completions.length - 1];
      if (code !== undefined) throw new ConnectError("no", code);
      return {};
    };
    assert.equal(await gate.guard().protect(VERB, refund)(ARGS), "refunded 250");
    await until(() => gate.completions.length === failures.length + 1);
    assert.equal(new Set(gate.completions.map(({ claimId }) => claimId)).size, 1);
  });

  for (const code of [Code.Aborted, Code.FailedPrecondition, Code.NotFound, Code.InvalidArgument]) {
    test(`that is refused for good is told once: ${Code[code]}`, async () => {
      gate.script.completeApproval = () => {
        throw new ConnectError("no", code);
      };
      assert.equal(await gate.guard().protect(VERB, refund)(ARGS), "refunded 250");
      await until(() => gate.logged.length > 0);
      await gate.guards[0]?.close();
      assert.equal(gate.completions.length, 1);
    });
  }

  test("is tried once more at close", async () => {
    gate.script.completeApproval = () => {
      throw new ConnectError("no", Code.Unavailable);
    };
    const guard = gate.guard({}, { firstPause: 60_000, longestPause: 60_000 });
    await guard.protect(VERB, refund)(ARGS);
    await until(() => gate.completions.length === 1);
    await guard.close();
    assert.equal(gate.completions.length, 2);
  });
});
