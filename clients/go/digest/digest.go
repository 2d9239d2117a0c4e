// Package digest has one reading of a call's arguments, and one name for it: strict JSON, its RFC 8785 form, and the
// SHA-256 of that. What JSON parsers are known to read differently is refused, so that the gate and the tool behind it
// do not disagree on what was asked. The Python package gatehold.digest gives the same bytes and refuses the same texts.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
)

// Bounds of one JSON text.
const (
	MaxBytes  = 256 * 1024 // of UTF-8, arguments and context together
	MaxDepth  = 16         // containers inside one another; `{}` has depth 1
	MaxItems  = 1_000      // keys of one object or items of one array
	MaxNumber = 1<<53 - 1  // magnitude; beyond it doubles skip integers (RFC 7493, section 2.2)
)

// Canonical returns the RFC 8785 form of a JSON object. The empty text, which the wire has for "absent", is the empty
// object.
//
// field is what errors call the text, for example args_json. The error is an [*Error] for what is not UTF-8, not JSON or not an object, and for a byte order mark, duplicate keys,
// numbers beyond ±(2^53-1), lone surrogates, and anything past the bounds above.
func Canonical(text []byte, field string) ([]byte, error) {
	object, err := parse(text)
	if err != nil {
		return nil, err.under(field)
	}
	return appendValue(nil, object), nil
}

// Sum returns the lowercase hex SHA-256 of what [Canonical] returned.
func Sum(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
