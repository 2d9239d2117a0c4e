package digest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// parse returns a value built of map[string]any, []any, string, float64, bool and nil.
func parse(text []byte) (map[string]any, *Error) {
	if len(text) == 0 {
		return map[string]any{}, nil
	}
	if err := check(text); err != nil {
		return nil, err
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber()
	value, err := reader{tokens}.value(0)
	if err != nil {
		return nil, err
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, fault("must be a JSON object")
	}
	return object, nil
}

// check refuses what encoding/json would read by putting something else in its place, and what is not JSON.
func check(text []byte) *Error {
	switch {
	case len(text) > MaxBytes:
		return fault(fmt.Sprintf("is longer than %d bytes", MaxBytes))
	case !utf8.Valid(text):
		return fault("is not valid UTF-8")
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return fault("starts with a byte order mark")
	case !json.Valid(text):
		return fault("is not JSON")
	case hasLoneSurrogate(text):
		return fault("has a lone surrogate")
	}
	return nil
}

// hasLoneSurrogate looks at text that is valid JSON, where a backslash only ever begins an escape.
func hasLoneSurrogate(text []byte) bool {
	for {
		start := bytes.IndexByte(text, '\\')
		if start < 0 {
			return false
		}
		first, isUnit := unit(text[start:])
		text = text[start+2:]
		if !isUnit || !utf16.IsSurrogate(first) {
			continue
		}
		text = text[4:]
		second, _ := unit(text)
		if utf16.DecodeRune(first, second) == utf8.RuneError {
			return true
		}
		text = text[6:]
	}
}

// unit returns the UTF-16 code unit of the escape that the text starts with, if it starts with one.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	number, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(number), err == nil
}

// reader builds a value from the tokens of text that check accepts.
type reader struct{ tokens *json.Decoder }

func (r reader) value(depth int) (any, *Error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, fault("is not JSON")
	}
	switch token := token.(type) {
	case json.Number:
		return number(token)
	case json.Delim:
		if depth == MaxDepth {
			return nil, fault(fmt.Sprintf("is nested deeper than %d levels", MaxDepth))
		}
		if token == '{' {
			return r.object(depth + 1)
		}
		return r.array(depth + 1)
	}
	return token, nil
}

func number(literal json.Number) (any, *Error) {
	value, err := strconv.ParseFloat(literal.String(), 64)
	if err != nil || math.Abs(value) > MaxNumber {
		return nil, fault("is a number beyond ±(2^53-1); send it as a string")
	}
	return value, nil
}

func (r reader) object(depth int) (any, *Error) {
	members := map[string]any{}
	for r.tokens.More() {
		token, err := r.tokens.Token()
		key, isKey := token.(string)
		if err != nil || !isKey {
			return nil, fault("is not JSON")
		}
		if _, twice := members[key]; twice {
			return nil, fault("is given more than once").under(keyStep(key))
		}
		if len(members) == MaxItems {
			return nil, tooMany()
		}
		value, wrong := r.value(depth)
		if wrong != nil {
			return nil, wrong.under(keyStep(key))
		}
		members[key] = value
	}
	return members, r.end()
}

func (r reader) array(depth int) (any, *Error) {
	items := []any{}
	for r.tokens.More() {
		if len(items) == MaxItems {
			return nil, tooMany()
		}
		value, wrong := r.value(depth)
		if wrong != nil {
			return nil, wrong.under(indexStep(len(items)))
		}
		items = append(items, value)
	}
	return items, r.end()
}

func (r reader) end() *Error {
	if _, err := r.tokens.Token(); err != nil {
		return fault("is not JSON")
	}
	return nil
}

func tooMany() *Error { return fault(fmt.Sprintf("has more than %d keys or items", MaxItems)) }
