from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.campaigns import LIFE
from coterie.errors import ConfigError
from coterie.outputs import Study, load
from coterie.outputs.charts import NAMES, feature_distributions
from coterie.outputs.charts.stage_by_segment import hidden_cells, stages_of_segments
from coterie.outputs.charts.value_concentration import concentration
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", NAMES)
def test_each_chart_draws_and_tells_its_finding(study: Study, name: str) -> None:
    from matplotlib.figure import Figure

    assert isinstance(study.charts[name], Figure)
    drawing = study.charts.drawing(name)
    assert len(drawing.title) > 15
    assert len(drawing.reading) > 15
    ET.fromstring(drawing.svg())  # noqa: S314  our own text


def test_the_same_study_gives_the_same_pictures(study: Study, folder: Path) -> None:
    again = load(folder)
    for name in NAMES:
        svg = study.charts.drawing(name).svg()
        assert svg == again.charts.drawing(name).svg(), name
        assert svg == (folder / "charts" / f"{name}.svg").read_bytes(), name


def test_charts_without_ingredients_are_left_out() -> None:
    study = Study.from_segmentation(make_segmentation(categories=(), orders=False))
    assert set(study.charts) == {
        "segment_sizes", "segment_profiles", "feature_distributions", "customer_map", "number_of_segments", "stability",
        "other_numbers", "decision",
    }  # fmt: skip
    assert "value_concentration" not in study.charts
    with pytest.raises(KeyError, match="has no chart 'priorities'"):
        study.charts["priorities"]


def test_the_title_of_the_sizes_states_the_shares_of_the_table(study: Study) -> None:
    table = study.segments.sort_values("value_share", ascending=False)
    two = table["value_share"].iloc[:2].sum()
    assert f"Two segments bring {100 * two:.0f} % of revenue" in study.charts.drawing("segment_sizes").title


def test_the_concentration_of_equal_customers_is_a_straight_line() -> None:
    segmentation = make_segmentation()
    segmentation.customers.frame["net_revenue"] = 10.0
    curve = concentration(Study.from_segmentation(segmentation))
    assert curve is not None
    np.testing.assert_allclose(curve, np.linspace(0, 1, 201), atol=1e-12)


def test_cells_of_fewer_than_ten_customers_are_hidden_and_cannot_be_worked_out() -> None:
    counts = pd.DataFrame([[50, 9, 30], [40, 0, 20], [5, 3, 80]])
    assert hidden_cells(counts).tolist() == [[True, True, False], [False, False, False], [True, True, False]]


def test_drawing_leaves_no_figure_and_no_setting_behind(study: Study) -> None:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    assert list(study.charts)
    assert plt.get_fignums() == []
    assert mpl.rcParams["svg.hashsalt"] is None


def test_colours_are_all_different() -> None:
    from coterie.outputs.charts.palette import SEGMENT_COLOURS, colour

    assert len({colour(identity) for identity in range(1, 13)}) == 12 == len(SEGMENT_COLOURS)
    assert colour(3, unusual=True) not in SEGMENT_COLOURS


def test_a_number_that_hardly_differs_is_not_said_to_separate_the_segments(study: Study) -> None:
    faint = study.profiles.assign(effect_size=study.profiles["effect_size"] * 0.05)
    weak = replace(study, tables={**study.tables, "profiles": faint})
    titles = [drawing.title for each in (study, weak) if (drawing := feature_distributions.draw(each))]
    assert "separates the segments best" in titles[0]
    assert "differs little between the segments" in titles[1]


def test_pairs_of_features_are_drawn_in_the_colours_of_the_segments(study: Study) -> None:
    first, second = [name for name, feature in study.features.items() if feature.is_numeric][:2]
    drawn = study.pairs(first, second, customers=50)
    assert len(drawn.data) == 50
    assert len(drawn.x_vars) == 2
    assert drawn.data.equals(study.pairs(first, second, customers=50).data)
    assert [text.get_text().replace("\n", " ") for text in drawn.legend.get_texts()] == [
        segment.name for segment in study.profiled if segment.name in set(drawn.data["segment"].str.replace("\n", " "))
    ]


def test_pairs_of_what_is_no_number_are_refused_with_what_there_is(study: Study) -> None:
    with pytest.raises(ConfigError, match="'net_revenu' cannot be drawn in pairs") as refused:
        study.pairs("net_revenu")
    assert "net_revenue" in str(refused.value)
    with pytest.raises(ConfigError, match="0 customers cannot be drawn"):
        study.pairs("net_revenue", customers=0)


def test_stages_stand_as_a_life_goes_whatever_their_size() -> None:
    told = [("Lost", 90), ("Champions", 50), ("No order yet", 3), ("New Customers", 10)]
    counted = pd.DataFrame([(1, stage, n) for stage, n in told], columns=["segment_id", "stage", "customers"])
    table = stages_of_segments(counted, [1])
    assert table is not None
    assert list(table) == ["No order yet", "New Customers", "Champions", "Lost"]


def test_rare_stages_put_together_stand_last() -> None:
    counted = pd.DataFrame(
        [(1, stage, 10 + n) for n, stage in enumerate(LIFE)], columns=["segment_id", "stage", "customers"]
    )
    table = stages_of_segments(counted, [1])
    assert table is not None
    assert list(table) == [*LIFE[4:], "other stages"]
    assert int(table["other stages"].iloc[0]) == 10 + 11 + 12 + 13
