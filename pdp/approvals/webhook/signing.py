"""Signatures of messages, as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook as Signer

_SECRET_BYTES = 32


def new_secret() -> str:
    """A random signing secret in the spelling that receivers' libraries take: `whsec_…`."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def signed_headers(secret: str, message_id: str, body: str, time: datetime) -> dict[str, str]:
    """The headers that a receiver verifies a message by.

    Args:
        time: of this attempt, in UTC. Receivers refuse one that is minutes from their own clock.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(time.timestamp())),
        "webhook-signature": Signer(secret).sign(message_id, time, body),
    }
