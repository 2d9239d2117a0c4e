import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer as createHttp2Server } from "node:http2";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Guard } from "gatehold";
import { Decision, DecisionSource, Intent, RiskLevel } from "gatehold/v1/decision_pb.js";
import { ReasonCode } from "gatehold/v1/reason_code_pb.js";
import { allow, type Answering, ask, EMPTY_DIGEST, ScriptedGate, socketPath, VERB } from "./gate.js";

let gate: ScriptedGate;
beforeEach(async () => (gate = await new ScriptedGate().start()));
afterEach(() => gate.stop());

const ARGS = { charge: "ch_1", amount: 250 };

test("an allow", async () => {
  const context = { ticket: "T-1" };
  const answer = await gate.guard().evaluate(VERB, ARGS, { context, onBehalfOf: "ada", toolDefinitionDigest: "ab" });
  assert.equal(answer.allowed, true);
  const { decision, reasonCode, riskLevel, source, revision, policyMatched } = answer;
  assert.deepEqual(
    { decision, reasonCode, riskLevel, source, revision, policyMatched },
    {
      decision: "allow",
      reasonCode: "policy",
      riskLevel: "LOW",
      source: "policy",
      revision: 7,
      policyMatched: "small-refunds",
    },
  );
  const [sent] = gate.evaluations;
  assert.equal(sent?.argsJson, '{"amount":250,"charge":"ch_1"}');
  assert.equal(sent.contextJson, '{"ticket":"T-1"}');
  assert.equal(sent.onBehalfOf, "ada");
  assert.equal(sent.toolDefinitionDigest, "ab");
  assert.equal(sent.intent, Intent.EXECUTE);
});

test("a preflight, a request id, no arguments", async () => {
  const answer = await gate.guard().evaluate(VERB, {}, { preflight: true, requestId: "r-1" });
  assert.equal(answer.argsDigest, EMPTY_DIGEST);
  assert.equal(gate.evaluations[0]?.intent, Intent.PREFLIGHT);
  assert.equal(gate.evaluations[0].requestId, "r-1");
});

test("a call that has to wait for a person is not allowed", async () => {
  gate.script.evaluate = ask;
  const answer = await gate.guard().evaluate(VERB, ARGS);
  assert.equal(answer.decision, "require_approval");
  assert.equal(answer.allowed, false);
});

test("a block keeps its reason", async () => {
  const reasonCode = ReasonCode.VERB_UNKNOWN;
  gate.script.evaluate = (request) => allow(request, { decision: Decision.BLOCK, reasonCode, reason: "Not in it." });
  const answer = await gate.guard().evaluate(VERB, ARGS);
  assert.deepEqual([answer.decision, answer.reasonCode, answer.reason], ["block", "verb_unknown", "Not in it."]);
});

test("a deadline and a token travel with the call", async () => {
  const tokenFile = join(dirname(gate.path), "agent.key");
  writeFileSync(tokenFile, "gh_token\n");
  await gate.guard({ tokenFile, deadlineMs: 750.5 }).evaluate(VERB, ARGS);
  assert.equal(gate.headers[0]?.get("authorization"), "Bearer gh_token");
  assert.equal(gate.headers[0].get("grpc-timeout"), "751m");
  assert.equal(gate.headers[0].get("grpc-accept-encoding"), null);
});

