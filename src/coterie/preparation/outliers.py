"""How far a single customer may lie out: transformed values are limited, so that no one customer makes a segment.

The power transform already pulls long tails in. Trimming the data beforehand gained nothing in our measurements
(`benchmarks/preparation.py`); the limit below guards against the rare value that the transform leaves far out, and
against new customers unlike any that the recipe was fitted on.
"""

from __future__ import annotations

import numpy as np

#: Largest distance from the mean, in standard deviations of the transformed feature.
LIMIT = 4.0


def limit(z: np.ndarray, bound: float = LIMIT) -> np.ndarray:
    """Clip standardised values to [-bound, bound]."""
    return np.asarray(np.clip(z, -bound, bound))
