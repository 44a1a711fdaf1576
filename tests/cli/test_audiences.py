"""Lists, workbooks and erasures from the command line, on the synthetic store."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import phonenumbers
import pytest
from click.testing import CliRunner, Result

from coterie.campaigns.audiences import DESTINATIONS
from coterie.cli import audiences as command
from coterie.cli.main import main
from coterie.sources.synthetic import WrittenStore, write_store


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> WrittenStore:
    return write_store(tmp_path_factory.mktemp("store") / "tables", customers=300, seed=4)


@pytest.fixture(scope="module")
def studied(store: WrittenStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "store"
    result = run("segment", store.orders, store.customers, "--out", folder, "--segments", "3", "--method", "kmeans",
                 "--no-holdout", "--quiet")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def study(studied: Path, tmp_path: Path) -> Path:
    return shutil.copytree(studied, tmp_path / "study")


@pytest.fixture(scope="module")
def people(store: WrittenStore) -> pd.DataFrame:
    """The customer file as it was written, by id."""
    return pd.read_csv(store.customers, dtype=str, keep_default_na=False).set_index("customer_id")


def opened(folder: Path) -> dict[int, list[dict[str, str]]]:
    """Rows of each written list by segment id; of a header that stands several times, the first."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
        found[int(path.name[:2])] = [dict(reversed(list(zip(header, row, strict=True)))) for row in rows]
    return found


def expected(study: Path, people: pd.DataFrame) -> dict[int, list[str]]:
    """Who of each segment agreed, read from the files alone."""
    members = pd.read_csv(study / "customers.csv", dtype=str)
    agreed = set(people.index[people["consent"] == "true"])
    return {
        int(segment): sorted(set(group["customer_id"]) & agreed) for segment, group in members.groupby("segment_id")
    }


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


#: Destination -> what its first column must hold for a customer, computed without our code.
KEYS = {
    "generic": ("customer_id", lambda key, _: key),
    "google": ("Email", lambda _, row: digest(row["email"])),
    "meta": ("phone", lambda _, row: digest(re.sub(r"\D", "", row["phone"]))),
    "tiktok": ("Phone_SHA256", lambda _, row: digest(re.sub(r"[^\d+]", "", row["phone"]))),
    "klaviyo": ("Email", lambda _, row: row["email"]),
    "mailchimp": ("Email Address", lambda _, row: row["email"]),
    "braze": ("external_id", lambda key, _: key),
}


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_the_lists_of_the_synthetic_store_hold_just_those_who_agreed(
    destination: str, study: Path, store: WrittenStore, people: pd.DataFrame, tmp_path: Path
) -> None:
    result = run("audiences", study, "--for", destination, "--customers", store.customers, "--yes",
                 "--out", tmp_path / "out")  # fmt: skip
    assert result.exit_code == 0, result.output
    header, make = KEYS[destination]
    found = opened(tmp_path / "out")
    for segment, ids in expected(study, people).items():
        assert [row[header] for row in found[segment]] == [make(key, people.loc[key]) for key in ids]
    assert "did not agree to marketing" in result.stdout


def test_every_phone_of_the_synthetic_store_can_be_dialled_and_belongs_to_nobody(people: pd.DataFrame) -> None:
    for text in people["phone"]:
        number = phonenumbers.parse(text)
        assert phonenumbers.is_valid_number(number)
        assert re.fullmatch(r"\+44 (\d{3} 49[68]|20 7946|29 2018) 0\d{3}", text)


def test_a_preview_writes_nothing(study: Path, store: WrittenStore, tmp_path: Path) -> None:
    result = run("audiences", study, "--for", "klaviyo", "--customers", store.customers, "--preview",
                 "--out", tmp_path / "out")  # fmt: skip
    assert result.exit_code == 0
    assert not (tmp_path / "out").exists()
    assert not (study / "exports.jsonl").exists()
    assert "Columns: Email, Phone Number, First Name, Last Name, Segment, Segment Confidence" in result.stdout
    assert "@example.com" not in result.stdout


