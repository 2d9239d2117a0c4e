"""The hash chain that records stand in."""

import hashlib

FIRST = bytes(32)
"""What stands before the first record of a spool."""


def link(previous_hash: bytes, record: bytes) -> bytes:
    """Returns the `previous_hash` of the record after this one: SHA-256 over this one's `previous_hash` and bytes.

    Args:
        previous_hash: 32 bytes, `FIRST` for sequence 1.
        record: the serialized AuditRecord exactly as it is stored.
    """
    return hashlib.sha256(previous_hash + record).digest()
