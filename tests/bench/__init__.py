"""Figures, each beside its floor. Run: `python -m tests.bench`."""
