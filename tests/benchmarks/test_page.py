"""The page of benchmarks and its pictures say what the results say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pages(monkeypatch):
    """The script that makes the page, imported as it finds its neighbours when it is run."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import benchmarks_page

    return benchmarks_page


def side(wall: float, **more) -> dict:
    ratios = {"us_per_line": {"wall": 1.0, "cpu": 2.0}, "times_the_floor": {"wall": 3.0, "cpu": 4.0}}
    return {"wall": wall, "cpu": wall, "all_processes_mb": 300.0, **ratios, **more}


@pytest.fixture
def bench() -> dict:
    """A result of two sizes, in which one peer is faster, one slower, one failed and one left out."""
    ours = {"share_of_memory_limit": 0.4, "adjusted_rand": 0.77, "stages": {"search": 5.0, "features": 1.0}}
    sizes = [
        {
            "lines": lines,
            "memory": "2GB",
            "sides": {
                "floor": side(1.0),
                "coterie": side(wall, **ours),
                "pandas": side(2.0, times_coterie={"wall": 0.25, "cpu": 0.2}, adjusted_rand=0.07),
                "polars": {"left_out": "polars is not installed"},
                "spark": {"failed": "CommandError: It ended with status 137;\nno | memory"}
                if lines > 100_000
                else side(90.0, times_coterie={"wall": 11.25, "cpu": 9.0}),
            },
        }
        for lines, wall in ((100_000, 8.0), (1_000_000, 24.0))
    ]
    versions = {"duckdb": "2.0.0"}
    machine = {"cores": 2, "memory_gb": 25.3, "processor": "x86_64", "python": "3.11.7", "versions": versions}
    slopes = {"floor": 0.0, "coterie": 0.477, "pandas": 0.0, "polars": None, "spark": None}
    return {"machine": machine, "note": "", "sizes": sizes, "exponents": {"wall": slopes, "cpu": slopes}}


@pytest.fixture
def folder(bench, tmp_path) -> Path:
    (tmp_path / "bench.json").write_text(json.dumps(bench))
    return tmp_path


def test_every_side_stands_in_the_table_also_where_it_failed_or_was_left_out(pages, folder) -> None:
    text = pages.page(folder)
    rows = [line for line in text.splitlines() if re.match(r"\| 1,?0+,000", line)]
    assert len(rows) == 10
    assert len({row.count("|") for row in rows}) == 1, "a cell's text must not make another cell"
    assert "| 1,000,000 | Coterie | 24.0 | 24.0 | 3.0 (4.0) | 2.0 | 300 MB | 0.77 |  |" in rows
    assert any("did not end: CommandError: It ended with status 137; no / memory" in row for row in rows)
    assert any("polars is not installed" in row for row in rows)


def test_the_page_says_where_peers_are_faster(pages, folder) -> None:
    text = pages.page(folder)
    both = "pandas at 100,000 lines (0.25 ×), pandas at 1,000,000 lines (0.25 ×)."
    assert f"**Less than Coterie's seconds:** {both}" in text
    assert "**More than Coterie's seconds, though they do less:** Spark at 100,000 lines (11.25 ×)." in text


def test_a_crowded_machine_is_told_and_its_clock_is_not_compared(pages, bench, tmp_path) -> None:
    (tmp_path / "bench.json").write_text(json.dumps(bench | {"note": "Other work kept the machine busy."}))
    text = pages.page(tmp_path)
    assert "**Other work kept the machine busy.**" in text
    assert "**Less than Coterie's CPU seconds:** pandas at 100,000 lines (0.20 ×)" in text


def test_the_pictures_hold_the_points_and_say_so(pages, bench, folder) -> None:
    drawn, marks = pages.images(folder), pages.fingerprints(folder)
    assert set(drawn) == set(marks) == {"benchmarks-seconds.svg", "benchmarks-memory.svg"}
    for name, svg in drawn.items():
        assert f"[{marks[name]}]" in svg
        assert "Coterie" in svg
        assert "1,000,000" in svg
        assert "mathdefault" not in svg
        assert "10 times the order lines" in svg
    bench["sizes"][0]["sides"]["coterie"]["wall"] = 9.0
    (folder / "bench.json").write_text(json.dumps(bench))
    assert pages.fingerprints(folder)["benchmarks-seconds.svg"] != marks["benchmarks-seconds.svg"]
    assert pages.fingerprints(folder)["benchmarks-memory.svg"] == marks["benchmarks-memory.svg"]


def test_no_results_make_a_page_without_sections(pages, tmp_path) -> None:
    assert "##" not in pages.page(tmp_path)
    assert pages.images(tmp_path) == {}


def test_a_result_that_lacks_what_is_told_is_an_error_instead_of_a_gap(pages, tmp_path) -> None:
    (tmp_path / "rare_segment.json").write_text(json.dumps({"customers": 5, "rare_share": 0.1}))
    with pytest.raises(Exception, match="runs"):
        pages.page(tmp_path)


def test_every_committed_result_that_is_shown_has_its_section(pages) -> None:
    text = pages.page()
    shown = [name for name in pages.SHOWN if (pages.RESULTS / f"{name}.json").is_file()]
    assert [name for name in shown if f"benchmarks/{name}.py" not in text and name != "bench"] == []
