"""Approvals: a call is frozen, people decide, and it runs once."""
