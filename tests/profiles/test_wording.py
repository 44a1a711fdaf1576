from __future__ import annotations

import math

import pytest

from coterie.profiles.wording import capital, counted, days, listed, money, number, plain, share, times


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (3.0, "3"), (3.44, "3.4"), (3.999, "4"), (56.4, "56"), (1234.5, "1,234"), (-56.4, "−56"), (0.05, "0.05"),
     (1e-9, "0"), (-1e-9, "0"), (math.nan, "unknown")],
)  # fmt: skip
def test_numbers_are_told_with_about_three_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 %"), (0.0004, "under 0.1 %"), (0.004, "0.4 %"), (0.34, "34 %"), (0.998, "over 99 %"), (1, "100 %")],
)
def test_shares_are_told_as_percentages_and_never_rounded_to_nothing_or_all(value, text):
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [(1234.4, "£", "£1,234"), (56.2, "£", "£56"), (4.5, "£", "£4.50"), (1234.4, "EUR", "1,234 EUR"), (12, "", "12"),
     (-56, "£", "−£56"), (0, "$", "$0")],
)  # fmt: skip
def test_money_is_told_in_the_currency_of_the_shop(value, currency, text):
    assert money(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.2, "less than a day"), (1, "1 day"), (42.6, "43 days"), (900, "2.5 years"), (730.5, "2 years")],
)
def test_days_are_told_in_days_and_from_two_years_on_in_years(value, text):
    assert days(value) == text


def test_one_of_a_unit_stands_in_the_singular_and_none_without_a_nought():
    assert [counted(value, "orders") for value in (0, 1, 2.25)] == ["no orders", "1 order", "2.2 orders"]
    assert counted(1, "categories") == "1 category"
    assert counted(2.5, "") == "2.5"


def test_a_ratio_is_told_only_where_it_means_something():
    assert [times(ratio) for ratio in (2, 3, 0.5, 3.44, 1.1, 0.1, 50, math.nan)] == [
        "twice", "three times", "half", "3.4 times", "", "", "", "",
    ]  # fmt: skip


def test_odd_category_values_are_made_fit_for_a_sentence():
    assert plain("a\n b\t{x}") == "a b x"
    assert plain(None) == plain("  ") == plain("NaN") == "not given"
    assert len(plain("x" * 100)) == 40


def test_lists_end_with_and():
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert capital("iPhone") == "IPhone"
