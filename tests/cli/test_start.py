"""What is loaded, and when: most studies are small, so that starting counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coterie.cli import console, running
from coterie.pipeline import _FIRST_ROOMS, _LATER_ROOMS
from coterie.sources.synthetic import write_store

SOURCES = Path(console.__file__).parents[1]
NEEDLESS = ("sklearn", "scipy.stats", "seaborn", "narwhals", "sqlglot")
HEAVY = ("numpy", "pandas", "pyarrow", "scipy", "duckdb", "pydantic", "matplotlib", "jinja2", "sqlglot", "sklearn")


def loaded(modules: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """Which of `names` a fresh interpreter has loaded after `modules`."""
    code = (
        "import sys; from importlib import import_module\n"
        f"for name in {modules!r}: import_module(name)\n"
        f"print(*(name for name in {names!r} if name in sys.modules))"
    )
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_the_first_line_of_a_run_needs_no_heavy_library() -> None:
    assert loaded(("coterie.cli.main", "coterie.cli.console", "coterie.cli.noting"), HEAVY) == []


def test_reading_begins_before_the_libraries_of_later_stages_are_loaded() -> None:
    late = ("pandas", "pyarrow", "scipy", "jinja2", "coterie.sources.connect", "coterie.features.table")
    assert loaded(("coterie.pipeline", "coterie.campaigns.playbook", *_FIRST_ROOMS), late) == []


def test_a_run_says_nothing_after_its_last_line(tmp_path: Path) -> None:
    """What lives until the end of the process must go without a word, such as a library's of objects that leak."""
    store = write_store(tmp_path / "tables", customers=120, seed=1)
    command = [sys.executable, "-m", "coterie", "segment", str(store.orders), "--segments", "3", "--method", "kmeans"]
    ended = subprocess.run([*command, "--out", str(tmp_path / "study")], check=True, capture_output=True, text=True)
    assert ended.stderr.splitlines()[-1].startswith("done in ")
    assert ended.stdout.splitlines()[-1].startswith("Report: ")


def test_a_run_loads_nothing_that_it_can_do_without() -> None:
    modules = ("coterie.pipeline", *_FIRST_ROOMS, *_LATER_ROOMS, *running._WRITING)
    assert loaded((*modules, *running._DRAWING), NEEDLESS) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("--version", 0), ("--version >&-", 0), ("--help 2>&-", 0), ("nothing", 2), ("check no.csv", 2)],
)
def test_the_program_ends_with_the_code_of_its_command_whatever_it_can_write_to(arguments: str, code: int) -> None:
    command = ["sh", "-c", f"{sys.executable} -m coterie {arguments}"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == code


def test_what_was_said_is_whole_when_the_program_leaves() -> None:
    command = [sys.executable, "-m", "coterie", "segment", "--help"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told.endswith("Show the traceback of an error.\n")


@pytest.mark.parametrize(
    ("modules", "needless"), [(running._SEARCHING, (*NEEDLESS, "matplotlib")), (running._DRAWING, NEEDLESS)]
)
def test_the_second_process_loads_nothing_that_it_can_do_without(
    modules: tuple[str, ...], needless: tuple[str, ...]
) -> None:
    assert loaded(modules, needless) == []


def test_every_weight_is_of_a_stage_that_a_run_has() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "console.py")
    assert [title for title in console._WEIGHTS if f'"{title}"' not in text] == []
    assert sum(console._WEIGHTS.values()) == pytest.approx(1)
