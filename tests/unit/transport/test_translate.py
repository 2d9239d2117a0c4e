"""Words and messages."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.invalid import InvalidInput
from gatehold.vocabulary import Decision
from pdp.catalog.catalog import shipped
from pdp.model import Candidate, Comparison, Obligation
from pdp.transport import translate
from pdp.transport.random_uuid import random_uuid


def test_every_word_has_its_number_and_back() -> None:
    assert [translate.DECISIONS[word] for word in Decision] == [1, 2, 3]
    assert all(translate.DECISION_WORDS[number] is word for word, number in translate.DECISIONS.items())
    assert all(translate.RECORD_KIND_WORDS[number] is word for word, number in translate.RECORD_KINDS.items())


def test_an_obligation_and_a_trace() -> None:
    message = translate.obligation(Obligation("tell-ops", "notification", {"channel": "#ops"}))
    assert (message.id, message.type, message.properties_json) == ("tell-ops", "notification", '{"channel":"#ops"}')
    comparison = Comparison("args.amount greater 100", None)
    explained = translate.trace([Candidate("p", "block", None, "floor", (comparison,), "q")])
    candidate = explained.candidates[0]
    assert (candidate.policy, candidate.action, candidate.result, candidate.role) == ("p", "block", 3, 2)
    assert (candidate.comparisons[0].text, candidate.comparisons[0].result) == ("args.amount greater 100", 3)
    assert candidate.overridden_by == "q"


def test_every_shipped_entry_has_all_seven_dimensions_on_the_wire() -> None:
    for entry in shipped().entries:
        message = translate.catalog_entry(entry)
        assert message.verb == entry.verb and message.shipped and message.access and message.risk_level
        assert len(message.classification.ListFields()) == 7


@pytest.mark.parametrize("time", [Timestamp(nanos=-1), Timestamp(nanos=10**9), Timestamp(seconds=253_402_300_800)])
def test_a_time_out_of_range_is_refused(time: Timestamp) -> None:
    with pytest.raises(InvalidInput, match=r"filter\.since"):
        translate.microseconds(time, "filter.since")
    assert translate.microseconds(Timestamp(seconds=1, nanos=2_000), "x") == 1_000_002


def test_random_uuids_are_of_version_4_and_differ() -> None:
    import uuid

    made = [random_uuid() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)
