import assert from "node:assert/strict";
import { test } from "node:test";
import { Guard, type JsonObject } from "gatehold";

// What the compiler takes and refuses; each unused expectation fails the build.
export function compiled(guard: Guard): void {
  interface Item {
    sku: string;
    tags?: readonly string[];
  }
  interface Order {
    items: Item[];
    note: string | null;
  }
  const order: (order: Order) => Promise<number> = guard.protect("shop:order", ({ items }: Order) => items.length);
  const none: (args: JsonObject) => Promise<number> = guard.protect(
    "shop:ping",
    (given: JsonObject) => Object.keys(given).length,
  );
  const empty: (args: object) => Promise<string> = guard.protect("shop:ping", () => "pong");
  void order({ items: [{ sku: "a" }], note: null });
  void none({});
  void empty({});
  void guard.evaluate("shop:order", { items: [{ sku: "a" }] });

  // @ts-expect-error a date would arrive as text
  guard.protect("shop:order", ({ at }: { at: Date }) => at.getTime());
  // @ts-expect-error JSON has no such integers
  guard.protect("shop:order", ({ id }: { id: bigint }) => id);
  // @ts-expect-error a function cannot be frozen
  void guard.evaluate("shop:order", { then: () => 1 });
}

test("the compiler has read this", () => assert.equal(typeof compiled, "function"));
