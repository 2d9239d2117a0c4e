"""Policies: their file form, which of them speak to a call, and what they make of it together. Pure."""
