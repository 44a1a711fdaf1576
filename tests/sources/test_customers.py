# ruff: noqa: E501  messages and rows stay in one line
from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest

from coterie.errors import ConfigError, InputError, NotEnoughDataError, UnsafeGuessError
from coterie.sources import column_checks, looking
from coterie.sources.customers import _sum, _together
from coterie.vocabulary import Barred, Kind, TableKind
from sources.conftest import finding, order


def column(shop, source):
    (found,) = [given for given in shop.given if given.source == source]
    return found


def values(shop, name):
    return [row[0] for row in shop.engine.rows(f'SELECT "{name}" FROM given_customers ORDER BY customer_id')]


def people(n=4, **columns):
    """Give n customers; each keyword is a list of values that repeats."""
    return [{"CustomerID": f"C{i:03d}", **{c: v[i % len(v)] for c, v in columns.items()}} for i in range(n)]


def test_each_column_gets_a_kind_a_role_and_a_clean_name(opened):
    rows = people(
        **{
            "Age": ["25", "31"],
            "Annual Income (k$)": ["15", "81"],
            "Gender": ["F", "M"],
            "Dt_Customer": ["31-12-2012", "01-02-2013"],
            "Newsletter": ["yes", "no"],
            "Age Group": ["35-44", "18-34", "45+"],
            "Spending Score (1-100)": ["39", "81"],
            "NumWebVisits": ["1", "2"],
        }
    )
    shop = opened(rows)
    found = {given.source: (given.name, given.role, given.kind, given.unit) for given in shop.given}
    assert found == {
        "Age": ("age", "age", Kind.NUMBER, ""),
        "Annual Income (k$)": ("annual_income", "income", Kind.MONEY, "thousand $"),
        "Gender": ("gender", "gender", Kind.CATEGORY, ""),
        "Dt_Customer": ("dt_customer", "signed_up_on", Kind.DATE, ""),
        "Newsletter": ("newsletter", "consent", Kind.FLAG, ""),
        "Age Group": ("age_group", "", Kind.ORDERED, ""),
        "Spending Score (1-100)": ("spending_score", "", Kind.NUMBER, "1-100"),
        "NumWebVisits": ("num_web_visits", "visit_count", Kind.COUNT, ""),
    }
    assert column(shop, "Age Group").levels == ("18-34", "35-44", "45+")
    assert values(shop, "age_group") == [1.0, 0.0, 2.0, 1.0]
    assert values(shop, "newsletter") == [1.0, 0.0, 1.0, 0.0]
    assert values(shop, "dt_customer")[0] == dt.date(2012, 12, 31)
    assert column(shop, "Spending Score (1-100)").barred is None
    assert shop.has(TableKind.CUSTOMERS, "age", "income")


def test_families_of_columns_are_spend_by_category_and_orders_by_channel(opened):
    names = ["MntWines", "MntFruits", "MntMeatProducts", "NumWebPurchases", "NumStorePurchases", "NumDealsPurchases"]
    shop = opened(people(**{name: ["1", "2", "3"] for name in names}))
    assert [(given.role, given.detail) for given in shop.given] == [
        ("spend_in_category", "Wines"),
        ("spend_in_category", "Fruits"),
        ("spend_in_category", "Meat"),
        ("orders_in_channel", "Web"),
        ("orders_in_channel", "Store"),
        ("", ""),
    ]


def test_columns_that_must_not_form_segments_are_barred_with_the_reason(opened):
    rows = people(
        60,
        Age=[str(i) for i in range(20, 60)],
        Response=["0", "1"],
        AcceptedCmp1=["0", "1"],
        churn_risk=["0.1", "0.2"],
        propensity_score=["0.1", "0.9"],
        Email=["a@example.org", "b@example.org"],
        contact=["see x@example.org", "none", "none"],
        card=["4111 1111 1111 1111", "5500 0000 0000 0004"],
        Religion=["x", "y"],
        Konfession=["x", "y"],
        Z_CostContact=["3"],
        rare=["5", *[None] * 39],
        First_Name=["Ada", "Bo"],
    )
    assert {given.source: given.barred for given in opened(rows).given} == {
        "Age": None,
        "Response": Barred.OUTCOME,
        "AcceptedCmp1": Barred.OUTCOME,
        "churn_risk": Barred.OUTCOME,
        "propensity_score": Barred.OUTCOME,
        "Email": Barred.PERSONAL,
        "contact": Barred.PERSONAL,
        "card": Barred.PERSONAL,
        "Religion": Barred.SPECIAL,
        "Konfession": Barred.SPECIAL,
        "Z_CostContact": Barred.CONSTANT,
        "rare": Barred.TOO_EMPTY,
        "First_Name": Barred.PERSONAL,
    }


