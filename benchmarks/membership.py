"""Whether a stated confidence comes true: the share of customers who keep their segment when it is made again.

Tables are drawn from the same generator and segmented apart, by the same method with the same number of segments; the
customers of one more table are placed by all. Of the customers to whom the first gives a confidence of about 0.8, about
80 % should be in the same segment by each of the others. Beside the confidence as it is stated stands the rule's own
one before calibration: the posterior of mixtures and of round clusters, the share of voters for rules by neighbours.

Run `python benchmarks/membership.py [--tables N]`; writes `results/membership.json`. About three CPU minutes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from coterie.clustering import search
from coterie.config import SearchSettings
from coterie.preparation import Basis, fit_recipe
from planted import SCENARIOS, as_features, planted_table

if TYPE_CHECKING:
    from coterie.clustering import Assigner, Assignment
    from coterie.preparation import Prepared

RESULTS = Path(__file__).parent / "results" / "membership.json"
METHODS = ("kmeans", "gaussian_mixture", "ward", "genie", "hdbscan")
KINDS = tuple(one for one in SCENARIOS if one.name in ("log-normal", "gamma", "log-normal, three noise columns"))
TABLES = 6
EDGES = np.array([0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0 + 1e-9])


def tables(kind: int, seed: int, rows: int, extra: int) -> tuple[list[Prepared], int]:
    """Tables of the same customers' kind, the last only to be placed, and the planted number of segments.

    `extra` numbers of segments more than planted make divisions that are not found again as surely.
    """
    X, truth = planted_table(KINDS[kind], seed * 31 + 7, n=TABLES * rows)
    features, columns = as_features(X)
    prepared = fit_recipe(Basis(features, dict.fromkeys(columns, 1.0), {}, ()), columns).transform(columns)
    parts = np.random.default_rng([seed, kind]).permutation(TABLES * rows).reshape(TABLES, rows)
    return [prepared.take(np.sort(part)) for part in parts], len(np.unique(truth)) + extra


def placed(found: Assigner, people: Prepared) -> tuple[Assignment, Assignment]:
    """Places of some people with the confidence as stated, and as the rule alone has it."""
    return found.assign(people), replace(found, calibration=None).assign(people)


def same_segment(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether each customer is in the same segment, once the segments of both are paired."""
    joint = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(joint, (one, other), 1)
    rows, columns = linear_sum_assignment(-joint)
    partner = np.full(other.max() + 1, -1)
    partner[columns] = rows
    return np.asarray(partner[other] == one)


def compared(method: str, prepared: list[Prepared], k: int, seed: int) -> dict[str, np.ndarray] | None:
    """Segment all tables but the last, and place its customers: by the first as stated, by the others to see."""
    settings = SearchSettings(method=method, min_segments=k, max_segments=k, null_draws=19, bootstraps=10)
    one = search(prepared[0], settings, seed=seed).assigner
    if one.n_segments < 2:
        return None
    stated, alone = placed(one, prepared[-1])
    kept = []
    for table in prepared[1:-1]:
        other = search(table, settings, seed=seed, assess=False).assigner.assign(prepared[-1])
        kept.append(same_segment(stated.labels, other.labels))
    return {
        "stated": stated.confidence,
        "alone": alone.confidence,
        "kept": np.mean(kept, axis=0),
        "core": stated.is_core,
        "between": stated.is_between,
    }


def reliability(stated: np.ndarray, kept: np.ndarray) -> dict[str, object]:
    """Stated beside actual in bins of the stated confidence, and their mean distance weighted by customers."""
    bins = np.searchsorted(EDGES, stated, side="right") - 1
    rows, error = [], 0.0
    for place in range(len(EDGES) - 1):
        mine = bins == place
        if mine.any():
            said, came = float(stated[mine].mean()), float(kept[mine].mean())
            error += abs(said - came) * float(mine.mean())
            rows.append({"stated": round(said, 3), "actual": round(came, 3), "customers": int(mine.sum())})
    return {"calibration_error": round(error, 4), "bins": rows}


def account(found: list[dict[str, np.ndarray]]) -> dict[str, object]:
    """What is known of all the customers of some pairs."""
    every = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    kept = every["kept"]
    fringe = ~every["core"] & ~every["between"]
    groups = {"core": every["core"], "fringe": fringe, "between": every["between"]}
    return {
        "stated": reliability(every["stated"], kept),
        "rule_alone": reliability(every["alone"], kept),
        "kept": {
            name: {"customers": int(mine.sum()), "share": round(float(kept[mine].mean()), 3)}
            for name, mine in groups.items()
            if mine.any()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2, help="pairs of tables of each kind, method and size")
    options = parser.parse_args()
    by_method: dict[str, list[dict[str, np.ndarray]]] = {method: [] for method in METHODS}
    for method in METHODS:
        for kind in range(len(KINDS)):
            for seed in range(options.tables):
                for rows, extra in ((400, 0), (1_500, 0), (1_500, 2)):
                    prepared, k = tables(kind, seed, rows, extra)
                    one = compared(method, prepared, k, seed)
                    by_method[method] += [one] if one else []
        write({name: found for name, found in by_method.items() if found})


def write(by_method: dict[str, list[dict[str, np.ndarray]]]) -> None:
    report = {
        "what": "stated confidence beside the share of customers who keep their segment in other, separate tables",
        "kinds": [kind.name for kind in KINDS],
        "all": account([one for found in by_method.values() for one in found]),
        "by_method": {method: account(found) for method, found in by_method.items()},
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report["by_method"]), flush=True)


if __name__ == "__main__":
    main()
