# ruff: noqa: E501  messages and rows stay in one line
from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from coterie.errors import InputError, NotEnoughDataError, UnsafeGuessError
from coterie.vocabulary import Severity, TableKind
from sources.conftest import finding, order


def lines(shop, columns="customer_id, ordered_on, amount", order_by="ALL"):
    return shop.engine.rows(f"SELECT {columns} FROM order_lines ORDER BY {order_by}")


def left_out(shop):
    return shop.engine.rows("SELECT table_name, source_row, reason FROM left_out ORDER BY ALL")


def test_orders_of_three_columns_become_order_lines(opened):
    shop = opened(
        [order("007", "2024-01-05", "10.50"), order("007", "2024-02-06", "5"), order("8", "2024-02-07", "1.25")]
    )
    assert lines(shop) == [
        ("007", dt.date(2024, 1, 5), Decimal("10.50")),
        ("007", dt.date(2024, 2, 6), Decimal("5.00")),
        ("8", dt.date(2024, 2, 7), Decimal("1.25")),
    ]
    assert shop.as_of == dt.date(2024, 2, 8)
    assert shop.has(TableKind.ORDERS, "amount", "order_id", "ordered_at")
    assert not shop.has(TableKind.ORDERS, "product")


def test_rows_that_cannot_be_used_are_left_out_each_with_one_reason(opened):
    good = [order("A1"), order("A1"), order("B2")] * 100
    shop = opened([*good, order(None), order("A1", None), order("A1", "2024-01-05", None), order("A1", "0000-00-00")])
    (report,) = shop.tables
    assert report.rows_left_out == {"no customer id": 1, "no order date": 2, "no amount": 1}
    assert report.rows_kept == 300
    assert [(row, why) for _, row, why in left_out(shop)] == [
        (302, "no customer id"), (303, "no order date"), (304, "no amount"), (305, "no order date")]  # fmt: skip


def test_orders_on_or_after_as_of_are_left_out(opened):
    shop = opened(
        [order("A", "2024-01-01"), order("A", "2024-01-02"), order("B", "2024-01-03")], as_of=dt.date(2024, 1, 2)
    )
    assert lines(shop) == [("A", dt.date(2024, 1, 1), Decimal("10.00"))]
    assert shop.tables[0].rows_left_out == {"on or after the as-of date": 2}
    assert shop.as_of == dt.date(2024, 1, 2)


def test_a_single_date_far_in_the_future_does_not_move_the_first_day_not_seen(opened):
    shop = opened([*[order("A", f"2024-01-{day:02d}") for day in range(1, 29)] * 4, order("B", "2099-01-01")])
    assert shop.as_of == dt.date(2024, 1, 29)
    assert shop.tables[0].rows_left_out == {"dated far in the future": 1}
    assert finding(shop, "future-dates").message == (
        "1 orders are dated more than two years after all others; they are left out as slips, and 2024-01-29 is the first "
        "day not seen."
    )


def test_quantity_times_unit_price_makes_the_amount(opened):
    rows = [
        {"CustomerID": "1", "InvoiceDate": "2024-01-01", "Quantity": "3", "UnitPrice": "2.55"},
        {"CustomerID": "1", "InvoiceDate": "2024-01-02", "Quantity": "-1", "UnitPrice": "2.55"},
    ]
    shop = opened(rows)
    assert lines(shop, "amount, quantity, is_return") == [
        (Decimal("-2.55"), Decimal("-1.000"), True),
        (Decimal("7.65"), Decimal("3.000"), False),
    ]


def test_a_discount_is_taken_off_quantity_times_price_as_money_or_as_a_share(opened):
    row = {"customer_id": "1", "order_date": "2024-01-01", "quantity": "2", "unit_price": "10.00"}
    shop = opened([{**row, "discount": "3.00"}, {**row, "discount": "0"}])
    assert lines(shop, "amount, discount") == [(Decimal("17.00"), Decimal("3.00")), (Decimal("20.00"), Decimal("0.00"))]
    shop = opened([{**row, "discount": "0.15"}, {**row, "discount": "0"}])
    assert lines(shop, "amount, discount") == [(Decimal("17.00"), Decimal("3.00")), (Decimal("20.00"), Decimal("0.00"))]


