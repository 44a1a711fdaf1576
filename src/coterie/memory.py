"""Memory for millions of customers: large arrays lie in files, and what is free goes back to the system."""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import sys
import tempfile
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike

#: Bytes from which an array lies in a file: one column of half a million customers.
PARKED_FROM = 4_000_000

#: Customers worked on at once where a copy of all of them would take as much memory again.
_AT_ONCE = 262_144

_WRITTEN_AT_ONCE = 1 << 20  # bytes
_ZEROS = memoryview(bytes(_WRITTEN_AT_ONCE))


#: What lies in files now.
_PARKED: WeakSet[mmap.mmap] = WeakSet()
_LISTING = Lock()


def empty(shape: int | tuple[int, ...], dtype: DTypeLike = np.float64) -> np.ndarray:
    """Give an array as `numpy.empty` does; a large one lies in a file, of which memory holds only what is in use.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : dtype
        Of fixed size: no objects.

    Notes
    -----
    The file is in the folder for temporary files and has no name: it is gone with the array, however the process ends.
    Where it cannot be made, the array lies in memory. Filling one takes no longer than filling memory. A process forked
    from this one shares what is in it.
    """
    kind = np.dtype(dtype)
    count = math.prod(shape) if isinstance(shape, tuple) else shape
    size = count * kind.itemsize
    mapping = _mapping(size) if size >= PARKED_FROM and not kind.hasobject else None
    return np.empty(shape, kind) if mapping is None else _array_in(mapping, shape, kind)


def parked(array: np.ndarray) -> np.ndarray:
    """Give a large array from a file, as `empty` makes one; a small one as it is."""
    if array.nbytes < PARKED_FROM or array.dtype.hasobject:
        return array
    if not array.flags.c_contiguous:  # what is written must lie side by side: that would be a copy in memory
        made = empty(array.shape, array.dtype)
        made[...] = array
        return made
    mapping = _mapping(array.nbytes, array.reshape(-1).view(np.uint8).data)
    return array.copy() if mapping is None else _array_in(mapping, array.shape, array.dtype)


def parked_arrow(array: Any) -> Any:  # noqa: ANN401
    """Give an Arrow array of numbers or texts with its large parts in files."""
    import pyarrow as pa

    buffers = [
        None if each is None else pa.py_buffer(parked(np.frombuffer(each, np.uint8))) for each in array.buffers()
    ]
    return pa.Array.from_buffers(array.type, len(array), buffers, array.null_count, array.offset)


def parts(n: int) -> Iterator[slice]:
    """Give the rows of a large array a part at a time, letting go of large arrays after each."""
    for start in range(0, n, _AT_ONCE):
        yield slice(start, start + _AT_ONCE)
        let_go()


def let_go() -> None:
    """Let the system take the memory of all that lies in files; whoever reads it again waits for it."""
    with _LISTING:
        mappings = list(_PARKED)
    for mapping in mappings:
        with suppress(OSError, ValueError):
            mapping.madvise(mmap.MADV_DONTNEED)


def give_back() -> None:
    """Set large arrays aside, and hand freed memory back to the system where the C library can do so (glibc).

    The C library and Arrow keep what was freed for later; after a stage with large arrays that can be half of what the
    process holds.

    Notes
    -----
    Some milliseconds; changes no result.
    """
    let_go()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):  # the last on Windows
        ctypes.CDLL(None).malloc_trim(0)


def _array_in(mapping: mmap.mmap, shape: int | tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray:
    count = math.prod(shape) if isinstance(shape, tuple) else shape
    return np.frombuffer(mapping, kind, count).reshape(shape)


def _mapping(size: int, content: memoryview | None = None) -> mmap.mmap | None:
    """Map a new file without a name; None where there is no room for it, or no way to be sure of that."""
    if not hasattr(os, "posix_fallocate") or not hasattr(mmap, "MADV_DONTNEED"):
        return None
    if len(_PARKED) >= _most():
        return None
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, size)  # a disk that fills up later would end the process
            _write(file.fileno(), size, content)
            mapping = mmap.mmap(file.fileno(), size)
    except OSError:
        return None
    with _LISTING:
        _PARKED.add(mapping)
    return mapping


def _write(file: int, size: int, content: memoryview | None) -> None:
    """Write a file, in zeros where there is nothing to write yet.

    What a file holds already is mapped many pages at a time; pages first written through the mapping are made one by
    one, which takes five times as long.
    """
    written = 0
    while written < size:
        part = min(_WRITTEN_AT_ONCE, size - written)
        written += os.write(file, _ZEROS[:part] if content is None else content[written : written + part])


def _most() -> int:
    """Arrays that may lie in files: each holds a file open, and half of those allowed are left to everybody else."""
    import resource  # not on Windows, where no array gets here

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if allowed == resource.RLIM_INFINITY else allowed // 2
