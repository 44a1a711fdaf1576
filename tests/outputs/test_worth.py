"""What a study says of the worth of customers: the same numbers in its tables, on its page and in its chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.outputs import load
from coterie.outputs.page.worth import worth
from coterie.outputs.report import render_report
from coterie.outputs.study import WORTH_TABLES, Study
from coterie.outputs.tables import WORTH
from coterie.outputs.worth import SEGMENT_COLUMNS
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from pathlib import Path


def test_segments_and_customers_hold_the_same_sums(study: Study) -> None:
    year = study.tables["expected_value"].query("months == 12 and segment_id > 0").set_index("segment_id")
    segments = study.segments.set_index("segment_id")
    assert set(SEGMENT_COLUMNS) <= set(segments)
    np.testing.assert_allclose(segments["expected_value_12m"], year["value"])
    summed = study.customers.groupby("segment_id")[["expected_orders_12m", "expected_value_12m"]].sum()
    np.testing.assert_allclose(segments[["expected_orders_12m", "expected_value_12m"]], summed, rtol=1e-6)
    assert segments["expected_value_share"].sum() == pytest.approx(1.0)
    assert set(WORTH) <= set(study.customers)


def test_a_study_read_again_tells_the_same_worth(study: Study, folder: Path) -> None:
    again = load(folder)
    for name in WORTH_TABLES:
        pd.testing.assert_frame_equal(study.tables[name], again.tables[name])
    assert worth(study) == worth(again)
    pd.testing.assert_frame_equal(study.customers[list(WORTH)], again.customers[list(WORTH)])


def test_the_page_tells_every_segment_the_test_the_checks_and_the_assumptions(study: Study) -> None:
    found = worth(study)
    assert found is not None
    assert [row["name"] for row in found["rows"]] == [segment.name for segment in study.profiled] + ["All customers"]
    assert len(found["assumptions"]) == 6
    assert found["checks"]
    assert found["ladder"]
    assert any("gamma" in sentence for sentence in found["models"])
    text = render_report(study)
    assert 'href="#worth"' in text
    assert 'id="chart-worth"' in text
    assert found["rows"][0]["value"][2]["middle"] in text


def test_a_study_without_orders_says_why_nothing_is_forecast() -> None:
    study = Study.from_segmentation(make_segmentation(categories=(), orders=False))
    assert worth(study) == {"reason": study.manifest["worth"]["reason"]}
    assert "worth" not in study.charts
    assert not set(WORTH) & set(study.customers)
    assert "only where the tables hold orders with a date" in render_report(study)


def test_segments_of_under_ten_customers_show_no_sums() -> None:
    study = Study.from_segmentation(make_segmentation())
    table = study.tables["expected_value"]
    table.loc[table["segment_id"] == 2, "customers"] = 9
    found = worth(study)
    assert found is not None
    assert study.profiled[1].name not in [row["name"] for row in found["rows"]]


def test_a_study_from_before_there_were_forecasts_still_has_a_report(study: Study) -> None:
    manifest = {name: value for name, value in study.manifest.items() if name != "worth"}
    tables = {name: table for name, table in study.tables.items() if name not in WORTH_TABLES}
    old = Study(manifest, study.profiled, study.customers, tables, study.model)
    assert 'id="worth"' not in render_report(old)


def test_a_feature_of_the_same_name_is_kept_apart(study: Study) -> None:
    assert "feature_p_alive" not in study.customers
    assert study.customers["p_alive"].dropna().between(0, 1).all()
