"""Definitions that others wrote, as catalog entries to review.

What an import can not tell is HIGH, write access and the most restrictive classification. Nothing is dropped in
silence: what could not become an entry is a warning, and stays unknown, so its calls are blocked.
"""
