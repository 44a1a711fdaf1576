"""Coterie and its peers on stores of 10⁵ to 10⁸ order lines, quality beside time and memory.

Run `make bench` (an hour and more, 10 GB of disk, 24 GB of memory), or

    python benchmarks/bench.py [--sizes 1e5,1e6,1e7,1e8] [--quick] [--resume] [--folder DIR] [--to FILE]

For each size a store with six planted segments is made (`big_store.py`, about twenty lines a customer). Each of these
runs in a process of its own, one after the other: the floor (DuckDB's own count, sum and max per customer), `coterie
segment` with the whole study, and the peers in `peers/`, which do far less: pandas, Polars and Spark MLlib, each RFM
and K-Means for k = 2 to 10. Told are seconds, CPU seconds, memory of all processes together, how well the planted
segments were found (adjusted Rand index), and ratios to the floor of the same size.

The result is written after each run of each side: what fails or does not end within `--longest` is told and loses
nothing else. `--resume` keeps what an earlier run measured with the same code on the same machine. A peer is left out
where it is not installed or the size is beyond `--most-for-peers`. `--quick` takes a store of ten thousand lines,
k = 2 to 3 and no Spark, ends within a minute or two, and keeps nothing unless `--to` says where.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

import big_store
from bench_sides import HERE, PEERS, SIDES, Store, fingerprint, run, why_left_out
from processes import CommandError, is_crowded, machine, rounded

RESULT = HERE / "results" / "bench.json"
LINES_PER_CUSTOMER = 20
#: Disk that a store and what is made from it need at most, bytes for each order line.
DISK_PER_LINE = 100
#: Runs whose median is told; the floor is short and costs little to repeat.
REPEATS = {"floor": 3, "coterie": 1}
CROWDED = "Other work kept the machine busy during these runs: they say little about seconds. CPU seconds are fairer."


def run_side(side: str, store: Store, repeats: int) -> dict[str, Any]:
    """Run one side as often as told; the run with the median of seconds, or why there is none."""
    runs: list[dict[str, Any]] = []
    try:
        for _ in range(max(repeats, REPEATS.get(side, 1)) if side in REPEATS else 1):
            runs.append(run(side, store))  # noqa: PERF401  a failure must leave the loop
    except (CommandError, duckdb.Error, OSError, KeyError, ValueError) as cause:
        return {"failed": f"{type(cause).__name__}: {cause}", "code": fingerprint(side)}
    middle = sorted(runs, key=lambda one: one["wall"])[len(runs) // 2]
    return middle | {"wall_all": [one["wall"] for one in runs], "code": fingerprint(side)}


def with_ratios(size: dict[str, Any]) -> dict[str, Any]:
    """Add to each side of a size what follows from its measures.

    `times_the_floor` and, for peers, `times_coterie`, each for wall and cpu; `us_per_line`, millionths of a second.
    """
    sides: dict[str, dict[str, Any]] = {name: dict(found) for name, found in size["sides"].items()}
    measured = {name: found for name, found in sides.items() if "wall" in found}
    for name, found in measured.items():
        found["us_per_line"] = {of: 1e6 * found[of] / size["lines"] for of in ("wall", "cpu")}
        for told, against in (("times_the_floor", "floor"), ("times_coterie", "coterie")):
            if against in measured and (against == "floor" or name in PEERS):
                found[told] = {of: found[of] / measured[against][of] for of in ("wall", "cpu")}
    return {**size, "sides": sides}


def exponent(sizes: list[dict[str, Any]], side: str, of: str = "wall") -> float | None:
    """Slope of log seconds over log lines, by least squares over the sizes where the side ended."""
    points = [(one["lines"], one["sides"][side][of]) for one in sizes if of in one["sides"].get(side, {})]
    if len(points) < 2:
        return None
    return float(np.polyfit(*np.log(np.array(points, dtype=float)).T, 1)[0])


def result_of(described: dict[str, Any], sizes: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that is kept."""
    told = [with_ratios(one) for one in sorted(sizes, key=lambda one: one["lines"])]
    busy = [found["busy_elsewhere"] for one in told for found in one["sides"].values() if "wall" in found]
    crowded = is_crowded(described) or (bool(busy) and max(busy) > described["cores"] / 4)
    return {
        "machine": described,
        "note": CROWDED if crowded else "",
        "sizes": told,
        "exponents": {of: {side: exponent(told, side, of) for side in SIDES} for of in ("wall", "cpu")},
    }


