"""Why a credential is not made or ended."""


class Lockout(Exception):
    """The change would shut its own maker out. Answered with FAILED_PRECONDITION."""


class TooManySessions(Exception):
    """As many sessions of the agent live as may. Answered with RESOURCE_EXHAUSTED."""