describe("is a block, for the answer is unusable", () => {
  const cases: Record<string, Answering> = {
    "no decision": { decision: Decision.UNSPECIFIED },
    "an unknown decision": { decision: 4 as Decision },
    "no source": { source: DecisionSource.UNSPECIFIED },
    "an unknown source": { source: 9 as DecisionSource },
    "an allow that nobody decided": { source: DecisionSource.FAIL_CLOSED },
    "no revision": { revision: 0n },
    "a revision below 1": { revision: -1n },
    "no reason code": { reasonCode: ReasonCode.UNSPECIFIED },
    "an unknown reason code": { reasonCode: 99 as ReasonCode },
    "no risk": { riskLevel: RiskLevel.UNSPECIFIED },
    "an unknown risk": { riskLevel: 4 as RiskLevel },
    "no decision id": { decisionId: "" },
    "no digest": { argsDigest: "" },
    "the digest of other arguments": { argsDigest: EMPTY_DIGEST },
    "an end that has passed": { validUntilBoottimeNs: 1n },
    "an end before the epoch": { validUntilBoottimeNs: -5n },
    "an obligation without an id": { obligations: [{ id: "", type: "notification", propertiesJson: "" }] as never },
    "an obligation without a type": { obligations: [{ id: "p", type: "", propertiesJson: "" }] as never },
    "an obligation with a list": { obligations: [{ id: "p", type: "notification", propertiesJson: "[]" }] as never },
  };
  for (const [name, changes] of Object.entries(cases)) {
    test(name, async () => {
      gate.script.evaluate = (request) => allow(request, changes);
      const answer = await gate.guard().evaluate(VERB, ARGS);
      assert.deepEqual(
        [answer.decision, answer.reasonCode, answer.source],
        ["block", "invalid_response", "fail_closed"],
      );
      assert.equal(answer.allowed, false);
    });
  }
});

test("an end that lies ahead is none yet", { skip: process.platform !== "linux" }, async () => {
  gate.script.evaluate = (request) => allow(request, { source: DecisionSource.CACHE, validUntilBoottimeNs: 2n ** 62n });
  assert.equal((await gate.guard().evaluate(VERB, ARGS)).allowed, true);
});

for (const type of ["escrow", "toString", "__proto__", "constructor"]) {
  test(`an obligation of type ${type} is not known`, async () => {
    gate.script.evaluate = (request) =>
      allow(request, { obligations: [{ id: "p", type, propertiesJson: "" }] as never });
    const answer = await gate.guard().evaluate(VERB, ARGS);
    assert.deepEqual([answer.decision, answer.reasonCode], ["block", "unknown_obligation"]);
  });
}

test("an unknown obligation of a call that needs approval is a block, too", async () => {
  const obligations = [{ id: "p", type: "escrow", propertiesJson: "" }] as never;
  gate.script.evaluate = (request) => ({ ...ask(request), obligations });
  assert.equal((await gate.guard().evaluate(VERB, ARGS)).reasonCode, "unknown_obligation");
});

describe("is a block, for the gate refused", () => {
  const refused = [Code.InvalidArgument, Code.Unauthenticated, Code.PermissionDenied, Code.ResourceExhausted];
  for (const code of [...refused, Code.FailedPrecondition, Code.NotFound, Code.Unimplemented]) {
    test(Code[code], async () => {
      gate.script.evaluate = () => Promise.reject(new ConnectError("no", code));
      const answer = await gate.guard().evaluate(VERB, ARGS);
      assert.deepEqual([answer.decision, answer.reasonCode], ["block", "refused"]);
    });
  }
});

describe("is a block, for nobody answered", () => {
  const blocked = async (guard: Guard): Promise<void> => {
    const answer = await guard.evaluate(VERB, ARGS);
    assert.deepEqual([answer.decision, answer.reasonCode, answer.revision], ["block", "sidecar_unreachable", 0]);
    assert.notEqual(answer.argsDigest, "");
  };

  for (const code of [Code.Unavailable, Code.Internal, Code.Unknown, Code.Aborted, Code.DataLoss, Code.OutOfRange]) {
    test(Code[code], async () => {
      gate.script.evaluate = () => Promise.reject(new ConnectError("no", code));
      await blocked(gate.guard());
    });
  }

  test("the sidecar never ran", () => blocked(gate.guard({ target: "unix:/nowhere/agent.sock" })));

  test("nobody listens on the port", () => blocked(gate.guard({ target: "127.0.0.1:1" })));

  test("the sidecar died, and its socket is left", async () => {
    const guard = gate.guard();
    assert.equal((await guard.evaluate(VERB, ARGS)).allowed, true);
    await gate.die();
    await blocked(guard);
  });

  test("it answers past the deadline", async () => {
    let release = (): void => undefined;
    gate.script.evaluate = async (request) => {
      await new Promise<void>((resolve) => (release = resolve));
      return allow(request);
    };
    await blocked(gate.guard({ deadlineMs: 50 }));
    release();
  });

  test("the guard is closed", async () => {
    const guard = gate.guard();
    assert.equal((await guard.evaluate(VERB, ARGS)).allowed, true);
    await guard.close();
    await blocked(guard);
    assert.equal(gate.evaluations.length, 1);
  });
});

