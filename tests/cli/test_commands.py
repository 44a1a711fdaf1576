"""The commands: what they print, where, with which exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from coterie.cli.main import main
from coterie.sources.synthetic import write_store

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.sources.synthetic import WrittenStore


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> WrittenStore:
    return write_store(tmp_path_factory.mktemp("store") / "tables", customers=300, seed=1)


@pytest.fixture(scope="module")
def studied(store: WrittenStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "one"
    result = run("segment", store.orders, store.customers, "--out", folder, "--segments", "2..6", "--json")
    assert result.exit_code == 0, result.output
    return folder


def test_demo_runs_the_main_job_and_tells_where_the_report_is(tmp_path: Path) -> None:
    result = run("demo", "--customers", "300", "--no-open", "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    assert "Report:" in result.stdout
    assert (tmp_path / "demo" / "report.html").is_file()
    assert (tmp_path / "demo-tables" / "orders.csv").is_file()


def test_segment_prints_one_json_document_on_stdout_and_nothing_else(store: WrittenStore, tmp_path: Path) -> None:
    result = run("segment", store.orders, "--out", tmp_path / "study", "--segments", "4", "--json")
    document = json.loads(result.stdout)
    assert document["format"] == 1
    assert len(document["segments"]) == 4
    assert document["verdict"]["word"] in {"natural", "reproducible", "constructive", "none"}
    assert sum(segment["size"] for segment in document["segments"]) == document["customers"]


def test_check_tells_tables_roles_findings_and_features(store: WrittenStore) -> None:
    result = run("check", store.orders, store.customers, "--quiet")
    assert result.exit_code == 0
    for words in ("orders.csv", "customer_id", "What needs a look", "recency_days", "300 customers"):
        assert words in result.stdout


def test_check_gives_the_same_as_a_json_document(store: WrittenStore) -> None:
    document = json.loads(run("check", store.orders, "--json").stdout)
    (table,) = document["tables"]
    assert table["kind"] == "orders"
    assert table["roles"]["customer_id"]["column"] == "customer_id"
    assert table["rows"]["kept"] + sum(table["rows"]["left_out"].values()) == table["rows"]["read"]
    assert {"name", "in_basis", "meaning"} <= set(document["features"][0])


def test_scoring_the_same_tables_gives_the_same_segments(studied: Path, store: WrittenStore, tmp_path: Path) -> None:
    target = tmp_path / "scores.csv"
    result = run("score", studied, store.orders, store.customers, "--out", target)
    assert result.exit_code == 0, result.output
    scored = pd.read_csv(target, index_col="customer_id")
    known = pd.read_csv(studied / "customers.csv", index_col="customer_id")
    assert (scored["segment_id"] == known["segment_id"].loc[scored.index]).all()


def test_scoring_a_table_without_a_column_of_the_study_names_it(
    studied: Path, store: WrittenStore, tmp_path: Path
) -> None:
    orders = pd.read_csv(store.orders, dtype=str).rename(columns={"ordered_at": "bought"})
    orders.to_csv(tmp_path / "orders.csv", index=False)
    result = run("score", studied, tmp_path / "orders.csv", store.customers)
    assert result.exit_code == 2
    assert "has no column 'ordered_at', which should be its ordered_at." in result.stderr


def test_report_writes_the_page_again(studied: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    assert run("report", studied, "--out", target).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_studies_lists_what_was_kept(studied: Path, tmp_path: Path) -> None:
    result = run("studies", studied.parent)
    assert "one" in result.stdout
    (entry,) = json.loads(run("studies", studied.parent, "--json").stdout)["studies"]
    assert entry["study"] == str(studied)
    assert "No studies in" in run("studies", tmp_path).stdout


def test_a_study_is_never_overwritten_and_that_is_said_before_the_work(studied: Path, store: WrittenStore) -> None:
    result = run("segment", store.orders, "--out", studied)
    assert result.exit_code == 2
    assert "something is there already" in result.stderr
    assert "Trying methods" not in result.stderr


def test_a_later_study_keeps_the_ids_and_names_of_an_earlier_one(
    studied: Path, store: WrittenStore, tmp_path: Path
) -> None:
    orders = pd.read_csv(store.orders, dtype=str)
    orders.iloc[: int(0.98 * len(orders))].to_csv(tmp_path / "orders.csv", index=False)
    result = run("segment", tmp_path / "orders.csv", store.customers, "--like", studied, "--out", tmp_path / "later")
    assert result.exit_code == 0, result.output
    assert "who are in the earlier study" in result.stdout
    change = json.loads((tmp_path / "later" / "manifest.json").read_text())["change"]
    names = pd.read_csv(tmp_path / "later" / "segments.csv", index_col="segment_id")["name"]
    before = pd.read_csv(studied / "segments.csv", index_col="segment_id")["name"]
    assert change["kept"]
    assert names.loc[change["kept"]].equals(before.loc[change["kept"]])
    assert not set(change["new"]) & set(before.index)
    moved = pd.read_csv(tmp_path / "later" / "moved.csv")
    assert moved.loc[moved["to_segment_id"] > 0, "customers"].sum() == len(
        pd.read_csv(tmp_path / "later/customers.csv")
    )


def test_settings_of_a_run_can_be_written_and_used_again(store: WrittenStore, tmp_path: Path) -> None:
    settings = tmp_path / "coterie.toml"
    first = run("segment", store.orders, "--out", tmp_path / "a", "--segments", "3", "--write-config", settings)
    assert first.exit_code == 0, first.output
    assert 'customer_id = "customer_id"' in settings.read_text()
    again = run("segment", store.orders, "--out", tmp_path / "b", "--config", settings)
    assert again.exit_code == 0, again.output
    assert (tmp_path / "a" / "customers.csv").read_bytes() == (tmp_path / "b" / "customers.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["segment"], "No table was given."),
        (["check", "nowhere.csv"], "nowhere.csv"),
        (["segment", "x.csv", "--segments", "five"], "The number of segments is 'five'."),
        (["segment", "x.csv", "--map", "customer_id"], "--map 'customer_id' has no meaning."),
        (["score", "nowhere", "x.csv"], "'nowhere' is not a study."),
        (["measure", "nowhere", "x.csv"], "'nowhere' is not a plan."),
        (["plan", "nowhere", "--margin", "nan"], "'nan' is not a number to count with."),
        (["plan", "nowhere", "--fixed", "inf"], "'inf' is not a number to count with."),
        (["plan", "nowhere", "--discount", "much"], "'much' is not a valid number."),
        (["segment", "x.csv", "--budget", "inf"], "'inf' is not a number to count with."),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_message_without_a_traceback(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "studies"])


@pytest.mark.parametrize("command", [["report"], ["brief", "--segment", "1"]])
def test_an_output_that_cannot_be_written_is_named_and_nothing_is_blamed_on_us(
    command: list[str], studied: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    if command == ["report"]:
        taken.mkdir()
    else:
        taken.write_text("kept")
    result = run(*command, studied, "--out", taken)
    assert result.exit_code == 2
    assert "taken' cannot be read or written." in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]
    assert taken.is_dir() or taken.read_text() == "kept"


def test_help_lists_every_command_and_groups_the_options() -> None:
    text = run("--help").stdout
    assert all(name in text for name in ("check", "demo", "report", "score", "segment", "studies"))
    assert [word for word in ("Tables:", "Finding:", "Reading:", "Telling:") if word in run("segment", "--help").stdout]
