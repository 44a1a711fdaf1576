"""How often customers order, and until when: the BG/NBD model by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, expit, gammaln, log_expit, polygamma

from coterie.campaigns.value.intervals import Estimate, estimates, inverse_information
from coterie.campaigns.value.optimum import maximise

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Coordinates of the search: log mean rate, log r, logit of the mean chance to leave, log (a + b), in units of the mean
#: age. Their bounds: a spread (r, a + b) of 1,000 is as good as none.
_LOW = np.array([-18.0, np.log(1e-3), -9.2, np.log(1e-3)])
_HIGH = np.array([14.0, np.log(1e3), 9.2, np.log(1e3)])
_START_SHAPE, _START_CHANCE, _START_TOTAL = 0.7, 0.25, 2.0
NAMES = ("r", "alpha", "a", "b")
#: Whole numbers below this are counted instead of sorted.
_MOST_DAYS = 1_000_000


@dataclass(frozen=True)
class Histories:
    """The different order histories among customers, and how many customers have each.

    Attributes
    ----------
    repeat_count, age_at_last, age : float arrays of shape (m,)
        x, t_x and T of the papers: orders after the first, age of the customer at the last of them (0 without one), age
        now; ages in any unit, counted from the first order.
    customers : int array of shape (m,)
        How many customers have this history.
    row_of : int array of shape (n,)
        The history of each customer.
    """

    repeat_count: np.ndarray
    age_at_last: np.ndarray
    age: np.ndarray
    customers: np.ndarray
    row_of: np.ndarray

    @classmethod
    def of(cls, repeat_count: np.ndarray, age_at_last: np.ndarray, age: np.ndarray) -> Histories:
        """Gather equal histories: O(n log n) time, and sorted, so that the order of customers changes nothing."""
        columns = [np.asarray(values, dtype=float) for values in (repeat_count, age_at_last, age)]
        key = np.zeros(len(columns[0]), dtype=np.int64)
        levels = []
        for values in columns:
            different, place = _levels(values)
            key = key * len(different) + place
            levels.append(different)
        keys, row_of, counts = np.unique(key, return_inverse=True, return_counts=True)
        keys, age_place = np.divmod(keys, len(levels[2]))
        count_place, last_place = np.divmod(keys, len(levels[1]))
        return cls(levels[0][count_place], levels[1][last_place], levels[2][age_place], counts, row_of)

    def __len__(self) -> int:
        return len(self.repeat_count)

    @cached_property
    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """The different repeat counts, and the place of each history's among them."""
        different, place = np.unique(self.repeat_count, return_inverse=True)
        return np.asarray(different), np.asarray(place)


