"""Every input that must be refused, put to the decision point and to a sidecar. Numbers are those of the list.

Each gets its status and a message that names the field, nothing gets an allow, and the server serves the next call.
"""

import grpc
import pytest

from gatehold.v1 import decision_pb2, reason_code_pb2
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from tests.contract.conftest import GOOD, Endpoint, refused

VERB = "stripe:create_refund"


def call(args: str = GOOD, **fields: object) -> EvaluateRequest:
    return EvaluateRequest(**{"verb": VERB, "args_json": args, **fields})  # type: ignore[arg-type]


def raw(args: bytes) -> bytes:
    """A request whose args_json is these bytes, UTF-8 or not."""
    return EvaluateRequest(verb=VERB).SerializeToString() + b"\x12" + varint(len(args)) + args


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


INVALID: list[tuple[str, bytes | EvaluateRequest, str]] = [
    ("1 undecodable protobuf", b"\xff\xff\xff\xff", "EvaluateRequest"),
    ("1 truncated", call().SerializeToString()[:-3], "EvaluateRequest"),
    ("2 bad UTF-8", raw(b'{"amount":"\xff"}'), "EvaluateRequest"),
    ("3 too deep", call(nested(17)), "args_json"),
    ("3 a bomb of brackets", call("[" * 100_000), "args_json"),
    ("3 too deep in context", call(context_json=nested(17)), "context_json"),
    ("4 duplicate keys", call('{"amount":1,"amount":100}'), "args_json"),
    ("4 duplicate keys by escape", call('{"amount":1,"\\u0061mount":100}'), "args_json"),
    ("5 NaN", call('{"amount":NaN}'), "args_json"),
    ("5 Infinity", call('{"amount":-Infinity}'), "args_json"),
    ("6 1e999", call('{"amount":1e999}'), "args_json.amount"),
    ("7 beyond 2^53-1", call('{"amount":9007199254740992}'), "args_json.amount"),
    ("7 below -(2^53-1)", call('{"list":[0,-9007199254740992]}'), "args_json.list[1]"),
    ("7 as a float", call('{"amount":9007199254740993.0}'), "args_json.amount"),
    ("8 5,000 digits", call('{"amount":' + "9" * 5_000 + "}"), "args_json"),
    ("9 lone surrogate", call('{"name":"\\ud800"}'), "args_json"),
    ("10 BOM", call("\ufeff{}"), "args_json"),
    ("11 trailing bytes", call("{} {}"), "args_json"),
    ("11 trailing NUL", call("{}\0"), "args_json"),
    ("12 null", call("null"), "args_json"),
    ("12 a list", call("[]"), "args_json"),
    ("12 a string", call('"x"'), "args_json"),
    ("12 white space", call(" "), "args_json"),
    ("13 upper-case provider", call(verb="Stripe:create_refund"), "verb"),
    ("13 space", call(verb="stripe: create_refund"), "verb"),
    ("13 trailing newline", call(verb="stripe:create_refund\n"), "verb"),
    ("13 zero width", call(verb="stripe:create\u200b_refund"), "verb"),
    ("13 homoglyph", call(verb="stripe:cr\u0435ate_refund"), "verb"),
    ("13 full width colon", call(verb="stripe\uff1acreate_refund"), "verb"),
    ("14 empty verb", call(verb=""), "verb"),
    ("14 empty tool", call(verb="stripe:"), "verb"),
    ("14 empty provider", call(verb=":create_refund"), "verb"),
    ("14 two colons", call(verb="stripe:create:refund"), "verb"),
    ("15 NUL", call(on_behalf_of="ann\0"), "on_behalf_of"),
    ("15 bidi", call(on_behalf_of="ann\u202e"), "on_behalf_of"),
    ("15 ANSI", call(request_id="\x1b[2J"), "request_id"),
    ("15 ANSI in a digest", call(tool_definition_digest="\x1b[2J"), "tool_definition_digest"),
    ("16 too many keys", call("{" + ",".join(f'"k{n}":1' for n in range(1_001)) + "}"), "args_json"),
    ("16 too many items", call('{"a":[' + ",".join(["1"] * 1_001) + "]}"), "args_json.a"),
    ("17 long on_behalf_of", call(on_behalf_of="a" * 257), "on_behalf_of"),
    ("17 long request_id", call(request_id="a" * 129), "request_id"),
    ("17 long tool", call(verb="stripe:" + "a" * 129), "verb"),
    ("17 long arguments", call('{"note":"' + "a" * 256 * 1024 + '"}'), "args_json"),
    (
        "17 arguments and context together",
        call('{"note":"' + "a" * 150_000 + '"}', context_json='{"note":"' + "a" * 150_000 + '"}'),
        "_json",
    ),
    ("18 unknown field", call().SerializeToString() + b"\x9a\x06\x01x", "99"),
    ("19 unknown enum", call(intent=99), "intent"),
]


