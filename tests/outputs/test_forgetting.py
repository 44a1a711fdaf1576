"""After an erasure nothing names the customer, and the study is whole."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.campaigns.audiences import append_entry
from coterie.errors import StudyError
from coterie.outputs import Study, load
from coterie.outputs.folder import FolderWriter
from coterie.outputs.forgetting import _model_without, forget


@pytest.fixture
def kept(folder: Path, tmp_path: Path) -> Path:
    """The made-up study in a folder that a test may write to."""
    return shutil.copytree(folder, tmp_path / "garden")


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def typical(study: Study) -> str:
    """A customer who stands as an example in segments.json."""
    return study.profiled[0].typical[0]


def test_after_an_erasure_no_file_names_the_customer_and_the_study_opens(study: Study, kept: Path) -> None:
    gone = typical(study)
    erased = forget(kept, [gone, "nobody"])
    assert erased.customers == 1
    assert erased.rows["customers.csv"] == erased.rows["customers.parquet"] == erased.rows["segments.json"] == 1
    assert sum(count for name, count in erased.rows.items() if name.startswith("audiences/")) == 1
    assert not [name for name, content in content_of(kept).items() if gone.encode() in content]
    back = load(kept)
    assert gone not in back.customers.index
    assert gone not in back.profiled[0].typical
    pd.testing.assert_frame_equal(back.customers, load_without(study, gone), check_dtype=False)


def load_without(study: Study, gone: str) -> pd.DataFrame:
    return study.customers.drop(index=gone)


def test_counts_and_everything_else_stay_as_they_were(study: Study, kept: Path, folder: Path) -> None:
    forget(kept, [typical(study)])
    before, after = content_of(folder), content_of(kept)
    changed = {name for name in before if before[name] != after[name]}
    assert set(before) == set(after)
    assert {name.split("/")[0] for name in changed} <= {
        "manifest.json", "customers.csv", "customers.parquet", "segments.json", "audiences", "model",
    }  # fmt: skip
    manifest = json.loads(after["manifest.json"])
    assert manifest["n_customers"] == 800
    assert manifest["forgotten"] == 1
    forget(kept, [study.profiled[1].typical[0]])
    assert json.loads((kept / "manifest.json").read_text())["forgotten"] == 2


def test_a_study_without_the_customer_is_not_touched(kept: Path) -> None:
    before = content_of(kept)
    assert forget(kept, ["nobody"]).rows == {}
    assert content_of(kept) == before


def test_files_beside_the_listed_ones_lose_their_rows_too_and_the_record_stays(study: Study, kept: Path) -> None:
    gone = typical(study)
    (kept / "plan").mkdir()
    (kept / "plan" / "holdout.csv").write_text(f"customer_id,treatment\n{gone},holdout\nC9,treat\n")
    (kept / "mine.csv").write_text(f"note\nabout {gone}\n")
    append_entry(kept, {"at": "2026-01-01T00:00:00", "destination": "google", "lists": []})
    erased = forget(kept, [gone])
    assert erased.rows["plan/holdout.csv"] == 1
    assert (kept / "plan" / "holdout.csv").read_bytes() == b"customer_id,treatment\r\nC9,treat\r\n"
    assert gone in (kept / "mine.csv").read_text()  # not a table of customers: it is the user's own
    assert erased.exported == ("google on 2026-01-01",)
    assert (kept / "exports.jsonl").read_text().count("google") == 1


def test_a_failure_leaves_the_study_as_it_was(study: Study, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_of(kept)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FolderWriter, "put", full_disk)
    with pytest.raises(StudyError, match="Nothing was erased"):
        forget(kept, [typical(study)])
    assert content_of(kept) == before
    assert [path.name for path in kept.parent.iterdir()] == ["garden"]


def test_a_failure_between_the_last_two_steps_puts_the_study_back(
    study: Study, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(StudyError, match="Nothing was erased"):
        forget(kept, [typical(study)])
    monkeypatch.undo()
    assert len(load(kept).customers) == 800
    assert [path.name for path in kept.parent.iterdir()] == ["garden"]


def test_an_erasure_that_was_killed_between_its_last_two_steps_is_finished_by_the_next(
    study: Study, kept: Path
) -> None:
    gone = typical(study)
    old = shutil.copytree(kept, kept.parent / ".garden.1234.old")
    forget(kept, [gone])
    kept.rename(kept.parent / ".garden.1234.new")
    forget(kept, ["nobody"])
    assert gone not in load(kept).customers.index
    assert not old.exists()


def test_a_damaged_study_is_told_and_not_changed(study: Study, kept: Path) -> None:
    (kept / "customers.csv").write_text("customer_id\n")
    with pytest.raises(StudyError, match=r"damaged: part 'customers\.csv'"):
        forget(kept, [typical(study)])


class Same:
    """A preparation that hands its columns on."""

    def transform(self, columns: dict[str, np.ndarray]) -> object:
        return type("Prepared", (), {"X": np.column_stack(list(columns.values()))})


def test_points_that_are_single_customers_leave_the_model_but_never_the_last_of_a_segment(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = ("recency_days", "order_count")
    rows = study.customers[list(features)].drop_duplicates(keep=False)
    points, labels = rows.to_numpy(dtype=float)[:5], np.array([0, 0, 0, 1, 2])
    model = dataclasses.replace(study.model, features=features, arrays={"points": points, "label_of": labels})
    monkeypatch.setattr(type(model), "restore", lambda _: (Same(), None))
    held = dataclasses.replace(study, model=model)
    _, taken = _model_without(held, frozenset([rows.index[0], rows.index[3]]))
    assert taken == 1
    _, taken = _model_without(held, frozenset(rows.index[:3]))
    assert taken == 2
    assert _model_without(held, frozenset(["nobody"])) == ({}, 0)
