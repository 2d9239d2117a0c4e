"""Bounds that a server puts on what reaches it, before any of it is looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server.

    Attributes:
        request_bytes: largest unary request, except a batch.
        batch_bytes: largest message of any kind; the transport refuses more with RESOURCE_EXHAUSTED.
        metadata_bytes: largest metadata of a call.
        concurrent_calls: calls handled at once; one more gets RESOURCE_EXHAUSTED.
        concurrent_streams: streams open at once, likewise.
        standard_streams: streams of health and reflection open at once; they need no credential.
        streams_per_connection: HTTP/2 streams that one connection may have open.
        handshake_seconds: time a new connection has for its handshake.
        min_ping_interval_seconds: a client that pings more often is disconnected.
        connection_age_seconds: how old a connection may get, give or take a tenth; then its client opens another.
        connection_grace_seconds: for streams on it to end by themselves.
    """

    request_bytes: int = 1024 * 1024
    batch_bytes: int = 4 * 1024 * 1024
    metadata_bytes: int = 16 * 1024
    concurrent_calls: int = 1_000
    concurrent_streams: int = 2_000
    standard_streams: int = 100
    streams_per_connection: int = 1_000
    handshake_seconds: int = 20
    min_ping_interval_seconds: int = 5
    connection_age_seconds: int = 3_600
    connection_grace_seconds: int = 60


def server_options(limits: Limits) -> list[tuple[str, int]]:
    """Returns the gRPC channel arguments that hold `limits`.

    `so_reuseport` is off: with it a second server would share the port in silence instead of failing to start.
    """
    return [
        ("grpc.max_receive_message_length", limits.batch_bytes),
        ("grpc.max_metadata_size", limits.metadata_bytes),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes),
        ("grpc.max_concurrent_streams", limits.streams_per_connection),
        ("grpc.server_handshake_timeout_ms", limits.handshake_seconds * 1000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", limits.min_ping_interval_seconds * 1000),
        ("grpc.max_connection_age_ms", limits.connection_age_seconds * 1000),
        ("grpc.max_connection_age_grace_ms", limits.connection_grace_seconds * 1000),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.so_reuseport", 0),
    ]
