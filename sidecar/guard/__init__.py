"""Where answers leave: decided, recorded, and only then given."""

from sidecar.guard.batch import answer_all, answer_until_block, read
from sidecar.guard.fail_closed import FailClosed
from sidecar.guard.guard import Guard

__all__ = ["FailClosed", "Guard", "answer_all", "answer_until_block", "read"]
