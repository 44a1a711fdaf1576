"""How much of the differences between customers a grouping explains, each customer predicted from other customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Customers whose worth of the overall mean joins each group's mean: no group predicts exactly nothing.
PRIOR = 1.0
#: The same where a group is a piece of a larger one, whose mean it is drawn to.
PIECE_PRIOR = 20.0
#: Bootstrap draws behind an interval.
DRAWS = 1_000
#: Groups of customers, made at random, that are drawn together when there are more customers than this.
MOST_UNITS = 2_000


def cross_fitted(
    values: np.ndarray,
    groups: np.ndarray,
    folds: np.ndarray,
    *,
    towards: np.ndarray | None = None,
    prior: float = PRIOR,
) -> np.ndarray:
    """Predict each customer by the mean of its group among the customers of the other folds.

    Parameters
    ----------
    values : float array of shape (n,)
    groups : int array of shape (n,), 0 and up
    folds : int array of shape (n,), 0 and up, at least two different
    towards : float array of shape (n,), optional
        What a group's mean is drawn to; default: the mean of all the other folds. It must be predicted without the
        customer's own fold too.
    prior : float
        Weight of `towards`, in customers.

    Returns
    -------
    float array of shape (n,)

    Notes
    -----
    O(n) time. With one group it gives the mean of the other folds, which is what an explained share is measured from.
    """
    n_groups, n_folds = int(groups.max()) + 1, int(folds.max()) + 1
    cells = groups * n_folds + folds
    shape = (n_groups, n_folds)
    sums = np.bincount(cells, weights=values, minlength=n_groups * n_folds).reshape(shape)
    counts = np.bincount(cells, minlength=n_groups * n_folds).reshape(shape).astype(float)
    other_sums = sums.sum(axis=1, keepdims=True) - sums
    other_counts = counts.sum(axis=1, keepdims=True) - counts
    if towards is None:
        towards = (other_sums.sum(axis=0) / other_counts.sum(axis=0))[folds]
    return np.asarray(
        (other_sums[groups, folds] + prior * towards) / (other_counts[groups, folds] + prior), dtype=float
    )


def deviances(values: np.ndarray, predicted: np.ndarray, outcome: str) -> np.ndarray:
    r"""Unit deviances, the part of each customer in how far predictions are off.

    Parameters
    ----------
    values : float array of shape (n,)
        Money and counts at least 0, silence 0 or 1.
    predicted : float array of shape (n,)
        Above 0; for silence below 1 as well.
    outcome : str
        "spend": Tweedie deviance of power 1.5, :math:`4 (\sqrt y - \sqrt\mu)^2 / \sqrt\mu`, made for money that is
        often zero and seldom large; "orders": Poisson; "silence": Bernoulli.

    References
    ----------
    Jørgensen, The Theory of Dispersion Models, 1997. McCullagh and Nelder, Generalized Linear Models, 1989.
    """
    if outcome == "spend":
        root = np.sqrt(predicted)
        return np.asarray(4.0 * (np.sqrt(values) - root) ** 2 / root)
    positive = values > 0
    logs = np.zeros(len(values))
    logs[positive] = values[positive] * np.log(values[positive] / predicted[positive])
    if outcome == "orders":
        return np.asarray(2.0 * (logs - values + predicted))
    return np.asarray(-2.0 * np.where(positive, np.log(predicted), np.log1p(-predicted)))


@dataclass(frozen=True)
class Resamples:
    """Bootstrap draws of customers, the same for everything that is compared.

    `unit_of` (n,) puts each customer into one of at most `MOST_UNITS` units, `drawn` (draws, n_units) says which units
    each draw holds. With so many customers that units hold several, whole units are drawn, which changes nothing in
    expectation, since customers are put into them at random.
    """

    unit_of: np.ndarray
    drawn: np.ndarray

    @classmethod
    def make(cls, n: int, seed: int) -> Resamples:
        """Draw for n customers, in an order that does not depend on the tables' rows."""
        rng = np.random.default_rng([seed, 8])
        n_units = min(n, MOST_UNITS)
        return cls(rng.permutation(n) % n_units, rng.integers(0, n_units, (DRAWS, n_units)))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum of a customer's values in each draw, shape (draws,)."""
        units = np.bincount(self.unit_of, weights=values, minlength=self.drawn.shape[1])
        return np.asarray(units[self.drawn].sum(axis=1))


def interval(draws: np.ndarray) -> tuple[float, float]:
    """Percentile interval of 95 % (Efron 1979); NaN where a draw has no value."""
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def ranking(values: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    """Say how well customers are ranked: Gini coefficient as a share of the best possible, and the top fifth's part.

    Parameters
    ----------
    values : float array of shape (n,), at least 0, not all 0
    predicted : float array of shape (n,)
        Customers with the same prediction share a place.

    Returns
    -------
    gini : float
        1 for the perfect ranking, 0 for chance, below 0 for worse.
    top_fifth : float
        Share of the sum that the best-ranked fifth of the customers brought, 0 to 1.
    """
    (places, shares), (best_places, best_shares) = _curve(values, predicted), _curve(values, values)
    best = float(np.trapezoid(best_shares, best_places)) - 0.5
    gini = (float(np.trapezoid(shares, places)) - 0.5) / best if best > 0 else float("nan")
    return gini, float(np.interp(0.2, places, shares))


def _curve(values: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Concentration curve, the best-ranked first: share of customers, share of the sum."""
    _, place, counts = np.unique(-predicted, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=values)
    return np.append(0.0, np.cumsum(counts) / len(values)), np.append(0.0, np.cumsum(sums) / values.sum())