class Bench:
    """One run over all sizes, which writes what it has after each side.

    Parameters
    ----------
    given : Namespace
        The command line.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.machine = machine()
        self.sizes: list[dict[str, Any]] = []
        earlier = json.loads(given.to.read_text()) if given.resume and given.to and given.to.is_file() else {}
        if earlier and _same_machine(earlier["machine"], self.machine):
            self.sizes = earlier["sizes"]
            self.machine["load_before"] = max(self.machine["load_before"], earlier["machine"]["load_before"])

    def size(self, lines: int, folder: Path) -> None:
        """Run every side on one store, where it was not kept."""
        customers = max(lines // LINES_PER_CUSTOMER, 100)
        memory = "2GB" if lines <= 30_000_000 else "4GB"
        kept = next((one for one in self.sizes if (one["customers"], one["memory"]) == (customers, memory)), None)
        wanted = [side for side in SIDES if not _is_kept(kept, side)]
        if not wanted:
            _tell(f"{lines:,} lines: kept from the earlier run")
            return
        path = folder / "lines.parquet"
        made = big_store.make(path, customers)
        store = Store(path, customers, made, memory, 3 if self.given.quick else 10, self.given.longest)
        size: dict[str, Any] = kept or {**store.facts, "sides": {}}
        self.sizes = [*(one for one in self.sizes if one is not kept), size]
        for side in wanted:
            why = why_left_out(side, made, self.given)
            size["sides"][side] = {"left_out": why} if why else run_side(side, store, self.given.repeats)
            _tell(f"{made:,} lines, {side}: {_in_words(size['sides'][side])}")
            self.write()

    def write(self) -> None:
        """Write the result beside its file first: it is whole whenever someone looks."""
        if self.given.to:
            beside = self.given.to.with_suffix(".part")
            beside.write_text(json.dumps(rounded(result_of(self.machine, self.sizes)), indent=1) + "\n")
            beside.replace(self.given.to)


def _same_machine(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("cores", "memory_gb", "processor", "python", "versions"))


def _is_kept(kept: dict[str, Any] | None, side: str) -> bool:
    found = (kept or {"sides": {}})["sides"].get(side, {})
    return "wall" in found and found["code"] == fingerprint(side)


def _in_words(found: dict[str, Any]) -> str:
    if "wall" not in found:
        return str(found.get("failed") or f"left out: {found['left_out']}")
    agrees = f", adjusted Rand index {found['adjusted_rand']:.2f}" if "adjusted_rand" in found else ""
    return f"{found['wall']:.1f} s, {found['cpu']:.1f} CPU s, {found['all_processes_mb']:,.0f} MB{agrees}"


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def summary(result: dict[str, Any]) -> list[str]:
    """The ratios of each size, a sentence each."""
    lines = []
    for size in result["sizes"]:
        ours = size["sides"].get("coterie", {})
        if "times_the_floor" not in ours:
            continue
        peers = {name: size["sides"].get(name, {}).get("times_coterie") for name in PEERS}
        others = ", ".join(f"{name} {of['wall']:.1f} times" for name, of in peers.items() if of)
        lines.append(
            f"{size['lines']:,} lines: {ours['times_the_floor']['wall']:.1f} times the floor "
            f"(CPU {ours['times_the_floor']['cpu']:.1f}), {ours['us_per_line']['cpu']:.1f} CPU µs a line, "
            f"{100 * ours['share_of_memory_limit']:.0f} % of the memory allowed, adjusted Rand index "
            f"{ours['adjusted_rand']:.2f}; peers take {others or 'no part'}{' as long' if others else ''}"
        )
    return lines


def needs(sizes: list[int], folder: Path) -> str | None:
    """Tell what will be needed; why it cannot be done, or None."""
    disk, free = max(sizes) * DISK_PER_LINE / 1e9, shutil.disk_usage(folder).free / 1e9
    _tell(f"Up to {disk:.1f} GB of disk in {folder} ({free:.0f} GB are free).")
    _tell("Coterie keeps to --memory 2GB (4GB from 30 million lines on); Spark takes up to 8 GB, pandas what it needs.")
    return f"{disk:.1f} GB of disk are needed, {free:.1f} GB are free: name another folder by --folder." * (disk > free)


def main() -> int:
    """Run every size and tell the ratios; 1 where the floor or Coterie failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", default="1e5,1e6,1e7,1e8", help="order lines, separated by commas")
    parser.add_argument("--quick", action="store_true", help="ten thousand lines only, k = 2 to 3 for peers, no Spark")
    parser.add_argument("--resume", action="store_true", help="keep what the same code measured on this machine")
    parser.add_argument("--repeats", type=int, default=1, help="runs of Coterie, of which the median counts")
    parser.add_argument("--peers", default=",".join(PEERS), help="peers to run, separated by commas")
    parser.add_argument("--most-for-peers", type=float, default=2e7, help="order lines beyond which no peer runs")
    parser.add_argument("--longest", type=float, default=3600.0, help="seconds that one process may take")
    parser.add_argument("--folder", type=Path, help="where the stores lie while they are needed")
    parser.add_argument("--to", type=Path, help="the result; by default benchmarks/results/bench.json")
    given = parser.parse_args()
    given.to = given.to or (None if given.quick else RESULT)
    sizes = [10_000] if given.quick else [int(float(size)) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        if why := needs(sizes, Path(name)):
            parser.error(why)
        bench = Bench(given)
        for lines in sizes:
            bench.size(lines, Path(name))
    result = result_of(bench.machine, bench.sizes)
    for line in summary(result):
        _tell(line)
    ours = [one["sides"].get(side, {}) for one in bench.sizes for side in ("floor", "coterie")]
    return int(any("failed" in found for found in ours))


if __name__ == "__main__":
    sys.exit(main())
