"""The benchmark that a stranger can rerun: what it keeps, what it loses, and that it runs at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """The script, imported as it finds its neighbours when it is run."""
    monkeypatch.syspath_prepend(str(HERE))
    import bench

    return bench


def measured(wall: float, **more) -> dict:
    return {"wall": wall, "cpu": 2 * wall, "all_processes_mb": 100.0, "busy_elsewhere": 0.0, **more}


def ours(wall: float) -> dict:
    return measured(wall, share_of_memory_limit=0.5, adjusted_rand=0.9)


@pytest.fixture
def pretended(bench, monkeypatch):
    """Sides that take a second for each letter of their name, on stores that nobody makes; `fails` names what fails."""
    said = SimpleNamespace(fails=set(), ran=[])

    def run(side, store):
        said.ran.append((side, store.lines))
        if (side, store.lines) in said.fails:
            raise bench.CommandError("It ended with status 9; its last words: no memory")
        return ours(7.0) if side == "coterie" else measured(float(len(side)))

    def make(path, customers):
        path.write_bytes(b"")
        return 20 * customers

    monkeypatch.setattr(bench, "run", run)
    monkeypatch.setattr(bench.big_store, "make", make)
    return said


def go(bench, monkeypatch, *words) -> int:
    monkeypatch.setattr(sys, "argv", ["bench.py", *map(str, words)])
    return bench.main()


def test_a_side_that_fails_loses_neither_the_others_nor_the_next_size(bench, pretended, monkeypatch, tmp_path) -> None:
    pretended.fails = {("pandas", 20_000)}
    assert go(bench, monkeypatch, "--sizes", "2e4,4e4", "--to", tmp_path / "found.json") == 0
    found = json.loads((tmp_path / "found.json").read_text())
    first, second = (size["sides"] for size in found["sizes"])
    assert "status 9" in first["pandas"]["failed"]
    assert first["spark"]["wall"] == 5.0
    assert second["pandas"]["wall"] == 6.0
    assert found["exponents"]["wall"]["pandas"] is None, "one size has no slope"


def test_a_failure_of_coterie_itself_is_the_status_of_the_run(bench, pretended, monkeypatch, tmp_path) -> None:
    pretended.fails = {("coterie", 20_000)}
    assert go(bench, monkeypatch, "--sizes", "2e4", "--to", tmp_path / "found.json") == 1
    sides = json.loads((tmp_path / "found.json").read_text())["sizes"][0]["sides"]
    assert "times_coterie" not in sides["pandas"]


@pytest.mark.usefixtures("pretended")
def test_what_was_measured_before_the_end_of_the_run_is_kept(bench, monkeypatch, tmp_path) -> None:
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "why_left_out", lambda side, *_: stop() if side == "spark" else None)
    with pytest.raises(KeyboardInterrupt):
        go(bench, monkeypatch, "--sizes", "2e4", "--to", tmp_path / "found.json")
    assert set(json.loads((tmp_path / "found.json").read_text())["sizes"][0]["sides"]) == {
        "floor",
        "coterie",
        "pandas",
        "polars",
    }


def test_resuming_runs_again_only_what_failed_or_has_other_code(bench, pretended, monkeypatch, tmp_path) -> None:
    pretended.fails = {("pandas", 20_000)}
    command = ("--sizes", "2e4,4e4", "--to", tmp_path / "found.json", "--resume")
    go(bench, monkeypatch, *command)
    pretended.fails, pretended.ran = set(), []
    monkeypatch.setattr(
        bench, "fingerprint", lambda side, real=bench.fingerprint: "new" if side == "spark" else real(side)
    )
    go(bench, monkeypatch, *command)
    assert pretended.ran == [("pandas", 20_000), ("spark", 20_000), ("spark", 40_000)]
    found = json.loads((tmp_path / "found.json").read_text())
    assert [size["lines"] for size in found["sizes"]] == [20_000, 40_000]


def test_ratios_follow_from_the_measures_of_the_same_size(bench) -> None:
    sides = {"floor": measured(2.0), "coterie": ours(10.0), "pandas": measured(35.0), "spark": {"left_out": "why"}}
    told = bench.with_ratios({"lines": 1_000_000, "sides": sides})["sides"]
    assert told["coterie"]["times_the_floor"] == {"wall": 5.0, "cpu": 5.0}
    assert told["coterie"]["us_per_line"] == {"wall": 10.0, "cpu": 20.0}
    assert told["pandas"]["times_coterie"] == {"wall": 3.5, "cpu": 3.5}
    assert told["spark"] == {"left_out": "why"}
    assert "times_coterie" not in told["coterie"]


def test_the_exponent_is_the_slope_on_paper_with_two_logarithmic_scales(bench) -> None:
    sizes = [{"lines": n, "sides": {"floor": measured(n**1.5)}} for n in (10, 100, 1000)]
    assert bench.exponent(sizes, "floor") == pytest.approx(1.5)


def test_more_disk_than_there_is_is_refused_before_anything_runs(bench, pretended, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(bench, "DISK_PER_LINE", 1e18)
    with pytest.raises(SystemExit):
        go(bench, monkeypatch, "--sizes", "2e4", "--folder", tmp_path)
    assert pretended.ran == []


def test_memory_and_processor_of_children_count_and_a_command_that_does_not_end_is_ended(bench) -> None:
    inner = "x = bytearray(60_000_000); sum(range(9_000_000))"
    work = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{inner}'])"
    found = sys.modules["processes"].measure([sys.executable, "-c", work])
    assert found["all_processes_mb"] > 60
    assert found["cpu"] > 0.05
    with pytest.raises(bench.CommandError, match=r"within 0\.5 seconds"):
        sys.modules["processes"].measure([sys.executable, "-c", "import time; time.sleep(60)"], longest=0.5)


def test_the_bench_runs_on_a_small_store_and_finds_what_was_planted(bench, monkeypatch, tmp_path) -> None:
    assert go(bench, monkeypatch, "--sizes", "4e3", "--most-for-peers", 0, "--to", tmp_path / "found.json") == 0
    (size,) = json.loads((tmp_path / "found.json").read_text())["sizes"]
    coterie = size["sides"]["coterie"]
    assert coterie["adjusted_rand"] > 0.3
    assert coterie["stages"]["features"] > 0
    assert 0 < coterie["share_of_memory_limit"] < 1.25
    assert "peers ran on up to 0 order lines" in size["sides"]["pandas"]["left_out"]
