"""Reuse of decisions: whatever is answered from here, the decision point would have answered."""

from sidecar.cache.cached import Cached
from sidecar.cache.permitted import PermittedVerbs
from sidecar.cache.single_flight import SingleFlight
from sidecar.cache.store import Limits, ReuseStore

__all__ = ["Cached", "Limits", "PermittedVerbs", "ReuseStore", "SingleFlight"]
