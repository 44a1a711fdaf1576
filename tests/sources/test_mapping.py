# ruff: noqa: E501  messages and rows stay in one line
from __future__ import annotations

import pytest

from coterie.errors import ConfigError, InputError, UnsafeGuessError
from coterie.sources import check_report
from coterie.vocabulary import Severity, TableKind
from sources.conftest import order


def roles(shop):
    return {guess.role: guess.column for guess in shop.tables[0].guesses}


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (("Customer ID", "Order Date", "Total"), "English"),
        (("Kundennummer", "Bestelldatum", "Umsatz"), "German"),
        (("N° client", "Date de commande", "Montant TTC"), "French"),
        (("Código cliente", "Fecha de pedido", "Importe total"), "Spanish"),
        (("customerId", "INVOICE_DATE", "line-total"), "English"),
    ],
)
def test_headers_of_four_languages_are_understood(opened, headers, names):
    customer, day, amount = headers
    shop = opened([{customer: c, day: "2024-01-05", amount: "1.50"} for c in ("A1", "A1", "B2")])
    assert roles(shop) == {"customer_id": customer, "ordered_at": day, "amount": amount}
    assert names in shop.tables[0].guesses[1].evidence


def test_the_evidence_tells_name_language_and_counts(opened):
    shop = opened([order("A"), order("A"), order("B")])
    assert shop.tables[0].guesses[0].evidence == "named like 'customer id' (English); 2 different values in 3 rows"
    assert shop.tables[0].kind_evidence == "it has dates and amounts of purchases, and the same customers come back"


def test_a_missing_role_names_the_option_and_the_columns(opened):
    rows = [{"who": c, "order date": "2024-01-05", "revenue": "5"} for c in "AAB"]
    with pytest.raises(UnsafeGuessError) as refused:
        opened(rows, kind=TableKind.ORDERS)
    assert str(refused.value) == (
        "Table 'table.csv' was taken for orders, but no column is its customer_id.\n"
        "It has: who, order date, revenue.\nSay which column it is: --map customer_id=who"
    )
    assert roles(opened(rows, columns={"orders": {"customer_id": "who"}}))["customer_id"] == "who"


def test_two_equally_good_columns_are_a_question_unless_they_say_the_same(opened):
    rows = [
        {"customer_id": c, "order date": "2024-01-05", "net sales": a, "revenue": b}
        for c, a, b in ("A12", "A34", "B56")
    ]
    with pytest.raises(UnsafeGuessError) as refused:
        opened(rows)
    assert str(refused.value) == (
        "Table 'table.csv' has 2 columns that could be its amount: net sales, revenue.\n"
        "Say which: --map amount='net sales' or --map amount=revenue."
    )
    same = [{**row, "revenue": row["net sales"]} for row in rows]
    assert roles(opened(same))["amount"] == "net sales"


def test_a_pinned_column_that_is_not_there_gets_a_suggestion(opened):
    with pytest.raises(ConfigError) as refused:
        opened([order(), order()], columns={"orders": {"customer_id": "customerid"}})
    assert str(refused.value).splitlines()[-1] == "Did you mean --map customer_id=customer_id?"
    with pytest.raises(ConfigError, match="Did you mean amount"):
        opened([order(), order()], columns={"orders": {"amuont": "amount"}})


def test_a_well_named_column_of_other_contents_is_not_taken(opened):
    rows = [{"customer_id": c, "order date": "soon", "paid on": "2024-01-05", "amount": "5"} for c in "AAB"]
    shop = opened(rows, kind=TableKind.ORDERS)
    assert roles(shop)["ordered_at"] == "paid on"
    assert "the only column of dates" in shop.tables[0].guesses[1].evidence


