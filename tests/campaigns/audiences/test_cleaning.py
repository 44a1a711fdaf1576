from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.campaigns.audiences import cleaning
from coterie.campaigns.audiences.cleaning import (
    clean_birth_date,
    clean_country,
    clean_device,
    clean_email,
    clean_gender,
    clean_name,
    clean_phone,
    clean_postcode,
    needs_country,
    split_name,
)
from coterie.campaigns.audiences.countries import US_STATES, country_code
from coterie.campaigns.audiences.headers import agreed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ann.Lee@Shop.COM ", ("ann.lee@shop.com", "")),
        ("mailto:ann@shop.com", ("ann@shop.com", "")),
        ("ann@shop.com\u200b", ("ann@shop.com", "")),
        ("\u00a0ann@shop.com", ("ann@shop.com", "")),
        ("jörg@exämple.de", ("jörg@exämple.de", "")),
        ("ann lee@shop.com", ("", "invalid")),
        ("ann@shop", ("", "invalid")),
        ("ann@@shop.com", ("", "invalid")),
        ("a@x.com;b@x.com", ("", "invalid")),
        ("Ann <ann@shop.com>", ("", "invalid")),
        ("ann@shop.invalid", ("", "invalid")),
        ("noreply@marketplace.com", ("", "placeholder")),
        ("test@test.com", ("", "placeholder")),
        ("none@none.com", ("", "placeholder")),
        ("test@shop.de", ("test@shop.de", "")),
        ("n/a", ("", "empty")),
        ("  ", ("", "empty")),
        (None, ("", "empty")),
        ("A" * 64, ("a" * 64, "hashed")),
    ],
)
def test_an_address_is_used_or_not_for_a_reason(text: str | None, expected: tuple[str, str]) -> None:
    assert clean_email(text) == expected


def test_blanks_inside_an_address_go_only_where_the_destination_says_so() -> None:
    assert clean_email("cloudy sanfrancisco@gmail.com", join_blanks=True) == ("cloudysanfrancisco@gmail.com", "")


@settings(max_examples=200, deadline=None)
@given(
    st.text("ab1._+-", min_size=1, max_size=66),
    st.lists(st.text("ax1-", min_size=1, max_size=65), min_size=1, max_size=4),
    st.sampled_from(["com", "de", "uk", "us", "eu"]),
)
def test_the_quick_check_accepts_only_what_the_full_check_accepts_as_it_stands(
    left: str, labels: list[str], ending: str
) -> None:
    address = f"{left}@{'.'.join(labels)}.{ending}"
    if cleaning._SIMPLE.fullmatch(address):
        assert cleaning._validated(address) == (address, "")


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("(800) 555-0100", "US", ("+18005550100", "")),
        ("16505551212", "US", ("+16505551212", "")),
        ("020 7946 0018", "GB", ("+442079460018", "")),
        ("+44 (0)20 7946 0018", "", ("+442079460018", "")),
        ("0044 20 7946 0018", "", ("+442079460018", "")),
        ("2079460018.0", "GB", ("+442079460018", "")),
        ("+49 171 1234567 ext. 5", "", ("+491711234567", "")),
        ("020 7946 0018", "", ("", "invalid")),
        ("4.42079E+11", "GB", ("", "invalid")),
        ("12", "GB", ("", "invalid")),
        ("0000000000", "GB", ("", "placeholder")),
        ("+11111111111", "", ("", "placeholder")),
        ("123456789", "DE", ("", "placeholder")),
        ("-", "GB", ("", "empty")),
        ("b" * 64, "", ("b" * 64, "hashed")),
    ],
)
def test_a_phone_is_written_with_its_country_or_not_used(text: str, country: str, expected: tuple[str, str]) -> None:
    assert clean_phone(text, country) == expected


def test_only_numbers_that_say_nothing_of_their_country_need_one() -> None:
    assert needs_country("020 7946 0018")
    for text in ("+44 20 7946 0018", "0044 20 7946 0018", "", "n/a", "000000", "c" * 64, None):
        assert not needs_country(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  O'Neil  ", ("O'Neil", "")),
        ("Jean - Luc", ("Jean - Luc", "")),
        ("=HYPERLINK(1)", ("", "invalid")),
        ("+1", ("", "invalid")),
        ("@SUM(A1)", ("", "invalid")),
        ("see www.evil.example", ("", "invalid")),
        ("<b>Ann</b>", ("", "invalid")),
        ("12345", ("", "invalid")),
        ("Ann\x00Lee", ("AnnLee", "")),
        ("null", ("", "empty")),
    ],
)
def test_a_name_is_a_name(text: str, expected: tuple[str, str]) -> None:
    assert clean_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Lee", ("Ann", "Lee")),
        ("Lee, Ann Marie", ("Ann Marie", "Lee")),
        ("Maria del Carmen López", ("", "")),
        ("Ann", ("", "")),
    ],
)
def test_a_whole_name_is_split_only_where_it_is_clear(text: str, expected: tuple[str, str]) -> None:
    assert split_name(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gb", "GB"), ("UK", "GB"), ("United Kingdom", "GB"), ("Deutschland", "DE"), ("ÖSTERREICH", "AT"),
        ("Espana", "ES"), ("U.S.A.", "US"), ("EIRE", "IE"), ("Côte d'Ivoire", "CI"), ("Atlantis", ""), ("XX", ""),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str, code: str) -> None:
    assert country_code(text) == code
    assert clean_country(text) == ((code, "") if code else ("", "invalid"))


def test_there_are_fifty_states_and_a_district() -> None:
    assert len(US_STATES) == 51
    assert len(set(US_STATES.values())) == 51


def test_dates_postcodes_genders_and_devices_are_cleaned() -> None:
    assert clean_birth_date("1997-02-16 00:00:00") == ("1997-02-16", "")
    assert clean_birth_date("19970216") == ("1997-02-16", "")
    assert clean_birth_date("16.02.1997") == ("", "invalid")
    assert clean_birth_date("1997-02-31") == ("", "invalid")
    assert clean_birth_date("1900-01-01") == ("", "placeholder")
    assert clean_postcode(" sw1a 1aa ") == ("SW1A 1AA", "")
    assert clean_postcode("10115.0") == ("10115", "")
    assert clean_postcode("00000") == ("", "empty")
    assert clean_postcode("=1") == ("", "invalid")
    assert clean_gender("Frau") == ("f", "")
    assert clean_gender("?") == ("", "empty")
    assert clean_device("AEBE52E7-03EE-455A-B3C4-E57283966239") == ("aebe52e7-03ee-455a-b3c4-e57283966239", "")
    assert clean_device("00000000-0000-0000-0000-000000000000") == ("", "placeholder")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", True), ("TRUE", True), ("1", True), ("Subscribed", True), ("ja", True), ("2024-05-01", True),
        ("no", False), ("unsubscribed", False), ("not subscribed", False), ("cleaned", False), ("pending", False),
        ("", None), (None, None), ("perhaps", None), ("1970-01-01", None),
    ],
)  # fmt: skip
def test_an_answer_about_consent_is_read_and_nothing_is_taken_for_a_yes(text: str | None, answer: bool | None) -> None:
    assert agreed(text) is answer
