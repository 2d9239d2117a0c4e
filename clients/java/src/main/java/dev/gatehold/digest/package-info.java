/**
 * One reading of a call's arguments, and one name for it: strict JSON, its RFC 8785 form, and the SHA-256 of that. What
 * JSON parsers are known to read differently is refused, so that the gate and the tool behind it do not disagree on
 * what was asked.
 */
package dev.gatehold.digest;
