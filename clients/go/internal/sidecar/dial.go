package sidecar

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	largestResponse = 8 * 1024 * 1024
	// A sidecar that comes back is found again within a second.
	firstReconnect, lastReconnect = 100 * time.Millisecond, time.Second
)

// Connect returns a connection that opens at its first call. Every call on it is preceded by [Target.Distrust], which
// ends it as UNAVAILABLE, and carries the token and nothing else of the caller's metadata.
func (t *Target) Connect() (*grpc.ClientConn, error) {
	pace := backoff.Config{BaseDelay: firstReconnect, Multiplier: 1.6, Jitter: 0.2, MaxDelay: lastReconnect}
	// The path that was checked is the one that is dialed, read by no resolver and led through no proxy.
	return grpc.NewClient("passthrough:///sidecar",
		grpc.WithContextDialer(t.dial),
		grpc.WithAuthority("localhost"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestResponse)),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: lastReconnect}),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithUnaryInterceptor(t.unary),
		grpc.WithStreamInterceptor(t.stream),
	)
}

func (t *Target) unary(
	ctx context.Context, method string, request, reply any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	ctx, err := t.outgoing(ctx)
	if err != nil {
		return err
	}
	return invoke(ctx, method, request, reply, connection, options...)
}

func (t *Target) stream(
	ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn,
	method string, open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx, err := t.outgoing(ctx)
	if err != nil {
		return nil, err
	}
	return open(ctx, description, connection, method, options...)
}

func (t *Target) outgoing(ctx context.Context) (context.Context, error) {
	if why := t.Distrust(); why != "" {
		return nil, status.Error(codes.Unavailable, why)
	}
	if t.token == "" {
		return metadata.NewOutgoingContext(ctx, nil), nil
	}
	return metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", "Bearer "+t.token)), nil
}

func (t *Target) dial(ctx context.Context, _ string) (net.Conn, error) {
	network, address := "unix", t.path
	if t.path == "" {
		network, address = "tcp", t.address
	} else if why := t.Distrust(); why != "" {
		return nil, errors.New(why)
	}
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := t.requirePeer(connection); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return connection, nil
}

// requirePeer looks at who is really there: the socket may be another one by now, and localhost may be mapped anywhere.
func (t *Target) requirePeer(connection net.Conn) error {
	switch connection := connection.(type) {
	case *net.UnixConn:
		uid, err := peerUID(connection)
		if err != nil {
			return fmt.Errorf("whose process is behind %s cannot be told: %w", t.path, err)
		}
		if why := t.strange("the process behind "+t.path, uid); why != "" {
			return errors.New(why)
		}
		return nil
	case *net.TCPConn:
		if address, isTCP := connection.RemoteAddr().(*net.TCPAddr); isTCP && address.IP.IsLoopback() {
			return nil
		}
	}
	return fmt.Errorf("%s is not on loopback", connection.RemoteAddr())
}