def _levels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the different values and the place of each among them; counts and days, whole numbers, without sorting."""
    whole = values.astype(np.int64) if len(values) and values.min() >= 0 and values.max() < _MOST_DAYS else None
    if whole is None or (whole != values).any():
        different, place = np.unique(values, return_inverse=True)
        return np.asarray(different), np.asarray(place)
    occurs = np.bincount(whole) > 0
    return np.flatnonzero(occurs).astype(float), (np.cumsum(occurs) - 1)[whole]


@dataclass(frozen=True)
class OrderModel:
    """A fitted BG/NBD model.

    Attributes
    ----------
    r, alpha, a, b : float
        Order rates are Gamma(r, alpha) among customers, alpha in the unit of the ages; the chance to leave after an
        order is Beta(a, b).
    leaves_at_once : bool
        Whether a customer may leave after the first order already (MBG/NBD); in the BG/NBD only after a later one.
    log_likelihood : float
        Sum over customers, without terms that hold no parameter.
    covariance : float array of shape (4, 4)
        Of log r, log alpha, log a, log b; from the curvature of the likelihood. Directions that rest on a bound count
        as known.
    bounded : tuple of str
        What could not be estimated, since the likelihood rises without end: "rate", "spread of rates", "leaving",
        "spread of leaving".
    converged : bool
    n_customers : int
    """

    r: float
    alpha: float
    a: float
    b: float
    leaves_at_once: bool = False
    log_likelihood: float = np.nan
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((4, 4)))
    bounded: tuple[str, ...] = ()
    converged: bool = True
    n_customers: int = 0

    @property
    def parameters(self) -> np.ndarray:
        """Give r, alpha, a, b as an array."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def estimates(self) -> Mapping[str, Estimate]:
        """Give each parameter with its interval of 95 %, made on the log scale; NaN where it rests on a bound."""
        rates = bool({"rate", "spread of rates"} & set(self.bounded))
        leaving = bool({"leaving", "spread of leaving"} & set(self.bounded))
        return estimates(NAMES, self.parameters, self.covariance, (rates, rates, leaving, leaving))

    def p_alive(self, histories: Histories) -> np.ndarray:
        r"""Chance that a customer still orders, given the own history.

        Returns
        -------
        float array of shape (m,), 0 to 1
            In the BG/NBD it is 1 for those who ordered once: nobody leaves before a second order.

        References
        ----------
        Fader, Hardie and Lee, Computing P(alive) using the BG/NBD model, 2008, equation 3.
        """
        return np.asarray(expit(-self._odds_of_gone(histories)))

    def log_p_alive(self, histories: Histories) -> np.ndarray:
        """Logarithm of `p_alive`, exact also where that is nearly 0."""
        return np.asarray(log_expit(-self._odds_of_gone(histories)))

    def _odds_of_gone(self, histories: Histories) -> np.ndarray:
        """Log odds of having left against still being there; minus infinity where nobody can have left."""
        x, chances = histories.repeat_count, histories.repeat_count + self.leaves_at_once
        stays = np.where(chances > 0, self.b + chances - 1, 1.0)
        left = np.where(chances > 0, np.log(self.a) - np.log(stays), -np.inf)
        waited = np.log1p((histories.age - histories.age_at_last) / (self.alpha + histories.age_at_last))
        return np.asarray(left + (self.r + x) * waited)


def fit_orders(histories: Histories, *, leaves_at_once: bool = False) -> OrderModel:
    """Fit the BG/NBD (or MBG/NBD) model by maximum likelihood.

    Parameters
    ----------
    histories : Histories
        Of at least one customer.
    leaves_at_once : bool
        Fit the MBG/NBD, where a customer may leave after the first order already.

    Returns
    -------
    OrderModel
        Whatever the customers are: where the likelihood rises without end (all alike, nobody leaves, nobody comes
        back) the parameter rests on a bound far out, and `bounded` says so.

    Notes
    -----
    Newton steps with analytic first and second derivatives over the distinct histories; the Gamma functions depend on
    the repeat count alone and are evaluated once for each. O(m) time a step, about ten steps.

    References
    ----------
    Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005, pp. 275-284.
    Batislam, Denizel and Filiztekin, Empirical validation and comparison of models for customer base analysis,
    International Journal of Research in Marketing 24(3), 2007 (leaving after the first order).
    """
    unit = max(float(np.average(histories.age, weights=histories.customers)), 1e-9)
    likelihood = _Likelihood(histories, unit, leaves_at_once=leaves_at_once)
    exposure = float((histories.customers * histories.age).sum()) / unit
    repeats = float((histories.customers * histories.repeat_count).sum())
    rate = np.log(max(repeats, 0.1) / max(exposure, 0.1)) + 0.4
    chance = np.log(_START_CHANCE / (1 - _START_CHANCE))
    start = np.array([rate, np.log(_START_SHAPE), chance, np.log(_START_TOTAL)])
    found = maximise(likelihood, start, _LOW, _HIGH)
    logs, turn, _ = _natural(found.at)
    n = int(histories.customers.sum())
    covariance = turn @ inverse_information(-n * found.hessian, found.at_bound) @ turn.T
    r, alpha, a, b = np.exp(logs)
    words = ("rate", "spread of rates", "leaving", "spread of leaving")
    return OrderModel(
        r=float(r), alpha=float(alpha * unit), a=float(a), b=float(b),
        leaves_at_once=leaves_at_once,
        log_likelihood=float(n * found.value - repeats * np.log(unit)),
        covariance=covariance,
        bounded=tuple(word for word, fixed in zip(words, found.at_bound, strict=True) if fixed),
        converged=found.converged,
        n_customers=n,
    )  # fmt: skip


