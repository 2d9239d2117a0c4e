"""Signatures, against the standard's own verifier and against its words."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pdp.approvals.webhook.signing import new_secret, signed_headers

BODY = json.dumps({"type": "approval.requested", "data": {"verb": "stripe:create_refund"}})


def test_the_standards_library_verifies_what_is_signed() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", BODY, datetime.now(UTC))
    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)


def test_the_signature_is_what_the_standard_says() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", BODY, datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    assert headers["webhook-timestamp"] == "1795167000"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.1795167000.{BODY}".encode(), hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (BODY.replace("refund", "payout"), {}),
        (BODY, {"webhook-id": "msg_2"}),
        (BODY, {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()) + 60)}),
    ],
)
def test_nothing_signed_can_be_changed(body: str, changed: dict[str, str]) -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", BODY, datetime.now(UTC)) | changed
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_another_secret_verifies_nothing() -> None:
    headers = signed_headers(new_secret(), "msg_1", BODY, datetime.now(UTC))
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_the_time_is_that_of_the_attempt() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_1", BODY, datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, headers)


def test_each_secret_is_32_random_bytes() -> None:
    first, second = new_secret(), new_secret()
    assert first.startswith("whsec_") and first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
