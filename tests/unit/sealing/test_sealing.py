"""What is kept sealed is read by its keys alone, in its own place alone, and by its owner alone."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehold.invalid import InvalidInput
from pdp.sealing import CannotOpen, Sealer, open_key_file

OLD, NEW, OTHER = (name * 8 for name in (b"old-", b"new-", b"else"))
PLACE = ("acme", "id-1")


def test_a_text_comes_back_in_its_own_place() -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(b"secret", *PLACE)
    assert b"secret" not in sealed
    assert sealer.open(sealed, *PLACE) == b"secret"
    assert sealer.open(sealer.seal(b""), *()) == b""


@pytest.mark.parametrize(
    "place",
    [("acme", "id-2"), ("globex", "id-1"), ("id-1", "acme"), ("acmei", "d-1"), ("acme",), ("acme", "id-1", ""), ()],
)
def test_in_another_place_it_does_not_open(place: tuple[str, ...]) -> None:
    sealer = Sealer([OLD])
    with pytest.raises(CannotOpen):
        sealer.open(sealer.seal(b"secret", *PLACE), *place)


def test_no_two_sealed_texts_are_alike() -> None:
    sealer = Sealer([OLD])
    assert len({sealer.seal(b"secret", *PLACE) for _ in range(100)}) == 100


def test_another_key_does_not_open_it() -> None:
    sealed = Sealer([OLD]).seal(b"secret", *PLACE)
    with pytest.raises(CannotOpen, match="not in the sealing key file"):
        Sealer([OTHER]).open(sealed, *PLACE)
    forged = Sealer([OTHER]).seal(b"forged", *PLACE)
    with pytest.raises(CannotOpen):  # under the name of the key that is there
        Sealer([OLD]).open(sealed[:8] + forged[8:], *PLACE)


@given(at=st.integers(0, 8 + 12 + 6 + 16 - 1), bit=st.integers(0, 7))
def test_a_changed_text_does_not_open(at: int, bit: int) -> None:
    sealer = Sealer([OLD])
    sealed = bytearray(sealer.seal(b"secret", *PLACE))
    sealed[at] ^= 1 << bit
    with pytest.raises(CannotOpen):
        sealer.open(bytes(sealed), *PLACE)


@pytest.mark.parametrize("length", [0, 7, 8, 12, 20, 35, 41])
def test_a_text_cut_short_does_not_open(length: int) -> None:
    sealer = Sealer([OLD])
    with pytest.raises(CannotOpen):
        sealer.open(sealer.seal(b"secret", *PLACE)[:length], *PLACE)


def test_the_first_key_seals_and_all_open() -> None:
    before = Sealer([OLD]).seal(b"secret", *PLACE)
    both = Sealer([NEW, OLD])
    assert both.open(before, *PLACE) == b"secret"
    after = both.seal(b"secret", *PLACE)
    assert Sealer([NEW]).open(after, *PLACE) == b"secret"
    with pytest.raises(CannotOpen):
        Sealer([OLD]).open(after, *PLACE)


def written(path: Path, *keys: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(b"".join(base64.b64encode(key) + b"\n" for key in keys))
    path.chmod(mode)
    return path


def test_a_first_start_makes_the_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "sealing.key"
    sealed = open_key_file(path).seal(b"secret", *PLACE)
    assert open_key_file(path).open(sealed, *PLACE) == b"secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["sealing.key"]
    assert len(base64.b64decode(path.read_text())) == 32


def test_the_file_and_its_name_are_on_the_disk_before_anything_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode)))
    open_key_file(tmp_path / "sealing.key")
    assert synced == [False, True]


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    seal = "import sys,pathlib;from pdp.sealing import *;"
    seal += "sys.stdout.buffer.write(open_key_file(pathlib.Path(sys.argv[1])).seal(b'secret', 'acme', 'id-1'))"
    starts = [subprocess.Popen([sys.executable, "-c", seal, str(path)], stdout=subprocess.PIPE) for _ in range(4)]
    sealer = None
    for start in starts:
        sealed, _ = start.communicate(timeout=60)
        sealer = sealer or open_key_file(path)
        assert sealer.open(sealed, *PLACE) == b"secret"
    assert [one.name for one in tmp_path.iterdir()] == ["sealing.key"]


def test_keys_are_rotated_by_a_line_at_the_top(tmp_path: Path) -> None:
    path = written(tmp_path / "sealing.key", OLD)
    before = open_key_file(path).seal(b"secret", *PLACE)
    rotated = open_key_file(written(path, NEW, OLD))
    assert rotated.open(before, *PLACE) == b"secret"
    assert Sealer([NEW]).open(rotated.seal(b"secret", *PLACE), *PLACE) == b"secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "sealing.key", OLD, mode=mode)
    with pytest.raises(InvalidInput, match="chmod 600") as refused:
        open_key_file(path)
    assert refused.value.field == "sealing_key_file"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"not base64!\n",
        b"c2hvcnQ=\n",
        base64.b64encode(OLD + b"x"),
        "ключ".encode(),
        b"\xff\xfe",
        bytes(32),
    ],
)
def test_a_file_without_keys_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sealing.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InvalidInput, match="32 bytes in base64") as refused:
        open_key_file(path)
    assert path.read_bytes() == content
    assert not content or content.decode("latin-1") not in str(refused.value)


def test_one_bad_line_among_good_ones_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "sealing.key", OLD, b"short")
    with pytest.raises(InvalidInput):
        open_key_file(path)


def test_keys_are_not_shown() -> None:
    assert OLD.decode() not in repr(Sealer([OLD])) and OLD.decode() not in str(vars(Sealer([OLD])))
