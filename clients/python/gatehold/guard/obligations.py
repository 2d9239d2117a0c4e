"""Obligations that the SDK can meet by itself."""

import logging
from collections.abc import Callable, Iterable, Mapping

from gatehold.guard.answer import Obligation

Handler = Callable[[Obligation], None]
_LOG = logging.getLogger("gatehold.obligation")


def _notify(obligation: Obligation) -> None:
    _LOG.info("policy %s asks for notice of this call: %s", obligation.id, dict(obligation.properties))


BUILT_IN: Mapping[str, Handler] = {"notification": _notify}
"""Types every guard knows. `notification` is logged at INFO on `gatehold.obligation`."""


def unmet(obligations: Iterable[Obligation], handlers: Mapping[str, Handler]) -> str:
    """Meets them in order, up to the first that cannot be. Returns which and why; empty where all are met."""
    for obligation in obligations:
        try:
            handlers[obligation.type](obligation)
        except Exception as error:
            _LOG.warning("obligation %s (%s) failed: %s", obligation.id, obligation.type, type(error).__name__)
            return f"The obligation {obligation.type} of policy {obligation.id} could not be met"
    return ""
