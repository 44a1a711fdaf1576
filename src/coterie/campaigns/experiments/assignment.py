"""Who gets a campaign and who is left out: drawn by a salted hash of the id, the same again on every machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The two groups of an experiment.
TREATED, CONTROL = "treated", "control"
#: Value bands within a segment, so that neither group has the better customers by chance.
BANDS = 4


def hash_fractions(ids: Sequence[str], salt: str) -> np.ndarray:
    """Number in [0, 1) of each id, from SHA-256 of `salt|id`; float array of shape (n,). O(n)."""
    found = (hashlib.sha256(f"{salt}|{one}".encode()).digest()[:8] for one in ids)
    whole = np.frombuffer(b"".join(found), dtype=">u8")
    return np.asarray(whole.astype(np.float64) / 2.0**64)


def left_out(ids: Sequence[str], strata: np.ndarray, share: np.ndarray, salt: str) -> np.ndarray:
    """Draw the customers who are left out.

    Parameters
    ----------
    ids : sequence of str, length n
    strata : int array of shape (n,), 0 … m-1: within each, the wanted share is met to the customer
    share : float array of shape (m,), part of each stratum to leave out, in [0, 1]
    salt : str, another one gives another draw

    Returns
    -------
    bool array of shape (n,)
        The customers of a stratum with the smallest hashes. Neither the order of rows nor who else is there changes
        an id's hash, so the next campaign of the same salt leaves out nearly the same customers.
    """
    fractions = hash_fractions(ids, salt)
    order = np.lexsort((np.asarray(ids, dtype=object).astype(str), fractions, strata))
    sizes = np.bincount(strata, minlength=len(share))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    place = np.empty(len(fractions), dtype=np.int64)
    place[order] = np.arange(len(order)) - starts[strata[order]]
    return np.asarray(place < np.floor(share * sizes + 0.5)[strata])


def value_bands(values: np.ndarray, n_bands: int = BANDS) -> np.ndarray:
    """Band of each customer by value, equal ones in one band; unknown values in the lowest. int array of shape (n,)."""
    known = np.where(np.isfinite(values), values, -np.inf)
    finite = known[np.isfinite(known)]
    if not len(finite):
        return np.zeros(len(values), dtype=np.int64)
    borders = np.unique(np.quantile(finite, np.arange(1, n_bands) / n_bands))
    return np.asarray(np.searchsorted(borders, known, side="left"), dtype=np.int64)


def share_mismatch(counts: Sequence[int], planned: Sequence[float]) -> float:
    """P-value that the groups have the planned sizes (χ²): under 0.001, customers went missing from one of them."""
    from scipy.special import chdtrc

    total = sum(counts)
    expected = [total * part / sum(planned) for part in planned]
    if min(expected, default=0.0) <= 0:
        return 1.0 if list(counts) == expected else 0.0
    return float(chdtrc(len(counts) - 1, sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True))))
