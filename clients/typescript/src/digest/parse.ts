import { InvalidInput } from "../invalid.js";
import type { JsonObject, JsonValue } from "./json.js";
import { MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MAX_NUMBER } from "./limits.js";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\]*/y; // one run, so that an unclosed string costs no backtracking
const LITERAL = /true|false|null/y;

/**
 * Parses a JSON object strictly (RFC 8259 within the bounds of RFC 7493): one text, one meaning, or a refusal.
 * `JSON.parse` would keep the last of two equal keys, round large integers and take lone surrogates. The empty text, which
 * the wire has for "absent", is the empty object.
 *
 * @param text - JSON as text or as UTF-8.
 * @param field - what errors call the value, for example `args_json`.
 * @param maxBytes - the longest UTF-8 form accepted.
 * @throws InvalidInput for what is not UTF-8, not JSON or not an object, and for a byte order mark, duplicate keys, numbers
 *   beyond ±(2^53−1), lone surrogates, more than 16 levels, or more than 1,000 keys or items in one container.
 */
export function parseObject(text: string | Uint8Array, field: string, maxBytes: number = MAX_BYTES): JsonObject {
  const source = decoded(text, field, maxBytes);
  if (source === "") return {};
  const value = new Parser(source, field).document();
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new InvalidInput(field, "must be a JSON object");
  }
  return value;
}

function decoded(text: string | Uint8Array, field: string, maxBytes: number): string {
  const bytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (bytes > maxBytes) throw new InvalidInput(field, `is longer than ${maxBytes} bytes`);
  if (typeof text === "string") return text;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text); // which keeps the mark, to be refused
  } catch {
    throw new InvalidInput(field, "is not valid UTF-8");
  }
}

class Parser {
  readonly #text: string;
  readonly #field: string;
  #at = 0;

  constructor(text: string, field: string) {
    this.#text = text;
    this.#field = field;
  }

  document(): JsonValue {
    const value = this.#value(1);
    if (this.#at !== this.#text.length) this.#refuse("goes on after its JSON value ends");
    return value;
  }

  #value(depth: number): JsonValue {
    this.#take(SPACE);
    const value = this.#bare(depth);
    this.#take(SPACE);
    return value;
  }

  #bare(depth: number): JsonValue {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
    }
    const literal = this.#take(LITERAL);
    return literal === "" ? this.#number() : literal === "null" ? null : literal === "true";
  }

  #object(depth: number): JsonObject {
    const members: JsonObject = {};
    this.#items(depth, "}", () => {
      this.#take(SPACE);
      const key = this.#string();
      if (Object.hasOwn(members, key)) this.#refuse("has a key given more than once");
      this.#take(SPACE);
      if (!this.#skip(":")) this.#refuse("is not JSON: expecting a colon");
      // Assigning to `__proto__` would change the prototype, and the digest would not know of it.
      const value = this.#value(depth + 1);
      Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
    });
    return members;
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#items(depth, "]", () => items.push(this.#value(depth + 1)));
    return items;
  }

  #items(depth: number, end: string, item: () => void): void {
    if (depth > MAX_DEPTH) this.#refuse(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#at += 1;
    this.#take(SPACE);
    if (this.#skip(end)) return;
    for (let count = 1; ; count += 1) {
      if (count > MAX_ITEMS) this.#refuse(`has more than ${MAX_ITEMS} keys or items`);
      item();
      if (this.#skip(end)) return;
      if (!this.#skip(",")) this.#refuse("is not JSON: expecting a comma or an end");
    }
  }

  #number(): number {
    const literal = this.#take(NUMBER);
    if (literal === "") this.#refuse("is not JSON: expecting a value");
    const value = Number(literal);
    if (Math.abs(value) > MAX_NUMBER) this.#refuse("has a number beyond ±(2^53-1); send it as a string");
    return value;
  }

  #string(): string {
    const start = this.#at;
    if (!this.#skip('"')) this.#refuse("is not JSON: expecting a string");
    this.#take(PLAIN);
    while (this.#skip("\\")) {
      this.#at += 1;
      this.#take(PLAIN);
    }
    if (!this.#skip('"')) this.#refuse("is not JSON: a string has no end");
    const text = this.#unescaped(this.#text.slice(start, this.#at));
    if (!text.isWellFormed()) this.#refuse("has a lone surrogate");
    return text;
  }

  /** The platform's parser knows escapes and control characters, and a string alone leaves it nothing to be lax about. */
  #unescaped(literal: string): string {
    try {
      return JSON.parse(literal) as string;
    } catch {
      return this.#refuse("is not JSON: a string has a control character or an unknown escape");
    }
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #refuse(problem: string): never {
    throw new InvalidInput(this.#field, `${problem} (character ${this.#at})`);
  }
}
