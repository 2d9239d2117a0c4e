import { createHash } from "node:crypto";
import { InvalidInput } from "../invalid.js";
import { MAX_DEPTH, MAX_NUMBER } from "./limits.js";

/**
 * The RFC 8785 form. ECMAScript's own way to write numbers and strings and to sort keys is the one that RFC prescribes.
 *
 * Members that are `undefined` are left out, as `JSON.stringify` does. Everything else that is not JSON is refused and not
 * turned into something near it: what is decided on must be what the caller meant.
 *
 * @param value - null, boolean, number, string, array, or plain object.
 * @param field - what errors call the value.
 * @throws InvalidInput when it has no such form: another type, NaN, Infinity, a number beyond ±(2^53−1), a lone surrogate, or
 *   nesting beyond 16 levels or without end.
 */
export function canonical(value: unknown, field = "value"): string {
  return written(value, field, 1);
}

/** Lowercase hex SHA-256 of {@link canonical}, as UTF-8. Throws as that does. */
export function digest(value: unknown): string {
  return createHash("sha256").update(canonical(value), "utf8").digest("hex");
}

function written(value: unknown, field: string, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string" && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value === "number" && Math.abs(value) <= MAX_NUMBER) return JSON.stringify(value);
  if (typeof value !== "object" || depth > MAX_DEPTH) return refuse(field);
  if (Array.isArray(value)) return `[${items(value, field, depth).join(",")}]`;
  return isPlain(value) ? `{${members(value, field, depth).join(",")}}` : refuse(field);
}

function items(value: readonly unknown[], field: string, depth: number): string[] {
  return Array.from(value, (item) => written(item, field, depth + 1)); // not `map`, which would skip holes
}

function members(value: object, field: string, depth: number): string[] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${written(key, field, depth)}:${written(item, field, depth + 1)}`);
}

/** Of any realm, so that values made in a `vm` context count; a Date, a Map or a class instance does not. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(field: string): never {
  throw new InvalidInput(field, "has no canonical JSON form (RFC 8785)");
}
