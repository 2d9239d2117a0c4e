"""The floor of every server here: grpc.aio that does nothing.

Run: `python -m tests.bench.echo_server ADDRESS [RESPONSE]`. Without RESPONSE it gives back the bytes it gets, and
imports nothing but grpcio. With RESPONSE, a file with a serialized EvaluateResponse, it decodes each request as an
EvaluateRequest and encodes that response anew: what no server of these messages can spare. Both run with the options of
the product's own servers.
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import grpc

METHOD = "/tests.bench.Echo/Echo"
OPTIONS = [  # `gatehold.serving.server_options`, written out: importing it would cost what is to be measured
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 1_000),
    ("grpc.server_handshake_timeout_ms", 20_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.max_connection_age_ms", 3_600_000),
    ("grpc.max_connection_age_grace_ms", 60_000),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.so_reuseport", 0),
]


def _bytes_handler() -> Any:
    async def echo(request: bytes, _context: Any) -> bytes:
        return request

    return grpc.unary_unary_rpc_method_handler(echo)


def _message_handler(response_file: Path) -> Any:
    from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse

    response = EvaluateResponse.FromString(response_file.read_bytes())

    async def echo(_request: EvaluateRequest, _context: Any) -> EvaluateResponse:
        return response

    return grpc.unary_unary_rpc_method_handler(echo, EvaluateRequest.FromString, EvaluateResponse.SerializeToString)


async def serve(address: str, handler: Any) -> None:
    """Serves until SIGTERM. Prints `ready ADDRESS` once callers can connect."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = grpc.aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tests.bench.Echo", {"Echo": handler}),))
    port = server.add_insecure_port(address)
    await server.start()
    print(f"ready {address if address.startswith('unix:') else f'127.0.0.1:{port}'}", flush=True)
    await stop.wait()
    await server.stop(0)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], _message_handler(Path(sys.argv[2])) if len(sys.argv) > 2 else _bytes_handler()))
