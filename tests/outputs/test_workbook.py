"""The workbook, opened again."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import python_calamine

from coterie.errors import ConfigError, StudyError
from coterie.outputs import Study, load
from coterie.outputs.workbook import SHEET_ROWS, write_workbook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def kept(folder: Path) -> Study:
    return load(folder)


@pytest.fixture(scope="module")
def book(kept: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(kept, tmp_path_factory.mktemp("books") / "garden.xlsx").path


def sheet(path: Path, name: str) -> list[list[object]]:
    return python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def test_the_workbook_has_a_sheet_for_each_part_of_the_study(book: Path) -> None:
    names = python_calamine.CalamineWorkbook.from_path(str(book)).sheet_names
    assert names == ["Overview", "Segments", "What to do", "Profiles", "Charts", "Methods tried", "Customers"]
    assert book.stat().st_mode & 0o777 == 0o600


def test_segments_and_customers_are_those_of_the_study(book: Path, kept: Study) -> None:
    segments = sheet(book, "Segments")
    assert [row[1] for row in segments[1:]] == kept.segments["name"].tolist()
    assert [row[2] for row in segments[1:]] == kept.segments["size"].tolist()
    customers = sheet(book, "Customers")
    assert customers[0][:4] == ["customer id", "segment id", "segment", "confidence"]
    assert [row[0] for row in customers[1:]] == list(kept.customers.index)
    place = customers[0].index("number of orders") if "number of orders" in customers[0] else -1
    if place >= 0:
        assert [row[place] for row in customers[1:]] == kept.customers["order_count"].tolist()


def test_charts_are_pictures_and_one_that_excel_draws(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        names = archive.namelist()
    assert sum(name.startswith("xl/media/") for name in names) >= 5
    assert "xl/charts/chart1.xml" in names


def test_text_that_looks_like_a_formula_stays_text(kept: Study, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    segments = (dataclasses.replace(kept.profiled[0], name=evil), *kept.profiled[1:])
    tables = dict(kept.tables) | {"segments": kept.segments.assign(name=evil)}
    frame = kept.customers.rename(index={kept.customers.index[0]: "=1+2", kept.customers.index[1]: "http://x.example"})
    hostile = Study(kept.manifest, segments, frame, tables, kept.model, kept.folder)
    path = write_workbook(hostile, tmp_path / "evil.xlsx").path
    assert [row[0] for row in sheet(path, "Customers")[1:3]] == ["=1+2", "http://x.example"]
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in content or b"<hyperlink" in content for content in sheets)


def test_a_limit_of_rows_is_kept_and_told(kept: Study, tmp_path: Path) -> None:
    written = write_workbook(kept, tmp_path / "few.xlsx", rows=10)
    assert (written.customers, written.left_out) == (10, 790)
    assert len(sheet(written.path, "Customers")) == 11
    told = " ".join(str(cell) for row in sheet(written.path, "Overview") for cell in row)
    assert "10 of 800 customers" in told
    assert "customers.csv has all" in told


def test_without_rows_nobody_is_in_the_workbook(kept: Study, tmp_path: Path) -> None:
    path = write_workbook(kept, tmp_path / "none.xlsx", rows=0).path
    assert "Customers" not in python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
    assert not any(key.encode() in content for key in kept.customers.index)


def test_the_same_study_gives_the_same_bytes(kept: Study, book: Path, tmp_path: Path) -> None:
    assert write_workbook(kept, tmp_path / "again.xlsx").path.read_bytes() == book.read_bytes()


def test_more_rows_than_a_sheet_holds_and_other_names_are_refused(kept: Study, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot hold"):
        write_workbook(kept, tmp_path / "big.xlsx", rows=SHEET_ROWS)
    with pytest.raises(ConfigError, match=r"end in \.xlsx|not the name"):
        write_workbook(kept, tmp_path / "book.csv")


def test_a_failure_leaves_nothing(kept: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coterie.outputs.workbook._fill", full_disk)
    with pytest.raises(StudyError, match="nothing was left there"):
        write_workbook(kept, tmp_path / "book.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_unknown_values_and_hidden_characters_make_no_broken_cell(kept: Study, tmp_path: Path) -> None:
    frame = kept.customers.assign(
        order_count=float("inf"), recency_days=float("nan"), reason="a\x00b\x1fc\ufffe", stage=None
    )
    odd = Study(kept.manifest, kept.profiled, frame, kept.tables, kept.model, kept.folder)
    path = write_workbook(odd, tmp_path / "odd.xlsx").path
    back = pd.read_excel(io.BytesIO(path.read_bytes()), sheet_name="Customers", engine="calamine")
    assert set(back["reason"]) == {"abc"}
