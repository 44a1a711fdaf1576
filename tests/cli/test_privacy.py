"""Privacy by default, from the command line and in whole studies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner

import coterie
from coterie.cli.main import main
from coterie.sources.synthetic import write_store

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_prices_and_eligibility_without_a_reviewer_stop_before_anything_is_read(tmp_path: Path) -> None:
    code, told = run("segment", str(tmp_path / "gone.csv"), "--purpose-class", "price-or-eligibility")
    assert code == 2
    assert "--human-review NAME" in told


@pytest.mark.parametrize("words", [["--allow-special", "allergy"], ["--reason", "they asked"]])
def test_a_special_column_needs_its_reason_and_a_reason_its_column(tmp_path: Path, words: list[str]) -> None:
    code, told = run("segment", str(tmp_path / "gone.csv"), *words)
    assert code == 2
    assert "--allow-special" in told


def test_a_study_is_the_same_as_if_people_who_objected_had_never_been_there(tmp_path: Path) -> None:
    store = write_store(tmp_path / "store", customers=160, seed=2)
    orders, people = pd.read_csv(store.orders, dtype=str), pd.read_csv(store.customers, dtype=str)
    gone = sorted(orders["customer_id"].dropna().unique())[::9]
    (tmp_path / "objected.csv").write_text("customer id\n" + "\n".join(f" {one.lower()} " for one in gone))
    options = {"segments": 3, "method": "kmeans", "holdout": False, "audit": ["gender"], "title": "Shop"}
    with_list = coterie.segment(
        orders=store.orders, customers=store.customers, suppress=[str(tmp_path / "objected.csv")], **options
    )
    orders[~orders["customer_id"].isin(gone)].to_csv(tmp_path / "orders.csv", index=False)
    people[~people["customer_id"].isin(gone)].to_csv(tmp_path / "customers.csv", index=False)
    without = coterie.segment(orders=str(tmp_path / "orders.csv"), customers=str(tmp_path / "customers.csv"), **options)
    pd.testing.assert_frame_equal(with_list.customers, without.customers)
    for name in ("segments", "profiles", "campaigns", "proxies", "offers"):
        pd.testing.assert_frame_equal(with_list.tables[name], without.tables[name])
    assert with_list.manifest["privacy"]["suppressed"] == len(gone)
    told = json.dumps(with_list.manifest).lower() + "".join(map(str, with_list.tables.values())).lower()
    assert [one for one in gone if one.lower() in told] == []
    assert "gender" not in with_list.customers, "checked, and in no table of customers"
    assert "gender" in set(with_list.tables["proxies"]["attribute"])