def test_beside_a_treatment_visits_and_spend_are_outcomes(opened):
    rows = people(segment=["Mens E-Mail", "No E-Mail"], visit=["0", "1"], spend=["0", "5.5"], history=["10", "20.5"])
    shop = opened(rows)
    assert [given.barred for given in shop.given] == [Barred.TREATMENT, Barred.OUTCOME, Barred.OUTCOME, None]
    assert finding(shop, "column-outcome").message == (
        "Columns 'visit', 'spend' are not used to build segments: results (a response, a score or an earlier segment) are "
        "what segments should explain, not use."
    )
    assert [given.barred for given in opened(people(spend=["0", "5.5"])).given] == [None]


def test_identifiers_and_free_text_are_barred(opened):
    rows = [
        {"CustomerID": str(i), "age": str(20 + i % 9), "loyalty_card_no": f"L{i * 7919}", "comment": f"wrote {i} long words, and then some more of them"}
        for i in range(80)
    ]  # fmt: skip
    shop = opened(rows)
    assert column(shop, "loyalty_card_no").barred is Barred.IDENTIFIER
    assert column(shop, "comment").barred is Barred.FREE_TEXT


def test_without_ids_each_row_is_a_customer(opened):
    shop = opened([{"age": "20", "city": "Bonn"}, {"age": "30", "city": "Ulm"}])
    assert [row[0] for row in shop.engine.rows("SELECT customer_id FROM given_customers")] == [
        "row-000001",
        "row-000002",
    ]
    assert "each row is taken for one customer" in finding(shop, "no-customer-ids").message


def test_ids_stay_text_and_lose_only_what_is_no_part_of_them(opened):
    rows = [
        {"customer_id": text, "age": "2"}
        for text in ("00123", " A1 ", "a1", "\uff22\uff12", "C\u200b3", "9007199254740993")
    ]
    shop = opened([{**row, "age": str(20 + i)} for i, row in enumerate(rows)])
    ids = [row[0] for row in shop.engine.rows("SELECT customer_id FROM given_customers ORDER BY 1")]
    assert ids == ["00123", "9007199254740993", "A1", "B2", "C3", "a1"]
    assert finding(shop, "near-duplicate-ids").message == (
        "1 customer ids differ from another only in case, blanks, dots or hyphens; they are kept apart."
    )


def test_ids_with_a_decimal_are_mended_only_where_all_are_whole(opened):
    shop = opened([{"customer_id": "12345.0", "age": "20"}, {"customer_id": "7.0", "age": "30"}])
    assert [row[0] for row in shop.engine.rows("SELECT customer_id FROM given_customers ORDER BY 1")] == ["12345", "7"]
    assert "2 ids of column 'customer_id' end in '.0'" in finding(shop, "ids-with-decimals").message
    shop = opened([{"customer_id": "12345.0", "age": "20"}, {"customer_id": "A7", "age": "30"}])
    assert [row[0] for row in shop.engine.rows("SELECT customer_id FROM given_customers ORDER BY 1")] == [
        "12345.0",
        "A7",
    ]


def test_ids_that_a_spreadsheet_destroyed_are_refused(opened):
    with pytest.raises(InputError) as refused:
        opened([{"customer_id": "1.23457E+12", "age": "20"}, {"customer_id": "5", "age": "30"}])
    assert str(refused.value) == (
        "The customer ids in column 'customer_id' of 'table.csv' were destroyed by a spreadsheet.\n"
        "1 cells look like 1.23E+12, the first in row 2: their last digits are lost.\n"
        "Export the table again with this column as text."
    )


