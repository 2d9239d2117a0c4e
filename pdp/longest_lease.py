"""The longest lease that any process on a data directory ever granted.

A process that starts knows nothing of the leases that the one before it granted. The first change must outwait them,
and they may be longer than those of today.
"""

import os
from pathlib import Path

from pdp.fleet.leases import LONGEST_NS

_NAME = "longest-lease-ns"


def remember_longest(directory: Path, ttl_ns: int) -> int:
    """Notes durably that leases of `ttl_ns` are going to be granted.

    Returns:
        The longest that was noted before; the longest there can be where nothing readable is noted.

    Raises:
        OSError: it can not be noted, so no lease may be granted.
    """
    path = directory / _NAME
    earlier = _noted(path)
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="ascii") as file:
        file.write(str(max(ttl_ns, earlier or 0)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return LONGEST_NS if earlier is None else earlier


def served_before(directory: Path) -> bool:
    """Whether a process on the directory may have granted leases, of whatever store: keys or the note tell of one."""
    return (directory / "keys").exists() or (directory / _NAME).exists()


def _noted(path: Path) -> int | None:
    try:
        noted = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return noted if 0 < noted <= LONGEST_NS else None
