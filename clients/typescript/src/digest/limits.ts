/** UTF-8 bytes, arguments and context together. */
export const MAX_BYTES = 256 * 1024;
/** Containers inside one another; `{}` has depth 1. */
export const MAX_DEPTH = 16;
/** Keys of one object or items of one array. */
export const MAX_ITEMS = 1_000;
/** Magnitude; beyond it doubles skip integers (RFC 7493, section 2.2). */
export const MAX_NUMBER = Number.MAX_SAFE_INTEGER;
