/** A JSON value as this package hands it out. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object. A key may be any text, `__proto__` too: it is an own property like the others. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** `T` where JSON can carry it as it is; `never` for what it cannot, such as a Date, a Map, a bigint or a function. */
export type Json<T> = unknown extends T
  ? T
  : T extends JsonValue | undefined
    ? T
    : T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : never;

/** Takes everything where JSON can carry `A`, and nothing where it cannot. */
export type IfJson<A> = [A] extends [Json<A>] ? unknown : never;
