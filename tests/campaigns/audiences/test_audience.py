"""Who is in a list, who is not and why, and what stands in its cells."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from campaigns.audiences.shops import READING, contacts_of, make_file, make_members
from coterie.campaigns.audiences import (
    DESTINATIONS,
    Audience,
    Limits,
    check_size,
    destination_of,
    form_for,
    make_audience,
    preview,
    read_assignment,
    read_list,
)
from coterie.campaigns.audiences import limits as why
from coterie.campaigns.audiences.hashing import sha256
from coterie.errors import ConfigError, InputError, NotEnoughDataError, UnsafeGuessError


def made(name: str = "klaviyo", file: pd.DataFrame | None = None, **limits: object) -> Audience:
    """The list of the 30 members."""
    destination = destination_of(name)
    members, frame = make_members(), make_file() if file is None else file
    return make_audience(members, destination, form_for(destination), Limits(**limits), contacts_of(frame))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DESTINATIONS)
def test_members_are_those_in_the_list_and_those_left_out(name: str) -> None:
    audience = made(name, suppress=(listed(["C01", "person2@shop.com"]),), core_only=True)
    assert audience.size == len(audience.rows) == 18
    assert audience.left_out == {why.SUPPRESSED: 2, why.NOT_CORE: 10}
    assert audience.members == audience.size + sum(audience.left_out.values()) == 30


def listed(entries: list[str]) -> object:
    return read_list(pd.DataFrame({"who": entries}), make_members().index, READING, country="GB")


@pytest.mark.parametrize(
    "entry",
    [
        "c05", " C05 ", "PERSON5@Shop.com", "person5+news@shop.com", "020 7946 0005", "+442079460005",
        sha256("person5@shop.com"), sha256("person5@shop.com").upper(), sha256("+442079460005"),
        sha256("442079460005"), sha256("C05"),
    ],
)  # fmt: skip
def test_a_suppression_list_finds_a_person_by_id_address_or_hash_however_it_is_written(entry: str) -> None:
    file = make_file().assign(Email=lambda frame: frame["Email"].replace("person5@shop.com", "person5+news@shop.com"))
    if entry in (sha256("person5@shop.com"), sha256("person5@shop.com").upper(), "PERSON5@Shop.com"):
        file = make_file()
    audience = made(file=file, suppress=(listed([entry, "somebody@else.com"]),))
    assert audience.left_out == {why.SUPPRESSED: 1}
    assert not any("person5" in cell for row in audience.rows for cell in row)


@pytest.mark.parametrize("entry", ["yourname@gmail.com", "YOUR.NAME@gmail.com", sha256("yourname@gmail.com")])
def test_a_gmail_address_is_suppressed_in_all_its_spellings(entry: str) -> None:
    file = make_file()
    file.loc[4, "Email"] = "Your.Name+x@gmail.com"
    assert made(file=file, suppress=(listed([entry, "z@z.de"]),)).left_out == {why.SUPPRESSED: 1}


def test_a_list_without_a_header_loses_no_entry() -> None:
    for entries in (["C01", "C02", "C03"], ["person1@shop.com", "person2@shop.com", "person3@shop.com"]):
        frame = pd.DataFrame({entries[0]: entries[1:]})
        people = read_list(frame, make_members().index, READING)
        assert made(suppress=(people,)).left_out == {why.SUPPRESSED: 3}


def test_a_list_in_a_file_of_bare_addresses_is_read_whole(tmp_path) -> None:
    path = tmp_path / "objections.txt"
    path.write_text("person1@shop.com\nperson2@shop.com\nperson3@shop.com\n")
    people = read_list(path, make_members().index, READING)
    assert people.size == 3
    assert made(suppress=(people,)).left_out == {why.SUPPRESSED: 3}


def test_other_columns_of_a_list_name_nobody() -> None:
    frame = pd.DataFrame(
        {"email": ["person1@shop.com", "x@y.de", ""], "orders": ["C07", "12", "1"], "note": ["C08", "old", "new"]}
    )
    assert made(exclude=(read_list(frame, make_members().index, READING),)).left_out == {why.EXCLUDED: 1}
    with pytest.raises(InputError, match="says whom to leave out"):
        read_list(pd.DataFrame({"a": ["1", "2"], "b": ["3", "4"]}), make_members().index, READING)


def test_only_those_who_agreed_are_in_the_list() -> None:
    file = make_file(**{"Accepts Marketing": ["yes", "no", ""] * 10})
    assert made(file=file).left_out == {why.NO_CONSENT: 20}
    assert made(file=file, consent_elsewhere=True).left_out == {}


def test_without_a_word_on_consent_we_ask() -> None:
    file = make_file().drop(columns="Accepts Marketing")
    with pytest.raises(UnsafeGuessError, match="who agreed to marketing") as caught:
        made(file=file)
    assert "--map consent=COLUMN" in caught.value.remedy
    assert "--consent-elsewhere" in caught.value.remedy
    assert made(file=file, consent_elsewhere=True).size == 30


def test_two_columns_that_may_hold_the_consent_are_a_question() -> None:
    with pytest.raises(UnsafeGuessError, match="2 columns that could say who agreed"):
        contacts_of(make_file(newsletter="no"))


def test_a_consent_column_of_other_words_is_a_question() -> None:
    with pytest.raises(UnsafeGuessError, match="does not say who agreed"):
        contacts_of(make_file(**{"Accepts Marketing": ["gold", "silver", "yes"] * 10}))


def test_one_refusal_is_enough_where_a_customer_stands_twice_whatever_the_order_of_the_rows() -> None:
    twice = pd.concat([make_file(), make_file(3, **{"Accepts Marketing": "no", "Phone": ""})])
    for frame in (twice, twice.iloc[::-1]):
        audience = made(file=frame)
        assert audience.left_out == {why.NO_CONSENT: 3}
        assert audience.rows == made().rows[3:]


def test_those_whom_a_test_holds_out_are_left_out_and_so_are_their_second_accounts() -> None:
    file = make_file()
    file.loc[7, "Email"] = "PERSON1@shop.com"  # C08 is C01 again
    plan = pd.DataFrame({"customer_id": ["C01", "C02", "C03"], "treatment": ["holdout", "treat", "control"]})
    held = read_assignment(plan, READING, make_members().index)
    assert held == {"C01": True, "C02": False, "C03": True}
    audience = made(file=file, holdout=held)
    assert audience.left_out == {why.HELD: 2, why.SHARED: 1}
    ids = made("generic", file=file, holdout=held)
    assert {"C01", "C03"}.isdisjoint(row[0] for row in ids.rows)
    assert [row[7] for row in ids.rows if row[0] == "C02"] == ["treat"]


@pytest.mark.parametrize(
    ("column", "values", "held"),
    [("holdout", ["1", "0"], "C01"), ("treated", ["true", "false"], "C02"), ("group", ["test", "Control"], "C02")],
)
def test_groups_are_understood_by_the_name_of_their_column(column: str, values: list[str], held: str) -> None:
    plan = pd.DataFrame({"customer_id": ["C01", "C02"], column: values})
    assert [key for key, out in read_assignment(plan, READING, ["C01", "C02"]).items() if out] == [held]


def test_a_group_that_is_neither_held_out_nor_treated_is_refused() -> None:
    plan = pd.DataFrame({"customer_id": ["C01", "C02"], "group": ["a", "b"]})
    with pytest.raises(InputError, match="neither held out nor treated"):
        read_assignment(plan, READING, ["C01", "C02"])


def test_nobody_without_a_usable_address_is_in_a_list_and_cells_are_counted_by_what_was_wrong() -> None:
    file = make_file()
    file.loc[0, ["Email", "Phone"]] = "", "n/a"
    file.loc[1, ["Email", "Phone"]] = "broken@", "000000000"
    file.loc[2, ["Email", "Phone"]] = "noreply@shop.com", "12"
    audience = made(file=file)
    assert audience.left_out == {why.UNREACHABLE: 3}
    assert audience.fields["email"] == {"used": 27, "empty": 1, "invalid": 1, "placeholder": 1}
    assert audience.fields["phone"] == {"used": 27, "empty": 1, "placeholder": 1, "invalid": 1}


def test_an_address_stands_once_in_a_list() -> None:
    file = make_file()
    file.loc[3:6, "Email"] = ["Same@shop.com", "same@shop.com", " same@shop.com", "SAME@SHOP.COM"]
    audience = made("mailchimp", file=file)
    assert audience.left_out == {why.REPEATED: 3}
    assert sum(row[0] == "same@shop.com" for row in audience.rows) == 1


def test_customers_who_are_not_in_the_file_are_counted() -> None:
    assert made(file=make_file(25)).left_out == {why.NO_CONTACT: 5}


def test_a_file_of_another_shop_is_refused_naming_the_option() -> None:
    file = make_file().assign(**{"Customer ID": [f"X{n}" for n in range(30)]})
    with pytest.raises(UnsafeGuessError, match="belongs to a customer of this study") as caught:
        contacts_of(file)
    assert "--map customer_id=COLUMN" in caught.value.remedy
    assert "X1" not in str(caught.value)


def test_phones_without_a_country_are_a_question_that_names_the_option() -> None:
    file = make_file(Phone="020 7946 0018", Country="")
    with pytest.raises(UnsafeGuessError, match="30 phone numbers do not say their country") as caught:
        made(file=file)
    assert "--country" in caught.value.remedy
    assert made(file=file, country="GB").rows[0][1] == "+442079460018"
    left_out = made(file=file, country="none")
    assert left_out.size == 30
    assert {row[1] for row in left_out.rows} == {""}


def test_the_country_of_the_row_comes_before_that_of_the_option() -> None:
    file = make_file(Phone="0171 1234567", Country="Germany")
    assert made(file=file, country="GB").rows[0][1] == "+491711234567"


def test_a_destination_that_reaches_people_needs_a_customer_file() -> None:
    google = destination_of("google")
    with pytest.raises(ConfigError, match="how to reach people") as caught:
        make_audience(make_members(), google, form_for(google), Limits())
    assert "--customers" in caught.value.remedy
    generic = destination_of("generic")
    assert make_audience(make_members(), generic, form_for(generic), Limits()).size == 30


def test_google_asks_for_consent_to_advertising_where_the_law_does() -> None:
    answers = {"ad_user_data": ["granted", "denied", ""] * 10, "ad_personalization": "granted"}
    assert made("google", make_file(**answers)).left_out == {why.NO_AD_CONSENT: 20}
    assert made("google", make_file(**answers, Country="US", Zip="94046")).left_out == {}
    assert made("google", make_file(**answers, Country="")).left_out[why.NO_AD_CONSENT] == 20
    assert made("klaviyo", make_file(**answers)).left_out == {}


def test_a_list_that_is_too_small_is_refused_with_what_to_do_and_a_small_one_is_warned_of() -> None:
    google = destination_of("google")
    small = made("google", make_file(9))
    with pytest.raises(NotEnoughDataError, match="has 9 people; 10 are needed") as caught:
        check_size(small, google)
    assert "--segment" in caught.value.remedy
    large = made("google")
    check_size(large, google)
    assert any("1,000 or more" in warning for warning in large.warnings)


def test_values_that_came_hashed_are_passed_on_and_told_or_refused_where_people_are_written_to() -> None:
    file = make_file(Email=[sha256(f"person{n}@shop.com") for n in range(1, 31)])
    google = made("google", file)
    assert google.rows == made("google").rows
    assert any("hashed before" in warning for warning in google.warnings)
    klaviyo = made("klaviyo", file.assign(Phone=""))
    assert klaviyo.left_out == {why.UNREACHABLE: 30}
    assert klaviyo.fields["email"] == {"invalid": 30}


def test_a_list_does_not_depend_on_the_order_of_any_rows() -> None:
    members, file = make_members(), make_file()
    file.loc[3, "Email"] = "person9@shop.com"
    meta = destination_of("meta")
    form = form_for(meta)
    first = make_audience(members, meta, form, Limits(), contacts_of(file))
    second = make_audience(members.iloc[::-1], meta, form, Limits(), contacts_of(file.sample(frac=1, random_state=3)))
    assert first.rows == second.rows
    assert first.left_out == second.left_out


@pytest.mark.parametrize("bad", ["=cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "+1+2"])
def test_an_id_that_a_spreadsheet_would_run_is_not_uploaded(bad: str) -> None:
    braze = destination_of("braze")
    members = make_members().rename(index={"C01": bad})
    assert make_audience(members, braze, form_for(braze), Limits()).left_out == {why.UNSAFE_ID: 1}


def test_a_hostile_segment_name_cannot_run_in_an_upload() -> None:
    members = make_members().assign(segment='=HYPERLINK("http://evil.example")\n\r+1')
    klaviyo = destination_of("klaviyo")
    audience = make_audience(members, klaviyo, form_for(klaviyo), Limits(), contacts_of(make_file()))
    assert {row[4] for row in audience.rows} == {'HYPERLINK("http://evil.example") +1'}


@pytest.mark.parametrize("name", DESTINATIONS)
def test_nobody_can_be_recognised_in_a_preview(name: str) -> None:
    destination = destination_of(name)
    form = form_for(destination)
    text = preview([made(name)], destination, form)
    assert not re.search(r"person\d|7946|\bC\d\d\b|[0-9a-f]{16}|\bAnn\b|\bLee\b", text)
    assert "30 of 30 customers" in text
    assert ("hashed data are personal data too" in text) == form.hashed
