"""What customers will order and spend from now on: both models together, for customers and for groups of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.value.gamma_quantiles import gamma_quantiles
from coterie.campaigns.value.intervals import lognormal_range
from coterie.campaigns.value.orders import OrderModel, fit_orders
from coterie.campaigns.value.outlook import outlooks
from coterie.campaigns.value.returns import ReturnModel, fit_returns
from coterie.campaigns.value.spending import SpendModel, fit_spending
from coterie.memory import empty, let_go, parked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.value.history import Buyers

#: Probabilities of the ends of a range.
_LOW_END, _HIGH_END = 0.025, 0.975
#: Fewest customers who paid something for money to be forecast.
FEWEST_PAYERS = 30
_N_SLOPES = 8  # four parameters of orders, three of spending, and the part that goes back


@dataclass(frozen=True)
class ValueModel:
    """Models of orders and of spending, fitted to one shop.

    Attributes
    ----------
    orders : OrderModel
        Ages in days.
    spending : SpendModel or None
        None where the tables hold no money.
    returns : ReturnModel
        What part of the money paid goes back.
    other_log_likelihood : float
        Of the variant of the model of orders that was not taken.
    """

    orders: OrderModel
    spending: SpendModel | None
    returns: ReturnModel
    other_log_likelihood: float

    def p_alive(self, buyers: Buyers) -> np.ndarray:
        """Chance that each customer still orders, float of shape (n,), 0 to 1."""
        histories = buyers.histories
        return np.asarray(self.orders.p_alive(histories)[histories.row_of])

    def forecast(self, buyers: Buyers, horizons: Sequence[int]) -> tuple[Forecast, ...]:
        """Forecast within each horizon, in days from now."""
        histories = buyers.histories
        rows = histories.row_of
        alive = self.orders.p_alive(histories)
        price, slopes, spread = self._prices(buyers)
        forecasts = []
        for found in outlooks(self.orders, histories, horizons):
            mean, second = found.mean[rows], found.second[rows]
            values = mean * price
            square, within = spread
            forecasts.append(
                Forecast(
                    days=int(found.horizon),
                    orders=parked(mean),
                    order_variance=parked(np.maximum(second - mean**2, 0.0)),
                    none=parked(np.clip(found.none[rows], 0.0, 1.0)),
                    value=parked(values),
                    value_variance=parked(np.maximum(mean * within + second * square - values**2, 0.0)),
                    at_risk=parked((1.0 - alive[rows]) * found.if_there[rows] * price),
                    slopes=_side_by_side(found.slopes[rows], slopes),
                    covariance=self._covariance(),
                )
            )
            let_go()
        return tuple(forecasts)

    def _prices(self, buyers: Buyers) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Money kept of one order, its slopes (n, 4), and its second moment and variance within a customer."""
        n = len(buyers)
        if self.spending is None:
            return np.zeros(n), np.zeros((n, 4)), (np.zeros(n), np.zeros(n))
        own = buyers.order_days, buyers.mean_value
        square, within = self.spending.second_moments(*own)
        kept = self.returns.kept(buyers.order_days, buyers.returned)
        price = kept.mean * self.spending.expected_order_value(*own)
        slopes = np.concatenate([self.spending.slopes(*own), kept.slopes[:, None]], axis=1)
        kept_square = kept.mean**2 + kept.variance
        # One order keeps its value times its part: E[v² k²] is E[v²] (E[k²] + variance of k within the customer).
        return price, slopes, (kept_square * square, kept_square * within + kept.within * (square + within))

    def _covariance(self) -> np.ndarray:
        covariance = np.zeros((_N_SLOPES, _N_SLOPES))
        covariance[:4, :4] = self.orders.covariance
        if self.spending is not None:
            covariance[4:7, 4:7] = self.spending.covariance
            covariance[7, 7] = self.returns.error
        return covariance


