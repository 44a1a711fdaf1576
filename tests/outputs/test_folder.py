from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.errors import StudyError
from coterie.outputs import Study, load
from coterie.outputs.folder import FolderWriter, whole_or_absent
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_holds_what_the_design_lists(folder: Path) -> None:
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {
        "manifest.json", "report.html", "customers.parquet", "customers.csv", "segments.csv", "segments.json",
        "profiles.csv", "candidates.csv", "campaigns.csv", "descriptors.csv", "left_out.csv", "rejected_rows.csv",
        "assign.sql", "model/model.json", "model/centres.npy", "charts/segment_sizes.svg", "charts/segment_sizes.png",
        "audiences/01-frequent-big-basket-regulars.csv",
    } <= names  # fmt: skip
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_the_manifest_accounts_for_every_other_file(folder: Path) -> None:
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(_manifest(folder)["files"]) == names - {"manifest.json"}


def test_nobody_else_can_read_the_folder(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_a_study_comes_back_from_its_folder_as_it_was(study: Study, folder: Path) -> None:
    back = load(folder)
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table, check_dtype=False)
    pd.testing.assert_frame_equal(back.customers, study.customers, check_dtype=False)
    assert back.profiled == study.profiled
    assert back.verdict == study.verdict
    assert str(back.verdict) == study.verdict.sentence
    assert back.features == study.features
    assert back.findings == study.findings
    np.testing.assert_array_equal(back.model.arrays["centres"], study.model.arrays["centres"])


def test_customers_csv_has_the_same_bytes_whatever_the_order_of_the_customers(folder: Path, tmp_path: Path) -> None:
    segmentation = make_segmentation()
    order = np.random.default_rng(1).permutation(len(segmentation.customers))
    frame = segmentation.customers.frame.iloc[order]
    segmentation.customers = type(segmentation.customers)(
        frame, segmentation.customers.features, "net_revenue", segmentation.customers.as_of, "£"
    )
    segmentation.map_xy = segmentation.map_xy[order]
    again = Study.from_segmentation(segmentation).write(tmp_path / "again")
    for name in ("customers.csv", "customers.parquet", "segments.csv", "audiences/01-frequent-big-basket-regulars.csv"):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_customers_csv_is_sorted_and_has_seven_columns(folder: Path) -> None:
    lines = (folder / "customers.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "customer_id,segment_id,segment,confidence,is_core,reason,stage"
    ids = [line.split(",")[0] for line in lines[1:]]
    assert ids == sorted(ids)
    assert len(ids) == 800


def test_personal_data_stay_out_of_the_folder(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"@shop.example" not in path.read_bytes(), path.name
    assert "email" not in load(folder).customers


def test_a_failure_in_the_middle_leaves_nothing(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    put = FolderWriter.put

    def full_disk(writer: FolderWriter, name: str, content: bytes) -> None:
        if name == "report.html":
            raise OSError(28, "No space left on device")
        written.append(name)
        put(writer, name, content)

    monkeypatch.setattr(FolderWriter, "put", full_disk)
    with pytest.raises(StudyError, match="nothing was left there") as caught:
        study.write(tmp_path / "halved")
    assert "No space left on device" in caught.value.found
    assert "--out" in caught.value.remedy
    assert written
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_or_absent(tmp_path / "study", {}) as writer:
            writer.put("a.txt", b"a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_is_written_last(tmp_path: Path) -> None:
    with whole_or_absent(tmp_path / "study", {}) as writer:
        writer.put("a.txt", b"a")
        assert not (writer.folder / "manifest.json").exists()
        assert not (tmp_path / "study").exists()
    assert (tmp_path / "study" / "manifest.json").exists()


def test_a_study_never_overwrites_what_is_there(study: Study, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(StudyError, match="something is there already"):
        study.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize(
    "part", ["customers.parquet", "segments.json", "profiles.csv", "model/model.json", "model/centres.npy"]
)
def test_a_changed_byte_is_found_and_its_part_named(folder: Path, tmp_path: Path, part: str) -> None:
    copy = _copy(folder, tmp_path)
    content = bytearray((copy / part).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / part).write_bytes(content)
    with pytest.raises(StudyError, match=f"is damaged: part '{part}'"):
        load(copy)


def test_a_missing_part_is_named(folder: Path, tmp_path: Path) -> None:
    copy = _copy(folder, tmp_path)
    (copy / "profiles.csv").unlink()
    with pytest.raises(StudyError, match=r"part 'profiles\.csv'"):
        load(copy)


def test_a_folder_that_is_no_study_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="is not a study") as caught:
        load(tmp_path)
    assert "coterie segment" in caught.value.remedy


def test_a_newer_format_is_refused_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    copy = _copy(folder, tmp_path)
    manifest = _manifest(copy) | {"format_version": "99.0"}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StudyError, match="newer Coterie") as caught:
        load(copy)
    assert "pip install --upgrade" in caught.value.remedy


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format_version": "1.0"}', '{"format_version": "1.0", "files": {}}']
)
def test_a_broken_manifest_is_told_without_a_traceback(folder: Path, tmp_path: Path, content: str) -> None:
    copy = _copy(folder, tmp_path)
    (copy / "manifest.json").write_text(content)
    with pytest.raises(StudyError):
        load(copy)


def test_left_out_rows_are_counted_by_reason_and_listed(folder: Path) -> None:
    study = load(folder)
    assert study.tables["left_out"].to_dict("records") == [
        {"table": "orders.csv", "reason": "no customer id", "rows": 540},
        {"table": "orders.csv", "reason": "amount is not a number", "rows": 38},
    ]
    assert study.tables["rejected_rows"]["source_row"].tolist() == [7, 19, 44]


def _manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def _copy(folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(folder, tmp_path / "copy")


def test_every_file_lies_on_the_disk_before_the_manifest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []

    def noted(path: Path) -> None:
        synced.append((path.name, (path.parent / "manifest.json").exists()))

    monkeypatch.setattr("coterie.outputs.folder._sync_file", noted)
    with whole_or_absent(tmp_path / "study", {}) as writer:
        writer.put("a.csv", b"a")
        writer.put("b.csv", b"b")
    assert sorted(synced) == [("a.csv", False), ("b.csv", False), ("manifest.json", True)]
