"""The `gatehold` command."""

from gatehold.cli.app import main

__all__ = ["main"]
