"""Where a run is, noted for programs that show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from coterie.cli.console import Drawn
from coterie.cli.main import main
from coterie.cli.noting import Notes

if TYPE_CHECKING:
    from pathlib import Path


def test_every_stage_is_noted_with_its_share_of_the_work(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    with Drawn(quiet=True, notes=Notes(path)) as progress:
        for title in ("Reading the tables", "Making one row per customer", "Trying methods and numbers of segments"):
            progress.stage(title)
            for step in range(100):
                progress.advance(step / 100)
    notes = [json.loads(line) for line in path.read_text().splitlines()]
    assert notes[0]["stage"] == "Reading the tables"
    assert [note["share"] for note in notes] == sorted(note["share"] for note in notes)
    assert 0 < notes[-1]["share"] < 1
    assert len(notes) < 20  # not every step


def test_why_a_run_stopped_is_noted_as_it_is_told(tmp_path: Path) -> None:
    path, table = tmp_path / "notes.jsonl", tmp_path / "empty.csv"
    table.touch()
    told = CliRunner().invoke(main, ["segment", str(table), "--out", str(tmp_path / "s"), "--progress-file", str(path)])
    assert told.exit_code == 2
    error = json.loads(path.read_text().splitlines()[-1])["error"]
    assert error["what"] in told.output
    assert set(error) == {"what", "found", "remedy"}
