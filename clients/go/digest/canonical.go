package digest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
)

// appendValue appends the RFC 8785 form of what parse returns.
func appendValue(to []byte, value any) []byte {
	switch value := value.(type) {
	case map[string]any:
		return appendObject(to, value)
	case []any:
		return appendArray(to, value)
	case string:
		return appendString(to, value)
	case float64:
		return appendNumber(to, value)
	case bool:
		return strconv.AppendBool(to, value)
	case nil:
		return append(to, "null"...)
	}
	panic(fmt.Sprintf("digest: %T is not JSON", value))
}

func appendObject(to []byte, object map[string]any) []byte {
	to = append(to, '{')
	for i, key := range slices.SortedFunc(maps.Keys(object), byCodeUnit) {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendString(to, key), ':')
		to = appendValue(to, object[key])
	}
	return append(to, '}')
}

// byCodeUnit compares as UTF-16, where characters beyond the BMP come before U+E000.
func byCodeUnit(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func appendArray(to []byte, items []any) []byte {
	to = append(to, '[')
	for i, item := range items {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendValue(to, item)
	}
	return append(to, ']')
}

// appendNumber leaves the layout to encoding/json, which has that of ECMAScript too, save for the sign of zero.
func appendNumber(to []byte, number float64) []byte {
	if number == 0 {
		return append(to, '0')
	}
	text, err := json.Marshal(number)
	if err != nil {
		panic(fmt.Sprintf("digest: a number that parse lets through has no form: %v", err))
	}
	return append(to, text...)
}

var shortEscapes = map[byte]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`,
}

// appendString is not left to encoding/json, which also escapes U+2028 and U+2029.
func appendString(to []byte, text string) []byte {
	to = append(to, '"')
	for i := range len(text) {
		if short, found := shortEscapes[text[i]]; found {
			to = append(to, short...)
		} else if text[i] < ' ' {
			to = fmt.Appendf(to, `\u%04x`, text[i])
		} else {
			to = append(to, text[i])
		}
	}
	return append(to, '"')
}
