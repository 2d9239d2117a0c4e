package sidecar

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const other = 12_345

// listen returns a target whose socket stands in a folder of its own.
func listen(t *testing.T) *Target {
	t.Helper()
	folder, err := os.MkdirTemp("", "peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	path := filepath.Join(folder, "a.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return &Target{path: path, trusted: []int{0, os.Geteuid()}}
}

// strangers returns a target that trusts nobody whom this process can be.
func (t *Target) strangers() *Target { return &Target{path: t.path, trusted: []int{other}} }

func TestItsOwnSocketInItsOwnFolderIsUsed(t *testing.T) {
	if why := listen(t).Distrust(); why != "" {
		t.Error(why)
	}
}

func TestAnotherUsersSocketIsUsedOnlyWhereTheUserIsNamed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, name := range []string{"a.sock", "."} {
		target := listen(t)
		if err := os.Chown(filepath.Join(filepath.Dir(target.path), name), other, other); err != nil {
			t.Fatal(err)
		}
		if why := target.Distrust(); !strings.Contains(why, "belongs to user 12345") {
			t.Errorf("%s: %q", name, why)
		}
		target.trusted = append(target.trusted, other)
		if why := target.Distrust(); why != "" {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestWhoIsNotTrustedIsNotAsked(t *testing.T) {
	if why := listen(t).strangers().Distrust(); !strings.Contains(why, UIDVariable) {
		t.Errorf("got %q", why)
	}
}

func TestAFolderThatOthersCanWriteToIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o720, 0o702, 0o777 | os.ModeSticky} {
		target := listen(t)
		if err := os.Chmod(filepath.Dir(target.path), mode); err != nil {
			t.Fatal(err)
		}
		if why := target.Distrust(); !strings.Contains(why, "chmod go-w") {
			t.Errorf("%v: %q", mode, why)
		}
	}
}

func TestALinkToTheFolderIsItsOwnersToMake(t *testing.T) {
	target := listen(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Dir(target.path), link); err != nil {
		t.Fatal(err)
	}
	target.path = filepath.Join(link, "a.sock")
	if why := target.Distrust(); why != "" {
		t.Error(why)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	if err := os.Lchown(link, other, other); err != nil {
		t.Fatal(err)
	}
	if why := target.Distrust(); !strings.Contains(why, link+" belongs to user 12345") {
		t.Errorf("got %q", why)
	}
	if err := errors.Join(os.Lchown(link, 0, 0), os.Chown(link, other, other)); err != nil {
		t.Fatal(err)
	}
	if why := target.Distrust(); !strings.Contains(why, link+" belongs to user 12345") {
		t.Errorf("where it leads: %q", why)
	}
}

func TestWhatIsNoSocketIsRefused(t *testing.T) {
	target := listen(t)
	folder := filepath.Dir(target.path)
	if err := os.Symlink(target.path, filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"link": "is not a socket", "file": "is not a socket", "absent": "there is no socket", "absent/a": "there is no socket",
		"file/a": "cannot be looked at",
	} {
		target.path = filepath.Join(folder, name)
		if why := target.Distrust(); !strings.Contains(why, want) {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestTheProcessBehindTheSocketIsLookedAt(t *testing.T) {
	target := listen(t)
	connection, err := net.Dial("unix", target.path)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := target.requirePeer(connection); err != nil {
		t.Error(err)
	}
	err = target.strangers().requirePeer(connection)
	if err == nil || !strings.Contains(err.Error(), "the process behind") {
		t.Errorf("got %v", err)
	}
}

func TestAProcessOfAnotherUserBehindATrustedSocketIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	target := listen(t)
	for _, path := range []string{target.path, filepath.Dir(target.path)} {
		if err := os.Chown(path, other, other); err != nil {
			t.Fatal(err)
		}
	}
	target.trusted = []int{other} // and not this process, which listens
	if why := target.Distrust(); why != "" {
		t.Fatal(why)
	}
	if connection, err := target.dial(t.Context(), ""); err == nil {
		connection.Close()
		t.Error("it was connected to")
	}
}

func TestOnlyLoopbackIsConnectedTo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	target := &Target{address: listener.Addr().String()}
	connection, err := target.dial(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := target.requirePeer(&net.TCPConn{}); err == nil {
		t.Error("a connection to nowhere is taken")
	}
}
