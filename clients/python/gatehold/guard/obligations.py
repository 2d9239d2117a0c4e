"""Obligations that the SDK can meet by itself."""

import logging
from collections.abc import Callable, Mapping

from gatehold.guard.answer import Answer, Obligation
from gatehold.vocabulary import ReasonCode

Handler = Callable[[Obligation], None]
_LOG = logging.getLogger("gatehold.obligation")


def _notify(obligation: Obligation) -> None:
    _LOG.info("policy %s asks for notice of this call: %s", obligation.id, dict(obligation.properties))


BUILT_IN: Mapping[str, Handler] = {"notification": _notify}
"""Types every guard knows. `notification` is logged at INFO on `gatehold.obligation`."""


def unmet(answer: Answer, handlers: Mapping[str, Handler]) -> Answer | None:
    """Meets every obligation. Returns None, or the block to raise where a handler failed."""
    for obligation in answer.obligations:
        try:
            handlers[obligation.type](obligation)
        except Exception as error:
            _LOG.warning("obligation %s (%s) failed: %s", obligation.id, obligation.type, type(error).__name__)
            reason = f"The obligation {obligation.type} of policy {obligation.id} could not be met"
            return Answer.fail_closed(ReasonCode.UNKNOWN_OBLIGATION, reason, answer.args_digest)
    return None
