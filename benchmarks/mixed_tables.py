"""Tables of numbers and categories with planted segments, some kind to a mixture of independent columns, some not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

#: Customers of a table and columns of numbers.
ROWS, NUMBERS = 1_000, 4


@dataclass(frozen=True)
class MixedKind:
    """A kind of table.

    Attributes
    ----------
    separation : distance between the two nearest segments, in standard deviations within one; 0 = numbers say nothing
    strength : how far the shares of categories differ between segments, 0 to 1
    informative, noise : categories with and without a relation to the segments
    misfit : "", "correlated", "heavy tails", "gamma" or "dependent categories": what a mixture of normal, independent
        columns gets wrong
    missing : share of cells that are missing, at random
    """

    name: str
    separation: float
    strength: float
    informative: int
    noise: int = 0
    misfit: str = ""
    missing: float = 0.0


WELL_SPECIFIED = (
    MixedKind("3 sd, 3 categories", 3, 0.6, 3),
    MixedKind("3 sd, 8 categories", 3, 0.6, 8),
    MixedKind("2 sd, 3 weak categories", 2, 0.4, 3),
    MixedKind("2 sd, 8 weak categories", 2, 0.4, 8),
    MixedKind("4 sd, 5 noise categories", 4, 0.0, 0, noise=5),
    MixedKind("8 categories, numbers are noise", 0, 0.7, 8),
)
MISSPECIFIED = tuple(
    MixedKind(f"{misfit}, 3 sd, 4 categories", 3, 0.6, 4, misfit=misfit)
    for misfit in ("correlated", "heavy tails", "gamma", "dependent categories")
)
MISSING = tuple(
    replace(kind, name=f"{kind.name}, 10 % missing", missing=0.1) for kind in (*WELL_SPECIFIED[:4], MISSPECIFIED[2])
)


class MixedTable(NamedTuple):
    """Numbers (n, 4) with NaN, codes (n, c) with -1, levels per category, planted segment (n,).

    `limit` is the partition by the densities that the table was drawn from: no method can expect to do better. It is
    None where segments are not of independent columns.
    """

    numeric: np.ndarray
    codes: np.ndarray
    n_levels: tuple[int, ...]
    truth: np.ndarray
    limit: np.ndarray | None


def mixed_table(kind: MixedKind, seed: int) -> MixedTable:
    """Draw a table with 3 to 5 segments of unequal size; numbers come standardised, as preparation hands them over."""
    rng = np.random.default_rng([seed, *map(ord, kind.name)])
    k = int(rng.integers(3, 6))
    shares = rng.dirichlet(np.full(k, 8))
    truth = rng.choice(k, ROWS, p=shares)
    centres, spreads = _centres(rng, k, kind.separation), np.exp(rng.uniform(-0.3, 0.3, size=(k, NUMBERS)))
    numeric = centres[truth] + _scatter(rng, truth, spreads, kind.misfit)
    codes, levels = _categories(rng, truth, k, kind)
    hidden = rng.random((ROWS, NUMBERS + codes.shape[1])) < kind.missing
    numeric[hidden[:, :NUMBERS]] = np.nan
    codes[hidden[:, NUMBERS:]] = -1
    limit = None if kind.misfit else _limit(numeric, codes, (np.log(shares), centres, spreads), levels)
    scaled = (numeric - np.nanmean(numeric, axis=0)) / np.nanstd(numeric, axis=0)
    return MixedTable(scaled, codes, tuple(p.shape[1] for p in levels), truth, limit)


def _centres(rng: np.random.Generator, k: int, separation: float) -> np.ndarray:
    centres = rng.normal(size=(k, NUMBERS))
    apart = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=-1)) + np.diag(np.full(k, np.inf))
    return centres * (separation / apart.min())


def _scatter(rng: np.random.Generator, truth: np.ndarray, spreads: np.ndarray, misfit: str) -> np.ndarray:
    n = len(truth)
    if misfit == "gamma":
        return (rng.gamma(1.5, size=(n, NUMBERS)) - 1.5) / 1.22 * spreads[0]
    scatter = rng.normal(size=(n, NUMBERS)) * spreads[truth]
    if misfit == "heavy tails":  # Student's t with three degrees of freedom
        return scatter / np.sqrt(rng.standard_gamma(1.5, size=(n, 1)) / 1.5)
    if misfit == "correlated":
        turns = [np.linalg.qr(rng.normal(size=(NUMBERS, NUMBERS)))[0] for _ in spreads]
        return np.einsum("ij,ikj->ik", scatter * np.array([1.5, 1, 0.6, 0.35]), np.array(turns)[truth])
    return scatter


def _categories(
    rng: np.random.Generator, truth: np.ndarray, k: int, kind: MixedKind
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Codes (n, c), and for each category the shares of its levels in each segment (k, levels)."""
    drawn, levels = [], []
    for j in range(kind.informative + kind.noise):
        size = int(rng.integers(2, 6))
        base = rng.dirichlet(np.full(size, 3))
        own = rng.dirichlet(np.full(size, 0.35), size=k)
        strength = kind.strength if j < kind.informative else 0.0
        levels.append((1 - strength) * base + strength * own)
        edges = np.cumsum(levels[-1], axis=1)[:, :-1]
        drawn.append((rng.random(ROWS)[:, None] > edges[truth]).sum(axis=1))
    codes = np.array(drawn, dtype=np.int64).reshape(-1, ROWS).T.copy()
    if kind.misfit == "dependent categories":
        copied = rng.random(ROWS) < 0.7
        codes[copied, 1] = codes[copied, 0] % levels[1].shape[1]
    return codes, levels


def _limit(
    numeric: np.ndarray,
    codes: np.ndarray,
    normal: tuple[np.ndarray, np.ndarray, np.ndarray],
    levels: list[np.ndarray],
) -> np.ndarray:
    log_shares, centres, spreads = normal
    away = (numeric[:, None] - centres) / spreads
    density = log_shares + np.nansum(-0.5 * away**2 - np.log(spreads) * np.isfinite(away), axis=2)
    for code, shares in zip(codes.T, levels, strict=True):
        density += np.where(code[:, None] >= 0, np.log(np.maximum(shares, 1e-12)).T[code], 0.0)
    return np.asarray(density.argmax(axis=1))
