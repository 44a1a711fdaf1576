"""What `bench.py` runs on one store: the floor, Coterie and its peers, and how well each found the planted segments."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

import big_store
import coterie
from coterie.clustering.kernels.rand_index import adjusted_rand
from processes import measure

if TYPE_CHECKING:
    import argparse

HERE = Path(__file__).resolve().parent
#: Each peer with the module that it needs.
PEERS = {"pandas": "pandas", "polars": "polars", "spark": "pyspark"}
SIDES = ("floor", "coterie", *PEERS)
#: The least that any answer about customers costs: every order line read once, three numbers of each customer.
FLOOR = (
    "import duckdb, sys; duckdb.sql('SET preserve_insertion_order = false'); "
    "print(len(duckdb.sql(f\"SELECT customer_id, count(*), sum(amount), max(ordered_at) FROM '{sys.argv[1]}' "
    'GROUP BY customer_id").to_arrow_table()))'
)


@dataclass(frozen=True)
class Store:
    """Order lines with planted segments.

    Attributes
    ----------
    path : Path of one Parquet file; what is made from it lies beside it
    customers, lines : int
    memory : str, what Coterie is allowed, as for `--memory`
    most_k : int, the largest number of clusters that peers try
    longest : float or None, seconds that one process may take
    """

    path: Path
    customers: int
    lines: int
    memory: str
    most_k: int
    longest: float | None

    @property
    def facts(self) -> dict[str, Any]:
        """What the result tells of it."""
        size = round(self.path.stat().st_size / 1e6, 1)
        return {"lines": self.lines, "customers": self.customers, "file_mb": size, "memory": self.memory}


def run(side: str, store: Store) -> dict[str, Any]:
    """Run one side in a process of its own; its measures, and its agreement with what was planted.

    Raises
    ------
    CommandError
        The process ended with an error, or not in time.
    """
    if side == "floor":
        return dict(measure([sys.executable, "-c", FLOOR, str(store.path)], longest=store.longest))
    return _run_coterie(store) if side == "coterie" else _run_peer(side, store)


def _run_coterie(store: Store) -> dict[str, Any]:
    """Make a whole study, as the command line does."""
    out = store.path.parent / "study"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "coterie.cli.main", "segment", str(store.path)]
    found: dict[str, Any] = measure([*command, "--out", str(out), "--memory", store.memory], longest=store.longest)
    manifest = json.loads((out / "manifest.json").read_text())
    found |= {"stages": manifest["timings"], "segments": manifest["n_segments"], "verdict": manifest["verdict"]["word"]}
    found |= {"share_of_memory_limit": found["all_processes_mb"] / _megabytes(store.memory)}
    return found | {"adjusted_rand": agreement(out / "customers.parquet", "segment_id", store.customers)}


def _run_peer(name: str, store: Store) -> dict[str, Any]:
    """Run one of the scripts in `peers/`."""
    out = store.path.parent / f"{name}.parquet"
    script = HERE / "peers" / f"{name}_script.py"
    found = measure([sys.executable, str(script), str(store.path), str(out), str(store.most_k)], longest=store.longest)
    labels = out / "*.parquet" if out.is_dir() else out
    return found | {"adjusted_rand": agreement(labels, "segment", store.customers)}


def _megabytes(text: str) -> float:
    return float(text.removesuffix("GB")) * 1000


def agreement(labels: Path, column: str, customers: int) -> float:
    """Adjusted Rand index of a table of customers with the planted segments."""
    with duckdb.connect() as database:
        both = database.sql(
            f"SELECT placed.{column} AS found, planted.segment AS planted FROM '{labels}' AS placed JOIN "
            f"({big_store.customers_sql(customers, 0)}) AS planted ON placed.customer_id = printf('C%08d', number)"
        ).fetchnumpy()
    return float(adjusted_rand(both["found"].astype(int), both["planted"].astype(int)))


def why_left_out(side: str, lines: int, given: argparse.Namespace) -> str | None:
    """Say why a side is not run on so many order lines with these options, or None."""
    if side not in PEERS:
        return None
    if side not in given.peers.split(","):
        return "not asked for in this run"
    if given.quick and side == "spark":
        return "not in a quick run: Spark takes a minute of the processor to start and to compile"
    if not util.find_spec(PEERS[side]):
        return f"{PEERS[side]} is not installed"
    most = given.most_for_peers
    return f"peers ran on up to {most:,.0f} order lines" if lines > most else None


def fingerprint(side: str) -> str:
    """Twelve letters that change when the code of a side changes; `--resume` keeps what has the same."""
    if side == "coterie":
        home = Path(coterie.__file__).parent
        files = [path for path in home.rglob("*") if path.suffix in (".py", ".sql", ".toml", ".json", ".j2", ".css")]
        files = [path for path in files if "app" not in path.relative_to(home).parts]
    elif side == "floor":
        files = []
    else:
        files = [HERE / "peers" / name for name in (f"{side}_script.py", "rfm.py")]
    print_of = hashlib.sha256(FLOOR.encode() if side == "floor" else b"")
    for path in sorted([*files, HERE / "big_store.py"]):
        print_of.update(path.read_bytes())
    return print_of.hexdigest()[:12]
