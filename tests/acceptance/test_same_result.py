"""Same in, same out: row order, file split, format and threads change not one byte of customers.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
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
