"""Does the same method find the same segments in other samples? Bootstrap pairs and Jaccard similarities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.draws import Draw, Judged, share_work
from coterie.clustering.kernels.jaccard import largest_jaccard
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.limits import absorb_small
from coterie.clustering.table import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.clustering.table import Rows

#: Rows of one bootstrap sample, and rows that both fits label.
BOOTSTRAP_ROWS = 1_000


@dataclass(frozen=True)
class Stability:
    """Agreement over bootstrap samples.

    Attributes
    ----------
    pairs : float array of shape (B,)
        Adjusted Rand index of the two fits of each pair: global stability (Dolnicar and Leisch 2010).
    draws : float array of shape (B, k)
        Of each pair, the largest Jaccard similarity of each segment with a cluster of the fit, mean of the two fits:
        segment level stability within the solution (Hennig 2007; Dolnicar and Leisch 2017).
    """

    pairs: np.ndarray
    draws: np.ndarray

    def and_more(self, other: Stability) -> Stability:
        """Join the pairs of two rounds over the same segments."""
        return Stability(np.concatenate([self.pairs, other.pairs]), np.concatenate([self.draws, other.draws]))

    @property
    def mean(self) -> float:
        """Mean over pairs."""
        return float(self.pairs.mean())

    @property
    def segments(self) -> np.ndarray:
        """Mean of each segment, shape (k,), in [0, 1]."""
        return np.asarray(self.draws.mean(axis=0))


class Bootstraps:
    """Pairs of bootstrap samples of one table, the same for every method and number of segments.

    Parameters
    ----------
    rows : Rows, the sample
    smallest_share : float, small clusters are merged as in the search
    seed : int

    Notes
    -----
    Dolnicar and Leisch (2010, Marketing Letters 21) label all rows; here at most 1,000, drawn once, are labelled, and
    a draw has at most as many rows.
    """

    def __init__(self, rows: Rows, *, smallest_share: float, seed: int) -> None:
        self.rows = rows
        self.smallest_share = smallest_share
        self.seed = seed
        n = len(rows)
        self.size = min(BOOTSTRAP_ROWS, n)
        self.shown = np.sort(np.random.default_rng([seed, 1]).choice(n, self.size, replace=False))
        self.judged = Judged(take(rows, self.shown))
        self._drawn: dict[tuple[int, int], Draw] = {}
        self._fitted: dict[tuple[object, ...], tuple[np.ndarray, np.ndarray]] = {}

    def stability(
        self, method: str, parameters: Mapping[str, float | int | str], labels: np.ndarray, pairs: range
    ) -> Stability:
        """Fit the method again on pairs of samples and compare what the two say about the same rows.

        Parameters
        ----------
        method, parameters : what to fit, with the keys of `Trial.parameters`
        labels : int array of shape (n,), the partition whose segments are looked for again; none negative
        pairs : range, which pairs: each is drawn by its own number, so that rounds can be joined

        Returns
        -------
        Stability, of as many segments as `labels` has. 2 B fits on at most 1,000 rows.
        """
        k, truth = int(labels.max()) + 1, labels[self.shown]
        agreement, similar = [], []
        share_work(self._drawn_for(pairs), method, parameters)
        for b in pairs:
            one, other = self.fitted(method, parameters, b)
            nothing = k > 1 and one.max() == other.max() == 0  # two fits that find no segments agree on nothing
            agreement.append(0.0 if nothing else adjusted_rand(one, other))
            similar.append((largest_jaccard(truth, one, k) + largest_jaccard(truth, other, k)) / 2)
        return Stability(np.array(agreement), np.array(similar).reshape(-1, k))

    def fitted(
        self, method: str, parameters: Mapping[str, float | int | str], pair: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the two fits of a pair say of the rows `shown`: int arrays of shape (len(shown),)."""
        key = (method, tuple(sorted(parameters.items())), pair)
        if key not in self._fitted:
            one, other = (
                absorb_small(self.judged.X, self._draw(pair, half).labels(method, parameters), self.smallest_share)[0]
                for half in range(2)
            )
            self._fitted[key] = one, other
        return self._fitted[key]

    def refits(
        self, method: str, parameters: Mapping[str, float | int | str], pairs: range
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the fits of some pairs say of the rows `shown`, and which of these rows each had not been fitted on.

        Returns
        -------
        labels, unseen : int and bool arrays of shape (2 B, len(shown))
        """
        draws = self._drawn_for(pairs)
        share_work(draws, method, parameters)
        labels = np.concatenate([np.stack(self.fitted(method, parameters, pair)) for pair in pairs])
        return labels, np.array([~np.isin(self.shown, draw.different) for draw in draws])

    def _drawn_for(self, pairs: range) -> list[Draw]:
        return [self._draw(pair, half) for pair in pairs for half in range(2)]

    def _draw(self, pair: int, half: int) -> Draw:
        if (pair, half) not in self._drawn:
            rng = np.random.default_rng([self.seed, 2, pair, half])
            picked = rng.integers(0, len(self.rows), self.size)
            self._drawn[pair, half] = Draw(self.rows, picked, self.judged, 1_000 * self.seed + 2 * pair + half)
        return self._drawn[pair, half]