def test_nothing_is_written_unless_somebody_says_so(study: Path, tmp_path: Path) -> None:
    result = run("audiences", study, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert not (tmp_path / "out").exists()


def test_lists_as_one_json_document(study: Path, store: WrittenStore, tmp_path: Path) -> None:
    result = run("audiences", study, "--for", "google", "--customers", store.customers, "--segment", "1", "--yes",
                 "--json", "--out", tmp_path / "out")  # fmt: skip
    document = json.loads(result.stdout)
    (one,) = document["lists"]
    assert document["hashed"] is True
    assert one["people"] + sum(one["left_out"].values()) == one["customers"]
    assert len(one["rows_masked"]) == 3
    assert [Path(name).exists() for name in document["files"]] == [True]
    history = json.loads(run("audiences", study, "--history", "--json").stdout)["exports"]
    assert [entry["lists"][0]["people"] for entry in history] == [one["people"]]
    assert "google" in run("audiences", study, "--history").stdout


def test_suppression_exclusion_and_holdout_files_are_heeded(
    study: Path, store: WrittenStore, people: pd.DataFrame, tmp_path: Path
) -> None:
    ids = expected(study, people)[1]
    (tmp_path / "objections.txt").write_text("".join(f"{people.loc[key, 'email'].upper()}\n" for key in ids[:4]))
    (tmp_path / "recent.csv").write_text("customer_id,last_order\n" + "".join(f"{key},2025\n" for key in ids[4:7]))
    (tmp_path / "plan.csv").write_text("customer_id,treatment\n" + "".join(f"{key},holdout\n" for key in ids[7:9]))
    result = run("audiences", study, "--customers", store.customers, "--segment", 1, "--yes", "--out", tmp_path / "out",
                 "--suppress", tmp_path / "objections.txt", "--exclude", tmp_path / "recent.csv",
                 "--holdout", tmp_path / "plan.csv")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [row["customer_id"] for row in opened(tmp_path / "out")[1]] == ids[9:]
    for told in ("4 on a suppression list", "3 on the list of people to exclude", "2 in the holdout of the test"):
        assert told in result.stdout


def test_rules_are_told_instead_of_lists(study: Path) -> None:
    result = run("audiences", study, "--as-rules", "--segment", "1")
    assert result.exit_code == 0, result.output
    assert "FROM customers" in result.stdout
    assert "Shopify's segment editor" in result.stdout
    document = json.loads(run("audiences", study, "--as-rules", "--json").stdout)
    assert len(document["segments"]) == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--for", "google"), "--customers customers.csv"),
        (("--segment", "Nobody"), "no segment 'Nobody'"),
        (("--map", "consent"), "--map consent=OptIn"),
        (("--fields", "shoe_size"), "no field 'shoe_size'"),
        (("--country", "Atlantis"), "--country GB"),
        (("--for", "braze", "--hashed"), "cannot be hashed"),
    ],
)
def test_a_mistake_ends_with_what_to_do(study: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run("audiences", study, *arguments, "--preview")
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_command_knows_every_destination() -> None:
    assert command.DESTINATIONS == DESTINATIONS


def test_a_customer_is_erased_from_several_studies(study: Path, people: pd.DataFrame, tmp_path: Path) -> None:
    other = shutil.copytree(study, tmp_path / "other")
    gone = expected(study, people)[1][:2]
    (tmp_path / "erase.csv").write_text("id\n" + "".join(f"{key}\n" for key in gone))
    assert run("forget", study, "--customer", gone[0]).exit_code == 2
    result = run("forget", study, other, "--file", tmp_path / "erase.csv", "--yes")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("2 erased") == 2
    assert "take the customer out there too" in result.stdout
    for folder in (study, other):
        for path in folder.rglob("*"):
            assert not path.is_file() or not any(key.encode() in path.read_bytes() for key in gone), path.name
        assert run("report", folder).exit_code == 0
    assert "none of them is in it" in run("forget", study, "--customer", gone[0], "--yes").stdout
    document = json.loads(run("forget", study, "--customer", "nobody", "--yes", "--json").stdout)
    assert document["studies"][0]["customers"] == 0


def test_nobody_named_is_a_mistake(study: Path) -> None:
    result = run("forget", study, "--yes")
    assert result.exit_code == 2
    assert "--customer ID" in result.stderr


def test_a_workbook_of_the_study_is_written_beside_it(study: Path) -> None:
    result = run("excel", study)
    assert result.exit_code == 0, result.output
    path = study.with_name("study.xlsx")
    customers = pd.read_excel(path, sheet_name="Customers", engine="calamine")
    assert len(customers) == len(pd.read_csv(study / "customers.csv"))
    document = json.loads(run("excel", study, "--rows", "5", "--json").stdout)
    assert (document["customers"], document["left_out"]) == (5, len(customers) - 5)
