"""Give a rule one more segment, for a rare group of known rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.clustering.assign import significant
from coterie.clustering.methods.latent_class import VARIANCE_FLOOR
from coterie.clustering.rules import CentreRule, GaussianRule, KamilaRule, LatentClassRule, PrototypeRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.clustering.rules import Rule
    from coterie.clustering.table import Rows

#: Prototypes of a rare group.
PROTOTYPES = 40
#: A border this near to half way needs no guard.
_HALF = 0.98
#: Rounds of further guards, and the share of wrong rows in the group below which none is needed.
_ROUNDS, _FEW = 4, 0.05
#: Rows' worth of the overall shares that are added to the counts of a group's categories.
_SMOOTHING = 0.5


def with_group(rule: Rule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:
    """Add a segment for a group, numbered after the others.

    Parameters
    ----------
    rule : Rule
    rows : Rows
    labels : int array of shape (n,), the segments by `rule`
    members : bool array of shape (n,), rows of the group

    Returns
    -------
    Rule of the same kind
    """
    return _WAYS[type(rule)](_without_its_own(rule, rows, members), rows, labels, members)


def _without_its_own(rule: Any, rows: Rows, members: np.ndarray) -> Any:  # noqa: ANN401  each kind has other parts
    """The rule without components that stand for the group already, where their segment has others."""
    parts = _PARTS.get(type(rule), ())
    if not parts:
        return rule
    each = np.arange(len(rule.segment_of))
    nearest = replace(rule, segment_of=each).scores(rows).argmax(axis=0)
    taken = np.bincount(nearest, minlength=len(each))
    kept = np.bincount(nearest[members], minlength=len(each)) <= taken / 2
    if len(np.unique(rule.segment_of[kept])) < rule.n_segments:
        return rule
    return replace(rule, segment_of=rule.segment_of[kept], **{name: getattr(rule, name)[kept] for name in parts})


def _centres(rule: CentreRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:
    """A centre for the group, and guards around it.

    The border of two centres lies half way, too far out for a small group beside a wide segment. A guard is a further
    centre of that segment, on the line between the two, which moves the border to where fewest rows are misplaced.
    """
    middle = rows.X[members].mean(axis=0)
    points, segment_of = [middle], [rule.n_segments]
    for point, segment in zip(rule.points, rule.segment_of, strict=True):
        way = float(np.sqrt(((point - middle) ** 2).sum()))
        if way == 0.0:
            continue
        along = (rows.X - middle) @ ((point - middle) / way)
        border = _best_border(along[members], along[(labels == segment) & ~members], way / 2)
        if border < _HALF * way / 2:
            points.append(middle + 2 * border * (point - middle) / way)
            segment_of.append(int(segment))
    grown = replace(
        rule,
        points=np.vstack([rule.points, significant(np.array(points))]),
        segment_of=np.append(rule.segment_of, segment_of),
    )
    return _corrected(grown, rows, labels, members)


def _corrected(rule: CentreRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> CentreRule:
    """More guards, in the middle of the rows that the group's centre still takes from each segment."""
    new = rule.n_segments - 1
    for _ in range(_ROUNDS):
        taken = (rule.scores(rows).argmax(axis=0) == new) & ~members
        if taken.sum() <= _FEW * members.sum():
            break
        segments = np.unique(labels[taken])
        guards = np.array([rows.X[taken & (labels == s)].mean(axis=0) for s in segments])
        points = np.vstack([rule.points, significant(guards)])
        rule = replace(rule, points=points, segment_of=np.append(rule.segment_of, segments))
    return rule