def test_negative_amounts_and_cancelled_orders_are_returns(opened):
    rows = [
        order("A", invoice="1001", amount="50"),
        order("A", invoice="1003", amount="30"),
        order("B", invoice="1004", amount="30"),
        order("A", invoice="C1002", amount="-50"),
    ]
    shop = opened(rows)
    assert lines(shop, "order_id, is_return") == [("1001", False), ("1003", False), ("1004", False), ("C1002", True)]
    assert finding(shop, "returns").message == (
        "1 lines are returns, refunds or cancellations, together -50.00; they are netted against the customer and count as "
        "no purchase."
    )


@pytest.mark.parametrize("word", ["Cancelled", "refunded", "storniert", "annulé", "devuelto"])
def test_an_order_undone_by_its_status_brings_no_money(opened, word):
    shop = opened([order(status="paid", amount="10"), order(status=word, amount="99")])
    assert lines(shop, "status, amount, is_return") == sorted(
        [("paid", Decimal("10.00"), False), (word, Decimal("0.00"), True)]
    )
    assert "their money is counted as 0" in finding(shop, "undone-orders").message


def test_postage_and_fees_are_charges_and_no_products(opened):
    codes = [f"{i}A" for i in range(1000, 1030)]
    rows = [order(stock_code=code, description="CUP") for code in codes]
    rows += [order(stock_code="POST", description="POSTAGE"), order(stock_code="x1", description="Versandkosten DHL")]
    shop = opened(rows)
    assert shop.engine.rows("SELECT product FROM order_lines WHERE is_charge ORDER BY 1") == [("POST",), ("x1",)]
    assert finding(shop, "charges").count == 2


def test_a_letter_is_a_product_where_other_codes_are_letters_too(opened):
    shop = opened([order(sku=code) for code in ("S", "M", "L", "XL")])
    assert lines(shop, "bool_or(is_charge)", "1") == [(False,)]


def test_product_codes_equal_up_to_case_are_one_product(opened):
    shop = opened([order(stock_code=code) for code in ("85123A", "85123A", "85123a", "71053")])
    assert lines(shop, "DISTINCT product", "1") == [("71053",), ("85123A",)]
    assert finding(shop, "product-spellings").message == (
        "1 product codes differ from another only in upper and lower case (1 lines); they are taken as the more frequent "
        "spelling."
    )


def test_exact_duplicate_lines_are_kept_and_told_with_their_amount(opened):
    shop = opened([order("A", amount="10.10"), order("A", amount="10.10"), order("B")])
    assert len(lines(shop)) == 3
    found = finding(shop, "duplicate-lines")
    assert found.message == "1 order lines repeat another line in every column, together 10.10; they are kept."
    assert found.severity is Severity.WARNING


def test_without_order_numbers_a_customer_and_a_time_make_an_order(opened):
    shop = opened([order("A", "2024-01-01 10:00"), order("A", "2024-01-01 10:00"), order("A", "2024-01-01 11:00")])
    assert shop.engine.value("SELECT count(DISTINCT order_id) FROM order_lines") == 2


def test_guests_that_gather_many_rows_are_left_out_or_kept_as_set(opened):
    rows = [order("A"), order("B"), order("guest"), order("Guest")]
    shop = opened(rows)
    assert shop.tables[0].rows_left_out == {"placeholder customer id": 2}
    assert "2 rows (50.0%) have a placeholder" in finding(shop, "placeholder-ids").message
    assert len(lines(opened(rows, guest_ids="keep"))) == 4


def test_amounts_in_one_currency_are_read_and_remembered(opened):
    shop = opened([order(amount="$1,234.50"), order(amount="$5")])
    assert shop.currency == "$"
    assert sorted(row[2] for row in lines(shop)) == [Decimal("5.00"), Decimal("1234.50")]


