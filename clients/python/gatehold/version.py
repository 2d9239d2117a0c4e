"""The version of the product, one for all that the wheel holds."""

VERSION = "0.1.0"