def test_events_and_responses_are_told_apart(opened_tables):
    shop = opened_tables({
        "orders.csv": [order("A"), order("B"), order("B")],
        "visits.csv": [
            {"customer_id": "A", "timestamp": "2024-01-04 10:00", "event": "view", "page": "/x", "duration (ms)": "1500"},
            {"customer_id": "A", "timestamp": "2024-01-09 10:00", "event": "view", "page": "/y", "duration (ms)": "500"},
            {"customer_id": None, "timestamp": "2024-01-04 10:00", "event": "view", "page": "/y", "duration (ms)": "1"},
        ],
        "mail.csv": [
            {"customer_id": "A", "campaign": "spring", "group": "mail", "responded": "yes", "spend": "5.00"},
            {"customer_id": "B", "campaign": "spring", "group": "control", "responded": "no", "spend": ""},
        ],
    })  # fmt: skip
    assert [table.kind for table in shop.tables] == [TableKind.ORDERS, TableKind.EVENTS, TableKind.RESPONSES]
    assert shop.engine.rows("SELECT customer_id, page, duration_seconds FROM site_events") == [("A", "/x", 1.5)]
    assert shop.tables[1].rows_left_out == {"no customer id": 1, "on or after the as-of date": 1}
    assert shop.engine.rows("SELECT customer_id, treated, responded FROM campaign_responses ORDER BY 1") == [
        ("A", True, True), ("B", False, False)]  # fmt: skip


def test_columns_to_ignore_are_not_even_looked_at(opened):
    shop = opened([order(status="cancelled"), order(status="paid")], ignore=("Status",))
    assert "status" not in roles(shop)
    assert shop.tables[0].unused == ()


def test_no_table_is_an_error_and_findings_are_sorted_by_gravity(opened, engine):
    from coterie.config import SourcesSettings
    from coterie.sources import open_raw

    with pytest.raises(InputError, match="No table was handed over"):
        open_raw([], engine, SourcesSettings())
    report = check_report(opened([order("A", amount="0"), order("A", amount="0"), order("B", amount="-1")]))
    assert [f.severity for f in report.findings] == sorted(
        [f.severity for f in report.findings], key=list(Severity).index
    )
    assert report.of(Severity.NOTE)


def test_a_role_pinned_without_a_kind_holds_where_the_table_has_the_column(opened):
    rows = [{"who": c, "when": "2024-01-05", "paid": "3.50"} for c in "AAB"]
    shop = opened(rows, columns={"any": {"customer_id": "who", "ordered_at": "when", "amount": "paid"}})
    assert roles(shop) == {"customer_id": "who", "ordered_at": "when", "amount": "paid"}
    assert {guess.evidence for guess in shop.tables[0].guesses} == {"as set"}


def test_a_role_pinned_to_a_column_that_no_table_has_is_refused_with_the_nearest(opened):
    with pytest.raises(ConfigError) as caught:
        opened([order("A"), order("B")], columns={"any": {"amount": "amuont"}})
    assert caught.value.what == "No table has a column 'amuont', which should be its amount."
    assert caught.value.remedy == "Did you mean --map amount=amount?"


def test_an_unknown_role_pinned_without_a_kind_is_refused_with_the_nearest(opened):
    with pytest.raises(ConfigError) as caught:
        opened([order("A"), order("B")], columns={"any": {"ammount": "amount"}})
    assert str(caught.value) == "There is no role 'ammount'.\nDid you mean amount?"


def test_a_list_of_stock_is_asked_about_and_not_taken_for_customers(opened):
    stock = [{"Produkt": f"Vase {n}", "Lager": str(n)} for n in range(1, 9)]
    with pytest.raises(
        UnsafeGuessError, match=r"looks like a list of products: each row has another 'Produkt'"
    ) as told:
        opened(stock)
    assert "--customers" in str(told.value)
    assert len(opened(stock, kind=TableKind.CUSTOMERS).given) == 2


@pytest.mark.parametrize(
    "row",
    [
        {"Product": "Vase", "Visits": "{n}"},
        {"Customer ID": "C{n}", "Product": "Vase {n}"},
        {"Product": "Vase {n}", "Age": "3{n}"},
    ],
    ids=["products repeat", "it has ids", "it says an age"],
)
def test_customers_with_a_product_stay_customers(opened, row):
    shop = opened([{column: value.replace("{n}", str(n)) for column, value in row.items()} for n in range(1, 9)])
    assert shop.tables[0].kind is TableKind.CUSTOMERS
