"""How far segments of two studies lie apart in what their customers are like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coterie.vocabulary import Feature


def distances(
    earlier: pd.DataFrame, customers: pd.DataFrame, codes: np.ndarray, features: Sequence[Feature]
) -> np.ndarray:
    """Distance from the centre of each earlier segment to that of each new one.

    A number counts by its place among the earlier customers' values, told as a standard normal deviate, so that money
    and days weigh alike and outliers do not matter; a category by the share of each level.

    Parameters
    ----------
    earlier, customers : DataFrame
        Columns for all the features; `earlier` has `segment_id`.
    codes : int array of shape (n_customers,)
        New segment of each customer, 0, 1, …
    features : sequence of Feature

    Returns
    -------
    float array of shape (n_earlier, n_new), root mean square over the features; earlier segments by rising id.
    """
    old, new = _centres(earlier, earlier, _codes(earlier), features), _centres(earlier, customers, codes, features)
    return _apart(old, new, len(features))


def reach(earlier: pd.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    """Half the distance from each earlier segment to the nearest other one, (n_earlier,); 0.5 for a single one."""
    old = _centres(earlier, earlier, _codes(earlier), features)
    apart = _apart(old, old, len(features))
    np.fill_diagonal(apart, 1.0 if len(old) == 1 else np.inf)
    return np.asarray(apart.min(axis=1) / 2)


def _codes(earlier: pd.DataFrame) -> np.ndarray:
    return np.unique(earlier["segment_id"].to_numpy(), return_inverse=True)[1]


def _apart(one: np.ndarray, other: np.ndarray, n_features: int) -> np.ndarray:
    square = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(np.sqrt(square / n_features))


def _centres(
    earlier: pd.DataFrame, customers: pd.DataFrame, codes: np.ndarray, features: Sequence[Feature]
) -> np.ndarray:
    columns = [column for feature in features for column in _columns(earlier, customers, feature)]
    sizes = np.bincount(codes)
    return np.array([np.bincount(codes, weights=column) / np.maximum(sizes, 1) for column in columns]).T


def _columns(earlier: pd.DataFrame, customers: pd.DataFrame, feature: Feature) -> list[np.ndarray]:
    if feature.kind is Kind.CATEGORY:
        levels = sorted({str(level) for level in earlier[feature.name].dropna()})
        told = customers[feature.name].astype(str).to_numpy()
        return [(told == level).astype(float) for level in levels]
    known = np.sort(earlier[feature.name].dropna().to_numpy(dtype=float))
    return [_deviates(known, customers[feature.name].to_numpy(dtype=float, na_value=np.nan))]


def _deviates(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Normal quantile of each value's mid-rank among the sorted known ones; 0 where unknown."""
    if not len(known):
        return np.zeros(len(values))
    below = np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right")
    deviates = ndtri((below / 2 + 0.5) / (len(known) + 1))
    return np.asarray(np.where(np.isnan(values), 0.0, deviates))
