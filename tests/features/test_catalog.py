"""The catalogue and the page that is printed from it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from coterie.features import CATALOG
from coterie.features.catalog import columns_of, markdown, member, slug
from coterie.features.facts import EVENT_FACTS, ORDER_FACTS
from coterie.vocabulary import NUMERIC_KINDS, Kind

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_is_the_one_that_is_printed() -> None:
    assert (ROOT / "docs" / "features.md").read_text(encoding="utf-8") == markdown(), (
        "run: python -m coterie.features.catalog > docs/features.md"
    )


def test_the_module_prints_the_page() -> None:
    command = [sys.executable, "-W", "error", "-m", "coterie.features.catalog"]
    assert subprocess.run(command, capture_output=True, check=True).stdout.decode() == markdown()


def test_every_entry_says_what_it_is_and_what_it_needs() -> None:
    known = {*ORDER_FACTS, *EVENT_FACTS}
    for name, entry in CATALOG.items():
        assert re.fullmatch(r"[a-z_]+(<\w+>)?", name)
        assert entry.needs, name
        assert entry.needs <= known, name
        assert entry.feature.meaning.endswith("."), name
        assert entry.feature.label == entry.feature.label.lower(), name
        if entry.feature.actionable:
            assert entry.feature.kind in NUMERIC_KINDS, name
            assert all((entry.feature.high, entry.feature.low)), name
        if entry.absent_is_zero:
            assert entry.feature.kind in {Kind.COUNT, Kind.FLAG, Kind.MONEY}, name


def test_every_step_is_used_and_says_its_grain() -> None:
    for step in (files("coterie.features") / "sql").iterdir():
        assert re.match(r"-- [\w{} ]+: one row per ", step.read_text(encoding="utf-8")), step.name


def test_names_made_from_values_are_plain_and_differ() -> None:
    assert slug("Crème brûlée & Co.") == "creme_brulee_co"
    assert slug("日本") == "x"
    assert columns_of(CATALOG["share_<category>"], ["A b", "a-B", "日本"]) == ["share_a_b", "share_a_b_2", "share_x"]


def test_a_member_of_a_family_speaks_of_its_value() -> None:
    feature = member(CATALOG["share_<category>"], r"Toys \1", "share_toys_1")
    assert feature.label == r"share of Toys \1"
    assert feature.high == r"Toys \1 fans"
    assert "one feature for each" not in feature.meaning
    assert feature.meaning.endswith(".")
