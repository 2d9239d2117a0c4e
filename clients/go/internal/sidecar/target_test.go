package sidecar

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func clearEnvironment(t *testing.T) {
	for _, name := range []string{Variable, TokenVariable, UIDVariable} {
		t.Setenv(name, "")
	}
}

func TestTargets(t *testing.T) {
	clearEnvironment(t)
	for target, want := range map[string]Target{
		"":                        {path: ".gatehold/agent.sock"},
		"unix:a.sock":             {path: "a.sock"},
		"unix:/run/a.sock":        {path: "/run/a.sock"},
		"unix:///run/a.sock":      {path: "/run/a.sock"},
		"127.0.0.1:8181":          {address: "127.0.0.1:8181"},
		"127.9.9.9:8181":          {address: "127.9.9.9:8181"},
		"[::1]:8181":              {address: "[::1]:8181"},
		"localhost:8181":          {address: "localhost:8181"},
		"unix:" + "/run/a b.sock": {path: "/run/a b.sock"},
	} {
		got, err := Resolve(target, "", nil)
		if err != nil || got.path != want.path || got.address != want.address || got.token != "" {
			t.Errorf("%q: got %+v, %v", target, got, err)
		}
	}
}

func TestTargetsThatAreRefused(t *testing.T) {
	for _, target := range []string{
		"unix:", "unix://host/a.sock", "unix:////a.sock", "unix:a%2fb.sock", "unix:a?b", "unix:a#b", "10.0.0.1:8181",
		"example.com:8181", "localhost.example.com:8181", "localhost", "127.0.0.1", "dns:///localhost:1", ":8181", "8181",
	} {
		if got, err := Resolve(target, "", nil); err == nil {
			t.Errorf("%q: got %+v", target, got)
		}
	}
}

func TestTheEnvironmentFillsWhatIsNotNamed(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(" gh_1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(Variable, "unix:b.sock")
	t.Setenv(TokenVariable, token)
	t.Setenv(UIDVariable, "4242")
	got, err := Resolve("", "", nil)
	if err != nil || got.path != "b.sock" || got.token != "gh_1" || !slices.Contains(got.trusted, 4242) {
		t.Errorf("got %+v, %v", got, err)
	}
	uid := 17
	got, err = Resolve("unix:a.sock", "", &uid)
	if err != nil || got.path != "a.sock" || !slices.Contains(got.trusted, 17) || slices.Contains(got.trusted, 4242) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatTheEnvironmentGetsWrongIsRefused(t *testing.T) {
	for _, uid := range []string{"root", "-1", "1.5", "99999999999", "+1"} {
		t.Setenv(UIDVariable, uid)
		if got, err := Resolve("unix:a.sock", "", nil); err == nil {
			t.Errorf("%q: got %+v", uid, got)
		}
	}
}

func TestATokenIsOneWordOfASCII(t *testing.T) {
	clearEnvironment(t)
	for _, text := range []string{"gh_é", "gh_1 gh_2", "gh_1\r\nx: y", "gh_\x00"} {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Resolve("unix:a.sock", file, nil); err == nil {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
