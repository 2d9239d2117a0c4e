"""Takes records from the spool to the decision point."""

from sidecar.shipper.pace import ShippingPace
from sidecar.shipper.shipper import Shipper

__all__ = ["Shipper", "ShippingPace"]
