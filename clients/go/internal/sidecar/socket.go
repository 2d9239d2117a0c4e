package sidecar

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

const writableByOthers = 0o022

// Distrust returns why nothing must be sent there now and what to do about it; empty when it may. Whoever can put a
// socket at the path answers for the gate, so it is asked before every call: the socket may have been replaced.
//
// Only this user, root and the named sidecar's may own the socket, its folder and a link that leads to the folder, and
// only the owner may write to the folder, sticky ones such as /tmp included. The folders above are not looked at. A link
// in the place of the socket is refused, for its own folder would not be the one that is checked.
func (t *Target) Distrust() string {
	if t.path == "" {
		return ""
	}
	folder := filepath.Dir(t.path)
	link, linkErr := os.Lstat(folder)
	directory, directoryErr := os.Stat(folder)
	socket, socketErr := os.Lstat(t.path)
	if err := cmp.Or(linkErr, directoryErr, socketErr); err != nil {
		return t.unseen(err)
	}
	switch {
	case socket.Mode().Type() != fs.ModeSocket:
		return fmt.Sprintf("%s is not a socket: name the sidecar's by %s", t.path, Variable)
	case directory.Mode().Perm()&writableByOthers != 0:
		return fmt.Sprintf("others could put a socket of their own into %s: run chmod go-w on it, or use a folder of its own", folder)
	}
	return cmp.Or(t.foreign(folder, link), t.foreign(folder, directory), t.foreign(t.path, socket))
}

func (t *Target) unseen(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("there is no socket %s: start the sidecar, or name another by %s", t.path, Variable)
	}
	return fmt.Sprintf("%s cannot be looked at: %v", t.path, err)
}

func (t *Target) foreign(name string, info fs.FileInfo) string {
	status, isKnown := info.Sys().(*syscall.Stat_t)
	if !isKnown {
		return fmt.Sprintf("nobody can tell whose %s is", name)
	}
	return t.strange(name, int(status.Uid))
}

func (t *Target) strange(what string, uid int) string {
	if slices.Contains(t.trusted, uid) {
		return ""
	}
	return fmt.Sprintf("%s belongs to user %d: if that is the sidecar's, set %s to it", what, uid, UIDVariable)
}
