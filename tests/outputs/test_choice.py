"""The page on the choice: why that number, how sure, what came second, what to doubt."""

from __future__ import annotations

import dataclasses

import pytest

from coterie.outputs.page.choice import chosen
from coterie.outputs.study import Study
from outputs.factories import make_segmentation


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.from_segmentation(make_segmentation())


def test_the_page_answers_the_four_questions(study) -> None:
    page = chosen(study)
    questions = [answer["question"] for answer in page["answers"]]
    assert questions == ["Why five?", "What came second?", "What to doubt"]
    assert page["trust"] == {"value": "0.62 of 1", "word": "fair", "tone": "fair", "width": "62"}
    assert "true groups" in page["sure"][0]


def test_each_number_shows_its_trust_and_the_nearest_say_what_changes(study) -> None:
    rows = chosen(study)["numbers"]
    assert [(row["n"], row["trust"], row["again"]) for row in rows] == [
        ("4", "0.59", "0.93"), ("5", "0.62", "0.86"), ("6", "0.55", "—"),
    ]  # fmt: skip
    assert "become one" in rows[0]["change"]
    assert rows[1]["change"] == "chosen"
    assert "comes apart into 2" in rows[2]["change"]


def test_the_table_tells_what_each_number_costs_against_the_choice(study) -> None:
    table = study.tables["numbers"].set_index("n_segments")
    assert table.loc[4, "score_lost"] == pytest.approx(0.03)
    assert table.loc[4, "stability_lost"] == pytest.approx(-0.07)
    assert table.loc[6, "refused"] == "has 6 segments, more than the 5 allowed"


def test_a_study_from_before_the_account_was_kept_has_no_such_page(study) -> None:
    search = {name: value for name, value in study.manifest["search"].items() if name != "account"}
    assert chosen(dataclasses.replace(study, manifest={**study.manifest, "search": search})) is None
