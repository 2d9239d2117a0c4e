"""When a message that was not taken is sent again: the example schedule of Standard Webhooks, with jitter.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Deliverability and
reliability".
"""

import random

_SECOND_US = 1_000_000
_MINUTE, _HOUR = 60, 60 * 60
_WAITS = (5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
_JITTER = 0.2
_RANDOM = random.SystemRandom()


def wait_us(failed: int, asked_seconds: int = 0) -> int | None:
    """Microseconds until the next attempt, up to a fifth longer by chance; None to give the message up.

    Args:
        failed: how many attempts have failed, this one included; at least 1.
        asked_seconds: the least that the receiver asks for.
    """
    if failed > len(_WAITS):
        return None
    seconds = max(_WAITS[failed - 1], asked_seconds)
    return int(seconds * _RANDOM.uniform(1, 1 + _JITTER) * _SECOND_US)
