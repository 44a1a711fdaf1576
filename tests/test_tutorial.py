"""The tutorial does what it says: every command and line of it runs, and the next study learns what was measured."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from coterie.cli.main import main
from coterie.sources.synthetic import write_store

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def walk() -> None:
    """Run the blocks of the tutorial in their order, in the working directory."""
    for kind, block in BLOCK.findall(PAGE.read_text()):
        if kind == "python":
            exec(compile(block, PAGE.name, "exec"), {})  # noqa: S102  our own page
            continue
        for line in block.splitlines():
            result = CliRunner().invoke(main, shlex.split(line)[1:])
            assert result.exit_code == 0, f"{line}\n{result.output}"


def learned(folder: Path) -> dict[int, dict[str, object]]:
    tests = json.loads((folder / "studies" / "spring-plan-learned.json").read_text())["tests"]
    return {test["segment_id"]: test for test in tests}


def check_what_was_learned(folder: Path) -> None:
    """Plays that failed are gone from their segments and the segments say so; all others stay."""
    tests = learned(folder)
    spring, summer = (pd.read_csv(folder / "studies" / name / "campaigns.csv") for name in ("spring", "summer"))
    assert spring["tested"].isna().all()
    before, after = spring.set_index("segment_id"), summer.set_index("segment_id")
    for segment_id, test in tests.items():
        told = after.loc[segment_id]
        if test["verdict"] == "stop":
            assert told["play"] != test["title"]
            assert str(told["tested"]).startswith("Tested with this segment and failed")
        else:
            assert told["play"] == before.loc[segment_id, "play"]
            assert "Tested with this segment" in str(told["tested"])
    manifest = json.loads((folder / "studies" / "summer" / "manifest.json").read_text())
    assert {test["segment_id"] for test in manifest["learned"]} == set(tests)


def test_the_walk_on_the_synthetic_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write_store(tmp_path / "store", customers=300, seed=0)
    Path(store.orders).rename(tmp_path / "orders.csv")
    monkeypatch.chdir(tmp_path)
    walk()
    tests = learned(tmp_path)
    assert tests[2]["verdict"] == "stop"
    check_what_was_learned(tmp_path)
    assert len(list((tmp_path / "briefs").glob("*.md"))) == len(tests)


@pytest.mark.data
def test_the_walk_on_the_orders_of_a_real_shop(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = data_folder / "online_retail" / "OnlineRetail.csv"
    if not orders.is_file():
        pytest.skip("the orders of the online gift shop are not here")
    (tmp_path / "orders.csv").symlink_to(orders)
    monkeypatch.chdir(tmp_path)
    walk()
    tests = learned(tmp_path)
    assert (tests[1]["verdict"], tests[2]["verdict"]) == ("keep", "stop")
    check_what_was_learned(tmp_path)
