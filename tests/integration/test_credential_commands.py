"""`gatehold keys`, `sessions`, `agents` and `tenants`, by the real command on a real decision point."""

import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehold.cli import main
from tests.stack import Stack

READ = "filesystem:read_text_file"
CEILING = '{"field": "args.path", "operator": "starts_with", "value": "docs/"}'
Ended = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        stack.start_pdp()
        stack.start_sidecar("dev", "--listen", f"unix:{stack.folder}/agent.sock")
        yield stack


@pytest.fixture
def here(stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in this process: many are too slow to start each anew."""
    monkeypatch.setenv("GATEHOLD_DATA_DIR", str(stack.folder))

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(words)
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def done(stack: Stack, *words: str) -> Ended:
    ended = stack.gatehold(*words)
    assert ended.returncode == 0, ended.stderr
    return ended


def shown(stack: Stack, *words: str) -> Any:
    return json.loads(done(stack, *words, "--output", "json").stdout)


def failed(stack: Stack, *words: str) -> str:
    ended = stack.gatehold(*words)
    assert ended.returncode == 1 and ended.stdout == "" and "Traceback" not in ended.stderr
    return ended.stderr


def evaluated(stack: Stack, token_file: Path, target: str, path: str = "docs/a") -> Ended:
    call = ("evaluate", READ, "--arg", f"path={path}", "--token-file", str(token_file), "--target", target)
    return stack.gatehold(*call, "--output", "json")


def test_a_key_is_printed_once_works_and_is_revoked(stack: Stack, tmp_path: Path) -> None:
    made = done(stack, "keys", "create", "billing-bot", "--role", "agent", "--reason", "for billing")
    secret = made.stdout.strip()
    assert secret.startswith("gh_") and len(made.stdout.splitlines()) == 1 and secret not in made.stderr
    key_id = secret.split("_")[1]
    assert f"key {key_id} of the agent billing-bot" in made.stderr
    (tmp_path / "key").write_text(made.stdout)
    assert evaluated(stack, tmp_path / "key", stack.address).returncode == 0
    listed = shown(stack, "keys", "list")
    (own,) = [key for key in listed if key["key_id"] == key_id]
    assert (own["role"], own["principal"], "revoke_time" in own) == ("agent", "billing-bot", False)
    assert secret not in json.dumps(listed)
    done(stack, "keys", "revoke", key_id, "--reason", "lost")
    refused = evaluated(stack, tmp_path / "key", stack.address)
    assert refused.returncode == 3 and secret not in refused.stdout + refused.stderr
    table = done(stack, "keys", "list").stdout.splitlines()
    assert any(key_id in line and "revoked" in line for line in table)


def test_a_key_goes_to_a_new_file_or_into_one_json_object(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "box.key"
    words = ("keys", "create", "box", "--role", "sidecar", "--agent", "dev", "--ttl", "30d", "--secret-file", str(path))
    made = done(stack, *words)
    assert path.read_text().startswith("gh_") and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.stdout == "" and path.read_text().strip() not in made.stderr
    before = len(shown(stack, "keys", "list"))
    assert "exists: remove it" in failed(stack, *words)
    assert len(shown(stack, "keys", "list")) == before
    document = shown(stack, "keys", "create", "ann", "--role", "approver", "--group", "finance")
    assert document["secret"].startswith(f"gh_{document['key_id']}_") and document["groups"] == ["finance"]


def test_a_file_of_a_key_that_was_not_made_does_not_stay(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "bad.key"
    told = failed(stack, "keys", "create", "a\u202e", "--role", "auditor", "--secret-file", str(path))
    assert "principal" in told and "\u202e" not in told and not path.exists()


def test_a_certificates_key_has_no_secret(stack: Stack) -> None:
    made = done(stack, "keys", "create", "--role", "sidecar", "--agent", "*", "--certificate", "by-certificate")
    assert made.stdout == "" and "certificate" in made.stderr
    words = ("keys", "create", "x", "--role", "sidecar", "--agent", "*", "--certificate", "--secret-file", "f")
    assert "no secret" in failed(stack, *words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("keys", "crate", "x"), "Did you mean 'create'?"),
        (("keys", "create", "x"), "--role"),
        (("keys", "create", "x", "--role", "agnet"), "'agent', 'sidecar', 'approver', 'admin', 'auditor'"),
        (("keys", "create", "x", "--role", "platform_admin"), "'auditor'"),
        (("keys", "create", "x", "--role", "sidecar"), "needs --agent"),
        (("keys", "create", "x", "--role", "agent", "--ttl", "soon"), "90s, 15m, 2h or 7d"),
        (("keys", "create", "x", "--role", "agent", "--group", "g"), "groups"),
        (("keys", "revoke", "0123456789abcdef"), "there is no key 0123456789abcdef"),
        (("keys", "allow-list", "set"), "or --any"),
        (("keys", "allow-list", "set", "10.0.0.0/8", "--any"), "or --any"),
        (("keys", "allow-list", "set", "10.0.0.0/8"), "own address, 127.0.0.1"),
        (("keys", "list", "--key-file", "missing"), "no readable key at missing"),
        (("session", "list"), "Did you mean 'sessions'?"),
        (("sessions", "create", "--ceiling", '{"field'), "--ceiling: is not JSON"),
        (("sessions", "create", "--ceiling", "3"), "is no condition"),
        (("sessions", "create", "--ceiling", '{"field": "args.a", "operator": "lower", "value": 1}'), "must be one of"),
        (("sessions", "create", "--verb", "stripe"), "session.verbs[0]"),
        (("sessions", "create", "--ttl", "25h"), "1 s to 24 h"),
        (("sessions", "create", "--address", "here"), "not an IPv4 or IPv6 address"),
        (("sessions", "create", "--agent", "other"), "sessions of its own only"),
        (("sessions", "revoke", "0123456789abcdef"), "there is no session"),
        (("agents", "create", "dev"), "dev"),
        (("agents", "update", "dev"), "nothing to change"),
        (("agents", "update", "dve", "--owner", "x"), "Did you mean 'dev'?"),
        (("agents", "update", "dev", "--attributes", "[]"), "--attributes"),
        (("agents", "update", "dev", "--mode", "free"), "'autonomous'"),
        (("agents", "delete", "nobody-at-all"), "gatehold agents list"),
        (("tenants", "create", "A"), "tenant_id"),
        (("tenants", "create", "default"), "there is a tenant default already"),
    ],
)
def test_an_error_says_what_to_do(stack: Stack, here: Any, words: tuple[str, ...], says: str) -> None:
    code, out, err = here(*words)
    assert (code, out) == (1, "") and says in err and "Traceback" not in err


def test_the_allow_list_is_set_shown_and_lifted(stack: Stack) -> None:
    assert done(stack, "keys", "allow-list", "show").stdout == "from everywhere\n"
    wanted = ["127.0.0.0/8", "10.0.0.0/8"]
    assert shown(stack, "keys", "allow-list", "set", *wanted, "--reason", "ours") == {"networks": wanted}
    assert "10.0.0.0/8" in done(stack, "keys", "allow-list", "show").stdout
    done(stack, "keys", "allow-list", "set", "--any")
    assert shown(stack, "keys", "allow-list", "show") == {"networks": []}


def test_a_session_narrows_through_a_sidecar_until_it_is_revoked(stack: Stack, tmp_path: Path) -> None:
    token = tmp_path / "runtime.token"
    words = ("--verb", "filesystem:read_*", "--ceiling", CEILING, "--on-behalf-of", "ann", "--ttl", "15m")
    made = done(stack, "sessions", "create", *words, "--secret-file", str(token))
    assert made.stdout == "" and token.read_text().startswith("ghs_") and token.read_text().strip() not in made.stderr
    target = f"unix:{stack.folder}/agent.sock"
    assert evaluated(stack, token, target).returncode == 0
    outside = evaluated(stack, token, target, "etc/b")
    assert outside.returncode == 3 and json.loads(outside.stdout)["reason_code"] == "session_scope"
    (session,) = [one for one in shown(stack, "sessions", "list") if one["on_behalf_of"] == "ann"]
    assert (session["agent"], session["verbs"], session["maker"]) == ("dev", ["filesystem:read_*"], "dev")
    assert session["ceilings"] == [json.loads(CEILING)] and "token" not in session
    done(stack, "sessions", "revoke", session["session_id"], "--reason", "done")
    assert evaluated(stack, token, target).returncode == 3
    table = done(stack, "sessions", "list").stdout
    assert session["session_id"] in table and "revoked" in table


def test_an_administrator_makes_sessions_of_every_agent(stack: Stack) -> None:
    admin = ("--key-file", str(stack.folder / "keys" / "administrator.key"))
    made = shown(stack, "sessions", "create", "--agent", "mail-bot", "--bundle", "filesystem-read", *admin)
    assert made["token"].startswith(f"ghs_{made['session_id']}_")
    assert (made["agent"], made["bundles"]) == ("mail-bot", ["filesystem-read"])
    assert "mail-bot" in {one["agent"] for one in shown(stack, "sessions", "list", *admin)}
    assert "mail-bot" not in {one["agent"] for one in shown(stack, "sessions", "list")}
    assert "session.agent" in failed(stack, "sessions", "create", *admin)


def test_an_update_changes_what_is_given_alone(stack: Stack) -> None:
    words = ("--mode", "autonomous", "--attributes", '{"team": "billing"}', "--owner", "ann")
    first = shown(stack, "agents", "create", "bot", *words)
    assert first == {"agent_id": "bot", "mode": "autonomous", "attributes": {"team": "billing"}, "owner": "ann"}
    assert shown(stack, "agents", "update", "bot", "--mode", "chat_only") == {**first, "mode": "chat_only"}
    assert shown(stack, "agents", "update", "bot", "--owner", "") == {**first, "mode": "chat_only", "owner": ""}
    updated = shown(stack, "agents", "update", "bot", "--attributes", "{}", "--reason", "moved")
    assert updated == {"agent_id": "bot", "mode": "chat_only", "attributes": {}, "owner": ""}
    assert updated in shown(stack, "agents", "list")
    done(stack, "agents", "delete", "bot")
    assert "bot" not in {one["agent_id"] for one in shown(stack, "agents", "list")}
    assert shown(stack, "agents", "create", "bot")["mode"] == "permission"


def test_a_tenant_is_made_with_a_key_that_works(stack: Stack, tmp_path: Path) -> None:
    key = tmp_path / "acme.key"
    made = done(stack, "tenants", "create", "acme", "--secret-file", str(key))
    assert made.stdout == "" and "tenant acme" in made.stderr
    assert [one["tenant_id"] for one in shown(stack, "tenants", "list")] == ["acme", "default"]
    assert shown(stack, "agents", "list", "--key-file", str(key)) == []
    assert shown(stack, "tenants", "create", "globex")["admin_secret"].startswith("gh_")


@pytest.mark.parametrize("words", [("keys",), ("keys", "create"), ("sessions", "create"), ("agents",), ("tenants",)])
def test_help_has_examples_and_no_way_to_give_a_secret(here: Any, words: tuple[str, ...]) -> None:
    code, told, _ = here(*words, "--help")
    assert code == 0 and "Examples:" in told
    assert "--secret " not in told and "--token " not in told and "--key " not in told
