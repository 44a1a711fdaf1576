"""What the pages say of databases and clusters runs as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

import coterie
from coterie.cli.main import main
from coterie.engines.postgres import Address, PostgresEngine
from coterie.sources.synthetic import write_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engines.servers import PostgresServer

_ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = "postgres://ann@db.example/shop"


def _lines(page: str, heading: str) -> list[str]:
    """Commands of one section of a page that name the database of its examples."""
    section = re.split(r"^## ", (_ROOT / page).read_text(), flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(heading)]
    return [line for line in text.splitlines() if line.startswith("coterie ") and _ADDRESS in line]


@pytest.fixture(scope="module")
def shop(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of the examples; its address."""
    store = write_store(tmp_path_factory.mktemp("readme"), customers=200, seed=5)
    frame = pd.read_csv(store.orders)
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"], format="mixed").astype("datetime64[us]")
    address = Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
    with PostgresEngine(address) as engine:
        engine.upload("given", pa.Table.from_pandas(frame.drop(columns="product_name")))
        for schema in ("sales", "crm"):
            engine.run(f"CREATE SCHEMA {schema}")
        engine.run("CREATE TABLE sales.orders AS SELECT * FROM pg_temp.given")
        engine.connection.commit()
    yield postgres.url
    with PostgresEngine(address) as engine:
        for schema in ("sales", "crm"):
            engine.run(f"DROP SCHEMA {schema} CASCADE")
        engine.connection.commit()


def test_the_commands_on_a_database_run_as_they_stand(
    shop: str, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.chdir(tmp_path)
    lines = _lines("README.md", "Bigger data") + _lines("docs/engines.md", "Placing customers")
    assert [line.split()[1] for line in lines] == ["segment", "score", "score", "score"]
    for line in lines:
        words = shlex.split(line.replace(_ADDRESS, shop), comments=True)[1:]
        studies = [str(path) for path in tmp_path.glob("studies/*")]
        result = CliRunner().invoke(main, [word.replace("studies/…", "".join(studies)) for word in words])
        assert result.exit_code == 0, f"{line}\n{result.output}"
    (folder,) = tmp_path.glob("studies/*")
    known = coterie.load(folder).customers["segment_id"].to_dict()
    assert pd.read_csv(tmp_path / "scored.csv", index_col=0)["segment_id"].to_dict() == known
    with psycopg.connect(**postgres.parameters()) as connection:
        rows: list[Any] = connection.execute("SELECT customer_id, segment_id FROM crm.segments").fetchall()
    assert dict(rows) == known
