"""The documentation tells the truth: links resolve, pages follow the code, examples run."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from coterie.cli.main import main
from coterie.clustering import judging, selection
from coterie.config import Config, known_keys, make_config
from coterie.sources.customer_columns import _WHY
from coterie.sources.synthetic import write_store

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
#: What makes a finding, by the name it is called by; its first argument is the code.
FINDERS = ("Finding", "finding", "note", "warning")
CODE_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as repository hosts make them from its headings."""
    titles = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_something(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE_BLOCK.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            broken.append(link)
    assert broken == []


def test_every_decision_is_in_their_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def test_the_constants_that_a_decision_names_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "decisions" / "0011-trained-trees-choose.md").read_text()
    told = {name: float(value) for name, value in re.findall(r"`([A-Z_]+)` = ([0-9.]*[0-9])", page)}
    assert len(told) >= 5
    assert told == {name: getattr(judging, name, getattr(selection, name, None)) for name in told}


def test_the_generated_pages_are_those_of_the_code() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate_docs.py", "--check"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


def test_every_setting_and_every_command_is_documented() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text()
    missing = [
        key
        for key in known_keys()
        if not re.search(rf"^(# )?{key.rpartition('.')[2]} = |^\[{re.escape(key)}\]", settings, re.MULTILINE)
    ]
    assert missing == []
    told = set(re.findall(r"^## coterie (\S+)$", (ROOT / "docs" / "command-line.md").read_text(), re.MULTILINE))
    assert told == set(main.commands)


def test_the_settings_shown_are_the_defaults() -> None:
    import tomllib

    ((_, block),) = CODE_BLOCK.findall((ROOT / "docs" / "settings.md").read_text())
    assert make_config(tomllib.loads(block)) == Config()


def finding_codes() -> set[str]:
    """Codes of the findings of the rooms that read tables, as they stand in the source."""
    codes = {f"column-{barred.name.lower().replace('_', '-')}" for barred in _WHY}
    for path in (path for room in ("sources", "features") for path in (ROOT / "src/coterie" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                first = [*node.args, *(word.value for word in node.keywords if word.arg == "code")][:1]
                codes |= {code.value for code in first if name in FINDERS and isinstance(code, ast.Constant)}
            elif isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[2], ast.JoinedStr):
                codes |= {code.value for code in node.elts[:1] if isinstance(code, ast.Constant)}
    return codes


def test_every_finding_is_explained_by_its_code_and_no_other() -> None:
    page = (ROOT / "docs" / "data-checks.md").read_text()
    explained = set(re.findall(r"[(,] ?`([a-z]+(?:-[a-z]+)*)`(?=[),])", page))
    assert explained == finding_codes()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the README names, as the working directory."""
    store = write_store(tmp_path / "store", customers=300, seed=5)
    orders = pd.read_csv(store.orders, dtype=str)
    orders.to_csv(tmp_path / "orders.csv", index=False)
    orders.to_csv(tmp_path / "new_orders.csv", index=False)
    ids = sorted(orders["customer_id"].dropna().unique())
    people = pd.DataFrame(
        {"customer_id": ids, "email": [f"{one.lower()}@shop.example" for one in ids], "consent": "yes"}
    )
    people.to_csv(tmp_path / "people.csv", index=False)
    pd.DataFrame({"customer_id": ids[::3], "amount": 20}).to_csv(tmp_path / "orders_of_march.csv", index=False)
    orders.to_parquet(tmp_path / "lines.parquet", index=False)
    with duckdb.connect(tmp_path / "shop.duckdb") as database:
        database.execute("CREATE TABLE orders AS FROM 'lines.parquet'".replace("lines", str(tmp_path / "lines")))
    pd.read_csv(store.customers, dtype=str).to_excel(tmp_path / "customers.xlsx", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def readme_blocks(language: str) -> list[str]:
    return [block for kind, block in CODE_BLOCK.findall((ROOT / "README.md").read_text()) if kind == language]


def test_the_commands_of_the_readme_run_as_they_stand_and_make_the_files_that_it_lists(shop: Path) -> None:
    lines = [line for block in readme_blocks("") for line in block.splitlines() if line.startswith("coterie ")]
    # a test of its own reads a database at such an address: tests/sources/test_connect_shops.py
    # and one opens the web app in a real browser: tests/app/test_journey.py
    lines = [line for line in lines if "postgres://" not in line and not line.startswith("coterie serve")]
    assert len(lines) == 11
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        studies = sorted(shop.glob("studies/*"))
        arguments = [word.replace("studies/…", os.fspath(studies[0])) if studies else word for word in words]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, f"{line}\n{result.output}"
    study = min(shop.glob("studies/*"))
    table = re.findall(r"^\| (`.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    listed = {name for row in table for name in re.findall(r"`([^`]+)`", row)}
    assert len(listed) >= 9
    assert [name for name in sorted(listed) if not (study / name).exists()] == []


def test_the_python_of_the_readme_runs_as_it_stands(shop: Path) -> None:
    (block,) = readme_blocks("python")
    names = {"customers_df": pd.read_excel(shop / "customers.xlsx", engine="calamine", dtype=str)}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102  our own page
    assert names["study"].verdict
    assert (shop / "report.html").is_file()
