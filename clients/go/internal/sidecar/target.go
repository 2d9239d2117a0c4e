// Package sidecar knows where the sidecar is, whose its socket must be, and what goes along with every call.
package sidecar

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// Variables of the environment, and where the sidecar is when nothing says otherwise.
const (
	Variable      = "GATEHOLD_SIDECAR"
	TokenVariable = "GATEHOLD_TOKEN_FILE"
	UIDVariable   = "GATEHOLD_SIDECAR_UID"
	Default       = "unix:.gatehold/agent.sock"

	unixScheme = "unix:"
)

// Target is an address and what is sent along with every call.
type Target struct {
	path    string // of the Unix socket; empty for TCP
	address string // HOST:PORT on loopback; empty for a Unix socket
	token   string // empty where none is configured
	trusted []int  // user ids that may own the socket and the process behind it
}

// Resolve returns the target that is named, else the environment's, else [Default].
//
// target is unix:PATH or HOST:PORT on loopback; tokenFile holds a key or token; sidecarUID is the user id of a sidecar
// that runs as another user, and nil where it does not. The error says which of them is wrong.
func Resolve(target, tokenFile string, sidecarUID *int) (*Target, error) {
	resolved, err := parse(cmp.Or(target, os.Getenv(Variable), Default))
	if err != nil {
		return nil, err
	}
	if resolved.token, err = readToken(cmp.Or(tokenFile, os.Getenv(TokenVariable))); err != nil {
		return nil, err
	}
	resolved.trusted = []int{0, os.Geteuid()}
	if sidecarUID == nil {
		if sidecarUID, err = environmentUID(); err != nil {
			return nil, err
		}
	}
	if sidecarUID != nil {
		resolved.trusted = append(resolved.trusted, *sidecarUID)
	}
	return resolved, nil
}

func parse(target string) (*Target, error) {
	path, isUnix := strings.CutPrefix(target, unixScheme)
	if !isUnix {
		if !onLoopback(target) {
			return nil, fmt.Errorf("target %q is neither unix:PATH nor HOST:PORT on loopback", target)
		}
		return &Target{address: target}, nil
	}
	if strings.HasPrefix(path, "///") {
		path = path[2:]
	}
	// Other languages' gRPC reads a URI, and would decode or cut these. A name must mean the same path to every client.
	if path == "" || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "%?#") {
		return nil, fmt.Errorf("target %q is not unix:PATH with a path free of %%, ? and #", target)
	}
	return &Target{path: path}, nil
}

func onLoopback(target string) bool {
	colon := strings.LastIndexByte(target, ':')
	if colon < 0 {
		return false
	}
	host := strings.Trim(target[:colon], "[]")
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	token := strings.TrimSpace(string(text))
	for _, character := range token {
		if character <= ' ' || character > '~' {
			return "", fmt.Errorf("token file %s does not hold one token of printable ASCII", path)
		}
	}
	return token, nil
}

func environmentUID() (*int, error) {
	text := os.Getenv(UIDVariable)
	if text == "" {
		return nil, nil
	}
	uid, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not a user id", UIDVariable, text)
	}
	number := int(uid)
	return &number, nil
}
