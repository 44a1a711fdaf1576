"""How well planted segments are found, their number not given, in whole studies and in planted tables.

Run `python benchmarks/recovery.py [--stores N] [--customers N] [--tables N]`; writes `results/recovery.json`.
Beside each result stands the candidate with the highest score: what the formula alone would have taken, before the
preference for K-Means among equals and before other samples were asked.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from coterie.clustering import search
from coterie.config import SearchSettings
from coterie.pipeline import segment
from coterie.preparation import Basis, fit_recipe
from coterie.sources import Input
from coterie.sources.synthetic import write_store
from coterie.vocabulary import TableKind
from planted import SCENARIOS, as_features, planted_table

if TYPE_CHECKING:
    from coterie.clustering import Choice
    from coterie.pipeline import Segmentation

RESULTS = Path(__file__).parent / "results" / "recovery.json"


def study_of(folder: Path, customers: int, seed: int, *, structure: bool = True) -> tuple[Segmentation, pd.Series]:
    """Segment one store; gives the planted segment of each customer beside what was found."""
    store = write_store(folder, customers=customers, seed=seed, structure=structure)
    found = segment(
        [
            Input(store.orders, TableKind.ORDERS),
            Input(store.customers, TableKind.CUSTOMERS),
            Input(store.events, TableKind.EVENTS),
        ]
    )
    truth = pd.read_csv(store.truth, dtype=str).set_index("customer_id")["segment"]
    return found, truth.loc[found.customers.frame.index]


def row(name: str, choice: Choice, labels: np.ndarray, truth: np.ndarray) -> dict[str, object]:
    able = [c for c in choice.candidates if not c.outcome.startswith("refused")]
    first = max(able, key=lambda c: c.scores["score"])
    found = {
        "name": name,
        "adjusted_rand": agreement(truth, labels),
        "segments": choice.n_segments,
        "planted": len(np.unique(truth)),
        "method": choice.method,
        "verdict": choice.verdict.word.value,
        "score": round(float(choice.candidates[0].scores["score"]), 3),
        "by_formula_alone": {
            "adjusted_rand": agreement(truth[choice.rows], first.labels),
            "segments": first.n_segments,
            "method": first.method,
        },
    }
    print(found, flush=True)
    return found


def agreement(truth: np.ndarray, labels: np.ndarray) -> float:
    return round(float(adjusted_rand_score(truth, labels)), 3)


def of_stores(stores: int, customers: int, *, structure: bool) -> list[dict[str, object]]:
    rows = []
    for seed in range(stores):
        with tempfile.TemporaryDirectory() as folder:
            found, truth = study_of(Path(folder) / "store", customers, seed, structure=structure)
        rows.append(row(f"store {seed}", found.choice, found.assignment.labels, truth.to_numpy()))
    return rows


def of_tables(tables: int) -> list[dict[str, object]]:
    rows = []
    for scenario in SCENARIOS:
        for seed in range(tables):
            X, truth = planted_table(scenario, seed * 31 + 7)
            features, columns = as_features(X)
            basis = Basis(features, dict.fromkeys(columns, 1.0), {}, ())
            prepared = fit_recipe(basis, columns).transform(columns)
            choice = search(prepared, SearchSettings())
            rows.append(row(f"{scenario.name}, {seed}", choice, choice.assigner.assign(prepared).labels, truth))
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, object]:
    alone = [one["by_formula_alone"] for one in rows]
    return {
        "mean": round(float(np.mean([one["adjusted_rand"] for one in rows])), 3),
        "smallest": min(one["adjusted_rand"] for one in rows),
        "number_found": sum(one["segments"] == one["planted"] for one in rows),
        "mean_by_formula_alone": round(float(np.mean([one["adjusted_rand"] for one in alone])), 3),
        "number_found_by_formula_alone": sum(
            one["segments"] == whole["planted"] for one, whole in zip(alone, rows, strict=True)
        ),
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=10)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--tables", type=int, default=3, help="planted tables of each kind")
    options = parser.parse_args()
    report = {
        "what": "adjusted Rand index against planted segments, their number not given",
        "customers_of_a_store": options.customers,
        "stores": summary(of_stores(options.stores, options.customers, structure=True)),
        "stores_without_segments": of_stores(3, options.customers, structure=False),
        "planted_tables": summary(of_tables(options.tables)),
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