@pytest.mark.parametrize(("message", "field"), [c[1:] for c in INVALID], ids=[c[0] for c in INVALID])
def test_invalid_argument_names_the_field(endpoint: Endpoint, message: bytes | EvaluateRequest, field: str) -> None:
    code, text, info = refused(endpoint, message)
    assert code is grpc.StatusCode.INVALID_ARGUMENT, text
    assert field in text
    assert info.domain == "gatehold.dev"
    assert info.reason in ("INVALID_FIELD", "MALFORMED_MESSAGE")
    assert len(text) < 500, "a refusal does not repeat what it refuses"
    assert endpoint.healthy()


BLOCKED: list[tuple[str, EvaluateRequest, str]] = [
    ("26 a string for a number", call(GOOD.replace("100", '"100"')), ""),
    ("27 true for 1", call(GOOD.replace('"express":1', '"express":true')), ""),
    ("28 missing field", call(GOOD.replace(',"to":"ann"', "")), "never-to-mallory"),
    ("28 no arguments", call(""), ""),
    ("29 unclassified tool", call(verb="acme:launch_rocket"), ""),
    ("30 an array for a scalar", call(GOOD.replace('"ann"', '["mallory"]')), "never-to-mallory"),
    ("30 an object for a scalar", call(GOOD.replace("100", "{}")), ""),
    ("31 NFD for NFC", call(GOOD.replace("José", "Jose\u0301")), ""),
    ("31 NFD in a guardrail", call(GOOD.replace('"ann"', '"mallory\u0301"')), "never-to-mallory"),
    ("32 null", call(GOOD.replace('"ann"', "null")), "never-to-mallory"),
]


@pytest.mark.parametrize(("message", "policy"), [c[1:] for c in BLOCKED], ids=[c[0] for c in BLOCKED])
def test_what_cannot_be_compared_blocks(endpoint: Endpoint, message: EvaluateRequest, policy: str) -> None:
    response = endpoint.send(message)
    assert response.decision == decision_pb2.DECISION_BLOCK
    assert response.reason and response.reason_code != reason_code_pb2.REASON_CODE_UNSPECIFIED
    assert not policy or response.policy_matched == policy
    assert endpoint.healthy()


def test_numbers_in_other_spellings_are_the_same_numbers(endpoint: Endpoint) -> None:
    first, second = endpoint.send(call(GOOD)), endpoint.send(call(GOOD.replace("100", "1.0e2")))
    assert first.decision == second.decision == decision_pb2.DECISION_ALLOW
    assert first.args_digest == second.args_digest
    zero, minus = endpoint.send(call('{"amount":0}')), endpoint.send(call('{"amount":-0.0}'))
    assert zero.args_digest == minus.args_digest


def test_every_decision_is_its_own(endpoint: Endpoint) -> None:
    decisions = [endpoint.send(call(verb="stripe:list_customers")) for _ in range(5)]
    assert len({d.decision_id for d in decisions}) == 5
    assert all(d.revision > 0 and d.decision == decision_pb2.DECISION_ALLOW for d in decisions)
