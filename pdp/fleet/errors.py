"""Why a change is refused, or a sidecar not served."""

from collections.abc import Sequence


class FleetError(Exception):
    """Nothing was changed."""


class ObjectExists(FleetError):
    """The id of the object to create is taken."""


class NoSuchObject(FleetError):
    """There is no object of that id in the tenant."""


class TooManyStreams(FleetError):
    """The sidecar, or its credential, has as many lease streams open as it may have."""


class Stopping(FleetError):
    """The process is stopping. A change that is prepared is finished by the next one."""


class DifferentPolicies(FleetError):
    """The policies to start with are not those that are in force.

    Attributes:
        objects: what differs, for example `policy/large-refund-gate`.
    """

    def __init__(self, objects: Sequence[str]) -> None:
        shown = ", ".join(objects[:5]) + (", …" if len(objects) > 5 else "")
        super().__init__(f"the given policies differ from those in force in {len(objects)} places: {shown}")
        self.objects = tuple(objects)
