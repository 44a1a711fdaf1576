"""What segments from before a day told of the time after it, on real shops, beside the RFM boxes.

Rerun with: python benchmarks/later_orders.py FOLDER, where FOLDER holds the real data sets (online_retail, cdnow); the
numbers go to benchmarks/results/later_orders.json. A set that is absent is skipped. Seed 0 throughout; about 15 CPU
seconds a set.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from coterie import sources
from coterie.api import configure
from coterie.engines.duckdb import DuckDBEngine
from coterie.holdout import Holdout, TimeHoldout
from coterie.pipeline import find_again
from coterie.sources import Input

RESULTS = Path(__file__).parent / "results" / "later_orders.json"
SETS: dict[str, tuple[str, dict[str, Any]]] = {
    "Online Retail": ("online_retail/OnlineRetail.csv", {}),
    "CDNOW": (
        "cdnow/CDNOW_master.txt",
        {
            "delimiter": "whitespace",
            "header": False,
            "columns": ("customer_id", "date", "quantity", "amount"),
            "skip_rows": 1,
        },
    ),
}


def examine(path: Path, options: dict[str, Any]) -> tuple[Holdout | None, dict[str, float]]:
    """Test one shop; gives what was found and the CPU seconds of this process for each half."""
    config = configure(None, **options)
    holdout = TimeHoldout(config)
    with DuckDBEngine(config.memory, config.threads) as engine:
        shop = sources.open_shop([Input(path)], engine, config.sources)
        start = time.process_time()
        holdout.look_back(shop)
    middle = time.process_time()
    found = holdout.examine(find_again)
    return found, {"look_back": round(middle - start, 2), "examine": round(time.process_time() - middle, 2)}


def summary(found: Holdout, seconds: dict[str, float]) -> dict[str, Any]:
    return {
        "split_on": found.split_on.isoformat(),
        "days": found.days,
        "customers": found.n_customers,
        "newcomers": found.n_new,
        "cpu_seconds": seconds,
        "explained": {
            outcome: {
                each.grouping: {
                    "groups": each.n_groups,
                    "explained": round(each.explained, 4),
                    "interval": [round(each.low, 4), round(each.high, 4)],
                    "gini": round(each.gini, 4),
                    "top_fifth": round(each.top_fifth, 4),
                }
                for each in found.explained
                if each.outcome == outcome
            }
            for outcome in ("spend", "orders", "silence")
        },
        "segments_minus": {
            f"{each.outcome}, {each.against}": [round(each.difference, 4), round(each.low, 4), round(each.high, 4)]
            for each in found.differences
        },
        "conclusion": found.conclusion,
    }


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("shared/data")
    results = {}
    for name, (file, options) in SETS.items():
        if not (folder / file).is_file():
            print(f"{name}: not in {folder}, skipped")
            continue
        found, seconds = examine(folder / file, options)
        if found is not None:
            results[name] = summary(found, seconds)
            print(f"{name} ({seconds}): {found.conclusion}")
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
