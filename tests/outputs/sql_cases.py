"""Customers with every awkward value, and a rule of each kind over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from coterie.clustering.assign import significant
from coterie.clustering.rules import CentreRule, GaussianRule, KamilaRule, LatentClassRule, PrototypeRule
from coterie.preparation import fit_recipe
from coterie.vocabulary import Block, Feature, Kind

if TYPE_CHECKING:
    from coterie.clustering.rules import Rule
    from coterie.preparation import Recipe

K = 5
SEGMENT_NAMES = {1: "Champions", 2: "It's \\ complicated; --", 3: "Größte", 4: "a\nb", 5: '"quoted"'}
SEGMENT_OF_LABEL = (3, 1, 5, 2, 4)

_KINDS = {
    "net_revenue": Kind.MONEY,  # of any sign
    "order_count": Kind.COUNT,
    "recency_days": Kind.DAYS,
    "discount_share": Kind.SHARE,  # often zero
    "gift_spend": Kind.MONEY,  # mostly zero: whether, and how much
    "band": Kind.ORDERED,
    "is_member": Kind.FLAG,
    "gender": Kind.CATEGORY,
    "Größe": Kind.CATEGORY,
}
_LEVELS = ["f", "m", "it's", "x\\y", "Ünï", "line\nbreak", "--", "50%", ";"]


def customers(n: int, seed: int, *, awkward: float = 0.02) -> dict[str, np.ndarray]:
    """Features of `n` customers: each cell is missing, NaN, infinite, -0.0 or huge with a small probability."""
    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {
        "net_revenue": np.round(rng.lognormal(4, 1, n) - 20, 2),
        "order_count": rng.poisson(3, n).astype(float),
        "recency_days": rng.integers(1, 700, n).astype(float),
        "discount_share": np.where(rng.random(n) < 0.2, 0.0, rng.beta(2, 5, n)),
        "gift_spend": np.where(rng.random(n) < 0.6, 0.0, rng.lognormal(3, 1, n)),
        "band": rng.integers(0, 6, n).astype(float),
        "is_member": (rng.random(n) < 0.3).astype(float),
    }
    odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e308, -1e308, 5e-324, -1.0])
    for values in columns.values():
        hit = rng.random(n) < awkward
        values[hit] = rng.choice(odd, hit.sum())
    for name, seen in (("gender", _LEVELS[:2]), ("Größe", _LEVELS)):
        texts = np.array(seen, dtype=object)[rng.integers(0, len(seen), n)]
        texts[rng.random(n) < awkward] = None
        hit = rng.random(n) < awkward
        texts[hit] = rng.choice(np.array(["", " \u00a0", "never seen", "other"], dtype=object), hit.sum())
        columns[name] = texts
    return columns


def arrow(columns: dict[str, np.ndarray]) -> pa.Table:
    """The customers as a table; half of the unknown numbers are NULL, the others NaN."""
    n = len(columns["gender"])
    made = {"customer_id": pa.array([f"c{i:07d}" for i in range(n)])}
    for name, values in columns.items():
        if values.dtype == object:
            made[name] = pa.array(values, pa.string())
        else:
            made[name] = pa.array(values, pa.float64(), mask=np.isnan(values) & (np.arange(n) % 2 == 0))
    return pa.table(made)


def fitted_recipe() -> Recipe:
    """A preparation with every kind of encoder."""
    columns = customers(3_000, seed=1, awkward=0.0)
    columns["gender"][:100] = None
    columns["Größe"][:3] = "rare"
    features = tuple(Feature(name, name, "", kind, Block.OTHER, "", actionable=True) for name, kind in _KINDS.items())
    from coterie.preparation.basis import Basis

    basis = Basis(features, {name: 0.8 + 0.05 * i for i, name in enumerate(_KINDS)}, {}, ())
    return fit_recipe(basis, columns)


def rules(recipe: Recipe) -> dict[str, Rule]:
    """A rule of each kind in the place of the prepared matrix; each segment but one has one part."""
    rng = np.random.default_rng(3)
    prepared = recipe.transform(customers(500, seed=2, awkward=0.0))
    parts = K + 1
    segment_of = np.array([0, 1, 2, 3, 4, 1])
    rows = rng.choice(500, parts, replace=False)
    X, numeric = prepared.X[rows], np.nan_to_num(prepared.numeric[rows])
    d, p = X.shape[1], numeric.shape[1]
    n_levels = np.array(prepared.n_levels)
    log_levels = np.concatenate([np.log(rng.dirichlet(np.ones(m), parts)) for m in n_levels], axis=1)
    tied = significant(X)
    tied[4] = tied[0]  # the same centre twice: the first label takes its rows
    whitening = np.array([np.tril(rng.normal(0, 0.3, (d, d))) + np.eye(d) for _ in range(parts)])
    radii = significant(np.linspace(0, 6.0, 256))
    log_shares = significant(np.log(rng.dirichlet(np.ones(parts))))
    latent = LatentClassRule(
        log_shares, significant(numeric), significant(rng.uniform(0.3, 2, (parts, p))), significant(log_levels),
        n_levels, segment_of,
    )  # fmt: skip
    return {
        "centres": CentreRule(tied, segment_of, 0.7),
        "gaussians": GaussianRule(log_shares, significant(X), significant(whitening), segment_of),
        "diagonal": GaussianRule(log_shares, significant(X), significant(whitening * np.eye(d)), np.arange(parts) % K),
        "latent_classes": latent,
        "student": LatentClassRule(*(getattr(latent, f) for f in (
            "log_shares", "means", "variances", "log_levels", "n_levels", "segment_of")), 4.0),
        "kamila": KamilaRule(
            log_shares, significant(numeric), significant(log_levels), n_levels, radii,
            significant(-0.5 * radii**2 - np.log1p(radii)), segment_of, -6.0,
        ),
        "prototypes": PrototypeRule(np.unique(prepared.X, axis=0), np.arange(len(np.unique(prepared.X, axis=0))) % K),
    }  # fmt: skip
