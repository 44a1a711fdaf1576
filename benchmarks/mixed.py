"""Numbers and categories together: how well planted segments are found, their number given and not, and at what cost.

Run `python benchmarks/mixed.py [--seeds N] [--searches N] [--prototypes N]`; writes `results/mixed.json`. Tables come
from `mixed_tables.py`, seeds 0, 1, …; methods and their constants were chosen on seeds from 1000 on. k-prototypes and
StepMix take part where the packages `kmodes` and `stepmix` are installed; they are no dependencies of the project.
The comparison with StepMix is in `mixed_peers.py`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from coterie.clustering.methods.joining import join_misfits
from coterie.clustering.methods.kamila import Kamila
from coterie.clustering.methods.latent_class import LatentClass, cells
from coterie.clustering.segment_search import Search
from coterie.config import SearchSettings
from coterie.preparation import Basis, fit_recipe
from coterie.vocabulary import Block, Feature, Kind
from mixed_peers import compared_with_stepmix
from mixed_tables import MISSING, MISSPECIFIED, WELL_SPECIFIED, MixedTable, mixed_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.clustering.methods.latent_class import Cells
    from coterie.preparation import Prepared

RESULTS = Path(__file__).parent / "results" / "mixed.json"
GROUPS = {"well specified": WELL_SPECIFIED, "misspecified": MISSPECIFIED, "missing cells": MISSING}
#: Numbers of segments tried where it is not given.
MOST = 8


def one_hot(table: Cells, k: int) -> np.ndarray:
    X = np.hstack([table.numbers, table.indicators])
    return KMeans(k, n_init=10, random_state=0).fit_predict(X)


def prototypes(table: MixedTable, k: int) -> np.ndarray:
    from kmodes.kprototypes import KPrototypes

    X = np.hstack([np.nan_to_num(table.numeric), table.codes + 1]).astype(object)
    p = table.numeric.shape[1]
    model = KPrototypes(k, n_init=1, init="Cao", random_state=0, max_iter=50)
    return np.asarray(model.fit_predict(X, categorical=list(range(p, X.shape[1]))))


def by_bic(table: Cells) -> dict[str, np.ndarray]:
    """Partitions without a given number: the smallest BIC alone, and with misfits joined."""
    best = min((LatentClass(k).fit(table) for k in range(1, MOST + 1)), key=lambda model: model.bic_)
    group = join_misfits(table, best.classes_, best.posterior_)
    joined = np.array([best.posterior_[:, group == g].sum(axis=1) for g in range(group.max() + 1)])
    return {"BIC": best.labels_, "BIC, misfits joined": joined.argmax(axis=0)}


def prepared(table: MixedTable) -> Prepared:
    """The table as the product prepares it: four numbers and some categories, all of one block."""
    columns: dict[str, np.ndarray] = {f"number_{j}": column for j, column in enumerate(table.numeric.T)}
    names = np.array([*"abcdefgh", None], dtype=object)  # the last one stands for -1
    columns |= {f"category_{j}": names[code] for j, code in enumerate(table.codes.T)}
    kinds = {name: Kind.NUMBER if name.startswith("number") else Kind.CATEGORY for name in columns}
    features = tuple(Feature(name, name, "", kind, Block.OTHER, "Planted.") for name, kind in kinds.items())
    return fit_recipe(Basis(features, dict.fromkeys(columns, 1.0), {}, ()), columns).transform(columns)


def searched(table: MixedTable) -> np.ndarray:
    rows = prepared(table)
    choice = Search(rows, SearchSettings(), assess=False).run()
    return choice.assigner.assign(rows).labels


class Record:
    """Adjusted Rand indices, numbers of segments too many, and CPU seconds, by method."""

    def __init__(self) -> None:
        self.values: dict[str, list[tuple[float, int, float]]] = {}

    def run(self, name: str, truth: np.ndarray, fit: Callable[[], np.ndarray | dict[str, np.ndarray]]) -> None:
        """Fit, and note how well the partition, or each by its name, agrees with the truth."""
        begun = time.process_time()
        found = fit()
        seconds = time.process_time() - begun
        for part, labels in (found if isinstance(found, dict) else {name: found}).items():
            over = len(np.unique(labels)) - len(np.unique(truth))
            index = float(adjusted_rand_score(truth, labels))
            self.values.setdefault(part, []).append((index, over, seconds))

    def summary(self) -> dict[str, dict[str, float]]:
        """Means by method."""
        return {
            name: {
                "adjusted_rand": round(float(np.mean([v[0] for v in values])), 3),
                "number_exact": round(float(np.mean([v[1] == 0 for v in values])), 2),
                "too_many": round(float(np.mean([v[1] for v in values])), 2),
                "cpu_seconds": round(float(np.mean([v[2] for v in values])), 3),
                "tables": len(values),
            }
            for name, values in self.values.items()
        }


def measure(record: Record, table: MixedTable) -> None:
    truth = table.truth
    k = int(truth.max()) + 1
    laid_out = cells(table.numeric, table.codes, table.n_levels)
    if table.limit is not None:
        record.run("limit: true densities", truth, lambda: table.limit)
    record.run("k given: latent class", truth, lambda: LatentClass(k).fit(laid_out).labels_)
    normal = LatentClass(k, freedom=np.inf)
    record.run("k given: latent class, normal numbers", truth, lambda: normal.fit(laid_out).labels_)
    record.run("k given: KAMILA", truth, lambda: Kamila(k).fit(laid_out).labels_)
    record.run("k given: one-hot K-Means", truth, lambda: one_hot(laid_out, k))
    record.run("k not given", truth, lambda: by_bic(laid_out))


def of_groups(seeds: int, prototype_seeds: int, searches: int) -> dict[str, object]:
    report: dict[str, object] = {}
    for group, kinds in GROUPS.items():
        whole, by_kind = Record(), {}
        for kind in kinds:
            record = Record()
            for seed in range(seeds):
                table = mixed_table(kind, seed)
                k = int(table.truth.max()) + 1
                measure(record, table)
                if seed < prototype_seeds and group == "well specified":
                    record.run("k given: k-prototypes", table.truth, lambda t=table, k=k: prototypes(t, k))
                if seed < searches:
                    record.run("k not given: whole search", table.truth, lambda t=table: searched(t))
            for name, values in record.values.items():
                whole.values.setdefault(name, []).extend(values)
            by_kind[kind.name] = {name: s["adjusted_rand"] for name, s in record.summary().items()}
            print(kind.name, by_kind[kind.name], flush=True)
        report[group] = {"all": whole.summary(), "adjusted_rand_by_kind": by_kind}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12, help="tables of each kind")
    parser.add_argument("--searches", type=int, default=3, help="of these, how many go through the whole search")
    parser.add_argument("--prototypes", type=int, default=3, help="of these, how many k-prototypes is tried on")
    options = parser.parse_args()
    has_prototypes = importlib.util.find_spec("kmodes") is not None
    with threadpool_limits(limits=1):
        report = {
            "what": "mean adjusted Rand index against planted segments, 1,000 rows, 3 to 5 segments",
            "options": vars(options),
            **of_groups(options.seeds, options.prototypes * has_prototypes, options.searches),
            "stepmix": compared_with_stepmix(),
        }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
