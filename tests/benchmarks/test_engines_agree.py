"""The comparison of engines sees a feature, a text or a segment that differs, and keeps what was found before."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

HERE = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def agree(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import engines_agree

    return engines_agree


def study(**changes) -> SimpleNamespace:
    columns = {"segment_id": [1, 2, 2], "net_revenue": [10.0, 20.0, np.nan], "country": ["FR", None, "DE"]} | changes
    customers = pd.DataFrame(columns, index=pd.Index(["a", "b", "c"], name="customer_id"))
    placed = customers[["segment_id"]].assign(segment="x")
    return SimpleNamespace(customers=customers, segments=[1, 2], score=lambda _place: placed)


def test_equal_studies_agree(agree) -> None:
    found = agree.compare(study(), study())
    assert found["largest_relative_difference"] == 0.0
    assert found["customers_in_another_segment"] == found["texts_that_differ"] == 0


def test_what_differs_is_counted(agree) -> None:
    other = study(segment_id=[1, 1, 2], net_revenue=[10.0, 20.002, np.nan], country=["FR", "", "DE"])
    found = agree.compare(study(), other)
    assert found["largest_relative_difference"] == pytest.approx(1e-4, rel=1e-3)
    assert found["customers_in_another_segment"] == 1
    assert found["texts_that_differ"] == 1


def test_a_value_that_is_known_on_one_engine_alone_is_no_small_difference(agree) -> None:
    assert agree.compare(study(), study(net_revenue=[10.0, 20.0, 1.0]))["largest_relative_difference"] == np.inf


def test_the_result_is_written_after_each_engine_and_keeps_other_shops(agree, monkeypatch, tmp_path) -> None:
    to = tmp_path / "found.json"
    to.write_text(json.dumps({"shops": {"online_retail": {"order_lines": 5}}}))

    @contextmanager
    def place(lines):
        yield lines

    @contextmanager
    def broken(_lines):
        raise RuntimeError("the server did not start")
        yield

    monkeypatch.setattr(agree, "PLACES", {"postgres": place, "spark": broken})
    monkeypatch.setattr(agree.coterie, "segment", lambda **_: study())
    agreement = agree.Agreement(("postgres", "spark"), to)
    with pytest.raises(RuntimeError):
        agreement.shop("synthetic_store", pa.table({"amount": [1.0, 2.0]}))
    shops = json.loads(to.read_text())["shops"]
    assert shops["online_retail"] == {"order_lines": 5}
    assert set(shops["synthetic_store"]["engines"]) == {"duckdb", "postgres"}
    assert shops["synthetic_store"]["engines"]["postgres"]["placed_elsewhere"] == 0
