"""Customers sorted by what models see of them, so that sums do not depend on the order of rows."""

from __future__ import annotations

import numpy as np

#: Whole numbers below this are sorted in one pass.
_FEW = 32_767


def in_order(count: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Give the rows by rising count, then by rising amount; rows with equal ones come in any order.

    Parameters
    ----------
    count : float array of shape (n,)
    amount : float array of shape (n,)

    Returns
    -------
    int array of shape (n,)
        As `numpy.lexsort` gives it but for the order of equal rows. A third of its time where counts are small whole
        numbers.
    """
    if not len(count) or count.min() < 0 or not count.max() < _FEW or (count != np.floor(count)).any():
        return np.lexsort((amount, count))
    by_amount = np.argsort(amount)
    return np.asarray(by_amount[np.argsort(count[by_amount].astype(np.int16), kind="stable")])