def _best_border(inside: np.ndarray, outside: np.ndarray, most: float) -> float:
    """Where, at most at `most`, a border on a line misplaces fewest rows; half way between the rows beside it."""
    places = np.sort(np.concatenate([inside[inside < most], outside[outside < most], [most]]))
    places = places[places > 0]
    beyond = len(inside) - np.searchsorted(np.sort(inside), places, side="right")
    taken = np.searchsorted(np.sort(outside), places, side="right")
    wrong = beyond + taken
    best = np.flatnonzero(wrong == wrong.min())
    return float(places[best[len(best) // 2]])


def _gaussians(rule: GaussianRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:  # noqa: ARG001
    """A Gaussian for the group, its covariance drawn a little towards a sphere."""
    X = rows.X[members]
    n, d = X.shape
    own = np.atleast_2d(np.cov(X.T))
    size = float(np.trace(own)) / d
    covariance = own * n / (n + d) + (size * d / (n + d) + 1e-6 * size + 1e-9) * np.eye(d)
    precision = np.linalg.inv(covariance)
    whitening = np.linalg.cholesky(precision[::-1, ::-1])[::-1, ::-1].T
    weight = np.log(members.mean()) + np.log(np.abs(np.diag(whitening))).sum()
    return replace(
        rule,
        log_weights=np.append(rule.log_weights, significant(np.array([weight]))),
        means=np.vstack([rule.means, significant(X.mean(axis=0))]),
        whitening=np.concatenate([rule.whitening, significant(whitening)[None]]),
        segment_of=np.append(rule.segment_of, rule.n_segments),
    )


def _latent_classes(rule: LatentClassRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:  # noqa: ARG001
    """A class for the group."""
    means, variances = _moments(rows.numeric[members])
    return replace(
        rule,
        log_shares=np.append(rule.log_shares, significant(np.log([members.mean()]))),
        means=np.vstack([rule.means, significant(means)]),
        variances=np.vstack([rule.variances, significant(np.maximum(variances, VARIANCE_FLOOR))]),
        log_levels=np.vstack([rule.log_levels, significant(_log_levels(rows, members, rule.n_levels))]),
        segment_of=np.append(rule.segment_of, rule.n_segments),
    )


def _kamila(rule: KamilaRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:  # noqa: ARG001
    """A cluster for the group; all clusters share the density of distances."""
    return replace(
        rule,
        log_shares=np.append(rule.log_shares, significant(np.log([members.mean()]))),
        points=np.vstack([rule.points, significant(_moments(rows.numeric[members])[0])]),
        log_levels=np.vstack([rule.log_levels, significant(_log_levels(rows, members, rule.n_levels))]),
        segment_of=np.append(rule.segment_of, rule.n_segments),
    )


def _prototypes(rule: PrototypeRule, rows: Rows, labels: np.ndarray, members: np.ndarray) -> Rule:  # noqa: ARG001
    """Prototypes from all over the group; those of others that lie among its rows leave."""
    X = rows.X[members]
    middle, spread = X.mean(axis=0), np.maximum(X.std(axis=0), 1e-9)
    depth = (((X - middle) / spread) ** 2).sum(axis=1)
    order = np.argsort(depth, kind="stable")
    picked = order[np.unique(np.linspace(0, 0.95 * (len(X) - 1), PROTOTYPES).astype(int))]
    points = np.unique(significant(X[picked]), axis=0)
    inside = (((rule.points - middle) / spread) ** 2).sum(axis=1) <= np.quantile(depth, 0.95)
    kept = ~inside
    if len(np.unique(rule.label_of[kept])) < rule.n_segments:  # a segment without prototypes would be lost
        kept = np.ones(len(kept), dtype=bool)
    return replace(
        rule,
        points=np.vstack([rule.points[kept], points]),
        label_of=np.append(rule.label_of[kept], np.full(len(points), rule.n_segments)),
    )


def _moments(numeric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances of the known numbers, float arrays of shape (p,); 0 and 1 where none is known."""
    seen = np.isfinite(numeric)
    count = np.maximum(seen.sum(axis=0), 1)
    filled = np.where(seen, numeric, 0.0)
    means = filled.sum(axis=0) / count
    variances = (np.where(seen, numeric - means, 0.0) ** 2).sum(axis=0) / count
    return means, np.where(seen.any(axis=0), variances, 1.0)


def _log_levels(rows: Rows, members: np.ndarray, n_levels: np.ndarray) -> np.ndarray:
    """Log-probability of each level of each category in the group, shape (total number of levels,)."""
    found = []
    for column, levels in zip(rows.codes.T, n_levels.tolist(), strict=True):
        every, own = column[column >= 0], column[members & (column >= 0)]
        overall = (np.bincount(every, minlength=levels) + 0.5 / levels) / (len(every) + 0.5)
        found.append((np.bincount(own, minlength=levels) + _SMOOTHING * overall) / (len(own) + _SMOOTHING))
    return np.log(np.maximum(np.concatenate(found), 1e-9)) if found else np.zeros(0)


_WAYS: Mapping[type, Callable[[Any, Rows, np.ndarray, np.ndarray], Rule]] = {
    CentreRule: _centres,
    GaussianRule: _gaussians,
    LatentClassRule: _latent_classes,
    KamilaRule: _kamila,
    PrototypeRule: _prototypes,
}

#: The arrays of each kind of rule that have an entry for each component.
_PARTS: Mapping[type, tuple[str, ...]] = {
    CentreRule: ("points",),
    GaussianRule: ("log_weights", "means", "whitening"),
    LatentClassRule: ("log_shares", "means", "variances", "log_levels"),
    KamilaRule: ("log_shares", "points", "log_levels"),
}
