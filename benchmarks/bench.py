"""Coterie and its peers on stores of 10⁵ to 10⁸ order lines, quality beside time and memory.

Run `make bench` (an hour and more, 10 GB of disk, 24 GB of memory), or

    python benchmarks/bench.py [--sizes 1e5,1e6,1e7,1e8] [--quick] [--folder DIR] [--to FILE]

For each size a store with six planted segments is made (`big_store.py`, about twenty lines a customer). Each of these
runs in a process of its own, one after the other: the floor (DuckDB's own count, sum and max per customer), `coterie
segment` with the whole study, and the peers in `peers/`, which do far less: pandas, Polars and Spark MLlib, each RFM
and K-Means for k = 2 to 10. Told are seconds, CPU seconds, memory of all processes together, how well the planted
segments were found (adjusted Rand index), and ratios to the floor of the same size. A peer is left out where it is not
installed or the size is beyond `--most-for-peers`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from importlib import util
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

import big_store
from coterie.clustering.kernels.rand_index import adjusted_rand
from end_to_end import machine, measure

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "bench.json"
LINES_PER_CUSTOMER = 20
#: Each peer with the module that it needs.
PEERS = {"pandas": "pandas", "polars": "polars", "spark": "pyspark"}
FLOOR = (
    "import duckdb, sys; duckdb.sql('SET preserve_insertion_order = false'); "
    "print(len(duckdb.sql(f\"SELECT customer_id, count(*), sum(amount), max(ordered_at) FROM '{sys.argv[1]}' "
    'GROUP BY customer_id").to_arrow_table()))'
)


def truth(customers: int, seed: int = 0) -> dict[str, int]:
    """The planted segment of every customer."""
    with duckdb.connect() as database:
        rows = database.sql(
            f"SELECT printf('C%08d', number), segment FROM ({big_store.customers_sql(customers, seed)})"
        ).fetchall()
    return dict(rows)


def agreement(labels: Path, planted: dict[str, int]) -> float:
    """Adjusted Rand index of a table of customers with the planted segments."""
    table = pq.read_table(labels)
    name = "segment_id" if "segment_id" in table.column_names else "segment"
    found = np.array(table.column(name).to_pylist())
    wanted = np.array([planted[one] for one in table.column("customer_id").to_pylist()])
    return float(adjusted_rand(np.unique(found, return_inverse=True)[1], wanted))


def run_floor(path: Path, _folder: Path, _memory: str) -> tuple[dict[str, Any], Path | None]:
    """DuckDB's own aggregation."""
    return measure([sys.executable, "-c", FLOOR, str(path)]), None


def run_coterie(path: Path, folder: Path, memory: str) -> tuple[dict[str, Any], Path | None]:
    """A whole study."""
    out = folder / "study"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "coterie.cli.main", "segment", str(path), "--out", str(out), "--memory", memory]
    found: dict[str, Any] = measure(command)
    manifest = json.loads((out / "manifest.json").read_text())
    found |= {"stages": manifest["timings"], "segments": manifest["n_segments"]}
    return found, out / "customers.parquet"


def run_peer(name: str, path: Path, folder: Path) -> tuple[dict[str, Any], Path | None]:
    """One of the scripts."""
    out = folder / f"{name}.parquet"
    return measure([sys.executable, str(HERE / "peers" / f"{name}_script.py"), str(path), str(out)]), out


def run_size(lines: int, folder: Path, repeats: int, most_for_peers: int) -> dict[str, Any]:
    """Everything on one store."""
    path = folder / "lines.parquet"
    customers = max(lines // LINES_PER_CUSTOMER, 100)
    made = big_store.make(path, customers)
    planted = truth(customers)
    memory = "2GB" if lines <= 30_000_000 else "4GB"
    sides = {"floor": lambda: run_floor(path, folder, memory), "coterie": lambda: run_coterie(path, folder, memory)}
    if lines <= most_for_peers:
        there = [name for name, module in PEERS.items() if util.find_spec(module)]
        sides |= {name: (lambda name=name: run_peer(name, path, folder)) for name in there}
    told: dict[str, Any] = {
        "lines": made,
        "customers": customers,
        "file_mb": path.stat().st_size / 1e6,
        "memory": memory,
    }
    for name, run in sides.items():
        runs = [run() for _ in range(repeats if name in ("floor", "coterie") else 1)]
        middle = sorted(runs, key=lambda one: one[0]["wall"])[len(runs) // 2]
        told[name] = middle[0] | {"runs": len(runs), "wall_all": [one[0]["wall"] for one in runs]}
        if middle[1] is not None:
            told[name]["adjusted_rand"] = agreement(middle[1], planted)
        told[name]["times_the_floor"] = told[name]["wall"] / told["floor"]["wall"]
        sys.stdout.write(f"{made:,} lines, {name}: {told[name]['wall']:.1f} s\n")
        sys.stdout.flush()
    return told


def exponent(sizes: list[dict[str, Any]], side: str) -> float:
    """Slope of log seconds over log lines, by least squares over the sizes where the side ran."""
    points = [(np.log(one["lines"]), np.log(one[side]["wall"])) for one in sizes if side in one]
    return float(np.polyfit(*zip(*points, strict=True), 1)[0]) if len(points) > 1 else float("nan")


def main() -> None:
    """Run every size, keep the result, draw the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", default="1e5,1e6,1e7,1e8")
    parser.add_argument("--quick", action="store_true", help="a hundred thousand lines only; nothing is kept")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--most-for-peers", type=float, default=2e7)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path, default=RESULT)
    given = parser.parse_args()
    sizes = [100_000] if given.quick else [int(float(size)) for size in given.sizes.split(",")]
    described = machine()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        found = [run_size(size, Path(name), given.repeats, int(given.most_for_peers)) for size in sizes]
    sides = ("floor", "coterie", *PEERS)
    result = {"machine": described, "sizes": found, "exponents": {side: exponent(found, side) for side in sides}}
    if not given.quick:
        given.to.write_text(json.dumps(rounded(result), indent=1) + "\n")
    for one in found:
        ours = one["coterie"]
        others = {peer: f"{one[peer]['wall'] / ours['wall']:.1f} x" for peer in PEERS if peer in one}
        sys.stdout.write(f"{one['lines']:,}: {ours['times_the_floor']:.1f} times the floor; peers take {others}\n")
    least = statistics.mean(one["coterie"]["adjusted_rand"] for one in found)
    sys.stdout.write(f"mean agreement with the planted segments: {least:.2f}\n")


def rounded(value: Any) -> Any:  # noqa: ANN401  plain data
    """Three digits after the point, NaN as null."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 3)
    return value


if __name__ == "__main__":
    main()
