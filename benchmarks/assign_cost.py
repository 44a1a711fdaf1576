"""What it costs to give ten million customers their segments, beside reading their table.

Run `python benchmarks/assign_cost.py [--customers N] [--quick] [--folder DIR]`; writes `results/assign_cost.json`.

A Parquet file with one row a customer is the table: an id and 44 features, as many as a study of order lines has, of
which twelve (four counts, four amounts, four shares) make the segments; all made by hashing, always the same. Studies
are made of its first 20,000 customers, one for each form that a rule can have: centres (K-Means), Gaussians (a mixture)
and the most similar customers (joining). Then the customers are placed in each of these ways, in a process of its own:
`sql`: the study's query for a ready table, run by DuckDB, ids and segments taken part by part; `labels` and `assign`:
the recipe and the rule in Python, part by part, labels alone or with confidence, second segment and distance; `score`:
`coterie score`, Parquet in, CSV out, which reads as carefully as a study does and checks besides. The yardsticks are
DuckDB reading the whole table, and reading the twelve columns alone, part by part, within two gigabytes. Two ways are
dear: Python where the most similar customers vote, and `score`, which keeps all customers in memory. There a part of
the customers is placed, and its seconds are held against reading as many.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

import coterie
from big_store import uniform
from processes import CommandError, is_crowded, machine, measure, rounded

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "assign_cost.json"
METHODS = ("kmeans", "gaussian_mixture", "genie")
STUDIED = 20_000
MEMORY = "2GB"
BASIS = tuple(f"trait_{i}" for i in range(12))
#: Features that no segment is built on, as numerous as those of a study of order lines.
FURTHER = 32
#: Customers placed in the dear ways.
FEWER = 300_000
_OPEN = (
    "import duckdb, sys; c = duckdb.connect(config={'memory_limit': '2GB', 'preserve_insertion_order': False}); "
    "c.execute(f\"CREATE VIEW ready AS FROM '{sys.argv[1]}'\"); "
)
_TAKEN = "print(sum(part.num_rows for part in c.sql(query).to_arrow_reader(250_000)))"
READ = f"{_OPEN}query = 'SELECT * FROM ready'; {_TAKEN}"
READ_BASIS = f"{_OPEN}query = 'SELECT customer_id, {', '.join(BASIS)} FROM ready'; {_TAKEN}"
SQL = f"{_OPEN}query = open(sys.argv[2]).read(); {_TAKEN}"
PARTS = """
import sys
import coterie
import pyarrow.parquet as pq
recipe, assigner = coterie.load(sys.argv[2]).model.restore()
names = [encoder.name for encoder in recipe.encoders]
done = 0
for part in pq.ParquetFile(sys.argv[1]).iter_batches(250_000, columns=names):
    prepared = recipe.transform({name: part.column(name).to_numpy(zero_copy_only=False) for name in names})
    done += len(assigner.labels(prepared) if sys.argv[3] == "labels" else assigner.assign(prepared).labels)
print(done)
"""


def customers_sql(customers: int) -> str:
    """One row a customer: five kinds of customers that differ in counts, amounts and shares."""
    u = [uniform("number", 40 + salt, 0) for salt in range(24)]
    bell = [f"(sqrt(-2 * ln(1 - {u[2 * i]})) * cos(2 * pi() * {u[2 * i + 1]}))" for i in range(12)]
    kind = f"CAST(floor(5 * {uniform('number', 39, 0)}) AS INTEGER)"
    counts = [
        f"CAST(round(exp({1.2 + 0.3 * i} + 0.5 * ((kind + {i}) % 5) + 0.35 * {bell[i]})) AS INTEGER) AS trait_{i}"
        for i in range(4)
    ]
    amounts = [
        f"round(exp({3 + 0.4 * i} + 0.7 * ((kind * 2 + {i}) % 5) + 0.4 * {bell[4 + i]}), 2) AS trait_{4 + i}"
        for i in range(4)
    ]
    shares = [
        f"1 / (1 + exp(1.2 * ((kind * 3 + {i}) % 5) - 2.4 + 0.6 * {bell[8 + i]})) AS trait_{8 + i}" for i in range(4)
    ]
    further = [f"{uniform('number', 80 + i, 0)}" for i in range(FURTHER)]
    further = [f"round(100 * {one}, 2)" if i % 2 else one for i, one in enumerate(further)]
    named = [f"{one} AS further_{i}" for i, one in enumerate(further)]
    return (
        f"SELECT printf('C%09d', number) AS customer_id, {', '.join([*counts, *amounts, *shares, *named])} "
        f"FROM (SELECT range AS number, {kind.replace('number', 'range')} AS kind FROM range({customers}))"
    )


def make_table(path: Path, customers: int) -> None:
    """Write the Parquet file, in the order of the ids."""
    with duckdb.connect(config={"memory_limit": MEMORY}) as database:
        database.execute(f"COPY ({customers_sql(customers)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def study_of(path: Path, method: str, folder: Path) -> coterie.Study:
    """Make a study of the table's first customers by one method, on the twelve columns."""
    first = duckdb.sql(f"FROM '{path}' LIMIT {STUDIED}").df()
    made = coterie.segment(customers=first, method=method, memory=MEMORY, basis=BASIS)
    return coterie.load(made.write(folder / method))


