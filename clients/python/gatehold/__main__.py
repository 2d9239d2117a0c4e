"""`python -m gatehold`."""

from gatehold.cli import main

main()
