"""Same in, same out: row order, file split, format, threads and process change not one byte of customers.csv."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pytest

import coterie

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.sources.synthetic import WrittenStore


@pytest.fixture(scope="module")
def expected(store: WrittenStore, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return customers_csv(tmp_path_factory.mktemp("expected") / "study", store.orders, store, threads=1)


def customers_csv(folder: Path, orders: object, store: WrittenStore, **options: object) -> bytes:
    study = coterie.segment(orders=orders, customers=store.customers, events=store.events, **options)
    return (study.write(folder) / "customers.csv").read_bytes()


def order_lines(store: WrittenStore) -> pd.DataFrame:
    return pd.read_csv(store.orders, dtype=str, keep_default_na=False)


def test_the_order_of_rows_does_not_matter(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    order_lines(store).sample(frac=1, random_state=11).to_csv(tmp_path / "orders.csv", index=False)
    assert customers_csv(tmp_path / "study", tmp_path / "orders.csv", store) == expected


def test_a_split_into_37_files_does_not_matter(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    lines = order_lines(store)
    parts = tmp_path / "orders"
    parts.mkdir()
    for number in range(37):
        lines.iloc[number::37].to_csv(parts / f"part-{number:02}.csv", index=False)
    assert customers_csv(tmp_path / "study", parts, store) == expected


def test_parquet_gives_the_same_as_csv(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    target = tmp_path / "orders.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{store.orders}')) TO '{target}' (FORMAT parquet)")
    assert customers_csv(tmp_path / "study", target, store) == expected


def test_the_number_of_threads_does_not_matter(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    assert customers_csv(tmp_path / "study", store.orders, store, threads=2) == expected


def test_a_dataframe_gives_the_same_as_a_file(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    assert customers_csv(tmp_path / "study", pd.read_csv(store.orders), store) == expected


def test_a_fresh_process_with_another_hash_seed_and_more_threads_gives_the_same_bytes(
    store: WrittenStore, expected: bytes, tmp_path: Path
) -> None:
    program = (
        "import sys, coterie; orders, customers, events, out = sys.argv[1:]; "
        "coterie.segment(orders=orders, customers=customers, events=events).write(out)"
    )
    paths = [str(path) for path in (store.orders, store.customers, store.events, tmp_path / "study")]
    surroundings = os.environ | {"PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}
    subprocess.run([sys.executable, "-c", program, *paths], env=surroundings, check=True)
    assert (tmp_path / "study" / "customers.csv").read_bytes() == expected


def test_the_last_digit_of_an_amount_does_not_matter(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    lines = order_lines(store)
    noise = 1 + np.random.default_rng(5).choice([-1, 1], len(lines)) * 2e-15
    for name in ("amount", "unit_price"):
        lines[name] = [repr(value) for value in lines[name].astype(float) * noise]
    lines.to_csv(tmp_path / "orders.csv", index=False)
    assert customers_csv(tmp_path / "study", tmp_path / "orders.csv", store) == expected


def test_a_later_study_of_the_same_tables_moves_nobody(store: WrittenStore, expected: bytes, tmp_path: Path) -> None:
    first = coterie.segment(orders=store.orders, customers=store.customers, events=store.events)
    again = coterie.segment(orders=store.orders, customers=store.customers, events=store.events, like=first)
    moved = again.tables["moved"]
    assert (moved["from_segment_id"] == moved["to_segment_id"]).all()
    assert again.manifest["change"]["new"] == []
    assert (again.write(tmp_path / "study") / "customers.csv").read_bytes() == expected
