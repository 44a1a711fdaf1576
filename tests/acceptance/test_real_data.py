"""Whole studies of real exports, as their owners publish them. Skipped where the data are not beside the checkout."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import coterie
from coterie.cli.main import main
from coterie.vocabulary import Barred

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.data


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def rows_are_accounted_for(folder: Path) -> bool:
    inputs = json.loads((folder / "manifest.json").read_text())["inputs"]
    return all(table["rows_kept"] + sum(table["rows_left_out"].values()) == table["rows_read"] for table in inputs)


@pytest.mark.slow
def test_half_a_million_order_lines_become_a_study_with_every_row_accounted_for(
    data_folder: Path, study_folder: Path
) -> None:
    result = run("segment", data_folder / "online_retail" / "OnlineRetail.csv", "--out", study_folder)
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(study_folder / "customers.csv")) == 4372
    (table,) = json.loads((study_folder / "manifest.json").read_text())["inputs"]
    assert (table["rows_read"], table["rows_kept"]) == (541_909, 406_829)
    assert table["rows_left_out"] == {"no customer id": 135_080}
    assert len(pd.read_csv(study_folder / "rejected_rows.csv")) == 135_080
    report = (study_folder / "report.html").read_bytes()
    assert len(report) < 3_000_000
    assert b"<script" not in report


def test_the_same_cells_in_two_dialects_give_identical_segments(data_folder: Path, tmp_path: Path) -> None:
    found = []
    for name in ("marketing_campaign.csv", "marketing_campaign_comma_ddmmyyyy.csv"):
        study = coterie.segment(data_folder / "marketing_campaign" / name)
        found.append((study.write(tmp_path / name) / "customers.csv").read_bytes())
    assert found[0] == found[1]


def test_a_third_variant_with_dollar_signs_and_short_years_runs_without_help(
    data_folder: Path, study_folder: Path
) -> None:
    result = run("segment", data_folder / "marketing_campaign" / "marketing_data.csv", "--out", study_folder)
    assert result.exit_code == 0, result.output
    assert rows_are_accounted_for(study_folder)


def test_income_and_spending_score_give_the_five_groups_of_the_tutorials(data_folder: Path) -> None:
    study = coterie.segment(
        data_folder / "mall" / "Mall_Customers.csv", basis=["AnnualIncome (k$)", "SpendingScore (1-100)"]
    )
    assert len(study.profiled) == 5
    centres = study.customers.groupby("segment_id")[["annual_income", "spending_score"]].mean()
    corners = {
        (income > 70, "high" if score > 65 else "low" if score < 35 else "middle", 40 < income < 70)
        for income, score in centres.to_numpy()
    }
    assert corners == {
        (True, "high", False),
        (True, "low", False),
        (False, "high", False),
        (False, "low", False),
        (False, "middle", True),
    }


def test_a_customer_table_with_question_marks_and_repeated_ids_is_handled_and_told(
    data_folder: Path, study_folder: Path
) -> None:
    result = run("segment", data_folder / "mall" / "Mall_Customers_modified_812.csv", "--out", study_folder)
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(study_folder / "customers.csv")) == 800
    findings = json.loads((study_folder / "manifest.json").read_text())["findings"]
    assert any("12 customers are listed more than once" in finding["message"] for finding in findings)


@pytest.mark.slow
def test_columns_lined_up_with_blanks_are_read_with_the_options_that_the_error_suggests(
    data_folder: Path, study_folder: Path
) -> None:
    path = data_folder / "cdnow" / "CDNOW_master.txt"
    refused = run("segment", path, "--out", study_folder)
    assert refused.exit_code == 2
    suggested = refused.output[refused.output.index("--delimiter") :].strip()
    result = run("segment", path, "--out", study_folder, *shlex.split(suggested))
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(study_folder / "customers.csv")) == 23_570
    assert rows_are_accounted_for(study_folder)


@pytest.mark.slow
def test_treatment_and_outcomes_of_an_experiment_stay_out_of_the_basis(data_folder: Path) -> None:
    study = coterie.segment(data_folder / "hillstrom" / "hillstrom.csv")
    basis = set(study.manifest["basis"]["features"])
    assert not basis & {"segment", "visit", "conversion", "spend"}
    barred = {feature.origin or name: feature.barred for name, feature in study.features.items() if feature.barred}
    assert barred == {
        "segment": Barred.TREATMENT,
        "visit": Barred.OUTCOME,
        "conversion": Barred.OUTCOME,
        "spend": Barred.OUTCOME,
    }
    assert len(study.customers) == 64_000
