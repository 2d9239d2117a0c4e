import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { canonical, digest, InvalidInput, parseObject } from "gatehold";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly bytes_hex?: string;
  readonly canonical: string;
  readonly sha256: string;
}

// The vectors that every language's client shares.
const FOLDER = new URL("../../../../tests/cases/digest/", import.meta.url);
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as { accept: Case[]; refuse: Case[] });
const ACCEPT = FILES.flatMap(({ accept }) => accept);
const REFUSE = FILES.flatMap(({ refuse }) => refuse);

test("the vectors are there", () => {
  assert.ok(ACCEPT.length > 40);
  assert.ok(REFUSE.length > 70);
});

describe("accepted", () => {
  for (const { name, text, canonical: form, sha256 } of ACCEPT) {
    test(name, () => {
      for (const source of [text, Buffer.from(text)]) {
        const value = parseObject(source, "args_json");
        assert.equal(canonical(value), form);
        assert.equal(digest(value), sha256);
        assert.equal(digest(value), createHash("sha256").update(form).digest("hex"));
      }
    });
  }
});

describe("refused", () => {
  for (const { name, text, bytes_hex: hex } of REFUSE) {
    test(name, () => {
      const forms = hex === undefined ? [text, Buffer.from(text)] : [Buffer.from(hex, "hex")];
      for (const form of forms) {
        assert.throws(
          () => parseObject(form, "args_json"),
          (error) => error instanceof InvalidInput && error.field === "args_json" && error.message.length < 200,
        );
      }
    });
  }
});

test("a text is as long as its UTF-8", () => {
  const text = (length: number): string => `{"s":"${"é".repeat(length / 2 - 4)}"}`; // 8 bytes around it
  assert.equal(Buffer.byteLength(text(1_024)), 1_024);
  assert.doesNotThrow(() => parseObject(text(1_024), "args_json", 1_024));
  assert.throws(() => parseObject(text(1_024), "args_json", 1_023), InvalidInput);
  assert.throws(() => parseObject(text(256 * 1024 + 2), "args_json"), InvalidInput);
});

describe("an object", () => {
  test("keeps `__proto__` as a member like any other", () => {
    const value = parseObject('{"__proto__":{"admin":true},"constructor":1}', "args_json");
    assert.equal(value.admin, undefined);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(canonical(value), '{"__proto__":{"admin":true},"constructor":1}');
  });

  test("with `__proto__` twice is refused", () => {
    assert.throws(() => parseObject('{"__proto__":1,"__proto__":1}', "args_json"), InvalidInput);
  });

  test("of another realm is plain", () => {
    assert.equal(canonical(runInNewContext('({ b: [1], a: "x" })')), '{"a":"x","b":[1]}');
  });

  test("leaves out members that are undefined", () => {
    assert.equal(canonical({ a: undefined, b: 1 }), '{"b":1}');
  });
});

describe("has no canonical form", () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const cases: Record<string, unknown> = {
    NaN: { n: NaN },
    Infinity: { n: Infinity },
    "an integer beyond 2^53-1": { n: 2 ** 53 },
    "a bigint": { n: 1n },
    "a lone surrogate": { s: "\ud800" },
    "a lone surrogate in a key": { "\udc00": 1 },
    undefined: undefined,
    "undefined in a list": [undefined],
    "a hole": new Array(1),
    "a list without end": new Array(2 ** 31),
    "a date": { at: new Date(0) },
    "a map": new Map([["a", 1]]),
    "a boxed text": Object("x") as unknown,
    "an instance": new (class Money {
      amount = 1;
    })(),
    "a function": { toJSON: () => 1 },
    "a cycle": loop,
  };
  for (const [name, value] of Object.entries(cases)) {
    test(name, () => assert.throws(() => canonical(value), InvalidInput));
  }
});