def _natural(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Log r, log alpha, log a, log b at coordinates of the search; their derivatives (4, 4); the curvature.

    A mean and a spread are nearly independent where r and alpha are not, and stay finite where both go to infinity.
    """
    rate, shape, chance, total = at
    p = float(expit(chance))
    logs = np.array([shape, shape - rate, total - np.logaddexp(0, -chance), total - np.logaddexp(0, chance)])
    turn = np.array([[0, 1, 0, 0], [-1, 1, 0, 0], [0, 0, 1 - p, 1], [0, 0, -p, 1]], dtype=float)
    return logs, turn, -p * (1 - p)


class _Likelihood:
    """Mean log likelihood of a customer at coordinates of the search, with its first and second derivatives."""

    def __init__(self, histories: Histories, unit: float, *, leaves_at_once: bool) -> None:
        self.shares = histories.customers / histories.customers.sum()
        self.x, self.age, self.last = histories.repeat_count, histories.age / unit, histories.age_at_last / unit
        self.counts, self.place = histories.counts
        self.count_shares = np.bincount(self.place, self.shares)
        self.chances = self.x + leaves_at_once
        self.count_chances = self.counts + leaves_at_once

    def __call__(self, at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        logs, turn, bend = _natural(at)
        parameters = np.exp(logs)
        counted, slope, curve = self._counted(*parameters)
        timed, other_slope, other_curve = self._timed(*parameters)
        # from the parameters to their logarithms, and from those to the coordinates
        gradient = parameters * (slope + other_slope)
        hessian = parameters[:, None] * parameters * (curve + other_curve) + np.diag(gradient)
        turned = turn.T @ hessian @ turn
        turned[2, 2] += bend * (gradient[2] + gradient[3])
        return counted + timed, turn.T @ gradient, turned

    def _counted(self, r: float, alpha: float, a: float, b: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Terms that depend on the counts alone."""
        x, chances, weights = self.counts, self.count_chances, self.count_shares
        rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = gammaln(a + b) - gammaln(a + b + chances) + gammaln(b + chances) - gammaln(b)
        both = digamma(a + b) - digamma(a + b + chances)
        gradient = [
            digamma(r + x) - digamma(r) + np.log(alpha),
            np.full(len(x), r / alpha),
            both,
            both + digamma(b + chances) - digamma(b),
        ]
        both2 = polygamma(1, a + b) - polygamma(1, a + b + chances)
        hessian = np.zeros((4, 4))
        hessian[0, 0] = (weights * (polygamma(1, r + x) - polygamma(1, r))).sum()
        hessian[0, 1] = hessian[1, 0] = 1.0 / alpha
        hessian[1, 1] = -r / alpha**2
        hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = (weights * both2).sum()
        hessian[3, 3] = (weights * (both2 + polygamma(1, b + chances) - polygamma(1, b))).sum()
        return float((weights * (rates + stays)).sum()), np.array([(weights * g).sum() for g in gradient]), hessian

    def _timed(self, r: float, alpha: float, a: float, b: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Terms of the ages: log of the sum of still being there and of having left after the last order."""
        shape, weights = r + self.x, self.shares
        to_now, to_last = alpha + self.age, alpha + self.last
        log_now, log_last = np.log(to_now), np.log(to_last)
        may_leave = self.chances > 0
        chances = np.where(may_leave, b + self.chances - 1, 1.0)
        left = np.where(may_leave, np.log(a) - np.log(chances) - shape * log_last, -np.inf)
        stayed = -shape * log_now
        value = (weights * np.logaddexp(stayed, left)).sum()
        gone = expit(left - stayed)
        here = 1.0 - gone
        leap = [log_now - log_last, shape / to_now - shape / to_last, np.full(len(shape), 1 / a), -1.0 / chances]
        base = [-log_now, -shape / to_now]
        gradient = np.array([(weights * gone * part).sum() for part in leap])
        gradient[:2] += [(weights * part).sum() for part in base]
        mixed = weights * gone * here
        hessian = np.array([[(mixed * one * other).sum() for other in leap] for one in leap])
        hessian[0, 1] -= (weights * (here / to_now + gone / to_last)).sum()
        hessian[1, 0] = hessian[0, 1]
        hessian[1, 1] += (weights * shape * (here / to_now**2 + gone / to_last**2)).sum()
        hessian[2, 2] -= (weights * gone).sum() / a**2
        hessian[3, 3] += (weights * gone / chances**2).sum()
        return float(value), gradient, hessian
