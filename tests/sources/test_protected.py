# ruff: noqa: E501  rows stay in one line
"""Specially protected columns, columns for the audit alone, and people who objected."""

from __future__ import annotations

import hashlib

import pytest

from coterie.errors import ConfigError, InputError
from coterie.sources import check_report
from coterie.sources.left_out import rows_left_out
from coterie.sources.special_categories import special_matter, special_values
from coterie.vocabulary import Barred
from sources.conftest import finding, order
from sources.test_customers import column, people

SPECIAL = {
    "health": "Diagnosis health_condition is_pregnant blood_type Gesundheitszustand_gesundheit Schwangerschaft Krankheit grossesse maladie salud enfermedad embarazo malattia gravidanza Schwerbehinderung allergies",
    "religion or belief": "Religion religious_affiliation Konfession Religionszugehörigkeit Kirchensteuer croyance religión religione fede kosher_customer church_member",
    "origin": "Ethnicity ethnic_group race Migrationshintergrund Herkunft ethnie etnia razza",
    "sex life": "sexual_orientation orientation sexuelle_ausrichtung orientation_sexuelle sexualidad orientamento_sessuale",
    "politics": "political_party party politische_einstellung politique partido voter_group",
    "trade unions": "union_member Gewerkschaft syndicat sindicato sindacato",
    "genes or biometrics": "genetic_test biometric_hash_value fingerprint genetik empreinte biometria",
    "criminal records": "criminal_record convictions Vorstrafen condamnation condena",
}  # fmt: skip
HARMLESS = (
    "race_bike union_square_visits race_time party_size third_party_consent party_dress_spend screen_orientation "
    "page_orientation Herkunftskanal herkunft_kampagne church_street golf_handicap health_food_share credit_union "
    "western_union skin_care_spend account_disabled device_fingerprint empreinte_carbone huella_de_carbono raza_perro "
    "product_vote review_votes first_party_data_date trace_id embrace general_spend Familienstand Marital_Status "
    "nationality country Gender Age income kidhome preferred_category health_magazine generic_brand_share"
)


@pytest.mark.parametrize(("matter", "header"), [(m, h) for m, listed in SPECIAL.items() for h in listed.split()])
def test_headers_of_specially_protected_matters_are_known_in_five_languages(matter, header):
    assert special_matter(header) == matter


@pytest.mark.parametrize("header", HARMLESS.split())
def test_headers_that_only_look_protected_are_not(header):
    assert special_matter(header) == ""


def test_values_give_a_matter_away_where_the_header_does_not():
    assert special_values(["Roman Catholic", "Muslim", "other"]) == "religion or belief"
    assert special_values(["A+", "0 -", "AB+"]) == "health"
    assert special_values(["E11.9", "I10.0", "J45.0"]) == "health"
    assert special_values(["black", "white", "red", "asian"]) == ""
    assert special_values(["A", "B", "AB"]) == ""
    assert special_values(["straight", "curly", "wavy"]) == ""


def test_a_special_column_is_barred_by_its_values_alone(opened):
    shop = opened(people(20, membership=["Catholic", "Protestant", "none"], colour=["white", "red"]))
    assert [(one.source, one.barred) for one in shop.given] == [("membership", Barred.SPECIAL), ("colour", None)]
    assert "--allow-special" in finding(shop, "column-special").remedy


def test_a_special_column_is_used_only_with_its_reason_told(opened):
    rows = people(20, Allergy=["nuts", "milk"], religion=["x", "y"])
    shop = opened(rows, allow_special={"allergy": "they asked for offers that suit it"})
    assert column(shop, "Allergy").barred is None
    assert column(shop, "religion").barred is Barred.SPECIAL
    told = finding(shop, "special-allowed").message
    assert "(health)" in told
    assert "they asked for offers that suit it" in told


def test_a_column_for_the_audit_is_nothing_else(opened):
    shop = opened(people(20, Gender=["f", "m"], religion=["x", "y"], age=["20", "30"]), audit=("gender", "Religion"))
    assert [one.barred for one in shop.given] == [Barred.AUDIT, Barred.AUDIT, None]


def test_an_audit_of_a_column_that_is_not_there_or_says_who_somebody_is_is_refused(opened):
    rows = people(20, Gender=["f", "m"], email=["a@example.org", "b@example.org"])
    with pytest.raises(ConfigError, match="--audit Gender"):
        opened(rows, audit=("gendre",))
    with pytest.raises(ConfigError, match="personal data"):
        opened(rows, audit=("email",))


ORDERS = [order("C001"), order("C002", "2024-02-01"), order("C003", "2030-01-01"), order("c002", "2024-01-02")]
CUSTOMERS = [
    {"customer_id": "C001", "email": "Ada@Example.org", "age": "30"},
    {"customer_id": "C002", "email": "bo@example.org", "age": "40"},
    {"customer_id": "C003", "email": "cy@example.org", "age": "50"},
]


def listed(tmp_path, *lines):
    path = tmp_path / "objected.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def ids(shop, relation="order_lines"):
    return [row[0] for row in shop.engine.rows(f"SELECT DISTINCT customer_id FROM {relation} ORDER BY ALL")]


