package digest

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

const shownKey = 64 // characters of a key that a message repeats

var bareKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)

// Error says what is wrong with a JSON text, and where.
type Error struct {
	Path    string // for example args_json.items[3].amount
	Message string // what is wrong and what would be right; never repeats a value
}

func (e *Error) Error() string { return e.Path + ": " + e.Message }

func fault(message string) *Error { return &Error{Message: message} }

func (e *Error) under(step string) *Error {
	return &Error{step + e.Path, e.Message}
}

func keyStep(key string) string {
	if bareKey.MatchString(key) {
		return "." + key
	}
	// Escaped and cut: a key is the caller's text, and errors are read on terminals and kept in logs.
	if utf8.RuneCountInString(key) > shownKey {
		return "[" + strconv.QuoteToASCII(string([]rune(key)[:shownKey])) + "…]"
	}
	return "[" + strconv.QuoteToASCII(key) + "]"
}

func indexStep(index int) string { return "[" + strconv.Itoa(index) + "]" }
