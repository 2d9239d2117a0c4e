"""That every benchmark still runs and finds what it compares; what it finds is nobody's business here."""

import json

import pytest
from click.testing import CliRunner

from gatehold.serving import Limits, server_options
from tests.bench import figures
from tests.bench.__main__ import BENCHES, main
from tests.bench.echo_server import OPTIONS
from tests.bench.figures import Samples, at_least, at_most
from tests.bench.rounds import Plan


@pytest.mark.parametrize("name", BENCHES)
def test_runs(name: str) -> None:
    rows = BENCHES[name].run(Plan(rounds=1, scale=0.002))
    assert rows
    for row in rows:
        assert row.bench == name
        assert row.ratio is not None or "not installed" in row.note or "too few" in row.note


def test_the_echo_has_the_options_of_the_real_servers() -> None:
    assert server_options(Limits()) == OPTIONS


def test_a_ratio_is_of_values_of_the_same_round() -> None:
    ours, floor = Samples("ours", "s", [1.0, 20.0, 3.0]), Samples("floor", "s", [2.0, 10.0, 6.0])
    row = figures.row("bench", ours, floor, at_most(0.6))
    assert (row.value, row.floor, row.ratio, row.ratio_least, row.ratio_most) == (3.0, 6.0, 0.5, 0.5, 2.0)
    assert (row.goal, row.met) == ("≤ 0.6", True)


def test_goals_are_bounds_on_either_side() -> None:
    assert [at_least(2).met(2), at_least(2).met(1.9), at_most(2).met(2), at_most(2).met(2.1)] == [True, False] * 2


def test_contestants_take_turns() -> None:
    order: list[str] = []
    plan = Plan(rounds=2, tick=lambda: order.append("tick"))
    played = plan.play({"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert order == ["a", "b", "a", "b", "tick", "b", "a", "tick"]
    assert {name: len(samples) for name, samples in played.items()} == {"a": 2, "b": 2}


def test_prints_json_for_programs_and_a_table_for_people() -> None:
    told = json.loads(CliRunner().invoke(main, ["peers", "--rounds", "1", "--output", "json"]).stdout)
    assert told["machine"]["cpus"] > 0
    assert {row["name"] for row in told["rows"]} == {"cedarpy", "oso"}
    table = CliRunner().invoke(main, ["peers", "--rounds", "1"]).stdout
    assert "cedarpy" in table


def test_names_the_benchmarks_there_are() -> None:
    result = CliRunner().invoke(main, ["nothing"])
    assert result.exit_code == 2
    assert "decision_point" in result.stderr
