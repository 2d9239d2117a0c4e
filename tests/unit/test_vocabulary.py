"""The words that people see and the enumerations on the wire are the same sets."""

from enum import StrEnum

import pytest
from google.protobuf.descriptor import EnumDescriptor

from gatehold import vocabulary
from gatehold.v1 import (
    agent_pb2,
    approval_pb2,
    audit_record_pb2,
    catalog_pb2,
    decision_pb2,
    key_pb2,
    reason_code_pb2,
)
from pdp.identity import Role

PAIRS: list[tuple[type[StrEnum], EnumDescriptor]] = [
    (vocabulary.Decision, decision_pb2.DESCRIPTOR.enum_types_by_name["Decision"]),
    (vocabulary.RiskLevel, decision_pb2.DESCRIPTOR.enum_types_by_name["RiskLevel"]),
    (vocabulary.DecisionSource, decision_pb2.DESCRIPTOR.enum_types_by_name["DecisionSource"]),
    (vocabulary.ReasonCode, reason_code_pb2.DESCRIPTOR.enum_types_by_name["ReasonCode"]),
    (vocabulary.Access, catalog_pb2.DESCRIPTOR.enum_types_by_name["Access"]),
    (vocabulary.AgentMode, agent_pb2.DESCRIPTOR.enum_types_by_name["AgentMode"]),
    (vocabulary.RecordKind, audit_record_pb2.DESCRIPTOR.enum_types_by_name["RecordKind"]),
    (vocabulary.ApprovalState, approval_pb2.DESCRIPTOR.enum_types_by_name["ApprovalState"]),
    (vocabulary.Outcome, audit_record_pb2.DESCRIPTOR.enum_types_by_name["Outcome"]),
    (Role, key_pb2.DESCRIPTOR.enum_types_by_name["Role"]),
]


@pytest.mark.parametrize(
    ("words", "wire"), PAIRS, ids=lambda side: side.__name__ if isinstance(side, type) else side.name
)
def test_each_word_is_on_the_wire_and_the_reverse(words: type[StrEnum], wire: EnumDescriptor) -> None:
    prefix = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in wire.name).lstrip("_")
    on_the_wire = {value.name.removeprefix(f"{prefix}_") for value in wire.values}
    assert {word.name for word in words} == on_the_wire - {"UNSPECIFIED"}
    assert wire.values_by_number[0].name == f"{prefix}_UNSPECIFIED"


@pytest.mark.parametrize("words", [words for words, _ in PAIRS])
def test_each_word_is_spelled_as_it_is_named(words: type[StrEnum]) -> None:
    assert all(word.value.upper() == word.name for word in words)


def test_no_enumeration_is_left_out() -> None:
    mirrored = {words for words, _ in PAIRS}
    assert {item for item in vars(vocabulary).values() if isinstance(item, type) and item is not StrEnum} <= mirrored
