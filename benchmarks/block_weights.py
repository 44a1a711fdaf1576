"""How much a block of features should count: planted segments of the synthetic store found again with each weighting.

Each store is taken as it is, and with one block's rows shuffled among the customers: that block then shows groups that
have nothing to do with the segments, and a good weighting does not let them take over. In a further variant thirty
shares with such foreign groups stand in place of the shop's own category shares.

Run `python benchmarks/block_weights.py [--seeds N]`; writes `benchmarks/results/block_weights.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from coterie.config import BasisSettings
from coterie.preparation import choose_basis, fit_recipe
from coterie.preparation.blocks import ALIKE, BEHAVIOUR, FULL_BLOCK, GROWTH, block_weights
from coterie.vocabulary import Block, Kind
from synthetic_customers import customer_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.preparation import Basis
    from coterie.vocabulary import Feature

RESULTS = Path(__file__).parent / "results" / "block_weights.json"
SHUFFLED = (Block.BASKET, Block.INTERESTS, Block.BROWSING)
FOREIGN = 30
BASES = {"chosen": BasisSettings(), "all": BasisSettings(columns=("all",))}


@dataclass(frozen=True)
class Weighting:
    """How much blocks count; `own` holds the weights that differ from 1."""

    full_block: float
    growth: float
    own: tuple[tuple[Block, float], ...] = ()

    @property
    def name(self) -> str:
        """Tell the weighting in a line."""
        told = [f"full up to {self.full_block:g}, growth {self.growth:g}", *(f"{b} x {w:g}" for b, w in self.own)]
        return ", ".join(told)

    def factors(self, features: Sequence[Feature]) -> dict[str, float]:
        """Give what each feature's columns are multiplied with."""
        own: Mapping[Block, float] = {**ALIKE, **dict(self.own)}
        return block_weights(features, {}, own=own, full_block=self.full_block, growth=self.growth)


@dataclass(frozen=True)
class Case:
    """A prepared matrix whose columns all count alike, and the planted segments."""

    variant: str
    features: tuple[Feature, ...]
    X: np.ndarray
    sources: tuple[str, ...]
    truth: np.ndarray

    def agreement(self, weighting: Weighting) -> float:
        """Give the adjusted Rand index of K-Means against the planted segments."""
        factors = weighting.factors(self.features)
        X = self.X * np.array([factors[source] for source in self.sources])
        k = len(np.unique(self.truth))
        return float(adjusted_rand_score(self.truth, KMeans(k, n_init=5, random_state=0).fit_predict(X)))


def cases(difficulty: str, seed: int, basis_name: str) -> list[Case]:
    table, truth = customer_table(2_000, seed, difficulty)
    features = tuple(table.features.values())
    columns = {f.name: as_array(table.frame[f.name], f.kind) for f in features}
    order = np.random.default_rng(0).permutation(len(truth))
    made = [case(f"{difficulty}, as it is", features, columns, truth, basis_name)]
    for block in SHUFFLED:
        mixed = columns | {f.name: columns[f.name][order] for f in features if f.block is block}
        made.append(case(f"{difficulty}, {block} shuffled", features, mixed, truth, basis_name))
    if basis_name == "chosen":
        made.append(foreign_case(f"{difficulty}, {FOREIGN} foreign shares", features, columns, truth))
    return made


def as_array(column: object, kind: Kind) -> np.ndarray:
    values = np.asarray(column)
    if kind is Kind.CATEGORY:
        return np.array([value if isinstance(value, str) else None for value in values], dtype=object)
    return values if kind is Kind.DATE else values.astype(float)


def case(
    variant: str, features: Sequence[Feature], columns: Mapping[str, np.ndarray], truth: np.ndarray, basis_name: str
) -> Case:
    return prepared(variant, choose_basis(features, columns, BASES[basis_name]), columns, truth)


def prepared(variant: str, basis: Basis, columns: Mapping[str, np.ndarray], truth: np.ndarray) -> Case:
    alike = replace(basis, weights={feature.name: 1.0 for feature in basis.features})
    ready = fit_recipe(alike, columns).transform(columns)
    return Case(variant, basis.features, ready.X, ready.sources, truth)


def foreign_case(
    variant: str, features: Sequence[Feature], columns: Mapping[str, np.ndarray], truth: np.ndarray
) -> Case:
    """Put thirty shares with four groups of their own in place of the interests."""
    random = np.random.default_rng(1)
    tastes = np.full((4, FOREIGN), 0.15)
    for group in range(4):
        tastes[group, group * 7 : group * 7 + 7] = 0.8
    shares = np.array([random.dirichlet(tastes[group]) for group in random.integers(0, 4, len(truth))])
    basis = choose_basis(features, columns, BasisSettings())
    core = tuple(feature for feature in basis.features if feature.block is not Block.INTERESTS)
    share = next(feature for feature in features if feature.name.startswith("share_"))
    foreign = tuple(replace(share, name=f"foreign_{number}") for number in range(FOREIGN))
    added = {feature.name: shares[:, number] for number, feature in enumerate(foreign)}
    return prepared(variant, replace(basis, features=(*core, *foreign)), {**columns, **added}, truth)


def weightings(basis_name: str) -> list[Weighting]:
    grids = [Weighting(full, growth) for full, growth in ((1, 0), (2, 0), (3, 0), (3, 0.25), (3, 0.5), (3, 1))]
    if basis_name == "all":
        who = [block for block in Block if block not in BEHAVIOUR]
        return grids + [Weighting(FULL_BLOCK, GROWTH, tuple((block, w) for block in who)) for w in (0.5, 0.25)]
    return grids + [Weighting(FULL_BLOCK, GROWTH, ((block, w),)) for block in BEHAVIOUR for w in (0.5, 2.0)]


def means(found: Sequence[tuple[str, float]]) -> dict[str, float]:
    variants = dict.fromkeys(variant for variant, _ in found)
    row = {v: float(np.mean([value for variant, value in found if variant == v])) for v in variants}
    row["mean"] = float(np.mean([value for _, value in found]))
    return {variant: round(value, 3) for variant, value in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="stores per difficulty")
    options = parser.parse_args()
    start = time.process_time()
    results: dict[str, dict[str, dict[str, float]]] = {}
    for basis_name in BASES:
        stores = [(difficulty, seed) for difficulty in ("default", "hard") for seed in range(options.seeds)]
        every = [each for difficulty, seed in stores for each in cases(difficulty, seed, basis_name)]
        results[basis_name] = {}
        for weighting in weightings(basis_name):
            found = [(each.variant, each.agreement(weighting)) for each in every]
            row = means(found)
            results[basis_name][weighting.name] = row
            print(f"{basis_name:7s} {weighting.name:36s}", *row.values(), flush=True)
    report = {
        "what": "mean adjusted Rand index of K-Means against the planted segments, their number given",
        "stores_per_difficulty": options.seeds,
        "customers": 2_000,
        "cpu_seconds": round(time.process_time() - start, 1),
        "results": results,
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