def test_mixed_currencies_are_refused(opened):
    with pytest.raises(UnsafeGuessError) as refused:
        opened([order(amount="$5"), order(amount="6 EUR")])
    assert str(refused.value) == (
        "Column 'amount' of 'table.csv' mixes currencies.\nIt has $, €.\n"
        "Convert the amounts to one currency before the export, or leave the other rows out."
    )
    with pytest.raises(UnsafeGuessError, match="in more than one currency"):
        opened([order(currency="USD"), order(currency="EUR")])


def test_too_many_unreadable_amounts_stop_the_run_and_few_are_left_out(opened):
    good = [order(f"C{i}") for i in range(60)]
    with pytest.raises(InputError) as refused:
        opened([*good, order(amount="ten")])
    assert str(refused.value).splitlines()[0] == (
        "Column 'amount' of 'table.csv' should hold numbers, but 1 of its 61 filled cells cannot be read as such."
    )
    assert "--max-rejected 0.02" in str(refused.value)
    shop = opened([*good, order(amount="ten")], max_rejected=0.02)
    assert shop.tables[0].rows_left_out == {"amount cannot be read": 1}
    assert finding(shop, "unreadable-cells").rows == (62,)


def test_infinite_and_huge_amounts_cannot_be_read(opened):
    good = [order() for _ in range(300)]
    shop = opened([*good, order(amount="inf"), order(amount="1e400"), order(amount="1e308")])
    assert shop.tables[0].rows_left_out == {"amount cannot be read": 3}


def test_too_few_customers_are_refused_with_their_number(opened):
    with pytest.raises(NotEnoughDataError) as refused:
        opened([order("A")], min_customers=50)
    assert str(refused.value).splitlines()[0] == (
        "At least 50 customers are needed to find segments; there is 1 with an order before 2024-01-06."
    )
    assert "only 60 customers" in finding(opened([order(f"C{i}") for i in range(60)]), "few-customers").message


def test_one_customer_with_most_of_the_rows_is_told_without_a_name(opened):
    shop = opened(
        [*[order("till-7", day=f"2024-01-{d:02d}") for d in range(1, 29)] * 9, *[order(f"C{i}") for i in range(28)]]
    )
    message = finding(shop, "one-heavy-customer").message
    assert message == "One customer holds 90% of all order lines."


def test_every_customer_with_one_order_is_told(opened):
    shop = opened([order("A"), order("B"), order("C")])
    assert finding(shop, "one-order-each").severity is Severity.WARNING


def test_a_split_export_reads_like_the_whole(opened_tables, opened):
    first = [order("A", "01/02/2024"), order("B", "03/04/2024")]
    second = [order("A", "25/02/2024"), order("B", "26/04/2024")]
    whole = lines(opened([*first, *second]))
    shop = opened_tables({"a.csv": first, "b.csv": second})
    assert lines(shop) == whole
    assert [(t.name, t.rows_kept) for t in shop.tables] == [("a.csv", 2), ("b.csv", 2)]


def test_typed_columns_read_like_text(opened):
    text = [
        {"CustomerID": "17850", "InvoiceDate": "2024-01-05 10:30:00", "amount": "2.5"},
        {"CustomerID": None, "InvoiceDate": "2024-01-06 10:30:00", "amount": "3"},
    ]
    typed = [
        {"CustomerID": 17850.0, "InvoiceDate": dt.datetime(2024, 1, 5, 10, 30), "amount": 2.5},  # noqa: DTZ001
        {"CustomerID": None, "InvoiceDate": dt.datetime(2024, 1, 6, 10, 30), "amount": 3.0},  # noqa: DTZ001
    ]
    assert lines(opened(text), "*") == lines(opened(typed), "*")


def test_hostile_headers_and_values_are_only_names_and_values(opened):
    nasty = "x'; DROP TABLE left_out; --"
    shop = opened([order(nasty, **{'pro"duct name': nasty, "cat'egory": "a\"b'c"})])
    assert lines(shop, "customer_id") == [(nasty,)]


def test_personal_data_in_an_unused_column_of_the_orders_is_told(opened):
    shop = opened([order(notes="call eva@example.org"), order(notes="nothing")])
    assert (
        finding(shop, "column-personal").message == "Column 'notes' holds e-mail addresses; it is not read any further."
    )
