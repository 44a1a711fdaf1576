"""The same study on DuckDB, PostgreSQL and Spark: whether all customers get the same features and the same segments.

Run `PYTHONPATH=tests python benchmarks/engines_agree.py [--quick] [--retail FILE] [--engines postgres,spark]`; writes
`results/engines_agree.json` after each engine, and keeps what stands there of other shops. It starts the private
PostgreSQL server and the local Spark session of the tests, puts the same typed order lines into each, and makes the
whole study on each (`coterie.segment`, default settings). Told are the largest relative difference of a feature from
DuckDB's, customers whose segment differs, customers whom the study's SQL, run in that engine (`study.score`), places
elsewhere, and CPU seconds (of this process, the server and Java together).

The synthetic store (`big_store.py`, 50,000 customers) has a million order lines; `--retail` names the CSV of Online
Retail (Chen, Sain and Guo 2012) for the same on real orders. Spark takes a quarter of an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from pandas.api.types import is_numeric_dtype

import big_store
import coterie
from coterie.engines.postgres import Address, PostgresEngine
from coterie.outputs.tables import RESERVED
from engines import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

RESULTS = Path(__file__).parent / "results" / "engines_agree.json"
MARK = "COTERIE_BENCHMARK"


def retail(path: Path) -> pa.Table:
    """Online Retail with types; customers by number, as text."""
    return duckdb.sql(
        "SELECT InvoiceNo, StockCode, Description, CAST(Quantity AS INTEGER) AS Quantity, "
        "strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS InvoiceDate, CAST(UnitPrice AS DECIMAL(18, 4)) AS UnitPrice, "
        f"CustomerID, Country FROM read_csv('{path}', all_varchar = true, encoding = 'latin-1')"
    ).to_arrow_table()


def store(customers: int) -> pa.Table:
    """Lines of the synthetic store, with types, money exact."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        big_store.make(path, customers, money="decimal")
        return duckdb.sql(f"SELECT * FROM '{path}' ORDER BY order_id, product, quantity, amount").to_arrow_table()


def cpu() -> float:
    """CPU seconds of this process and of all that it started, also of those that still run."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if MARK.encode() not in (folder / "environ").read_bytes() and folder.name != str(os.getpid()):
                continue
            ticks += sum(int(x) for x in (folder / "stat").read_text().rpartition(")")[2].split()[11:15])
        except (OSError, ProcessLookupError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def in_postgres(lines: pa.Table) -> Iterator[str]:
    """The lines as a table of a private server, gone with it."""
    with servers.postgres_server() as server:
        address = Address(server.host, server.port, server.database, server.user, server.password)
        with PostgresEngine(address) as engine:
            engine.upload("lines", lines)
            engine.run("CREATE TABLE public.lines AS SELECT * FROM pg_temp.lines")
            engine.connection.commit()
        yield f"{server.url}?orders=lines"


@contextmanager
def in_spark(lines: pa.Table) -> Iterator[Any]:
    """The lines as a table of a local session."""
    with servers.spark_session() as spark:
        yield spark.createDataFrame(lines)


PLACES = {"postgres": in_postgres, "spark": in_spark}


def timed(make: Callable[[], Any]) -> tuple[Any, float]:
    before = cpu()
    made = make()
    return made, round(cpu() - before, 1)


def compare(one: coterie.Study, other: coterie.Study) -> dict[str, Any]:
    """Differences between two studies of the same orders, the first being DuckDB's."""
    names = [name for name in one.customers if name not in RESERVED]
    same = one.customers.index.equals(other.customers.index) and list(one.customers) == list(other.customers)
    if not same:
        return {"same_customers_and_columns": False}
    largest, texts = 0.0, 0
    for name in names:
        a, b = one.customers[name], other.customers[name]
        if not is_numeric_dtype(a):
            texts += int((~((a == b) | (a.isna() & b.isna()))).sum())
            continue
        x, y = a.to_numpy(float), b.to_numpy(float)
        unlike = np.isnan(x) != np.isnan(y)
        gap = np.abs(x - y) / np.maximum(np.maximum(np.abs(x), np.abs(y)), 1e-300)
        largest = max(largest, np.inf if unlike.any() else float(np.nan_to_num(gap).max()))
    segments = one.customers["segment_id"].to_numpy() != other.customers["segment_id"].to_numpy()
    return {
        "same_customers_and_columns": True,
        "features": len(names),
        "largest_relative_difference": largest,
        "texts_that_differ": texts,
        "customers_in_another_segment": int(segments.sum()),
    }


class Agreement:
    """What was found of each shop, written after each engine.

    Parameters
    ----------
    engines : tuple of str
        Beside DuckDB.
    to : Path or None
    """

    def __init__(self, engines: tuple[str, ...], to: Path | None) -> None:
        self.engines, self.to = engines, to
        known = json.loads(to.read_text()) if to and to.is_file() else {"shops": {}}
        cores = len(os.sched_getaffinity(0))
        self.results: dict[str, Any] = {"machine": f"{platform.machine()}, {cores} cores", "shops": known["shops"]}

    def shop(self, name: str, lines: pa.Table) -> None:
        """Make the study on each engine and place its customers there again."""
        first, seconds = timed(lambda: coterie.segment(orders=lines))
        facts = {"order_lines": lines.num_rows, "customers": len(first.customers), "segments": len(first.segments)}
        told = self.results["shops"].setdefault(name, {"engines": {}})
        if {key: told.get(key) for key in facts} != facts:
            told["engines"] = {}
        told |= facts
        self._keep(told, "duckdb", compare(first, first) | {"study_cpu_seconds": seconds})
        for engine in self.engines:
            with PLACES[engine](lines) as place:
                self._keep(told, engine, on(place, first))

    def _keep(self, told: dict[str, Any], engine: str, found: dict[str, Any]) -> None:
        told["engines"][engine] = found
        print(engine, found, flush=True)
        if self.to:
            self.to.write_text(json.dumps(self.results, indent=1) + "\n")


def on(place: Any, first: coterie.Study) -> dict[str, Any]:  # noqa: ANN401  an address, or a Spark table
    """Make the study where the lines lie, hold it against the first, and place its customers there."""
    study, seconds = timed(lambda: coterie.segment(orders=place))
    placed, placing = timed(lambda: study.score(place))
    known = study.customers["segment_id"].reindex(placed.index)
    return compare(first, study) | {
        "study_cpu_seconds": seconds,
        "placed_by_sql": list(placed.columns) == ["segment_id", "segment"],
        "placed_customers": len(placed),
        "placed_elsewhere": int((placed["segment_id"].to_numpy() != known.to_numpy()).sum()),
        "placing_cpu_seconds": placing,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="1,000 customers of the synthetic store; nothing is kept")
    parser.add_argument("--retail", type=Path, help="CSV of Online Retail")
    parser.add_argument("--engines", default="postgres,spark", help="engines beside DuckDB, separated by commas")
    options = parser.parse_args()
    os.environ[MARK] = "1"
    found = Agreement(tuple(options.engines.split(",")), None if options.quick else RESULTS)
    if options.retail:
        found.shop("online_retail", retail(options.retail))
    found.shop("synthetic_store", store(1_000 if options.quick else 50_000))


if __name__ == "__main__":
    main()