def test_customers_listed_twice_with_the_same_values_count_once(opened):
    rows = people(3, age=["20", "30", "40"])
    shop = opened([*rows, rows[0]])
    assert shop.tables[0].rows_left_out == {"customer listed more than once": 1}
    assert (
        finding(shop, "repeated-customers").message
        == "1 customer is listed more than once with the same values, and counted once."
    )


def test_few_conflicting_customers_keep_the_fullest_row_whatever_the_order(opened):
    rows = people(30, age=["20", "30", "40"], city=["Bonn"])
    twin = {"CustomerID": "C000", "age": "99", "city": None}
    for table in ([*rows, twin], [twin, *reversed(rows)]):
        shop = opened(table)
        assert values(shop, "age")[0] == 20.0
        assert "--on-duplicate" in finding(shop, "conflicting-customers").remedy


def test_many_conflicting_customers_are_refused_and_a_rule_decides(opened):
    rows = [
        {"CustomerID": "A", "age": "20", "seen": "2024-01-01"},
        {"CustomerID": "A", "age": "30", "seen": "2024-02-01"},
        {"CustomerID": "B", "age": "40", "seen": "2024-01-01"},
    ]
    with pytest.raises(InputError) as refused:
        opened(rows, kind=TableKind.CUSTOMERS)
    assert str(refused.value).splitlines()[0] == (
        "Table 'table.csv' lists 1 of its 2 customers more than once, with different values."
    )
    assert values(opened(rows, kind=TableKind.CUSTOMERS, on_duplicate="first"), "age") == [20.0, 40.0]
    assert values(opened(rows, kind=TableKind.CUSTOMERS, on_duplicate="latest:seen"), "age") == [30.0, 40.0]
    with pytest.raises(ConfigError, match="no column 'sene'"):
        opened(rows, kind=TableKind.CUSTOMERS, on_duplicate="latest:sene")


def test_impossible_ages_are_missing_and_far_incomes_are_told(opened):
    rows = people(400, Year_Birth=[str(y) for y in range(1950, 1990)], Income=[str(i) for i in range(30_000, 30_100)])
    rows[0]["Year_Birth"], rows[1]["Income"] = "1893", "666666"
    shop = opened(rows)
    assert values(shop, "year_birth")[0] is None
    assert values(shop, "income")[1] == 666_666
    assert finding(shop, "impossible-age").rows == (2,)
    assert finding(shop, "far-values").message == (
        "1 value of column 'Income' is more than three times as high as those of nearly all other customers."
    )


def test_na_stays_a_text_and_is_told_but_is_missing_in_numbers(opened):
    shop = opened(people(country=["NA", "DE"], age=["NA", "30"]))
    assert values(shop, "country") == ["NA", "DE", "NA", "DE"]
    assert values(shop, "age") == [None, 30.0, None, 30.0]
    assert (
        finding(shop, "na-kept").message
        == "2 cells of column 'country' say 'NA' or 'None'; they are kept as a value of their own."
    )


def test_a_table_of_constants_tells_nothing(opened):
    with pytest.raises(NotEnoughDataError, match="No column of the customer table tells customers apart"):
        opened(people(age=["20"]))


def test_orders_and_customers_that_do_not_meet_are_counted(opened_tables):
    shop = opened_tables(
        {
            "o.csv": [order("A"), order("B"), order("B")],
            "c.csv": [{"customer_id": i, "age": a} for i, a in ("A1", "C2", "D3")],
        }
    )
    assert [table.kind for table in shop.tables] == [TableKind.ORDERS, TableKind.CUSTOMERS]
    assert finding(shop, "unmatched-customers").message == (
        "1 customers with orders are not in the customer table, and 2 customers of that table have no order."
    )


def test_an_ambiguous_sign_up_date_is_a_question_and_another_column_stays_text(opened):
    with pytest.raises(UnsafeGuessError, match="--date-order"):
        opened(people(signup_date=["01/02/2024", "03/04/2024"]))
    shop = opened(people(when=["01/02/2024", "03/04/2024"], age=["1", "2"]))
    assert column(shop, "when").kind is Kind.CATEGORY


