"""How much of what customers pay goes back: each customer's own part, weighed against that of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Returned:
    """What went back of the money that customers paid; float arrays of shape (n,).

    Attributes
    ----------
    share : part of the money paid that went back, 0 to 1
    squares : sum of the squares of the parts that went back on single days, 0 to `share` squared
    """

    share: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, sold: np.ndarray, net: np.ndarray, squares: np.ndarray) -> Returned | None:
        """Take money paid, money kept and sums of squares in currency; None where nothing went back.

        More than was paid cannot go back: what does beyond it is of orders before the tables begin.
        """
        share = np.divide(np.clip(sold - net, 0.0, sold), sold, out=np.zeros_like(sold), where=sold > 0)
        if not share.any():
            return None
        parts = np.divide(squares, sold**2, out=np.zeros_like(sold), where=sold > 0)
        return cls(share, np.minimum(parts, share**2))


class Kept(NamedTuple):
    """The part of an order's money to expect that a customer keeps.

    `mean` and `variance` of the customer's own part, `within` the variance of one order's part around it, `slopes` the
    derivative of the log of `mean` by the part that goes back among all; float arrays of shape (n,).
    """

    mean: np.ndarray
    variance: np.ndarray
    within: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True)
class ReturnModel:
    r"""A credibility model of the part of their money that customers get back.

    Attributes
    ----------
    share : float
        The part that goes back to a customer of whom nothing is known, 0 to 1.
    between : float
        Variance of the customers' own parts.
    within : float
        Variance of the part of one order around its customer's own.
    error : float
        Variance of `share` as an estimate.

    Notes
    -----
    A customer with n order days and an observed part X is expected to get back :math:`Z X + (1 - Z) m` with the
    credibility :math:`Z = n / (n + K)`, :math:`K` = within / between: the linear estimate of least expected square
    error, whatever the distributions; where orders go back wholly or not at all and the parts are Beta-distributed it
    is the posterior mean, and K the sum of that distribution's parameters. What remains uncertain of it has
    the variance (1 - Z) × between.

    References
    ----------
    Bühlmann, Experience rating and credibility, ASTIN Bulletin 4(3), 1967. Bühlmann and Straub, Glaubwürdigkeit für
    Schadensätze, Mitteilungen der Vereinigung Schweizerischer Versicherungsmathematiker 70, 1970.
    """

    share: float = 0.0
    between: float = 0.0
    within: float = 0.0
    error: float = 0.0

    def credibility(self, order_days: np.ndarray) -> np.ndarray:
        """Weight of a customer's own part, float of shape (n,), 0 to 1."""
        if self.between <= 0.0:
            return np.zeros(len(order_days))
        return np.asarray(order_days * self.between / (order_days * self.between + self.within))

    def kept(self, order_days: np.ndarray, returned: Returned | None) -> Kept:
        """Give the part to expect that each customer keeps."""
        weight = self.credibility(order_days)
        own = np.zeros(len(order_days)) if returned is None else returned.share
        back = weight * own + (1.0 - weight) * self.share
        kept = 1.0 - back
        slopes = np.divide(weight - 1.0, kept, out=np.zeros(len(kept)), where=kept > 0)
        # A part between 0 and 1 with mean m has at most the variance m (1 - m) (Bhatia and Davis 2000).
        return Kept(kept, (1.0 - weight) * self.between, np.minimum(self.within, back * kept), slopes)


def fit_returns(order_days: np.ndarray, sold: np.ndarray, returned: Returned | None) -> ReturnModel:
    r"""Estimate how much customers differ in what they send back.

    Parameters
    ----------
    order_days : float array of shape (n,), at least 1
    sold : float array of shape (n,)
        Money paid, before returns.
    returned : Returned or None

    Returns
    -------
    ReturnModel
        `between` is 0 where customers differ no more than chance makes them.

    Notes
    -----
    The estimators of Bühlmann and Straub with order days as weights. A day on which something went back is taken as the
    return of one order of that customer's mean value, so that the parts of a customer's n orders have the sum n X and
    the sum of squares n² times `squares`; they give the variance within. `share` is the part for which the estimates of
    all customers, weighed by their money, add up to what went back altogether. O(n) time.
    """
    if returned is None or not sold.sum() > 0:
        return ReturnModel()
    # Sums must not depend on the order of rows.
    order = np.lexsort((returned.squares, returned.share, sold, order_days))
    n, money, own, squares = (values[order] for values in (order_days, sold, returned.share, returned.squares))
    total, spare = n.sum(), (n - 1.0).sum()
    within = max(float((n**2 * squares - n * own**2).sum() / spare), 0.0) if spare > 0 else 0.0
    mean = (n * own).sum() / total
    room = total - (n**2).sum() / total
    scatter = (n * (own - mean) ** 2).sum() - (len(n) - 1) * within
    between = max(float(scatter / room), 0.0) if room > 0 and spare > 0 else 0.0
    model = ReturnModel(between=between, within=within)
    weights = money * (1.0 - model.credibility(n))
    if not weights.sum() > 0:
        weights = money
    weights = weights / weights.sum()
    share = float((weights * own).sum())
    return ReturnModel(share, between, within, float((weights**2 * (between + within / n)).sum()))
