"""The keys that a first start leaves behind."""

import stat
from pathlib import Path

import pytest

from pdp.identity import ApiKey, KeyFileError, Keyring, Role, generate_key, seed_first_keys
from pdp.identity import first_keys as room
from pdp.store.model import StoredKey

NAMES = ["administrator", "agent", "approver", "auditor", "platform", "sidecar"]


class Keys:
    """A store's keys, in memory."""

    def __init__(self) -> None:
        self.stored: list[StoredKey] = []

    def add_key(self, key: StoredKey) -> None:
        self.stored.append(key)

    def keys(self) -> list[StoredKey]:
        return list(self.stored)


def authenticate(keys: Keys, path: Path):
    keyring = Keyring()
    keyring.replace(keys.stored)
    return keyring.authenticate(f"Bearer {path.read_text().strip()}")


def test_a_first_start_writes_private_files_whose_keys_work(tmp_path: Path) -> None:
    keys, directory = Keys(), tmp_path / "data" / "keys"
    seed_first_keys(keys, directory, "default")
    assert sorted(path.name for path in directory.iterdir()) == [f"{name}.key" for name in NAMES]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    assert authenticate(keys, directory / "administrator.key").role is Role.ADMIN
    assert authenticate(keys, directory / "sidecar.key").speaks_for("anyone")
    agent = authenticate(keys, directory / "agent.key")
    assert (agent.role, agent.name, agent.tenant) == (Role.AGENT, "dev", "default")


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    keys = Keys()
    seed_first_keys(keys, tmp_path / "keys", "default")
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    stored = keys.keys()
    seed_first_keys(keys, tmp_path / "keys", "default")
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    assert keys.stored == stored


def test_a_removed_key_file_stays_removed(tmp_path: Path) -> None:
    keys = Keys()
    seed_first_keys(keys, tmp_path / "keys", "default")
    (tmp_path / "keys" / "administrator.key").unlink()
    seed_first_keys(keys, tmp_path / "keys", "default")
    assert not (tmp_path / "keys" / "administrator.key").exists()
    assert len(keys.stored) == len(NAMES)


def test_a_start_that_died_half_way_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, directory = Keys(), tmp_path / "keys"
    wrote = []

    def write_two(path: Path, key: ApiKey, write=room._write_new) -> None:
        if len(wrote) == 2:
            raise OSError("the power went")
        wrote.append(path)
        write(path, key)

    monkeypatch.setattr(room, "_write_new", write_two)
    with pytest.raises(OSError, match="power"):
        seed_first_keys(keys, directory, "default")
    monkeypatch.undo()
    first = wrote[0].read_bytes()
    seed_first_keys(keys, directory, "default")
    assert wrote[0].read_bytes() == first
    assert all(authenticate(keys, directory / f"{name}.key") for name in NAMES)


def test_keys_that_were_written_but_not_stored_are_stored_by_the_next_start(tmp_path: Path) -> None:
    keys, directory = Keys(), tmp_path / "keys"
    seed_first_keys(keys, directory, "default")
    del keys.stored[2:]
    seed_first_keys(keys, directory, "default")
    assert all(authenticate(keys, directory / f"{name}.key") for name in NAMES)


def test_a_directory_that_others_can_reach_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o755)
    with pytest.raises(KeyFileError, match="chmod 700"):
        seed_first_keys(Keys(), directory, "default")
    assert not list(directory.iterdir())


def test_a_file_that_holds_no_key_is_refused_without_repeating_it(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o700)
    broken = generate_key().text[:-3]
    (directory / "auditor.key").write_text(broken)
    with pytest.raises(KeyFileError, match=r"auditor\.key") as error:
        seed_first_keys(Keys(), directory, "default")
    assert broken not in str(error.value)
