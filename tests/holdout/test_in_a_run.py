from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.api import configure
from coterie.config import override
from coterie.outputs import Study, load
from coterie.outputs.page import holdout as page
from coterie.pipeline import Segmentation, segment
from coterie.sources import Input
from holdout.shops import later_changed, order_lines

if TYPE_CHECKING:
    from pathlib import Path

    from features.shops import Row

COLUMNS = ["customer_id", "order_id", "ordered_at", "product", "quantity", "amount"]
CONFIG = override(
    configure(method="kmeans", segments=3),
    {"search.sample": 200, "search.bootstraps": 2, "search.null_draws": 19, "holdout.search_sample": 200},
)


def run(rows: list[Row]) -> Segmentation:
    return segment([Input(pd.DataFrame(rows)[COLUMNS])], CONFIG)


@pytest.fixture(scope="module")
def segmentation() -> Segmentation:
    return run(order_lines())


def test_orders_after_the_day_change_no_segment_found_before_it(segmentation: Segmentation) -> None:
    # Those who stay away from the day on, and the rest spending ten times as much, make other segments in the study.
    def change(row: Row) -> Row:
        return dict(row) | {"amount": f"{10 * float(row['amount']):.2f}", "product": "p9"}

    again = run(later_changed(order_lines(), change))
    first, second = segmentation.holdout, again.holdout
    assert first is not None
    assert second is not None
    assert second.split_on == first.split_on
    assert [(s.name, s.size) for s in second.segments] == [(s.name, s.size) for s in first.segments]
    assert [s.spend for s in second.segments] == pytest.approx([10 * s.spend for s in first.segments])
    assert again.segments != segmentation.segments


def test_a_study_keeps_the_test_and_one_without_it_still_loads(segmentation: Segmentation, tmp_path: Path) -> None:
    study = Study.from_segmentation(segmentation)
    back = load(study.write(tmp_path / "with"))
    pd.testing.assert_frame_equal(back.tables["holdout"], study.tables["holdout"], check_dtype=False)
    assert back.tables["holdout_explained"]["explained"].notna().all()
    assert back.manifest["holdout"]["conclusion"] == segmentation.holdout.conclusion
    assert "Held against later orders" in (tmp_path / "with" / "report.html").read_text(encoding="utf-8")
    assert "holdout" in back.charts

    without = load(_as_if_older(tmp_path / "with"))
    assert "holdout" not in without.tables
    assert "holdout" not in without.charts
    assert page.tested(without) is None


def _as_if_older(folder: Path) -> Path:
    """Take what newer versions write out of a study folder."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["holdout"]
    for name in ("holdout", "holdout_explained"):
        del manifest["columns"][name]
        del manifest["files"][f"{name}.csv"]
        (folder / f"{name}.csv").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
