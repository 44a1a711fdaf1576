"""Headers, normalisation and hashes that the destinations' own pages state."""

from __future__ import annotations

import pytest

from coterie.campaigns.audiences import DESTINATIONS, Form, destination_of, form_for, google, meta, tiktok
from coterie.campaigns.audiences.cleaning import clean_email, clean_phone
from coterie.campaigns.audiences.hashing import HASH_OF_NOTHING, sha256
from coterie.campaigns.audiences.people import Person
from coterie.errors import ConfigError

#: Meta, "Customer information parameters" (Conversions API): normalised value -> SHA-256.
META = {
    "john_smith@gmail.com": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    "16505551212": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    "mary": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
    "valéry": "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
    "정": "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14",
    "19970216": "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c",
    "us": "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
}
#: Google's normalisation rules applied to its own examples.
GOOGLE = {
    "+18005550100": "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
    "cloudysanfrancisco@gmail.com": "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
    "user.name+nyc@example.com": "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
}
MARY = Person(
    "C1", email="john_smith@gmail.com", phone="+16505551212", first_name="Mary", last_name="Valéry", country="US",
    birth_date="1997-02-16", postcode="94046-1234", city="Menlo Park", state="California", gender="f",
)  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), [*META.items(), *GOOGLE.items()])
def test_published_hashes_are_those_that_we_make(value: str, expected: str) -> None:
    assert sha256(value) == expected


def cells(name: str, person: Person, **options: object) -> dict[str, str]:
    """The first cell under each header."""
    destination = destination_of(name)
    columns = destination.columns(form_for(destination, **options))  # type: ignore[arg-type]
    return {column.header: column.value(person) for column in reversed(columns)}


def test_meta_writes_its_vectors_into_its_template() -> None:
    row = cells("meta", MARY, fields=("+birth_date", "+gender"))
    assert row["email"] == META["john_smith@gmail.com"]
    assert row["phone"] == META["16505551212"]
    assert row["fn"] == META["mary"]
    assert row["ln"] == META["valéry"]
    assert row["dob"] == META["19970216"]
    assert row["country"] == META["us"]
    assert row["zip"] == sha256("94046")
    assert row["ct"] == sha256("menlopark")
    assert row["st"] == sha256("ca")
    assert row["gen"] == sha256("f")
    assert row["madid"] == row["uid"] == row["age"] == ""


def test_meta_keeps_letters_of_every_script() -> None:
    assert sha256(meta.normal_name("정")) == META["정"]
    assert sha256(meta.normal_name("Mary.")) == META["mary"]
    assert sha256(meta.normal_name(" VALÉRY ")) == META["valéry"]


def test_google_writes_phones_with_a_plus_and_leaves_country_and_postcode_plain() -> None:
    phone, trouble = clean_phone("(800)555-0100", "US")
    assert (phone, trouble) == ("+18005550100", "")
    person = Person(
        "C1", email="Cloudy.SanFrancisco+shop@gmail.com", phone=phone, first_name="Dr. Mary", last_name="Lee Jr.",
        country="US", postcode="94046 1234",
    )  # fmt: skip
    row = cells("google", person)
    assert row["Email"] == GOOGLE["cloudysanfrancisco@gmail.com"]
    assert row["Phone"] == GOOGLE["+18005550100"]
    assert row["First Name"] == META["mary"]
    assert row["Last Name"] == sha256("lee")
    assert (row["Country"], row["Zip"]) == ("US", "94046-1234")


def test_google_keeps_the_dots_and_the_plus_of_other_providers() -> None:
    assert sha256(google.normal_email("user.name+NYC@Example.com")) == GOOGLE["user.name+nyc@example.com"]


def test_google_writes_an_address_only_where_all_its_four_parts_are_known() -> None:
    person = Person("C1", email="a@shop.com", first_name="Mary", last_name="Lee", country="GB")
    row = cells("google", person)
    assert row["First Name"] == row["Last Name"] == row["Country"] == row["Zip"] == ""


def test_the_same_phone_and_the_same_gmail_address_hash_differently_for_google_and_meta() -> None:
    dotted = Person("C1", email="your.name@gmail.com", phone="+16505551212")
    assert cells("google", dotted)["Phone"] != cells("meta", dotted)["phone"]
    assert cells("google", dotted)["Email"] == sha256("yourname@gmail.com")
    assert cells("meta", dotted)["email"] == sha256("your.name@gmail.com")


