"""What a start knows of the leases before it."""

from pathlib import Path

from pdp.fleet.leases import LONGEST_NS, SECOND_NS
from pdp.longest_lease import remember_longest, served_before


def test_nothing_known_means_the_longest_there_can_be(tmp_path: Path) -> None:
    assert remember_longest(tmp_path, 5 * SECOND_NS) == LONGEST_NS


def test_the_longest_ever_is_remembered(tmp_path: Path) -> None:
    remember_longest(tmp_path, 5 * SECOND_NS)
    assert remember_longest(tmp_path, 30 * SECOND_NS) == 5 * SECOND_NS
    assert remember_longest(tmp_path, 5 * SECOND_NS) == 30 * SECOND_NS
    assert remember_longest(tmp_path, 5 * SECOND_NS) == 30 * SECOND_NS


def test_what_can_not_be_read_counts_as_nothing_known(tmp_path: Path) -> None:
    for text in ["", "soon", "-1", str(61 * SECOND_NS)]:
        (tmp_path / "longest-lease-ns").write_text(text)
        assert remember_longest(tmp_path, 5 * SECOND_NS) == LONGEST_NS


def test_keys_or_the_note_tell_that_leases_may_be_live(tmp_path: Path) -> None:
    assert not served_before(tmp_path)
    (tmp_path / "keys").mkdir()
    assert served_before(tmp_path)
    (tmp_path / "keys").rmdir()
    remember_longest(tmp_path, SECOND_NS)
    assert served_before(tmp_path)
