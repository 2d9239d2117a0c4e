/**
 * One reading of a call's arguments, and one name for it: strict JSON, its RFC 8785 form, and the SHA-256 of that. Pure: no
 * clock, no I/O.
 */
export { canonical, digest } from "./canonical.js";
export type { IfJson, Json, JsonObject, JsonValue } from "./json.js";
export { MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MAX_NUMBER } from "./limits.js";
export { parseObject } from "./parse.js";