def test_two_customer_tables_are_joined_on_the_id(opened_tables):
    shop = opened_tables({
        "a.csv": [{"customer_id": "A", "age": "20"}, {"customer_id": "B", "age": "30"}],
        "b.csv": [{"customer_id": "B", "city": "Bonn"}, {"customer_id": "C", "city": "Ulm"}],
    })  # fmt: skip
    assert shop.engine.rows("SELECT * FROM given_customers ORDER BY 1") == [
        ("A", 20.0, None), ("B", 30.0, "Bonn"), ("C", None, "Ulm")]  # fmt: skip


def test_columns_of_two_tables_or_one_that_read_alike_get_labels_of_their_own(opened_tables, opened):
    shop = opened_tables({
        "a.csv": [{"customer_id": "A", "age": "20", "town": "Ulm"}, {"customer_id": "B", "age": "30", "town": "Bonn"}],
        "b.csv": [{"customer_id": "B", "age": "31", "shirt": "L"}, {"customer_id": "A", "age": "21", "shirt": "M"}],
    })  # fmt: skip
    told = {given.name: given.label for given in shop.given}
    assert told == {"age": "age", "town": "town", "age_given": "age (b.csv)", "shirt": "shirt"}
    shop = opened(
        people(9, **{"Web Visits": ["1", "2", "7"], "web_visits": ["3", "4", "8"], "WEB-VISITS": ["5", "6", "9"]})
    )
    assert [given.label for given in shop.given] == ["web visits", "web visits (table.csv)", "web visits (table.csv) 2"]


def test_a_column_of_numbers_with_too_many_words_stays_text_and_is_told(opened):
    shop = opened(people(100, points=[*[str(i) for i in range(48)], "many", "few"], age=["20", "30"]))
    assert column(shop, "points").kind is Kind.CATEGORY
    assert finding(shop, "numbers-with-text").message == (
        "Column 'points' looks like numbers, but 4 of its 100 filled cells are none: it is read as text."
    )


def test_a_wide_table_is_looked_up_a_few_columns_at_a_time_and_says_the_same(opened, monkeypatch):
    rows = people(30, **{f"answer {i}": [str(i), "red", "7.5", ""][i % 3 :] for i in range(11)})
    rows.append({**rows[0], "answer 1": ""})
    whole = opened(rows)
    told = whole.engine.rows("SELECT * FROM given_customers ORDER BY customer_id")
    monkeypatch.setattr("coterie.sources.customers._AT_ONCE", 4)
    parts = opened(rows)
    assert parts.engine.rows("SELECT * FROM given_customers ORDER BY customer_id") == told
    assert parts.given == whole.given
    assert parts.findings == whole.findings
    left = [
        name for (name,) in parts.engine.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%_from_%'")
    ]
    assert left == []


def test_a_sum_of_thousands_of_columns_is_not_too_deep_for_the_engine(opened):
    engine = opened(people(a=["1", "2"])).engine
    assert engine.value(f"SELECT {_sum(['1'] * 3000)}") == 3000
    assert _sum([]) == "0"


def test_a_table_with_too_many_columns_is_refused_in_words_unless_some_are_left_out(opened, monkeypatch):
    monkeypatch.setattr("coterie.sources.opening.MOST_COLUMNS", 4)
    rows = people(a=["1", "2"], b=["3", "4"], c=["5", "6"], d=["7", "8"])
    with pytest.raises(InputError, match=r"has 5 columns; a table of a store has at most 4\.") as told:
        opened(rows)
    assert "--ignore" in str(told.value)
    assert len(opened(rows, ignore=["d"]).given) == 3


