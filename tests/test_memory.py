"""Memory that was freed goes back to the system, and large arrays lie in files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from coterie import memory
from coterie.memory import PARKED_FROM, empty, give_back, let_go, parked, parked_arrow, parts

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@on_linux
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


@on_linux
def test_large_arrays_take_no_memory_while_nobody_reads_them() -> None:
    values = np.arange(30_000_000, dtype=np.float64)
    kept = parked(values)
    del values
    give_back()
    without = resident_mb()
    assert kept[::1000].sum() == 1000 * sum(range(30_000))
    assert kept.sum() == 29_999_999 * 15_000_000
    assert resident_mb() - without > 200  # of 240
    let_go()
    assert resident_mb() - without < 20
    assert kept[-1] == 29_999_999


def test_small_arrays_and_objects_stay_in_memory() -> None:
    small, objects = np.ones(10), np.full(1_000_000, None, dtype=object)
    assert parked(small) is small
    assert parked(objects) is objects
    assert empty(1_000_000, object).base is None


def test_without_room_for_a_file_an_array_lies_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(memory.os, "posix_fallocate", full)
    array = empty((1000, 1000))
    array[...] = 2.0
    assert array.base is None
    assert array.sum() == 2_000_000


def test_arrays_of_any_type_and_shape_keep_what_is_in_them() -> None:
    for array in (np.arange(6_000_000).reshape(-1, 3), np.zeros(5_000_000, bool), np.zeros(600_000, "datetime64[s]")):
        kept = parked(array)
        assert kept.dtype == array.dtype
        assert kept.base is not None
        np.testing.assert_array_equal(kept, array)


@pytest.mark.parametrize("start", [0, 1_000])
def test_texts_lie_in_files_too(start: int) -> None:
    texts = pa.array([None if n % 7 == 0 else f"customer {n}" for n in range(400_000)]).slice(start)
    assert parked_arrow(texts).equals(texts)


@on_linux
def test_half_of_the_open_files_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back()
    most = len(memory._PARKED) + 3
    monkeypatch.setattr(memory, "_most", lambda: most)
    arrays = [empty(1_000_000) for _ in range(5)]
    assert [array.base is not None for array in arrays] == [True] * 3 + [False] * 2


@pytest.mark.parametrize("n", [0, 1, 262_144, 262_145, 600_000])
def test_parts_are_all_rows_once(n: int) -> None:
    rows = np.arange(n)
    assert np.array_equal(np.concatenate([rows[:0], *(rows[part] for part in parts(n))]), rows)


def test_an_array_whose_values_do_not_lie_side_by_side_is_parked_without_a_copy_in_memory() -> None:
    wide = np.arange(2 * PARKED_FROM // 8, dtype=float).reshape(-1, 2)
    assert np.array_equal(parked(wide[:, 1]), wide[:, 1])