@pytest.mark.parametrize(
    ("postcode", "country", "expected"),
    [("94046-1234", "US", "94046"), ("SW1A 1AA", "GB", "sw1a1"), ("M1 1AE", "GB", "m11"), ("10115", "DE", "10115")],
)
def test_meta_shortens_postcodes_as_the_country_asks(postcode: str, country: str, expected: str) -> None:
    assert meta.normal_zip(postcode, country) == expected


def test_tiktok_says_in_its_headers_what_is_hashed_and_lets_the_form_of_phones_be_chosen() -> None:
    person = Person("C1", email="ann+shop@mail.com", phone="+16505551212")
    assert cells("tiktok", person) == {
        "Phone_SHA256": sha256("+16505551212"),
        "Email_SHA256": sha256("ann@mail.com"),
    }
    assert cells("tiktok", person, phone="digits")["Phone_SHA256"] == META["16505551212"]
    assert cells("tiktok", person, hashed=False) == {"Phone": "+16505551212", "Email": "ann@mail.com"}
    assert tiktok.normal_digits("+0016505551212") == "16505551212"


HEADERS = {
    "generic": "customer_id,segment_id,segment_name,confidence,stage,rfm_code,clv_12m,treatment,reason",
    "google": "Email,Phone,First Name,Last Name,Country,Zip",
    "meta": "email,email,email,phone,phone,phone,madid,fn,ln,zip,ct,st,country,dob,doby,gen,age,uid,value",
    "tiktok": "Email_SHA256,Phone_SHA256",
    "klaviyo": "Email,Phone Number,First Name,Last Name,Segment,Segment Confidence",
    "mailchimp": "Email Address,First Name,Last Name,SEGMENT",
    "braze": "external_id,coterie_segment,coterie_segment_confidence",
}


@pytest.mark.parametrize("name", DESTINATIONS)
def test_headers_are_spelled_exactly_as_the_destination_spells_them(name: str) -> None:
    destination = destination_of(name)
    assert ",".join(column.header for column in destination.columns(form_for(destination))) == HEADERS[name]


def test_metas_template_has_its_19_columns_whatever_leaves() -> None:
    assert len(destination_of("meta").columns(Form(frozenset({"email"}), hashed=True))) == 19


def test_nothing_is_hashed_twice_and_an_empty_cell_is_never_hashed() -> None:
    once = sha256("john_smith@gmail.com")
    assert sha256(once) == once
    assert cells("meta", Person("C1", email=once))["email"] == once
    for name in ("google", "meta", "tiktok"):
        assert set(cells(name, Person("C1")).values()) == {""}
    assert sha256("") == ""
    assert clean_email(HASH_OF_NOTHING) == ("", "placeholder")


@pytest.mark.parametrize("name", ["klaviyo", "mailchimp", "braze", "generic"])
def test_tools_that_write_to_people_take_no_hashes(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be hashed"):
        form_for(destination_of(name), hashed=True)


def test_fields_can_be_added_to_a_destinations_choice_or_replace_it() -> None:
    meta_ = destination_of("meta")
    assert form_for(meta_, fields=("+gender",)).fields == set(meta_.fields) | {"gender"}
    assert form_for(meta_, fields=("email",)).fields == {"email"}
    with pytest.raises(ConfigError, match="no field 'shoe_size'") as caught:
        form_for(meta_, fields=("shoe_size",))
    assert "birth_date" in caught.value.remedy


def test_an_unknown_destination_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no destination 'gogle'") as caught:
        destination_of("gogle")
    assert "google" in caught.value.remedy


def test_mailchimp_takes_letters_beyond_ascii_only_after_the_at_sign() -> None:
    mailchimp = destination_of("mailchimp")
    form = form_for(mailchimp)
    assert mailchimp.reaches(Person("C1", email="ann@exämple.de"), form)
    assert not mailchimp.reaches(Person("C1", email="änn@example.de"), form)
    person = Person("C1", email="a@b.de", segment="Ä" * 200)
    assert len(cells("mailchimp", person)["SEGMENT"].encode()) <= 255
    assert cells("mailchimp", MARY, fields=("+birth_date",))["Birthday"] == "02/16"