def test_columns_of_a_wide_table_are_counted_through_views_of_a_few(opened, monkeypatch):
    rows = people(12, a=["1", "2"], b=["x", "y", ""], c=["2024-01-05", "2024-02-01"], d=["7.5", "8"])
    whole = opened(rows)
    told = whole.engine.rows("SELECT * FROM given_customers ORDER BY customer_id")
    monkeypatch.setattr("coterie.sources.columns._AT_ONCE", 2)
    parts = opened(rows)
    assert parts.engine.rows("SELECT * FROM given_customers ORDER BY customer_id") == told
    assert (parts.given, parts.findings) == (whole.given, whole.findings)
    assert parts.engine.rows("SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'native_%'") == []


def test_columns_of_many_different_values_are_looked_up_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr("coterie.sources.customers._VALUES_AT_ONCE", 10)
    assert _together([4, 6, 1, 50, 2, 3]) == [range(2), range(2, 3), range(3, 4), range(4, 6)]
    assert _together([]) == [range(0)]
    monkeypatch.setattr("coterie.sources.customers._AT_ONCE", 2)
    assert _together([1, 1, 1]) == [range(2), range(2, 3)]


def _typed(n: int) -> list[dict[str, object]]:
    """Customers with numbers of a type: many different ones, a few alike, gaps, and such as cannot be read."""
    shares = [0.1 + 0.2, 0.12345678905, 1e-12, -0.0, 2 / 3, 5e-11, 123.000000000049, 0.0]
    odd = {3: math.nan, 5: math.inf, 7: None, 11: 4e15, 13: -math.inf}
    return [
        {
            "CustomerID": f"C{i:05d}",
            "Income": odd.get(i, 30_000 + i * 7.25 if i != 17 else 9e9),
            "Year_Birth": 1893 if i == 2 else 1940 + i % 60,
            "visits": i % 90,
            "click_share": i / n,
            "trust": -1.5 * (30_000 + i * 7.25),
            "wobble": shares[i] if i < 8 else shares[i % 8] + i * 0.000371,
            "paid": Decimal(i * 37 % 1009) / 100,
            "zip": 10_000 + i % 400,
            "joined": 20_230_100 + i % 28 + 1,
            "club": i % 2,
        }
        for i in range(n)
    ]


def _written(row: dict[str, object]) -> dict[str, object]:
    """Give the same row as a text file holds it."""

    def text(value: object) -> object:
        if isinstance(value, float):
            return None if math.isnan(value) else f"{value:.0f}" if value == value // 1 else repr(value)
        return None if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)

    return {name: text(value) for name, value in row.items()}


@pytest.mark.parametrize("estimated", [False, True])
def test_numbers_with_a_type_are_cast_row_by_row_and_say_what_their_texts_say(opened, monkeypatch, estimated):
    rows = _typed(480)
    text = opened([_written(row) for row in rows], max_rejected=0.05)
    expected = text.engine.rows("SELECT * FROM given_customers ORDER BY ALL")
    counts = text.tables[0].rows_left_out, text.tables[0].rows_kept
    if estimated:
        monkeypatch.setattr(looking, "FEW_ROWS", 100)
        monkeypatch.setattr(looking, "PARTS", 2)
    typed = opened(rows, max_rejected=0.05)
    found = typed.engine.rows("SELECT * FROM given_customers ORDER BY ALL")
    assert found == expected
    assert [math.copysign(1, v) for row in found for v in row if v == 0] == [1.0] * sum(
        v == 0 for r in found for v in r
    )
    assert typed.given == text.given
    assert typed.findings == text.findings
    assert (typed.tables[0].rows_left_out, typed.tables[0].rows_kept) == counts
    assert {f.code for f in typed.findings} >= {"unreadable-cells", "far-values", "impossible-age", "missing-values"}
    assert finding(typed, "unreadable-cells").count == 3


def test_in_a_long_table_columns_that_say_the_same_are_sought_among_those_that_do_in_some_rows(opened, monkeypatch):
    rows = [
        {"CustomerID": f"C{i}", "a": i * 3 % 1009, "b": 7 - 2 * (i * 3 % 1009), "c": i * 5 % 997, "d": i * 3 % 1009 + (i == 9),
         "e": i * 3 % 1009 + (i % 2) / 10, "rare": float(i == 5), "rarer": float(i == 6)} for i in range(4_000)
    ]  # fmt: skip
    whole = opened(rows)
    monkeypatch.setattr(column_checks, "_SOME_ROWS", 400)
    parts = opened(rows)
    told = [f.message for f in parts.findings if f.code == "same-columns"]
    assert told == [f.message for f in whole.findings if f.code == "same-columns"]
    # b, d and e are a stretched, but for one row in four thousand, and for a tenth
    assert [message.split("'")[1] for message in told] == ["b", "d", "e"]
    assert parts.engine.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'some_%'") == []


