"""Whether a place is this user's own."""

import os
import stat


def exposure(status: os.stat_result) -> str:
    """What is wrong with a directory that nobody else may change; empty when nothing is.

    Its owner can replace whatever is in it, whatever the mode of the files. Root can in any case.
    """
    if status.st_uid not in (0, os.geteuid()):
        return "belongs to another user"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "can be written to by others"
    return ""
