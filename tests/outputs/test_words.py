from __future__ import annotations

import pytest

from coterie.outputs import words


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [(1234.4, "£", "£1,234"), (12.5, "EUR", "12.50 EUR"), (-4.0, "$", "−$4.00"), (2_500_000, "", "2.5 million"),
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
