"""The name of what an agent can do: `provider:tool`."""

import re

from gatehold.invalid import InvalidInput

# ASCII only: normalisation would keep look-alikes such as a Cyrillic "е". Matched whole, because `$` accepts a newline.
_VERB = re.compile(r"([a-z0-9][a-z0-9_-]{0,63}):([A-Za-z0-9_.-]{1,128})")


def parse_verb(text: str, field: str = "verb") -> tuple[str, str]:
    """Splits a verb into provider and tool.

    Args:
        text: for example `stripe:create_refund`.
        field: the field that errors name.

    Raises:
        InvalidInput: when the text is anything else. Verbs are compared exactly, so nothing is trimmed or folded.
    """
    match = _VERB.fullmatch(text)
    if match is None:
        raise InvalidInput(
            field,
            "must be provider:tool in ASCII, the provider of 1 to 64 of a-z 0-9 _ - starting with a letter or digit, "
            "the tool of 1 to 128 of A-Z a-z 0-9 _ . -",
        )
    return match[1], match[2]
