"""Memory that is free inside the process, handed back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Hand freed memory back to the system where the C library can do so (glibc), and Arrow's as well.

    Both keep what was freed for later; after a stage with large arrays that can be half of what the process holds.

    Notes
    -----
    Some milliseconds; changes no result.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
