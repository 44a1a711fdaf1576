from __future__ import annotations

import pytest

from coterie.outputs import words
from coterie.vocabulary import Block, Feature, Kind


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [(1234.4, "£", "£1,234"), (12.5, "EUR", "12.50 EUR"), (-4.0, "$", "−$4"), (2_500_000, "", "2.5 million"),
     (999_999.0, "£", "£1 million"), (float("nan"), "£", "—")],
)  # fmt: skip
def test_money_is_rounded_to_what_matters(value: float, currency: str, text: str) -> None:
    assert words.money(value, currency) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.714, "71 %"), (0.0213, "2.1 %"), (0.0001, "under 0.1 %"), (0.0, "0 %"), (0.0999, "10 %")]
)
def test_shares_are_told_as_percentages(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("index", "text"),
    [(200, "twice the average"), (310, "3.1 times the average"), (150, "50 % above average"), (101, "about average"),
     (40, "60 % below average"), (0, "none, or below zero"), (float("nan"), "")],
)  # fmt: skip
def test_an_index_is_put_into_words(index: float, text: str) -> None:
    assert words.comparison(index) == text


def test_marks_that_turn_text_around_are_spelt_out() -> None:
    assert words.shown("a\u202eb\x1b[31m\u200b") == "a⟨U+202E⟩b⟨U+001B⟩[31m⟨U+200B⟩"
    assert words.shown("x" * 100, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("here", "overall", "text"),
    [(390, 56, "7 times"), (40, 20, "twice"), (46.5, 33.5, "39 % more"), (26, 56, "54 % less"),
     (3, 3, "about the same"),
     (0, 0.2, "none"), (-1, 0.2, ""), (0.1, -0.1, ""), (5000, 1, "over 100 times"), (float("nan"), 1, "")],
)  # fmt: skip
def test_two_values_side_by_side_are_told_by_their_own_ratio(here: float, overall: float, text: str) -> None:
    assert words.beside(here, overall) == text


@pytest.mark.parametrize(("value", "text"), [(-0.001, "0"), (-0.12, "−0.12"), (-25, "−25"), (0.0, "0")])
def test_no_number_is_a_negative_nought(value: float, text: str) -> None:
    assert words.plain_number(value) == text


def test_a_stability_just_below_a_limit_does_not_look_as_if_it_had_reached_it() -> None:
    assert [words.rounded_down(value) for value in (0.7499, 0.75, 1.0)] == ["0.74", "0.75", "1.00"]


def test_scales_of_scores_are_not_printed_as_units_and_thousands_are_written_out() -> None:
    score = Feature("score", "score", "1-100", Kind.NUMBER, Block.VALUE, meaning="A score.")
    income = Feature("income", "income", "thousand $", Kind.MONEY, Block.DEMOGRAPHICS, meaning="Income.")
    assert words.amount(48, score, "") == "48"
    assert words.amount(61.5, income, "£") == "$61,500"


def test_one_of_a_unit_is_told_in_the_singular() -> None:
    categories = Feature(
        "category_count", "number of categories", "categories", Kind.COUNT, Block.INTERESTS, meaning="All."
    )
    assert words.amount(1, categories, "") == "1 category"
    assert words.amount(2, categories, "") == "2 categories"