def test_twins_are_told_by_all_of_their_values_and_nobody_is_sorted_where_nobody_is_listed_twice(opened):
    base = people(60, **{f"c{k}": [str((k + 3) * i % 61) for i in range(60)] for k in range(8)})
    base[10] = base[11] | {"CustomerID": "C010"}
    shop = opened(base)
    assert finding(shop, "equal-but-for-id").count == 1
    assert shop.tables[0].rows_kept == 60
    assert not any(f.code == "repeated-customers" for f in shop.findings)


def test_a_shop_of_customers_leaves_one_table_of_them_and_can_be_followed_by_another(opened):
    rows = people(30, age=["20", "30", "40"], city=["Bonn"])
    for table in ([*rows, rows[3]], rows, [*rows, rows[3]]):
        shop = opened(table)
        tables = [name for (name,) in shop.engine.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL")]
        views = [name for (name,) in shop.engine.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")]
        assert [name for name in tables if not name.startswith("raw_")] == [
            "customer_ids",
            "given_customers",
            "left_out",
        ]
        assert [name for name in views if not name.startswith("arrow_")] == []
        assert shop.tables[0].rows_kept == 30


@pytest.mark.parametrize(
    "column",
    [
        [math.inf if i % 20 == 0 else i / 7 for i in range(100)],  # more than may be rejected
        [4_000_000_000_000_000 + i * 97 for i in range(100)],  # card numbers: too large for an amount
        [-(2**63) if i == 9 else i for i in range(100)],
        [Decimal(f"0.{i * 37 % 89:02d}" + "0" * 28) for i in range(100)],
        [Decimal(str(i) + "0" * 30) if i % 50 else Decimal(i) for i in range(100)],
        [None] * 100,
    ],
    ids=["infinite", "long", "smallest", "many places", "many digits", "nothing"],
)
def test_numbers_with_a_type_that_cannot_all_be_read_are_what_their_texts_are(opened, column):
    rows = [{"CustomerID": f"C{i:03d}", "age": 20 + i % 50, "odd": x} for i, x in enumerate(column)]
    typed = opened(rows)
    found, told = typed.engine.rows("SELECT * FROM given_customers ORDER BY ALL"), (typed.given, typed.findings)
    text = opened([_written(row) for row in rows])
    assert found == text.engine.rows("SELECT * FROM given_customers ORDER BY ALL")
    assert told == (text.given, text.findings)


def test_a_value_that_is_written_in_several_ways_is_one_value_of_nearly_all_customers(opened):
    rows = people(60, spend=["0", "0.0", "0.00", "-", "00"], age=["20", "30", "40"])
    rows[7]["spend"] = "12.5"
    assert finding(opened(rows), "nearly-constant").message == (
        "97.9% of the values of column 'spend' are the same, so it hardly tells customers apart."
    )
    tiny = people(60, age=[20, 30, 40], wobble=[i * 1e-12 for i in range(40)])
    assert finding(opened(tiny), "nearly-constant").column == "wobble"


def test_twins_whose_cells_read_alike_only_when_put_together_are_none(opened):
    rows = people(60, **{f"c{k}": [str((k + 3) * i % 61) for i in range(60)] for k in range(8)})
    for row in rows:
        row |= {"x": "a", "y": "b"}
    pairs = [("a|b", "c"), ("a|b", "c"), ("a", "b|c"), ("a", "b|c")]
    same = {name: rows[0][name] for name in rows[0] if name != "CustomerID"}
    for row, (x, y) in zip(rows[:4], pairs, strict=True):
        row |= same | {"x": x, "y": y}
    assert finding(opened(rows), "equal-but-for-id").count == 2