@pytest.mark.parametrize(
    "lines",
    [
        ["c002 ", " C003"],
        ["customer_id", " c002", "C003"],
        ["E-Mail", " BO@example.ORG", "<cy@example.org>"],
        ["name,email", "Bo,bo@example.org", "Cy,mailto:CY@example.org"],
        [hashlib.sha256(b"bo@example.org").hexdigest(), hashlib.sha256(b"c003").hexdigest()],
    ],
    ids=["bare ids", "ids", "addresses", "a table", "hashes"],
)
def test_people_who_objected_are_in_no_table_however_the_list_writes_them(opened_tables, tmp_path, lines):
    shop = opened_tables({"orders.csv": ORDERS, "customers.csv": CUSTOMERS}, suppress=(listed(tmp_path, *lines),))
    assert ids(shop) == ["C001"]
    assert ids(shop, "given_customers") == ["C001"]
    assert ids(shop, "customer_ids") == ["C001"]
    told = {table.name: (table.rows_kept, dict(table.rows_left_out)) for table in shop.tables}
    assert told["orders.csv"] == (1, {"on a list of people who objected": 3})
    assert told["customers.csv"] == (1, {"on a list of people who objected": 2})
    assert finding(shop, "suppressed").count == 2
    assert str(shop.as_of) == "2024-01-06", "their orders set no date either"
    assert rows_left_out(shop.engine).empty, "their rows are counted, not listed"
    text = repr(shop.findings) + repr(shop.tables) + repr(check_report(shop))
    assert "bo@" not in text.lower()
    assert "c002" not in text.lower()


def test_an_address_in_the_orders_leads_to_the_customer(opened_tables, tmp_path):
    rows = [{**line, "contact_email": f"{line['customer_id']}@example.org"} for line in ORDERS]
    shop = opened_tables({"orders.csv": rows}, suppress=(listed(tmp_path, "email", "C003@example.org"),))
    assert ids(shop) == ["C001", "C002", "c002"]


def test_a_list_that_finds_nobody_is_told_as_such(opened_tables, tmp_path):
    shop = opened_tables({"orders.csv": ORDERS}, suppress=(listed(tmp_path, "email", "nobody@example.org"),))
    told = finding(shop, "suppressed")
    assert told.count == 0
    assert "compared" in told.remedy
    assert len(ids(shop)) == 4


def test_a_missing_list_stops_the_run_and_none_says_that_there_is_none(opened_tables, tmp_path):
    with pytest.raises(InputError, match="--suppress none"):
        opened_tables({"orders.csv": ORDERS}, suppress=(str(tmp_path / "gone.csv"),))
    assert len(ids(opened_tables({"orders.csv": ORDERS}, suppress=("none",)))) == 4


def test_a_list_of_something_else_is_refused(opened_tables, tmp_path):
    with pytest.raises(InputError, match="who objected"):
        opened_tables({"orders.csv": ORDERS}, suppress=(listed(tmp_path, "colour,size", "red,3", "blue,4"),))


PHONES = [
    {"customer_id": "C001", "phone": "+44 20 7946 0018", "country": "GB", "age": "30"},
    {"customer_id": "C002", "phone": "0171 123 4567", "country": "Germany", "age": "40"},
    {"customer_id": "C003", "phone": "(0)30 901820", "country": "DE", "age": "50"},
    {"customer_id": "C004", "phone": "", "country": "DE", "age": "60"},
    {"customer_id": "C005", "phone": "030 901821", "country": "", "age": "60"},
]
PHONE_ORDERS = [order(f"C00{number}") for number in range(1, 6)]


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("lines", "gone"),
    [
        (["+491711234567"], {"C002"}),
        (["0049 171 1234567", "+44 (0)20 7946-0018"], {"C001", "C002"}),
        (["Telefon", "0171-1234567", "030901820"], {"C002", "C003"}),
        (["name,mobile", "Eve,030/901821"], {"C005"}),
        ([hashed("+491711234567"), hashed("442079460018")], {"C001", "C002"}),
        (["Telefon", "+431711234567"], set()),
    ],
    ids=["whole", "written otherwise", "as dialled at home", "without any country", "hashes", "another country's"],
)
def test_people_who_objected_are_found_by_their_telephone_however_it_is_written(opened_tables, tmp_path, lines, gone):
    tables = {"orders.csv": PHONE_ORDERS, "customers.csv": PHONES}
    shop = opened_tables(tables, suppress=(listed(tmp_path, *lines),))
    everyone = {one["customer_id"] for one in PHONES}
    assert set(ids(shop)) == everyone - gone
    assert set(ids(shop, "given_customers")) == everyone - gone
    text = repr(shop.findings) + repr(shop.tables)
    assert not any(digits in text for digits in ("1234567", "79460018", "901820", "901821"))


def test_a_customer_id_of_digits_is_no_telephone_number(opened_tables, tmp_path):
    rows = [{**person, "customer_id": f"9018{number}0"} for number, person in enumerate(PHONES)]
    orders = [order(one["customer_id"]) for one in rows]
    shop = opened_tables({"orders.csv": orders, "customers.csv": rows}, suppress=(listed(tmp_path, "901820"),))
    assert set(ids(shop)) == {one["customer_id"] for one in rows} - {"901820"}


def test_of_the_numbers_of_a_shop_only_those_on_a_list_leave_the_engine_s_rows():
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.suppressed_phones import Numbers, ids_on_lists

    with DuckDBEngine("200MB", 1) as engine:
        engine.run("CREATE TABLE people AS SELECT 'c' || i AS id, '+4420794' || lpad(CAST(i AS VARCHAR), 5, '0') AS phone FROM range(3000) AS t(i)")  # fmt: skip
        few = Numbers(["+44 20 7946 0018", "0044 20 7940 0018"])
        assert few.tails == ["400018", "460018"]
        assert sorted(ids_on_lists(engine, "people", ("phone", ""), few)) == ["c18"]
        hashes = Numbers([hashed("+442079400018"), hashed("442079402999")])
        assert sorted(ids_on_lists(engine, "people", ("phone", ""), hashes)) == ["c18", "c2999"]
