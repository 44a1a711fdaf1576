"""Server time and size of each page of a study of a million customers, 12 segments and 60 features.

Rerun with: python benchmarks/app_pages.py [CUSTOMERS [FOLDER]] (default 1,000,000 in a temporary folder); the numbers
go to benchmarks/results/app_pages.json. A small synthetic store is segmented into 12 (about half a CPU minute); its
customers are then drawn again and again, with noise, until there are as many as asked for (460 MB). Seed 0.

`cpu_ms` is processor time (user and system, all threads) of one request through the app without a network: guard, view,
template, JSON. `first_ms` is the first request for that page after the server began, when tables are read and charts
are specified; the others come after it. `bytes` is the page as sent, without compression.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from starlette.testclient import TestClient

import coterie
from coterie.app import AppSettings, make_app
from coterie.app.store import sessions, studies
from coterie.sources.synthetic import write_store

RESULTS = Path(__file__).parent / "results" / "app_pages.json"
SEED, REPEATS, ROWS, SMALL = 0, 60, 16_384, 900
PAGES = (
    "", "/segments/1", "/segments/12", "/compare?a=1&b=12", "/map", "/map?area=middle", "/number", "/stages", "/worth",
    "/data", "/customers", "/customers?q=C0004", "/customers?q=C0000500000", "/charts/map", "/charts/place?of=3",
    "/charts/profile?of=3", "/charts/beside?of=1,2", "/charts/numbers", "/charts/worth",
)  # fmt: skip


def make_study(folder: Path, customers: int) -> Path:
    """A study folder with so many customers: a real one of a small store, its customers drawn again."""
    store = write_store(folder / "store", customers=SMALL, seed=SEED)
    study = coterie.segment(
        store.orders, customers=store.customers, events=store.events, segments=12, method="kmeans", holdout=False
    )
    path = study.write(folder / "home" / "studies" / "bigstudy")
    small = pq.read_table(path / "customers.parquet")
    rng = np.random.default_rng(SEED)
    with pq.ParquetWriter(path / "customers.parquet", small.schema, compression="zstd") as writer:
        for start in range(0, customers, ROWS):
            writer.write_table(_drawn(small, start, min(ROWS, customers - start), rng), row_group_size=ROWS)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"n_customers": customers}))
    return path


def _drawn(small: pa.Table, start: int, n: int, rng: np.random.Generator) -> pa.Table:
    """Customers of the small study with new ids and a little noise, so that no number repeats."""
    table = small.take(rng.integers(0, small.num_rows, n))
    columns = []
    for field in small.schema:
        column = table.column(field.name)
        if field.name == "customer_id":
            column = pa.array([f"C{number:010d}" for number in range(start, start + n)], field.type)
        elif pa.types.is_floating(field.type) and field.name not in ("confidence", "r", "f", "m", "segment_id"):
            values = column.to_numpy(zero_copy_only=False) * rng.uniform(0.98, 1.02, n)
            column = pa.array(values, field.type, from_pandas=True)
        columns.append(column)
    return pa.table(columns, schema=small.schema)


def client_of(home: Path) -> TestClient:
    """A signed-in client of the app on a home with that one study."""
    app = make_app(AppSettings(home))
    house = app.state.house
    manifest = json.loads((home / "studies" / "bigstudy" / "manifest.json").read_text())
    studies.add_study(house.store, "bigstudy", manifest)
    base = "http://127.0.0.1:8765"
    client = TestClient(app, base_url=base, headers={"Origin": base})
    client.cookies.set("coterie_8765", sessions.begin(house.store, time.time()), domain="127.0.0.1", path="/")
    return client


def measure(client: TestClient, path: str) -> dict[str, Any]:
    """First request, then the distribution of the others, in milliseconds of processor time."""
    address = f"/studies/bigstudy{path}"
    spent = []
    for _ in range(REPEATS + 1):
        begun = time.process_time()
        answer = client.get(address)
        spent.append(1000 * (time.process_time() - begun))
        answer.raise_for_status()
    p50, p95 = np.percentile(spent[1:], [50, 95])
    return {
        "first_ms": round(spent[0], 1),
        "cpu_ms_p50": round(float(p50), 1),
        "cpu_ms_p95": round(float(p95), 1),
        "bytes": len(answer.content),
    }


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    path = folder / "home" / "studies" / "bigstudy"
    if not path.exists():
        make_study(folder, customers)
    manifest = json.loads((path / "manifest.json").read_text())
    client = client_of(folder / "home")
    pages = {page or "/": measure(client, page) for page in PAGES}
    for page, row in pages.items():
        print(f"{page:28} first {row['first_ms']:8.1f}  p50 {row['cpu_ms_p50']:6.1f}  p95 {row['cpu_ms_p95']:6.1f} ms  "
              f"{row['bytes']:9,} bytes")  # fmt: skip
    found = {
        "customers": manifest["n_customers"],
        "segments": manifest["n_segments"],
        "features": len(manifest["features"]),
        "parquet_mb": round((path / "customers.parquet").stat().st_size / 1e6, 1),
        "pages": pages,
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    if len(sys.argv) <= 2:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
