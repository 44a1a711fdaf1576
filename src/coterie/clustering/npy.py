"""Arrays as bytes in NumPy's own format, for the pipes between two processes."""

from __future__ import annotations

import io

import numpy as np


def to_npy(values: np.ndarray) -> bytes:
    """Write an array of numbers."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def from_npy(content: bytes) -> np.ndarray:
    """Read an array of numbers; whatever else stands there is refused with a ValueError."""
    return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
