"""Memory that was freed goes back to the system."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from coterie.memory import give_back


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_was_freed_between_what_is_kept_goes_back() -> None:
    kept, freed = [], []
    for _ in range(3000):  # small enough to lie side by side, so that what is kept holds the heap up
        freed.append(np.ones(12_000))
        kept.append(np.ones(10))
    full = resident_mb()
    del freed
    give_back()
    assert full - resident_mb() > 200  # of 288
    assert len(kept) == 3000
