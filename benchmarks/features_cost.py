"""What reading, casting and the customer table of a big order log cost, beside DuckDB's own `GROUP BY customer_id`.

Run `python benchmarks/features_cost.py FILE [--memory 2GB] [--threads 2]` on a file of `benchmarks/big_store.py`; it
writes `results/features_cost.json`, one entry for each number of lines. The floor (count, sum of the amount and last
time of each customer, written to a table) runs in the same process just before; ratios of processor seconds say more
than seconds where others use the machine too. Memory is the highest resident memory of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from coterie import features, sources
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).parent / "results" / "features_cost.json"
FLOOR = "SELECT customer_id, count(*), sum(amount), max(ordered_at) FROM '{}' GROUP BY 1"


@contextmanager
def clocked(into: dict[str, dict[str, float]], name: str) -> Iterator[None]:
    """Add the wall and processor seconds of the body under a name."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into[name] = {"wall": round(time.perf_counter() - wall, 2), "cpu": round(time.process_time() - cpu, 2)}


def measure(path: Path, memory: str, threads: int) -> dict[str, object]:
    for room in ("coterie.sources.opening", "coterie.features.table"):
        import_module(room)  # before the clock starts
    stages: dict[str, dict[str, float]] = {}
    with duckdb.connect(config={"threads": threads, "memory_limit": memory}) as plain:
        for name in ("first", "floor"):  # the second time the file lies in the system's cache, as it does for us
            with clocked(stages, name):
                plain.execute("CREATE OR REPLACE TABLE floor AS " + FLOOR.format(path))
        lines = plain.execute(f"SELECT count(*) FROM '{path}'").fetchone()
    config = Config(memory=memory)
    with DuckDBEngine(memory, threads) as engine:
        with clocked(stages, "sources"):
            shop = sources.open_shop([sources.Input(path)], engine, config.sources)
        with clocked(stages, "features"):
            customers = features.build(shop, config.features)
    floor = stages["floor"]
    both = {kind: stages["sources"][kind] + stages["features"][kind] for kind in ("wall", "cpu")}
    return {
        "lines": int(lines[0]) if lines else 0,
        "customers": len(customers.frame),
        "features": customers.frame.shape[1],
        "memory_limit": memory,
        "threads": threads,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "seconds": {name: stages[name] for name in ("floor", "sources", "features")},
        "times_the_floor": {
            kind: {
                "sources": round(stages["sources"][kind] / floor[kind], 1),
                "features": round(stages["features"][kind] / floor[kind], 1),
                "both": round(both[kind] / floor[kind], 1),
            }
            for kind in ("wall", "cpu")
        },
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "duckdb": duckdb.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    found = measure(given.file, given.memory, given.threads)
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known[str(found["lines"])] = found
    ordered = dict(sorted(known.items(), key=lambda pair: int(pair[0])))
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
