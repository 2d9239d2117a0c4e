"""Why something was not stored or not found."""


class StoreError(Exception):
    """Something was not stored or not found. Nothing was changed."""


class Unavailable(StoreError):
    """The storage cannot be written or read now: busy for too long, full, or failing. Answered with UNAVAILABLE."""


class AlreadyOpen(StoreError):
    """Another process has the database open."""


class Unsupported(StoreError):
    """The database URL, or the database it names, is of a kind or version that this release cannot serve."""


class NoSuchTenant(StoreError):
    """There is no tenant of that name."""


class NoSuchRevision(StoreError):
    """The tenant has no revision of that number."""


class StaleRevision(StoreError):
    """The revision that the caller expected is not the current one.

    Attributes:
        current: the current revision.
    """

    def __init__(self, current: int) -> None:
        super().__init__(f"the current revision is {current}")
        self.current = current


class RequestIdReused(StoreError):
    """The request_id was used for another request."""


class ChangePending(StoreError):
    """Another change is prepared and has to be finished first. Try again when it has flipped.

    Attributes:
        prepared: its revision.
    """

    def __init__(self, prepared: int) -> None:
        super().__init__(f"revision {prepared} is prepared and not yet in force")
        self.prepared = prepared


class NotPrepared(StoreError):
    """The revision to flip is not the prepared one: read the head again, it may have flipped already."""


class NotContiguous(StoreError):
    """An entry does not follow the last one of its spool, in sequence or in the chain."""


class KeyExists(StoreError):
    """A key of that id exists."""


class StaleApproval(StoreError):
    """The approval is no longer as it was read, or the moment for the change has passed: read it again."""


class TooManyApprovals(StoreError):
    """As many approvals of the agent wait as may."""
