"""Real servers to put a load on: the product's own, and echoes."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from tests.stack import Running, Stack

ECHO = ("-m", "tests.bench.echo_server")
REFUND = "stripe:create_refund"
READ = "filesystem:read_text_file"
LOOKUP = "bench:look_up"
REFUNDS = """\
- id: small-refunds
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: less_or_equal, value: 100}]
  action: {type: allow, reason: Refunds up to $100 need nobody}
- id: large-refund-gate
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action: {type: require_approval, reason: Refund exceeds $100 threshold}
"""
_serial = itertools.count()


@contextmanager
def stack(policies: str = REFUNDS) -> Iterator[Stack]:
    """A decision point with policies in a directory of its own; sidecars can be added."""
    with tempfile.TemporaryDirectory(prefix="gatehold-bench-") as name, Stack(Path(name)) as running:
        file = running.folder / "policies.yaml"
        file.write_text(policies)
        running.start_pdp("--policies", str(file), "--log-level", "error")
        yield running


@contextmanager
def echo(address: str, response: bytes | None = None) -> Iterator[tuple[int, str]]:
    """A server that does nothing; gives its process id and address. `response`: see `tests.bench.echo_server`."""
    with tempfile.TemporaryDirectory(prefix="gatehold-bench-") as name:
        arguments = [address]
        if response is not None:
            file = Path(name) / "response"
            file.write_bytes(response)
            arguments.append(str(file))
        server = Running("echo", arguments, Path(name) / "log", program=ECHO)
        try:
            yield server.pid, server.ready_line.removeprefix("ready ")
        finally:
            server.stop()


def key(running: Stack, role: str, agent: str = "") -> list[tuple[str, str]]:
    """Metadata of a caller; a sidecar also names the agent."""
    secret = (running.folder / "keys" / f"{role}.key").read_text().strip()
    return [("authorization", f"Bearer {secret}"), *([("gatehold-agent", agent)] if agent else [])]


def refunds(count: int) -> list[bytes]:
    """Calls of a HIGH verb with arguments that never came before."""
    return [_refund(f"ch_{next(_serial):012d}", 101 + next(_serial) % 10_000) for _ in range(count)]


def same_refund(count: int) -> list[bytes]:
    """One call, again and again."""
    return [_refund("ch_000000000000", 250)] * count


def reads(count: int) -> list[bytes]:
    """Calls of a LOW verb with arguments that never came before."""
    return [_request(READ, f'{{"path":"/srv/{next(_serial)}.txt"}}') for _ in range(count)]


def lookups(count: int) -> list[bytes]:
    """Calls of a LOW verb that needs a catalog of its own, with arguments that never came before."""
    return [_request(LOOKUP, f'{{"id":"{next(_serial)}"}}') for _ in range(count)]


def _refund(charge: str, amount: int) -> bytes:
    args = f'{{"amount":{amount},"charge":"{charge}","reason":"requested_by_customer"}}'
    return _request(REFUND, args, '{"conversation":"c_81723","customer_tier":"gold"}')


def _request(verb: str, args: str, context: str = "") -> bytes:
    return EvaluateRequest(verb=verb, args_json=args, context_json=context).SerializeToString()
