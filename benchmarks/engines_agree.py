"""The same study on DuckDB, PostgreSQL and Spark: whether all customers get the same features and the same segments.

Run `PYTHONPATH=tests python benchmarks/engines_agree.py [--quick] [--retail FILE]`; writes
`results/engines_agree.json`. It starts the private PostgreSQL server and the local Spark session of the tests, puts the
same typed order lines into each, and makes the whole study on each (`coterie.segment`, default settings). Told are the
largest relative difference of a feature, customers whose segment differs, customers whom the study's SQL, run in that
engine (`study.score`), places elsewhere, and CPU seconds (of this process, the server and Java together). `--retail`
names the CSV of Online Retail (Chen, Sain and Guo 2012); the synthetic store (seed 7) has a million order lines.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

import coterie
from coterie.engines.postgres import Address, PostgresEngine
from coterie.outputs.tables import RESERVED
from coterie.sources.synthetic import write_store
from engines import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa
    from pyspark.sql import SparkSession

RESULTS = Path(__file__).parent / "results" / "engines_agree.json"
MARK = "COTERIE_BENCHMARK"


def retail(path: Path) -> pa.Table:
    """Online Retail with types; customers by number, as text."""
    return duckdb.sql(
        "SELECT InvoiceNo, StockCode, Description, CAST(Quantity AS INTEGER) AS Quantity, "
        "strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS InvoiceDate, CAST(UnitPrice AS DECIMAL(18, 4)) AS UnitPrice, "
        f"CustomerID, Country FROM read_csv('{path}', all_varchar = true, encoding = 'latin-1')"
    ).to_arrow_table()


def store(lines: int) -> pa.Table:
    """Lines of the synthetic store, with types."""
    folder = Path(tempfile.mkdtemp(prefix="coterie-agree-"))
    try:
        orders = write_store(folder, customers=lines // 17, seed=7).orders
        return duckdb.sql(
            "SELECT * REPLACE (CAST(ordered_at AS TIMESTAMP) AS ordered_at, CAST(quantity AS INTEGER) AS quantity, "
            "CAST(unit_price AS DECIMAL(18, 2)) AS unit_price, CAST(amount AS DECIMAL(18, 2)) AS amount, "
            f"CAST(discount AS DECIMAL(18, 2)) AS discount) FROM read_csv('{orders}', all_varchar = true)"
        ).to_arrow_table()
    finally:
        shutil.rmtree(folder)


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
def in_postgres(server: servers.PostgresServer, lines: pa.Table) -> Iterator[str]:
    address = Address(server.host, server.port, server.database, server.user, server.password)
    with PostgresEngine(address) as engine:
        engine.upload("lines", lines)
        engine.run("CREATE TABLE public.lines AS SELECT * FROM pg_temp.lines")
        engine.connection.commit()
    yield f"{server.url}?orders=lines"
    with PostgresEngine(address) as engine:
        engine.run("DROP TABLE public.lines")
        engine.connection.commit()


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
        if a.dtype == object or str(a.dtype).startswith("datetime"):
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


def one_shop(lines: pa.Table, server: servers.PostgresServer, spark: SparkSession) -> dict[str, Any]:
    """Make the study on each engine and place its customers there again."""
    result: dict[str, Any] = {"order_lines": lines.num_rows, "engines": {}}
    with in_postgres(server, lines) as address:
        places = {"duckdb": lines, "postgres": address, "spark": spark.createDataFrame(lines)}
        first: coterie.Study | None = None
        for name, place in places.items():
            study, seconds = timed(lambda place=place: coterie.segment(orders=place))
            first = first or study
            found = compare(first, study) | {"study_cpu_seconds": seconds}
            if name != "duckdb":
                placed, seconds = timed(lambda place=place, study=study: study.score(place))
                known = study.customers["segment_id"].reindex(placed.index)
                found |= {
                    "placed_by_sql": list(placed.columns) == ["segment_id", "segment"],
                    "placed_customers": len(placed),
                    "placed_elsewhere": int((placed["segment_id"].to_numpy() != known.to_numpy()).sum()),
                    "placing_cpu_seconds": seconds,
                }
            result["engines"][name] = found
            print(name, found, flush=True)
        result |= {"customers": len(first.customers), "segments": len(first.segments)}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the synthetic store alone")
    parser.add_argument("--retail", type=Path, help="CSV of Online Retail")
    options = parser.parse_args()
    os.environ[MARK] = "1"
    results: dict[str, Any] = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "shops": {}}
    with servers.postgres_server() as server, servers.spark_session() as spark:
        if options.retail:
            keep(results, "online_retail", one_shop(retail(options.retail), server, spark), options.quick)
        lines = store(20_000 if options.quick else 1_000_000)
        keep(results, "synthetic_store", one_shop(lines, server, spark), options.quick)


def keep(results: dict[str, Any], name: str, found: dict[str, Any], quick: bool) -> None:
    results["shops"][name] = found
    if not quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
