"""What the figures were measured on."""

import os
import platform
import sqlite3
from datetime import UTC, datetime

import grpc
import psutil


def machine() -> dict[str, object]:
    """Size and versions; `load` is that of the last minute, of everything that runs here."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
        "sqlite": sqlite3.sqlite_version,
    }
