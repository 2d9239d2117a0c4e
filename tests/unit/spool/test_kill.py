"""A process that is killed has stored every record that it answered for."""

import itertools
from pathlib import Path

import pytest

from gatehold.chain import FIRST, link
from tests.unit.spool.appender import record
from tests.unit.spool.processes import appender, everything, lines, opened, rest


async def killed_while_appending(directory: Path, mode: str) -> tuple[str, list[int]]:
    """Returns the chain that the process wrote and the sequences it answered for."""
    async with appender(directory, mode) as process:
        spool_id, *answered = await lines(process, 400)
        process.kill()
        answered += await rest(process)
    return spool_id, [int(sequence) for sequence in answered]


@pytest.mark.parametrize("mode", ["written", "durable"])
async def test_every_record_answered_for_is_there_and_the_chain_is_whole(tmp_path: Path, mode: str) -> None:
    for _ in range(4):
        spool_id, answered = await killed_while_appending(tmp_path, mode)
        async with opened(tmp_path) as spool:
            stored = await everything(spool, spool_id)
        assert set(answered) <= {each.sequence for each in stored}
        expected = FIRST
        for sequence, each in enumerate(stored, 1):
            assert (each.sequence, each.previous_hash, each.record) == (sequence, expected, record(sequence))
            expected = link(each.previous_hash, each.record)


async def test_a_spool_that_answered_before_the_commit_would_be_caught(tmp_path: Path) -> None:
    spool_id, answered = await killed_while_appending(tmp_path, "early")
    async with opened(tmp_path) as spool:
        stored = await everything(spool, spool_id)
    assert not set(answered) <= {each.sequence for each in stored}


async def test_several_kills_leave_several_chains_each_naming_the_end_of_the_one_before(tmp_path: Path) -> None:
    names = [(await killed_while_appending(tmp_path, "written"))[0] for _ in range(3)]
    async with opened(tmp_path) as spool:
        chains = [*await spool.unshipped(), spool.identity]
        assert [chain.spool_id for chain in chains[:-1]] == names
        for before, after in itertools.pairwise(chains):
            assert after.predecessor_id == before.spool_id
            assert after.predecessor_last_sequence == len(await everything(spool, before.spool_id))