@dataclass(frozen=True)
class Forecast:
    """Orders and money of the customers within `days` from now; float arrays of shape (n,) where not said otherwise.

    Attributes
    ----------
    days : int
    orders, order_variance : mean and variance of the days with an order
    none : chance of no order
    value, value_variance : mean and variance of the net revenue, in currency; 0 without money
    at_risk : net revenue that is missing since the customer may have left already
    slopes : (n, 8), derivatives of log value by the log parameters and, last, by the part that all send back; the first
        four are also those of log orders
    covariance : (8, 8) of these
    """

    days: int
    orders: np.ndarray
    order_variance: np.ndarray
    none: np.ndarray
    value: np.ndarray
    value_variance: np.ndarray
    at_risk: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray

    def value_ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the net revenue of each customer falls 19 times in 20: two float arrays of shape (n,).

        Notes
        -----
        The chance to spend nothing, and where something is spent a Gamma law with the mean and variance that the models
        give. The low end is 0 for all who may well not order.
        """
        slopes = self.slopes
        of_parameters = np.einsum("ij,jk,ik->i", slopes, self.covariance, slopes) * self.value**2
        return spike_and_gamma(self.value, self.value_variance + of_parameters, self.none)

    def totals(self, groups: np.ndarray, n_groups: int) -> Totals:
        """Sums over groups of customers with the range in which they fall 19 times in 20.

        Parameters
        ----------
        groups : int array of shape (n,), 0 to n_groups - 1
            A negative number leaves a customer out.
        """
        chosen = groups >= 0
        all_chosen = bool(chosen.all())
        codes = groups if all_chosen else groups[chosen]

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(codes, weights=values if all_chosen else values[chosen], minlength=n_groups)

        orders, value = summed(self.orders), summed(self.value)
        order_slopes = np.stack([summed(self.orders * slope) for slope in self.slopes[:, :4].T], axis=1)
        value_slopes = np.stack([summed(self.value * slope) for slope in self.slopes.T], axis=1)
        order_error = np.einsum("ij,jk,ik->i", order_slopes, self.covariance[:4, :4], order_slopes)
        value_error = np.einsum("ij,jk,ik->i", value_slopes, self.covariance, value_slopes)
        let_go()
        return Totals(
            customers=np.bincount(codes, minlength=n_groups),
            orders=orders,
            order_range=lognormal_range(orders, np.sqrt(summed(self.order_variance) + order_error)),
            value=value,
            value_range=lognormal_range(value, np.sqrt(summed(self.value_variance) + value_error)),
            value_error=np.sqrt(value_error),
            at_risk=summed(self.at_risk),
        )


@dataclass(frozen=True)
class Totals:
    """Sums over groups; arrays of shape (n_groups,), ranges as (low, high).

    `value_error` is the standard error of `value` by the parameters alone; the ranges hold the chance of what single
    customers do as well.
    """

    customers: np.ndarray
    orders: np.ndarray
    order_range: tuple[np.ndarray, np.ndarray]
    value: np.ndarray
    value_range: tuple[np.ndarray, np.ndarray]
    value_error: np.ndarray
    at_risk: np.ndarray


def fit_value(buyers: Buyers, *, has_money: bool = True, returns: float | None = None) -> ValueModel:
    """Fit the models to the order histories of all customers.

    Of the two models of orders the one under which the histories are likelier is taken: they have as many parameters.
    Customers who paid nothing are left out of the model of spending, which takes `FEWEST_PAYERS` others. With `returns`
    that part goes back for all, 0 to 1; otherwise each customer's part is estimated.
    """
    histories = buyers.histories
    fits = [fit_orders(histories, leaves_at_once=at_once) for at_once in (False, True)]
    best, other = sorted(fits, key=lambda fit: -fit.log_likelihood)
    paid = buyers.mean_value > 0
    enough = has_money and int(paid.sum()) >= FEWEST_PAYERS
    spending = fit_spending(buyers.order_days[paid], buyers.mean_value[paid]) if enough else None
    if returns is not None:
        back = ReturnModel(returns)
    else:
        back = fit_returns(buyers.order_days, buyers.order_days * buyers.mean_value, buyers.returned)
    return ValueModel(best, spending, back, other.log_likelihood)


def spike_and_gamma(mean: np.ndarray, variance: np.ndarray, none: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Range of 95 % of an amount that is 0 with chance `none` and else has a Gamma law; all of shape (n,).

    Parameters
    ----------
    mean, variance : float arrays
        Of the amount, zeros included.
    none : float array, 0 to 1
    """
    some = np.maximum(1.0 - none, 1e-12)
    middle = mean / some
    spread = np.maximum((variance + mean**2) / some - middle**2, 1e-12 * middle**2)
    ends = []
    for probability in (_LOW_END, _HIGH_END):
        place = (probability - none) / some
        above = (place > 0) & (middle > 0)
        end = np.zeros(len(mean))
        shape = middle[above] ** 2 / spread[above]
        end[above] = gamma_quantiles(shape, np.minimum(place[above], 1.0)) * spread[above] / middle[above]
        ends.append(end)
    return ends[0], ends[1]


def _side_by_side(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    both = empty((len(one), one.shape[1] + other.shape[1]))
    both[:, : one.shape[1]] = one
    both[:, one.shape[1] :] = other
    return both