class Placing:
    """One table and what reading it costs; a smaller one of its first customers for the dear ways.

    Parameters
    ----------
    folder : Path
    customers : int
    """

    def __init__(self, folder: Path, customers: int) -> None:
        self.folder = folder
        self.tables = {customers: folder / "customers.parquet", min(FEWER, customers): folder / "fewer.parquet"}
        self.customers = customers
        for n, path in self.tables.items():
            if not path.is_file():
                make_table(path, n)
        self.reading = {n: (read(READ, path), read(READ_BASIS, path)) for n, path in self.tables.items()}

    def place(self, method: str, way: str) -> dict[str, Any]:
        """Place the customers of one study in one way; its measures and ratios, or why it ended."""
        dear = way == "score" or (method == "genie" and way in ("labels", "assign"))
        customers = min(FEWER, self.customers) if dear else self.customers
        try:
            found: dict[str, Any] = measure([sys.executable, *self._command(method, way, self.tables[customers])])
        except CommandError as cause:
            return {"failed": str(cause)}
        whole, basis = self.reading[customers]
        ratios = {name: {of: found[of] / one[of] for of in ("wall", "cpu")} for name, one in
                  (("times_reading", whole), ("times_reading_basis", basis))}  # fmt: skip
        return found | {"customers": customers, **ratios}

    def _command(self, method: str, way: str, path: Path) -> list[str]:
        study = self.folder / method
        if way == "sql":
            query = self.folder / "assign.sql"
            query.write_text(coterie.load(study).sql("duckdb", customers="ready"))
            return ["-c", SQL, str(path), str(query)]
        if way == "score":
            out = str(self.folder / "scored.csv")
            return ["-m", "coterie.cli.main", "score", str(study), str(path), "--out", out, "--memory", MEMORY]
        return ["-c", PARTS, str(path), str(study), way]


def read(code: str, path: Path) -> dict[str, float]:
    """Read a table, a small one three times; the run with the median of CPU seconds."""
    times = 3 if path.stat().st_size < 1e9 else 1
    runs = [measure([sys.executable, "-c", code, str(path)]) for _ in range(times)]
    return sorted(runs, key=lambda one: one["cpu"])[times // 2]


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Make the tables and the studies, place the customers, keep the result after each way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--quick", action="store_true", help="100,000 customers; nothing is kept")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--ways", default="sql,labels,assign,score")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    described = machine()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        placing = Placing(Path(name), 100_000 if given.quick else given.customers)
        path = placing.tables[placing.customers]
        whole, basis = placing.reading[placing.customers]
        _tell(f"reading: {rounded(whole)}, of the basis alone: {rounded(basis)}")
        result: dict[str, Any] = {
            "customers": placing.customers,
            "features": len(BASIS) + FURTHER,
            "basis": len(BASIS),
            "file_mb": path.stat().st_size / 1e6,
            "machine": described,
            "crowded": is_crowded(described),
            "reading": whole,
            "reading_basis": basis,
            "methods": {},
        }
        for method in given.methods.split(","):
            study = study_of(path, method, Path(name))
            rule, ways = study.model.restore()[1].rule.kind, {}
            result["methods"][method] = {"rule": rule, "segments": len(study.segments), "ways": ways}
            for way in given.ways.split(","):
                ways[way] = placing.place(method, way)
                _tell(f"{method} ({rule}), {way}: {rounded(ways[way])}")
                if not given.quick:
                    RESULT.write_text(json.dumps(rounded(result), indent=1) + "\n")


if __name__ == "__main__":
    main()
