"""Rules of the house that a machine can hold: layers, lightness, no pickle, no foreign hosts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
HEAVY = (
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "matplotlib",
    "seaborn",
    "duckdb",
    "pyarrow",
    "pydantic",
    "rich",
    "jinja2",
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_imports_go_one_way_through_the_house() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "code", ["import coterie", "from coterie.cli.main import main; main(['--help'], standalone_mode=False)"]
)
def test_starting_up_loads_nothing_heavy(code: str) -> None:
    probe = f"import sys; {code}; print('LOADED', *sorted({{name.split('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.rsplit("LOADED", 1)[1].split())
    assert not loaded & set(HEAVY)


def test_the_public_names_exist_and_are_sorted() -> None:
    import coterie

    assert sorted(coterie.__all__) == coterie.__all__
    for name in coterie.__all__:
        assert name == "__version__" or getattr(coterie, name).__doc__, name


#: What other rooms may import beside a room's `__init__.py`.
FURTHER_DOORS = re.compile(
    r"coterie\.(engines\.\w+|sources\.(customer_days|shop|synthetic|value_words)|clustering\.rules|preparation\.encoders|cli\.main)$"
)


def test_rooms_are_entered_by_their_doors() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "coterie").glob("*/__init__.py")}
    entered = []
    for path in SOURCES:
        own = path.relative_to(ROOT / "src" / "coterie").parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            _, _, inside = module.partition("coterie.")
            room, _, deeper = inside.partition(".")
            if deeper and room in rooms - {own} and not FURTHER_DOORS.match(module):
                entered.append(f"{path.relative_to(ROOT)}: {module}")
    assert entered == []


#: Packages that are imported by another name, and those that `make` runs or another package looks for.
IMPORTED_AS = {"scikit-learn": "sklearn", "python-calamine": "python_calamine", "vl-convert-python": "vl_convert"}
NOT_IMPORTED = {"httpx2", "import-linter", "mypy", "pandas-stubs", "pytest-xdist", "ruff"}


def unused(requirements: list[str], paths: list[Path]) -> list[str]:
    """The packages that no file imports."""
    text = "\n".join(path.read_text() for path in paths)
    names = [re.split(r"[\[<>=]", one, maxsplit=1)[0] for one in requirements]
    modules = {name: IMPORTED_AS.get(name, name.lower().replace("-", "_")) for name in names}
    imported = r"(import |from |importorskip\(\")"
    return [name for name in names if not re.search(rf"{imported}{modules[name]}\b", text)]


def test_every_dependency_is_imported_somewhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert unused(project["project"]["dependencies"], SOURCES) == []
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert set(unused(project["dependency-groups"]["dev"], tests)) <= NOT_IMPORTED


def test_no_code_can_run_a_stored_object() -> None:
    dangerous = re.compile(
        r"(import|from) (pickle|joblib|cloudpickle|dill|marshal|shelve)\b"
        r"|\beval\(|\bexec\(|yaml\.load\(|allow_pickle=True"
    )
    found = [f"{path.name}: {match.group()}" for path in SOURCES for match in dangerous.finditer(path.read_text())]
    assert found == []


def test_no_file_names_a_package_registry_or_a_folder_of_a_machine() -> None:
    text_files = [path for path in tracked_files() if path.suffix not in {".png", ".parquet", ".xlsx", ".gz"}]
    hosts = re.compile(
        r"files\.pythonhosted|pypi\.org/simple|--(extra-)?index-url|registry\.npmjs|(?<![\w.])/(work|home|root)/"
    )
    this_test = Path(__file__).name
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in text_files
        if path.name not in {this_test, "Makefile"}
        for match in hosts.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_every_pinned_package_has_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        pins = [entry for entry in entries if "==" in entry.split("\n", 1)[0]]
        assert len(pins) > 20
        assert all("--hash=sha256:" in entry for entry in pins)


def test_no_file_and_no_function_outgrows_the_house() -> None:
    large = [f"{path.name}: {lines} lines" for path in SOURCES if (lines := path.read_text().count("\n")) > 500]
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                length = (node.end_lineno or 0) - first.lineno + 1
                if length > 60:
                    large.append(f"{path.name}: {node.name} has {length} lines")
    assert large == []
