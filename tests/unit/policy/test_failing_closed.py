"""Whatever breaks while deciding ends in a block, or restricts as an unknown does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from gatehold.conditions import Atom
from gatehold.vocabulary import AgentMode, Decision, ReasonCode, RiskLevel
from pdp.catalog.catalog import Catalog
from pdp.catalog.model import CatalogEntry
from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import Agent, Call, Verdict
from pdp.permitted import permitted
from pdp.policy import combine, decide, guards, panel
from pdp.policy.form import PolicyForm
from pdp.policy.policy_set import PolicySet

AUTO = Agent("auto", AgentMode.AUTONOMOUS)
CALL = Call(AUTO, "s:get", {"n": 5})
ENTRIES = [CatalogEntry(verb="s:get", risk_level=RiskLevel.LOW)]


def _configuration(*policies: dict[str, object]) -> Configuration:
    compiled = PolicySet.of(PolicyForm.model_validate(policy).policy() for policy in policies)
    return Configuration("t", 1, Catalog.of(ENTRIES), compiled, {"auto": AUTO})


def _blocking(count: int = 1) -> list[dict[str, object]]:
    condition = {"field": "args.n", "operator": "equals", "value": 1}
    return [{"id": f"p{n}", "verb": "s:get", "conditions": [condition], "action": "block"} for n in range(count)]


class Hostile(Mapping[str, object]):
    """Arguments that break whoever reads them."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError("broken")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("broken")

    def __len__(self) -> int:
        raise RuntimeError("broken")


def _raise(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


def _is_error(verdict: Verdict) -> bool:
    return (verdict.decision, verdict.reason_code, verdict.policy_matched, verdict.risk_level) == (
        Decision.BLOCK,
        ReasonCode.EVALUATION_ERROR,
        "",
        RiskLevel.HIGH,
    )


def test_the_call_is_allowed_where_nothing_breaks() -> None:
    assert evaluate(_configuration(), CALL).decision is Decision.ALLOW
    assert evaluate(_configuration(*_blocking()), CALL).decision is Decision.ALLOW
    assert evaluate(_configuration(*_blocking(10)), CALL).decision is Decision.ALLOW


@pytest.mark.parametrize("explain", [False, True])
def test_an_exception_in_combining_blocks(monkeypatch: pytest.MonkeyPatch, explain: bool) -> None:
    monkeypatch.setattr(decide, "combine", _raise)
    assert _is_error(evaluate(_configuration(), CALL, explain))


def test_an_exception_in_explaining_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "trace", _raise)
    assert _is_error(evaluate(_configuration(), CALL, explain=True))


def test_a_catalog_that_breaks_blocks_and_lists_nothing() -> None:
    broken = replace(_configuration(), catalog=None)  # type: ignore[arg-type]
    assert _is_error(evaluate(broken, CALL))
    assert permitted(broken, AUTO, "s:get") == (False, False)


def test_a_default_permission_that_nobody_knows_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Catalog, "bundle_default", lambda *_: "sometimes")
    assert _is_error(evaluate(_configuration(), CALL))


def test_an_agent_mode_that_nobody_knows_blocks() -> None:
    odd = replace(AUTO, mode="turbo")  # type: ignore[arg-type]
    assert evaluate(_configuration(), replace(CALL, agent=odd)).decision is Decision.BLOCK
    assert not permitted(_configuration(), odd, "s:get").executable


def test_nothing_that_stands_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combine, "_strictest", lambda *_: None)
    assert _is_error(evaluate(_configuration(), CALL))


@pytest.mark.parametrize("count", [1, 10])
def test_arguments_that_break_their_reader_make_policies_unknown(count: int) -> None:
    verdict = evaluate(_configuration(*_blocking(count)), replace(CALL, args=Hostile()))
    assert (verdict.decision, verdict.reason_code) == (Decision.BLOCK, ReasonCode.CONDITION_UNKNOWN)


def test_a_comparison_that_raises_makes_its_policy_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel.Facts, "of", _raise)
    verdict = evaluate(_configuration(*_blocking()), CALL)
    assert (verdict.decision, verdict.reason_code) == (Decision.BLOCK, ReasonCode.CONDITION_UNKNOWN)


def test_an_index_that_raises_makes_its_policies_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards.Table, "true", _raise)
    verdict = evaluate(_configuration(*_blocking(10)), CALL)
    assert (verdict.decision, verdict.reason_code) == (Decision.BLOCK, ReasonCode.CONDITION_UNKNOWN)


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = _configuration()
    with monkeypatch.context() as broken:
        broken.setattr(decide, "combine", _raise)
        assert _is_error(evaluate(configuration, CALL))
    assert evaluate(configuration, CALL).decision is Decision.ALLOW


def test_an_atom_whose_check_raises_is_unknown() -> None:
    atom = Atom.parse("args.n", "equals", 1)
    assert atom.truth({"args": Hostile()}) is None
