from __future__ import annotations

import pytest

from coterie.sources.bands import ordered_levels
from coterie.sources.names import clean_name, label_of, match, near, unit_of, words


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["35-44", "18-34", "65+"], ("18-34", "35-44", "65+")),
        (["<18", "18-25"], ("<18", "18-25")),
        (["over 60", "under 30", "30 to 60"], ("under 30", "30 to 60", "over 60")),
        (["2) $100 - $200", "7) $1,000 +", "1) $0 - $100"], ("1) $0 - $100", "2) $100 - $200", "7) $1,000 +")),
        (["10k-20k", "5k-10k"], ("5k-10k", "10k-20k")),
        (["unter 20", "20 bis 30"], ("unter 20", "20 bis 30")),
        (["red", "blue"], ()),
        (["1", "2"], ()),
        (["35-44"], ()),
        (["35-44", "unknown"], ()),
    ],
)
def test_bands_are_put_in_order_and_other_texts_are_not(values, levels):
    assert ordered_levels(values) == levels


def test_headers_are_split_into_plain_words():
    assert words("CustomerID") == ("customer", "id")
    assert words("Ländercode") == ("laendercode",)
    assert words("AnnualIncome (k$)") == ("annual", "income")
    assert words("N° client") == ("no", "client")
    assert unit_of("AnnualIncome (k$)") == "k$"
    assert label_of("NumWebPurchases") == "number of web purchases"
    assert label_of("no_of_children") == "number of children"
    assert label_of("no_show") == "no show"
    assert label_of("MntMeatProducts") == "amount of meat products"


def test_clean_names_are_unique():
    assert clean_name("Order  Total!", ()) == "order_total"
    assert clean_name("2021", ()) == "column_2021"
    assert clean_name("Age", {"age"}) == "age_given"
    assert clean_name("Age", {"age", "age_given"}) == "age_2"
    assert clean_name("😀", ()) == "column"


def test_a_header_matches_a_name_wholly_or_by_holding_its_words():
    assert match("Order_Date", ["order date"]) == 1.0
    assert match("First Order Date", ["order date"]) == 0.6
    assert match("Update", ["date"]) == 0.0
    assert near("custmer_id", ["customer_id", "amount"]) == ["customer_id"]