test("a sidecar that comes back is found again", async () => {
  const guard = gate.guard();
  await guard.evaluate(VERB, ARGS);
  await gate.die();
  assert.equal((await guard.evaluate(VERB, ARGS)).allowed, false);
  await gate.start();
  assert.equal((await guard.evaluate(VERB, ARGS)).allowed, true);
});

describe("is a block, for the request has no JSON form", () => {
  const cases: Record<string, unknown> = {
    "a number that is none": { amount: NaN },
    "a bigint": { amount: 1n },
    "a list": [1],
    null: null,
    text: "amount",
    "a getter that throws": {
      get amount(): never {
        throw new Error("gone");
      },
    },
    "more than 256 KiB": { text: "x".repeat(256 * 1024) },
  };
  for (const [name, args] of Object.entries(cases)) {
    test(name, async () => {
      const answer = await gate.guard().evaluate(VERB, args as never);
      assert.deepEqual([answer.decision, answer.reasonCode], ["block", "refused"]);
      assert.equal(gate.evaluations.length, 0);
    });
  }

  test("a verb that is no text", async () => {
    assert.match((await gate.guard().evaluate(7 as never, {})).reason, /must be text/);
    assert.equal((await gate.guard().evaluate("a:\ud800", {})).reasonCode, "refused");
  });

  test("context beyond what the arguments leave", async () => {
    const half = { text: "x".repeat(140 * 1024) };
    assert.equal((await gate.guard().evaluate(VERB, half, { context: half })).reasonCode, "refused");
  });
});

describe("a peer that is no gate", () => {
  const { path, remove } = socketPath();
  const guard = (): Guard => gate.guard({ target: `unix:${path}`, deadlineMs: 500 });
  const serve = async (server: {
    listen(path: string, then: () => void): unknown;
    close(): unknown;
  }): Promise<void> => {
    await new Promise<void>((listening) => server.listen(path, listening));
    try {
      const answer = await guard().evaluate(VERB, ARGS);
      assert.deepEqual([answer.decision, answer.reasonCode], ["block", "sidecar_unreachable"]);
    } finally {
      await Promise.all(gate.guards.map((made) => made.close()));
      server.close();
    }
  };
  const replying = (body: Buffer, trailers: Record<string, string>): ReturnType<typeof createHttp2Server> => {
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(trailers));
      stream.end(body);
    });
    return server;
  };
  const envelope = (bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

  test("and hangs up", () => serve(createServer((socket) => socket.destroy())));
  test("and says nothing", () => serve(createServer((socket) => socket.unref())));
  test("and speaks nonsense", () => serve(createServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"))));
  test("and sends bytes that are no message", () =>
    serve(replying(envelope([0xff, 0xff, 0xff]), { "grpc-status": "0" })));
  test("and sends half a message", () => serve(replying(Buffer.from([0, 0, 0, 0, 9, 1]), { "grpc-status": "0" })));
  test("and sends no message", () => serve(replying(Buffer.alloc(0), { "grpc-status": "0" })));
  test("and sends no status", () => serve(replying(envelope([]), {})));
  test("and sends details of success with an error status", () => {
    return serve(replying(envelope([]), { "grpc-status": "13", "grpc-status-details-bin": "" }));
  });
  test("is left behind", () => remove());
});
