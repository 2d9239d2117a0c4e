"""What a request to decide must look like."""

import pytest

from gatehold.digest import MAX_BYTES
from gatehold.invalid import InvalidInput
from gatehold.serving import read_call
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest

FIELDS = {"verb": "stripe:create_refund", "args_json": '{"amount": 250}', "context_json": '{"ticket": 1}'}
OVERHEAD = len('{"a":""}')


def text_of(size: int, character: str = "x") -> str:
    return '{"a":"' + character * ((size - OVERHEAD) // len(character.encode())) + '"}'


def test_a_request_is_parsed() -> None:
    args, context = read_call(EvaluateRequest(**FIELDS, on_behalf_of="Ann Bürger", request_id="r 1"))
    assert (args, context) == ({"amount": 250}, {"ticket": 1})
    assert read_call(EvaluateRequest(verb="a:b")) == ({}, {})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"verb": ""}, "verb"),
        ({"verb": "Stripe:refund"}, "verb"),
        ({"verb": "stripe:r\u0435fund"}, "verb"),
        ({"verb": "stripe:"}, "verb"),
        ({"args_json": "[]"}, "args_json"),
        ({"args_json": '{"a": {"b": 1, "b": 2}}'}, "args_json.a.b"),
        ({"context_json": "{"}, "context_json"),
        ({"on_behalf_of": "a\u202eb"}, "on_behalf_of"),
        ({"on_behalf_of": "a" * 257}, "on_behalf_of"),
        ({"request_id": "a\0"}, "request_id"),
        ({"request_id": "a" * 129}, "request_id"),
        ({"tool_definition_digest": "\x1b[31m"}, "tool_definition_digest"),
        ({"tool_definition_digest": "a" * 129}, "tool_definition_digest"),
    ],
)
def test_what_is_outside_the_contract_is_named(fields: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_call(EvaluateRequest(**FIELDS | fields))
    assert error.value.field == field


@pytest.mark.parametrize("character", ["x", "ü", "😀"])
def test_arguments_and_context_share_one_bound_in_bytes(character: str) -> None:
    half = MAX_BYTES // 2
    args, context = text_of(half, character), text_of(half, character)
    assert read_call(EvaluateRequest(verb="a:b", args_json=args, context_json=context)).args
    over = text_of(half + 16, character)
    with pytest.raises(InvalidInput) as error:
        read_call(EvaluateRequest(verb="a:b", args_json=args, context_json=over))
    assert error.value.field == "context_json"
    with pytest.raises(InvalidInput) as error:
        read_call(EvaluateRequest(verb="a:b", args_json=over, context_json=context))
    assert error.value.field == "args_json"
