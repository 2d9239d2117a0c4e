package digest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type vector struct {
	Name      string
	Text      string
	BytesHex  string `json:"bytes_hex"`
	Canonical string
	SHA256    string
}

func (v vector) bytes(t *testing.T) []byte {
	t.Helper()
	raw, err := hex.DecodeString(v.BytesHex)
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, v.Text...)
}

// vectors returns those that every language's client shares.
func vectors(t *testing.T) (accept, refuse []vector) {
	t.Helper()
	files, err := filepath.Glob("../../../tests/cases/digest/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var cases struct{ Accept, Refuse []vector }
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &cases); err != nil {
			t.Fatal(file, err)
		}
		accept, refuse = append(accept, cases.Accept...), append(refuse, cases.Refuse...)
	}
	if len(accept) <= 40 || len(refuse) <= 70 {
		t.Fatalf("only %d and %d vectors", len(accept), len(refuse))
	}
	return accept, refuse
}

func TestVectorsAreAccepted(t *testing.T) {
	accept, _ := vectors(t)
	for _, vector := range accept {
		t.Run(vector.Name, func(t *testing.T) {
			canonical, err := Canonical(vector.bytes(t), "args_json")
			if err != nil || string(canonical) != vector.Canonical {
				t.Errorf("got %q, %v", canonical, err)
			}
			if sum := Sum(canonical); sum != vector.SHA256 {
				t.Errorf("got %s", sum)
			}
			if again, err := Canonical(canonical, "args_json"); err != nil || string(again) != vector.Canonical {
				t.Errorf("its canonical form has another one: %q, %v", again, err)
			}
		})
	}
}

func TestVectorsAreRefused(t *testing.T) {
	_, refuse := vectors(t)
	for _, vector := range refuse {
		t.Run(vector.Name, func(t *testing.T) {
			canonical, err := Canonical(vector.bytes(t), "args_json")
			var wrong *Error
			if !errors.As(err, &wrong) || canonical != nil {
				t.Fatalf("got %q, %v", canonical, err)
			}
			if len(err.Error()) >= 200 {
				t.Errorf("a long message: %s", err)
			}
		})
	}
}

func TestTheEmptyTextIsTheEmptyObject(t *testing.T) {
	if canonical, err := Canonical(nil, "args_json"); err != nil || string(canonical) != "{}" {
		t.Errorf("got %q, %v", canonical, err)
	}
}

func TestSize(t *testing.T) {
	text := func(size int) []byte { return []byte(`{"s":"` + strings.Repeat("a", size-8) + `"}`) }
	if _, err := Canonical(text(MaxBytes), "args_json"); err != nil {
		t.Error(err)
	}
	if _, err := Canonical(text(MaxBytes+1), "args_json"); err == nil {
		t.Error("accepted")
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{
		`{"items":[0,{"amount":1e300}]}`:                            `.items[1].amount: is a number beyond`,
		`{"a b":{"x":1,"x":2}}`:                                     `["a b"].x: is given more than once`,
		`{"\u001b[2J":1e300}`:                                       `["\x1b[2J"]: is a number beyond`,
		`{"` + strings.Repeat("é", 100) + `":[1e300]}`:              `["` + strings.Repeat(`\u00e9`, 64) + `"…][0]: is a number`,
		`{"a":[` + strings.Repeat("0,", MaxItems) + `0]}`:           `.a: has more than 1000 keys or items`,
		strings.Repeat(`{"a":`, 17) + `1` + strings.Repeat(`}`, 17): strings.Repeat(`.a`, 16) + `: is nested deeper than 16`,
	} {
		if _, err := Canonical([]byte(text), "args"); err == nil || !strings.HasPrefix(err.Error(), "args"+want) {
			t.Errorf("%.60s: got %v, want %s", text, err, want)
		}
	}
}
