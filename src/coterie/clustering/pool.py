"""Criteria of a candidate among all the others: who agrees with it, and how far it is from the best of the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.kernels.rand_index import all_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Criteria that are also told as a distance to the best of the pool, and as a place in it.
COMPARED = (
    "silhouette",
    "likelihood",
    "likelihood_diagonal",
    "agreement",
    "valley",
    "crossing",
    "gap",
    "cut",
    "split_cut",
    "dispersion",
)
#: Of these the smallest value is the best.
_LESS_IS_BETTER = frozenset({"valley", "crossing", "cut"})
#: Agreement from which another family counts as saying the same.
_SAME = 0.9
#: Nearest other divisions whose agreement is averaged.
_NEAREST = 5
_FEWEST_FOR_AN_ELBOW = 4


def add_agreement(scores: Sequence[dict[str, float]], partitions: list[np.ndarray], families: Sequence[str]) -> None:
    """Add how well the divisions of other families agree with each one (adjusted Rand index).

    Parameters
    ----------
    scores : the criteria of each division, with "k"; new ones are added:
        agreement, agreement_two, agreement_three : mean over the other families (all, best two, best three) of the best
            agreement with one of their divisions
        agreement_all : mean over all divisions
        agreement_same_k : as `agreement`, among divisions with the same number of clusters
        agreement_near : mean over the five nearest divisions that are not the same
        voices : share of the other families that hold practically the same division
    partitions : int arrays of shape (m,), labels of the probe, 0, 1, …
    families : the voice that each division counts for
    """
    agreement = all_pairs(partitions)
    family = np.array(families)
    k = np.array([one["k"] for one in scores])
    present = sorted(set(families))
    for i, one in enumerate(scores):
        others = [f for f in present if f != family[i]]
        best = np.array(sorted((agreement[i, family == f].max() for f in others), reverse=True) or [0.0])
        level = [agreement[i, (family == f) & (k == k[i])].max(initial=-1.0) for f in others]
        level = [value for value in level if value > -1]
        different = np.sort(agreement[i][agreement[i] < 0.9999])
        one["agreement"] = float(best.mean())
        one["agreement_two"] = float(best[:2].mean())
        one["agreement_three"] = float(best[:3].mean())
        one["agreement_all"] = float(agreement[i].mean())
        one["agreement_same_k"] = float(np.mean(level)) if level else 0.0
        one["agreement_near"] = float(different[-_NEAREST:].mean()) if len(different) else 1.0
        one["voices"] = float((best > _SAME).mean())


def add_places(scores: Sequence[dict[str, float]]) -> None:
    """Add to each criterion of `COMPARED` the distance to the best of the pool, and the place (0 = last, 1 = first)."""
    for name in COMPARED:
        values = np.array([one[name] for one in scores])
        if name in _LESS_IS_BETTER:
            values = -values
        below = np.searchsorted(np.sort(values.round(9)), values.round(9))
        for one, value, place in zip(scores, values, below, strict=True):
            one[f"{name}_behind"] = float(values.max() - value)
            one[f"{name}_place"] = float(place / max(len(values) - 1, 1))


def add_numbers(scores: Sequence[dict[str, float]], families: Sequence[str], modes: int) -> None:
    """Add how far each number of clusters is from those that rules of thumb name, as log(k / theirs).

    Parameters
    ----------
    families : the voice that each division counts for
    modes : clear density modes

    Notes
    -----
    The rules: clear modes; the best BIC; the elbow of K-Means' explained variance (the point farthest above the line
    from its first to its last); the best silhouette of all.
    """
    for name, number in (
        ("modes", modes),
        ("bic", _at_best(scores, "best_bic")),
        ("elbow", _elbow([one for one, family in zip(scores, families, strict=True) if family == "kmeans"])),
        ("silhouette", _at_best(scores, "silhouette")),
    ):
        for one in scores:
            one[f"k_to_{name}"] = float(np.log(one["k"] / number)) if number else 0.0


def _at_best(scores: Sequence[dict[str, float]], name: str) -> float:
    best = max(scores, key=lambda one: (round(one[name], 9), -one["k"]))
    return best["k"] if best[name] > 0 else 0.0


def _elbow(of_kmeans: Sequence[dict[str, float]]) -> float:
    explained = {1.0: 0.0} | {one["k"]: one["explained"] for one in of_kmeans}
    if len(explained) < _FEWEST_FOR_AN_ELBOW:
        return 0.0
    k = np.array(sorted(explained))
    y = np.array([explained[number] for number in k])
    above = (y - y[0]) / max(y[-1] - y[0], 1e-12) - (k - k[0]) / (k[-1] - k[0])
    return float(k[above.argmax()])


def add_fit(scores: Sequence[dict[str, float]], bics: Sequence[float], merged: Sequence[bool], n: int, d: int) -> None:
    """Add how good the mixture behind each division is, by BIC.

    Parameters
    ----------
    bics : smaller is better, NaN for methods without a likelihood; a division made by merging components carries the
        BIC of the mixture that it was made of
    merged : whether components were merged
    """
    values = np.array(bics)
    best = np.nanmin(values) if np.isfinite(values).any() else np.nan
    for one, bic, joined in zip(scores, bics, merged, strict=True):
        known = bool(np.isfinite(bic))
        one["best_bic"] = float(known and not joined and bic <= best)
        one["merged_best_bic"] = float(known and joined and bic <= best)
        one["bic_behind"] = float(min((bic - best) / n / np.sqrt(d), 2.0)) if known else -0.1


#: Families that the chooser knows by name.
VOICES = ("kmeans", "gaussian_mixture", "latent_class", "kamila", "ward", "genie", "density", "spectral")


def add_setting(scores: Sequence[dict[str, float]], families: Sequence[str], n: int, d: int) -> None:
    """Add the size of the table and the family, on which the meaning of the other criteria depends."""
    for one, family in zip(scores, families, strict=True):
        one["log_n"], one["log_d"], one["log_k"] = float(np.log(n)), float(np.log(d)), float(np.log(one["k"]))
        for voice in VOICES:
            one[f"is_{voice}"] = float(family == voice)
