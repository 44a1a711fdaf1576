"""An engine that is confined to folders reaches no file beside them, whatever it is asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from coterie.engines.duckdb import ONLY_FOLDERS, DuckDBEngine
from coterie.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDBEngine]:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").write_text("x\n2\n")
    (tmp_path / "own" / "link.csv").symlink_to(tmp_path / "b.csv")
    monkeypatch.setenv(ONLY_FOLDERS, os.pathsep.join([str(tmp_path / "own")]))
    with DuckDBEngine("200MB", 1) as engine:
        yield engine


def test_its_own_files_and_spilling_work_as_ever(confined: DuckDBEngine, tmp_path: Path) -> None:
    assert confined.rows(f"SELECT x FROM read_csv('{tmp_path}/own/a.csv')") == [(1,)]
    confined.run("CREATE TABLE long AS SELECT range AS n, md5(range::VARCHAR) AS mark FROM range(2000000)")
    assert confined.rows("SELECT count(*) FROM (SELECT mark, n FROM long ORDER BY mark)") == [(2_000_000,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{folder}/b.csv')",
        "SELECT * FROM '{folder}/own/../b.csv'",
        "SELECT * FROM read_csv('{folder}/own/link.csv')",
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['{folder}']",
    ],
)
def test_other_files_extensions_and_the_way_back_are_refused(confined: DuckDBEngine, tmp_path: Path, sql: str) -> None:
    with pytest.raises(EngineError):
        confined.run(sql.replace("{folder}", str(tmp_path)))
