"""What customers spend per order: the Gamma-Gamma model by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from coterie.campaigns.value.intervals import Estimate, estimates, inverse_information
from coterie.campaigns.value.optimum import maximise
from coterie.campaigns.value.sorting import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Coordinates of the search: log p, log (q - 1), log of the mean order value over all customers, in units of the data's
#: own mean. With q above 1 that mean exists; 1,000 is as good as no spread at all.
_LOW = np.array([np.log(1e-3), np.log(1e-3), -12.0])
_HIGH = np.array([np.log(1e3), np.log(1e3), 12.0])
_START = np.array([np.log(3.0), np.log(2.0), 0.0])
#: Shapes this near to 2 have a variance that is only just finite; nearer ones are taken as this.
_BARELY = 0.1

NAMES = ("p", "q", "gamma")


@dataclass(frozen=True)
class SpendModel:
    """A fitted Gamma-Gamma model.

    Attributes
    ----------
    p, q, gamma : float
        Order values of one customer are Gamma(p, nu), and nu is Gamma(q, gamma) among customers; gamma in currency.
    log_likelihood : float
    covariance : float array of shape (3, 3)
        Of log p, log q, log gamma; directions that rest on a bound count as known.
    bounded : tuple of str
        What could not be estimated: "spread of orders", "spread of customers", "mean".
    converged : bool
    n_customers : int
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float = np.nan
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((3, 3)))
    bounded: tuple[str, ...] = ()
    converged: bool = True
    n_customers: int = 0

    @property
    def mean(self) -> float:
        """Order value of a customer of whom nothing is known, in currency."""
        return self.p * self.gamma / (self.q - 1)

    def estimates(self) -> Mapping[str, Estimate]:
        """Give each parameter with its interval of 95 %, made on the log scale; NaN where it rests on a bound."""
        orders, among = "spread of orders" in self.bounded, "spread of customers" in self.bounded
        values = np.array([self.p, self.q, self.gamma])
        return estimates(NAMES, values, self.covariance, (orders, among, orders or among))

    def expected_order_value(self, order_count: np.ndarray, mean_value: np.ndarray) -> np.ndarray:
        """Order value to expect from customers: between their own mean so far and that of all customers.

        Parameters
        ----------
        order_count : float array of shape (n,)
            Orders behind the mean; 0 gives the mean of all customers.
        mean_value : float array of shape (n,)
            In currency; any number where there is no order.

        References
        ----------
        Fader and Hardie, The Gamma-Gamma model of monetary value, 2013, equation 5.
        """
        spent = order_count * np.where(order_count > 0, mean_value, 0.0)
        return np.asarray(self.p * (self.gamma + spent) / (self.p * order_count + self.q - 1))

    def second_moments(self, order_count: np.ndarray, mean_value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Second moment of a customer's mean order value, and the mean variance of one order around it.

        Returns
        -------
        (float array of shape (n,), float array of shape (n,))
            In squared currency: E[(p / nu)^2] and E[p / nu^2], given the customer's own orders.
        """
        shape = self.p * order_count + self.q
        rate = self.gamma + order_count * np.where(order_count > 0, mean_value, 0.0)
        inverse_square = rate**2 / ((shape - 1) * np.maximum(shape - 2, _BARELY))
        return self.p**2 * inverse_square, self.p * inverse_square

    def slopes(self, order_count: np.ndarray, mean_value: np.ndarray) -> np.ndarray:
        """Derivatives of the log of the expected order value by the log parameters, shape (n, 3)."""
        spent = order_count * np.where(order_count > 0, mean_value, 0.0)
        below = self.p * order_count + self.q - 1
        return np.stack(
            [1.0 - self.p * order_count / below, -self.q / below, self.gamma / (self.gamma + spent)], axis=1
        )


def fit_spending(order_count: np.ndarray, mean_value: np.ndarray) -> SpendModel:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    order_count : float array of shape (n,), at least 1
        Orders behind each customer's mean.
    mean_value : float array of shape (n,), above 0
        Mean order value of the customer, in currency.

    Returns
    -------
    SpendModel
        Where all orders, or all customers, are alike, the spread rests on a bound far out, and `bounded` says so.

    Notes
    -----
    Newton steps with analytic derivatives. q is kept above 1, where the mean order value exists. The result does not
    depend on the order of customers, who are sorted first. O(n log n) time.

    References
    ----------
    Fader and Hardie, The Gamma-Gamma model of monetary value, 2013. Colombo and Jiang, A stochastic RFM model, Journal
    of Interactive Marketing 13(3), 1999.
    """
    order = in_order(order_count, mean_value)
    counts, means = np.asarray(order_count, dtype=float)[order], np.asarray(mean_value, dtype=float)[order]
    unit = float((counts * means).sum() / counts.sum())
    found = maximise(_Likelihood(counts, means / unit), _START, _LOW, _HIGH)
    logs, turn, _ = _natural(found.at)
    n = len(counts)
    p, q, gamma = np.exp(logs)
    words = ("spread of orders", "spread of customers", "mean")
    return SpendModel(
        p=float(p), q=float(q), gamma=float(gamma * unit),
        log_likelihood=float(n * found.value - n * np.log(unit)),
        covariance=turn @ inverse_information(-n * found.hessian, found.at_bound) @ turn.T,
        bounded=tuple(word for word, fixed in zip(words, found.at_bound, strict=True) if fixed),
        converged=found.converged,
        n_customers=n,
    )  # fmt: skip


def _natural(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Log p, log q, log gamma at coordinates of the search; their derivatives (3, 3); the curvature of log q.

    With q = 1 + e^u the mean is p gamma / e^u, so that log gamma = log mean + u - log p.
    """
    p, above, mean = at
    q = 1.0 + np.exp(above)
    part = float(np.exp(above) / q)
    logs = np.array([p, np.log(q), mean + above - p])
    return logs, np.array([[1.0, 0, 0], [0, part, 0], [-1.0, 1.0, 1.0]]), part * (1 - part)


class _Likelihood:
    """Mean log likelihood of a customer at coordinates of the search, with its first and second derivatives."""

    def __init__(self, counts: np.ndarray, means: np.ndarray) -> None:
        self.n = len(counts)
        self.counts, self.place = np.unique(counts, return_inverse=True)
        self.shares = np.bincount(self.place) / self.n
        self.x, self.means = counts, means
        self.log_spent = np.log(counts * means)
        self.constant = float(-np.log(means).mean())

    def __call__(self, at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        logs, turn, bend = _natural(at)
        parameters = np.exp(logs)
        value, gradient, hessian = self._by_parameters(*parameters)
        gradient = parameters * gradient
        hessian = parameters[:, None] * parameters * hessian + np.diag(gradient)
        turned = turn.T @ hessian @ turn
        turned[1, 1] += bend * gradient[1]
        return value, turn.T @ gradient, turned

    def _by_parameters(self, p: float, q: float, gamma: float) -> tuple[float, np.ndarray, np.ndarray]:
        x, spent = self.counts, gamma + self.x * self.means
        log_rate = np.log(spent)
        shape = p * self.x + q
        counted = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        value = (self.shares * counted).sum() + (p * self.x * self.log_spent - shape * log_rate).mean() + self.constant
        slope_p = self.shares * x * (digamma(p * x + q) - digamma(p * x))
        slope_q = self.shares * (digamma(p * x + q) - digamma(q) + np.log(gamma))
        gradient = np.array([
            slope_p.sum() + (self.x * (self.log_spent - log_rate)).mean(),
            slope_q.sum() - log_rate.mean(),
            q / gamma - (shape / spent).mean(),
        ])  # fmt: skip
        bend = polygamma(1, p * x + q)
        hessian = np.array([
            [(self.shares * x**2 * (bend - polygamma(1, p * x))).sum(), (self.shares * x * bend).sum(),
             -(self.x / spent).mean()],
            [0.0, (self.shares * (bend - polygamma(1, q))).sum(), 1.0 / gamma - (1.0 / spent).mean()],
            [0.0, 0.0, -q / gamma**2 + (shape / spent**2).mean()],
        ])  # fmt: skip
        return float(value), gradient, np.triu(hessian) + np.triu(hessian, 1).T
