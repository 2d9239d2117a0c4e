"""`gatehold webhooks`: set, shown, removed; the signing secret is shown at the setting only."""

import json

from gatehold.v1.webhook_service_pb2 import DeleteWebhookRequest, SetWebhookRequest
from tests.fakes.scripted_approver import ScriptedApprover
from tests.unit.cli.conftest import Command

URL = "https://hooks.example.com/gatehold"


def test_setting_shows_the_secret_once(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    code, out, _ = gatehold("webhooks", "set", URL, "--reason", "paging")
    assert code == 0 and "whsec_c2VjcmV0" in out and URL in out and "not shown again" in out
    assert gatekeeper.votes == [SetWebhookRequest(url=URL, change_reason="paging")]
    assert "whsec_" not in gatehold("webhooks", "show").out


def test_programs_get_documents(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    document = json.loads(gatehold("webhooks", "set", URL, "--output", "json").out)
    assert (document["webhook"]["url"], document["secret"]) == (URL, "whsec_c2VjcmV0")
    assert json.loads(gatehold("webhooks", "show", "--output", "json").out)["url"] == URL


def test_what_the_last_attempt_came_to_is_shown_and_moves_nothing(
    gatekeeper: ScriptedApprover, gatehold: Command
) -> None:
    gatehold("webhooks", "set", URL)
    assert gatekeeper.webhook is not None
    gatekeeper.webhook.last_error, gatekeeper.webhook.waiting = "503 \x1b[2Jbusy", 7
    out = gatehold("webhooks", "show").out
    assert "busy" in out and "7" in out and "\x1b" not in out


def test_removing(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatehold("webhooks", "set", URL)
    assert gatehold("webhooks", "delete", "--reason", "moved").code == 0
    assert gatekeeper.votes[-1] == DeleteWebhookRequest(change_reason="moved")
    code, _, err = gatehold("webhooks", "show")
    assert code == 1 and "there is no webhook" in err


def test_help_has_examples(gatehold: Command) -> None:
    assert "gatehold webhooks set https://" in gatehold("webhooks", "--help").out.split("Example", 1)[1]
