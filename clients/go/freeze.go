package gatehold

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gatehold.dev/go/digest"
)

// frozen is a JSON object as it is sent, decided on and run.
type frozen struct {
	json   []byte // the RFC 8785 form
	digest string // hex SHA-256 of it
}

// freeze returns the form of a value that encoding/json makes an object of. nil is the empty object.
func freeze(value any, field string) (frozen, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return frozen{}, fmt.Errorf("%s: it is not JSON: %w", field, err)
	}
	object := bytes.TrimSpace(text.Bytes())
	if string(object) == "null" {
		object = nil
	}
	return refreeze(object, field)
}

func refreeze(object []byte, field string) (frozen, error) {
	canonical, err := digest.Canonical(object, field)
	if err != nil {
		return frozen{}, err
	}
	return frozen{canonical, digest.Sum(canonical)}, nil
}

// thaw returns the arguments that a function gets. What the type A drops, renames or rounds would not be what was decided
// on, so they must freeze to the same bytes again.
func thaw[A any](args frozen) (A, error) {
	var value A
	if err := json.Unmarshal(args.json, &value); err != nil {
		return value, fmt.Errorf("the arguments do not fit %T: %w", value, err)
	}
	again, err := freeze(value, "args")
	if err != nil {
		return value, err
	}
	if again.digest != args.digest {
		return value, fmt.Errorf("the arguments do not come back from JSON as they went: %T does not hold them", value)
	}
	return value, nil
}
