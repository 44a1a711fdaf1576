"""The page on the choice: why that number, how sure, what came second, what to doubt."""

from __future__ import annotations

import dataclasses

import pytest

from coterie.outputs import to_plain
from coterie.outputs.page.choice import chosen
from coterie.outputs.page.trust import evidence, opening
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


def test_each_number_shows_its_score_and_says_what_changes(study) -> None:
    rows = chosen(study)["numbers"]
    assert [(row["n"], row["score"], row["again"]) for row in rows] == [
        ("4", "0.59", "0.93 (chosen: 0.88)"), ("5", "0.62", "0.86"), ("6", "0.55", "—"),
    ]  # fmt: skip
    assert "become one" in rows[0]["change"]
    assert rows[1]["change"] == "chosen"
    assert "comes apart into 2" in rows[2]["change"]


def test_the_table_tells_what_each_number_costs_against_the_choice(study) -> None:
    table = study.tables["numbers"].set_index("n_segments")
    assert table.loc[4, "score_lost"] == pytest.approx(0.03)
    assert table.loc[4, "stability_lost"] == pytest.approx(-0.05)
    assert table.loc[4, "stability_lost_low"] == pytest.approx(-0.08)
    assert table.loc[4, "pairs"] == 10
    assert table.loc[6, "refused"] == "has 6 segments, more than the 5 allowed"


def trust_with(study, **more) -> dict[str, str]:
    search = {**study.manifest["search"], **more}
    return chosen(dataclasses.replace(study, manifest={**study.manifest, "search": search}))["trust"]


def test_a_choice_that_was_not_made_as_tested_is_never_called_high(study) -> None:
    assert trust_with(study, trust=0.95)["word"] == "high"
    assert trust_with(study, trust=0.95, trust_tested=False)["word"] == "not tested"


def test_where_only_a_bound_is_known_the_trust_is_low_and_told_as_a_bound(study) -> None:
    told = trust_with(study, trust=0.82, trust_is_a_bound=True)
    assert told["value"] == "below 0.82 of 1"
    assert told["word"] == "low"


def test_the_choice_and_the_one_that_came_second_stand_first_among_what_was_tried(study) -> None:
    rows = evidence(study)["candidates"]
    assert [(row["method"], row["k"]) for row in rows[:2]] == [("k-means", "5"), ("k-means", "4")]
    assert [row["chosen"] for row in rows] == [True] + [False] * (len(rows) - 1)
    assert rows[1]["outcome"].startswith("runner-up")


def test_the_first_screen_says_how_far_to_trust_the_choice(study) -> None:
    assert opening(study)["trust"]["word"] == "fair"


def test_the_meaning_on_the_first_screen_is_that_of_the_verdict(study) -> None:
    verdict = dataclasses.replace(study.verdict, meaning="Rely on their cores.")
    manifest = {**study.manifest, "verdict": to_plain(verdict)}
    assert opening(dataclasses.replace(study, manifest=manifest))["meaning"] == "Rely on their cores."


def test_a_study_from_before_the_account_was_kept_has_no_such_page(study) -> None:
    search = {name: value for name, value in study.manifest["search"].items() if name != "account"}
    assert chosen(dataclasses.replace(study, manifest={**study.manifest, "search": search})) is None
