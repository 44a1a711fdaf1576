"""Matrices with known groups, on which the chooser is trained: clouds, shapes, and tables of made-up customers.

Every set is made from one seed. No benchmark set, no real table and nothing of the sample store is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import pdist

from coterie.clustering.table import from_matrix, take
from coterie.preparation import Basis, fit_recipe
from coterie.vocabulary import Block, Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.clustering.table import Rows

Random = np.random.Generator
#: Every so many sets one holds a crowd of groups, and one two groups in many columns.
CROWD_EVERY = 8
Groups = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class GeneratedSet:
    """One set: its rows in a canonical order, the true group of each (-1 = background noise), and what kind it is."""

    seed: int
    kind: str
    rows: Rows
    truth: np.ndarray


def generate(seed: int) -> GeneratedSet:
    """Make the set of one seed."""
    rng = np.random.default_rng([seed, 2_026])
    draw = rng.random()
    if seed % CROWD_EVERY == CROWD_EVERY - 1:
        kind, (X, truth) = "crowd", _crowd(rng)
    elif seed % CROWD_EVERY == CROWD_EVERY // 2 - 1:
        kind, (X, truth) = "two wide", _two_wide(rng, _size(rng))
    elif draw < 0.30:
        kind, (X, truth) = shape(rng)
    elif draw < 0.66:
        kind, (X, truth) = clouds(rng)
    else:
        return _ordered(seed, *customers(rng))
    spread = X.std(axis=0)
    return _ordered(seed, kind, from_matrix((X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)), truth)


def _ordered(seed: int, kind: str, rows: Rows, truth: np.ndarray) -> GeneratedSet:
    order = np.lexsort(rows.X.T[::-1])
    return GeneratedSet(seed, kind, take(rows, order), truth[order])


def _size(rng: Random, smallest: float = 120, largest: float = 2_500) -> int:
    return int(np.exp(rng.uniform(np.log(smallest), np.log(largest))))


# -- clouds ------------------------------------------------------------------------------------------------------------


def clouds(rng: Random) -> tuple[str, Groups]:
    """Groups around centres; the kind decides their form."""
    kinds: dict[str, Callable[[Random, int], Groups]] = {
        "round": _round,
        "elliptic": _elliptic,
        "skewed": _skewed,
        "heavy": _heavy,
        "densities": _densities,
        "unbalanced": _unbalanced,
        "nested": _nested,
        "two wide": _two_wide,
        "many": _many,
        "boxes": _boxes,
    }
    kind = str(rng.choice(list(kinds)))
    X, truth = kinds[kind](rng, _size(rng))
    if rng.random() < 0.12:
        X, truth = _with_background(rng, X, truth)
    if rng.random() < 0.10:
        X = np.column_stack([X, rng.normal(scale=X.std(), size=(len(X), int(rng.integers(1, 4))))])
    return kind, (X, truth)


def _columns(rng: Random) -> int:
    return int(rng.choice([2, 2, 2, 2, 3, 4, 6, 8, 12, 16, 32]))


def _shares(rng: Random, k: int, n: int, evenness: float) -> np.ndarray:
    shares = np.maximum(rng.dirichlet(np.full(k, evenness)), 12 / n)
    return np.asarray(shares / shares.sum())


def _centres(rng: Random, k: int, d: int, apart: float) -> np.ndarray:
    """Centres whose nearest two are `apart` from each other, without one pair far nearer than the rest."""
    for _ in range(50):
        centres = rng.normal(size=(k, d)) if rng.random() < 0.6 else rng.uniform(-1.5, 1.5, size=(k, d))
        between = pdist(centres)
        if between.min() > 0.3 * np.median(between):
            break
    return np.asarray(centres * apart / between.min())


def _cloud(rng: Random, n: int, k: int, d: int, *, evenness: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    truth = rng.choice(k, n, p=_shares(rng, k, n, evenness))
    return _centres(rng, k, d, rng.uniform(2.2, 7.0))[truth], truth


def _round(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(2, 11)), d)
    return at + rng.normal(size=(n, d)), truth


def _stretched(rng: Random, truth: np.ndarray, d: int, strength: float) -> np.ndarray:
    noise = rng.normal(size=(len(truth), d))
    for c in np.unique(truth):
        turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
        noise[truth == c] = (noise[truth == c] * np.exp(rng.uniform(-strength, 0.5 * strength, size=d))) @ turn.T
    return noise


def _elliptic(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(2, 9)), d)
    return at + _stretched(rng, truth, d, rng.uniform(0.5, 1.5)), truth


def _skewed(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(2, 8)), d)
    form = rng.uniform(1, 4)
    return at + (rng.gamma(form, size=(n, d)) - form) / np.sqrt(form) * rng.choice([-1, 1], size=d), truth


def _heavy(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(2, 8)), d)
    freedom = rng.uniform(3, 6)
    return at + rng.normal(size=(n, d)) / np.sqrt(rng.standard_gamma(freedom / 2, size=(n, 1)) / (freedom / 2)), truth


def _densities(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(2, 8)), d)
    return at + rng.normal(size=(n, d)) * np.exp(rng.uniform(-1.3, 0.6, size=truth.max() + 1))[truth][:, None], truth


def _unbalanced(rng: Random, n: int) -> Groups:
    d = _columns(rng)
    at, truth = _cloud(rng, n, int(rng.integers(3, 10)), d, evenness=0.8)
    return at + _stretched(rng, truth, d, 0.7), truth


def _nested(rng: Random, n: int) -> Groups:
    """Groups that stand together in a few constellations."""
    d = int(rng.choice([2, 2, 3, 5]))
    far, near = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    heads = _centres(rng, far, d, rng.uniform(14, 30))
    centres = np.concatenate([head + _centres(rng, near, d, rng.uniform(4, 7)) for head in heads])
    truth = rng.integers(0, len(centres), n)
    return centres[truth] + rng.normal(size=(n, d)), truth


def _two_wide(rng: Random, n: int) -> Groups:
    """Two groups that overlap in every one of many columns."""
    d = int(rng.choice([1, 2, 4, 8, 16, 32, 64]))
    truth = (rng.random(n) < rng.uniform(0.3, 0.7)).astype(np.int64)
    apart = rng.uniform(1.6, 5.0) if d <= 2 else rng.uniform(2.2, 8.0)
    scale = np.where(truth == 1, rng.choice([1.0, 1.0, rng.uniform(0.3, 0.8)]), 1.0)
    X = truth[:, None] * apart / np.sqrt(d) + rng.normal(size=(n, d)) * scale[:, None]
    return (X if d > 1 else np.column_stack([X, rng.normal(size=n)])), truth


def _many(rng: Random, n: int) -> Groups:
    """More than ten groups in two or three columns."""
    n = max(n, 700)
    at, truth = _cloud(rng, n, int(rng.integers(9, 16)), int(rng.choice([2, 2, 3])), evenness=30)
    return at + rng.normal(size=at.shape) * rng.uniform(0.6, 1.4), truth


def _crowd(rng: Random) -> Groups:
    """Up to forty groups that fill two or three columns, from clearly apart to half melted."""
    k, d = int(rng.integers(8, 41)), int(rng.choice([2, 2, 2, 3]))
    n = int(np.clip(k * rng.uniform(40, 110), 500, 3_000))
    side = int(np.ceil(k ** (1 / d)))
    grid = np.stack(np.meshgrid(*[np.arange(side, dtype=float)] * d), axis=-1).reshape(-1, d)
    centres = rng.permutation(grid)[:k] + rng.uniform(-0.3, 0.3, size=(k, d))
    truth = rng.choice(k, n, p=_shares(rng, k, n, float(rng.choice([5, 30, 100]))))
    noise = _stretched(rng, truth, d, rng.uniform(0, 0.6)) * np.exp(rng.uniform(-0.3, 0.3, size=k))[truth][:, None]
    return centres[truth] + noise / rng.uniform(3.0, 7.0), truth


def _boxes(rng: Random, n: int) -> Groups:
    """Uniformly filled boxes, some of them close to each other."""
    d = int(rng.choice([2, 2, 3]))
    truth = rng.integers(0, int(rng.integers(2, 7)), n)
    centres = _centres(rng, truth.max() + 1, d, rng.uniform(1.02, 2.2))
    return centres[truth] + rng.uniform(-0.5, 0.5, size=(n, d)) * rng.uniform(0.6, 1.0, size=d), truth


def _with_background(rng: Random, X: np.ndarray, truth: np.ndarray) -> Groups:
    strewn = rng.random(len(X)) < rng.uniform(0.01, 0.1)
    X = X.copy()
    X[strewn] = rng.uniform(X.min(axis=0), X.max(axis=0), size=(int(strewn.sum()), X.shape[1]))
    return X, np.where(strewn, -1, truth)


# -- shapes ------------------------------------------------------------------------------------------------------------


def shape(rng: Random) -> tuple[str, Groups]:
    """Groups that no centre describes: curves, rings, bars, letters, blobs among them."""
    kinds: dict[str, Callable[[Random, int], list[np.ndarray]]] = {
        "moons": _moons,
        "rings": _rings,
        "spiral": _spiral,
        "bars": _bars,
        "face": _face,
        "core and ring": _core_and_ring,
        "waves": _waves,
        "crossing": _crossing,
        "scene": _scene,
    }
    kind = str(rng.choice([*kinds, "scene", "bars"]))
    n = _size(rng, 200, 3_000)
    parts = kinds[kind](rng, n)
    truth = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    X = np.vstack(parts)
    X = X + rng.normal(size=X.shape) * rng.uniform(0.015, 0.13)
    if X.shape[1] == 2 and rng.random() < 0.5:
        angle = rng.uniform(0, np.pi)
        X = X @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.25:
        X, truth = _with_background(rng, X, truth)
    if rng.random() < 0.2:
        X = np.column_stack([X, rng.normal(size=len(X)) * X.std() * 0.3])
    return kind, (X, truth)


def _arc(rng: Random, n: int, start: float, end: float, radius: float = 1.0) -> np.ndarray:
    angle = rng.uniform(start, end, n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _moons(rng: Random, n: int) -> list[np.ndarray]:
    pairs, drop = int(rng.integers(1, 3)), rng.uniform(0.3, 0.6)
    parts = []
    for i in range(2 * pairs):
        upper = _arc(rng, max(n // (2 * pairs), 20), 0, np.pi)
        parts.append((upper if i % 2 == 0 else [1, drop] - upper) + [0, 2.3 * (i // 2)])
    if rng.random() < 0.4:
        parts[0] = parts[0][: len(parts[0]) // 3]
    return parts


def _rings(rng: Random, n: int) -> list[np.ndarray]:
    k = int(rng.integers(2, 5))
    widths = rng.uniform(0.5, 0.9) * np.arange(k) + rng.uniform(0.2, 0.5)
    even = rng.random() < 0.5
    sizes = np.full(k, n // k) if even else (n * widths / widths.sum()).astype(int)
    parts = [_arc(rng, max(int(m), 25), 0, 2 * np.pi, r) for m, r in zip(sizes, widths, strict=True)]
    if k == 2 and rng.random() < 0.5:  # two linked rings, or a ball in a shell, in three columns
        flat = [np.column_stack([p, np.zeros(len(p))]) for p in parts]
        return [flat[0] * 2, flat[1][:, [0, 2, 1]] + [1, 0, 0]]
    return parts


def _spiral(rng: Random, n: int) -> list[np.ndarray]:
    k, turns = int(rng.integers(2, 4)), rng.uniform(1.0, 1.8)
    parts = []
    for i in range(k):
        u = np.sqrt(rng.uniform(0.05, 1, n // k)) * turns * np.pi
        phase = u + 2 * np.pi * i / k
        parts.append(np.column_stack([u * np.cos(phase), u * np.sin(phase)]) / 3)
    return parts


def _bars(rng: Random, n: int) -> list[np.ndarray]:
    k, length, gap = int(rng.integers(2, 7)), rng.uniform(1.5, 5), rng.uniform(0.35, 0.9)
    parts = []
    for i in range(k):
        own = length * rng.uniform(0.4, 1.0)
        x = rng.uniform(0, own, max(n // k, 25)) + rng.uniform(0, length - own)
        parts.append(np.column_stack([x, gap * i + rng.uniform(-0.12, 0.12, len(x))]))
    return parts


def _face(rng: Random, n: int) -> list[np.ndarray]:
    ring = _arc(rng, n // 3, 0, 2 * np.pi, 2.0)
    eyes = [rng.normal(size=(n // 6, 2)) * rng.uniform(0.08, 0.2) + [side * 0.7, 0.6] for side in (-1, 1)]
    mouth = _arc(rng, n // 4, 1.15 * np.pi, 1.85 * np.pi)
    return [ring, *eyes, mouth][: int(rng.integers(3, 5))]


def _core_and_ring(rng: Random, n: int) -> list[np.ndarray]:
    parts = [_arc(rng, n // 2, 0, 2 * np.pi, 2.0), rng.normal(size=(n // 2, 2)) * rng.uniform(0.15, 0.4)]
    for _ in range(int(rng.integers(0, 4))):
        side = rng.choice([-1, 1])
        parts.append(rng.normal(size=(max(n // 6, 20), 2)) * 0.3 + rng.uniform(-2, 2, 2) + [5 * side, 0])
    return parts


def _waves(rng: Random, n: int) -> list[np.ndarray]:
    parts = []
    for i in range(int(rng.integers(2, 5))):
        u = rng.uniform(-1, 1, max(n // 3, 30))
        bend = rng.uniform(1, 3)
        parts.append(np.column_stack([2 * u, 0.8 * np.sin(u * bend) + rng.uniform(0.7, 1.2) * i]))
    return parts


def _crossing(rng: Random, n: int) -> list[np.ndarray]:
    """Two long groups that touch or cross, or triangles side by side."""
    if rng.random() < 0.5:
        wide, thin = rng.uniform(0.6, 1.2), rng.uniform(0.08, 0.2)
        parts = [rng.normal(size=(n // 2, 2)) * [wide, thin] for _ in range(2)]
        angle = rng.uniform(0.5, 1.4)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return [parts[0], parts[1] @ turn + [rng.uniform(0, 1.2), rng.uniform(0, 0.6)]]
    parts = []
    for i in range(int(rng.integers(2, 4))):
        u, v = rng.random((2, max(n // 3, 40)))
        u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
        flip = -1 if i % 2 else 1
        parts.append(np.column_stack([u + 1.08 * i, flip * (v - 0.5)]))
    return parts


def _scene(rng: Random, n: int) -> list[np.ndarray]:
    """Blobs, bars and arcs of different sizes strewn over one plane."""
    k = int(rng.integers(3, 8))
    places = _centres(rng, k, 2, rng.uniform(1.6, 2.8))
    shares = _shares(rng, k, n, 4.0)
    parts = []
    for place, share in zip(places, shares, strict=True):
        m = max(int(share * n), 15)
        form = rng.integers(0, 3)
        if form == 0:
            part = rng.normal(size=(m, 2)) * rng.uniform(0.12, 0.4) * np.exp(rng.normal(0, 0.3, 2))
        elif form == 1:
            part = np.column_stack([rng.uniform(-0.8, 0.8, m), rng.uniform(-0.12, 0.12, m)])
        else:
            part = _arc(rng, m, 0, rng.uniform(2.5, 4.5), rng.uniform(0.5, 0.8))
        angle = rng.uniform(0, np.pi)
        parts.append(part @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) + place)
    return parts


# -- customers ---------------------------------------------------------------------------------------------------------


def customers(rng: Random) -> tuple[str, Rows, np.ndarray]:
    """A table of customers through the product's own preparation: money, counts, days, categories, lumps of zeros.

    Segments overlap, are skewed and of very different size; some columns repeat others, some mean nothing.
    """
    n = _size(rng, 200, 3_000)
    k = int(rng.integers(2, 9))
    truth = rng.choice(k, n, p=_customer_shares(rng, k, n))
    base = int(rng.integers(3, 9))
    form = str(rng.choice(["log", "log", "gamma", "linear", "heavy"]))
    columns = list((_gamma_columns if form == "gamma" else _located_columns)(rng, truth, base, form).T)
    kinds = [Kind.MONEY if j % 3 == 0 else Kind.COUNT if j % 3 == 1 else Kind.DAYS for j in range(base)]
    if rng.random() < 0.35:
        column = columns[0] if rng.random() < 0.7 else columns[1]
        for _ in range(int(rng.integers(1, 4))):
            columns.append(column * np.exp(rng.uniform(0.05, 0.3) * rng.normal(size=n)))
            kinds.append(Kind.MONEY)
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(1, 5))):
            columns.append(np.exp(rng.normal(size=n)) if rng.random() < 0.5 else rng.normal(size=n))
            kinds.append(Kind.NUMBER)
    if rng.random() < 0.25:
        zero = rng.random(n) < rng.uniform(0.02, 0.6, size=k)[truth]
        columns[1] = np.where(zero, 0.0, np.abs(columns[1]) + 1)
    if rng.random() < 0.2:
        hit = rng.random(n) < 0.01
        columns = [np.where(hit, c * np.exp(rng.uniform(0.5, 2.5)), c) for c in columns]
    return f"customers, {form}", _prepared(columns, kinds), truth


def _customer_shares(rng: Random, k: int, n: int) -> np.ndarray:
    shares = np.clip(rng.dirichlet(np.full(k, rng.choice([1.5, 3.0, 8.0]))), max(0.02, 15 / n), 0.6)
    return np.asarray(shares / shares.sum())


def _located_columns(rng: Random, truth: np.ndarray, d: int, form: str) -> np.ndarray:
    k, n = int(truth.max()) + 1, len(truth)
    at = _centres(rng, k, d, rng.uniform(2.4, 5.0))[truth]
    noise = _stretched(rng, truth, d, rng.uniform(0, 0.6)) if rng.random() < 0.6 else rng.normal(size=(n, d))
    if form == "heavy":
        noise /= np.sqrt(rng.standard_gamma(2.5, size=(n, 1)) / 2.5)
    X = at + noise
    if form == "linear":
        return np.asarray(X - X.min(axis=0))
    X = np.exp(X * rng.uniform(0.35, 0.9, size=d))
    X[:, 1] = np.floor(X[:, 1] * rng.uniform(1, 5))
    return np.asarray(X)


def _gamma_columns(rng: Random, truth: np.ndarray, d: int, form: str) -> np.ndarray:  # noqa: ARG001
    k, n = int(truth.max()) + 1, len(truth)
    forms = np.exp(rng.uniform(-0.2, 2.2, size=(k, d)))
    scales = np.exp(rng.normal(0, rng.uniform(0.7, 1.3), size=(k, d)))
    X = rng.gamma(forms[truth]) * scales[truth] * 10
    X[:, 1] = rng.poisson(np.minimum(scales[truth, 1] * 4 * np.exp(0.3 * rng.normal(size=n)), 1e6))
    return np.asarray(X)


def _prepared(columns: list[np.ndarray], kinds: list[Kind]) -> Rows:
    features = tuple(
        Feature(f"column_{j}", f"column {j}", "", kind, Block.OTHER, "Generated.") for j, kind in enumerate(kinds)
    )
    data = {feature.name: column.astype(float) for feature, column in zip(features, columns, strict=True)}
    prepared = fit_recipe(Basis(features, dict.fromkeys(data, 1.0), {}, ()), data).transform(data)
    return take(prepared, slice(None))
