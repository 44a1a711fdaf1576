"""The account of rows that could not be used: one engine table that every stage of the sources adds to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from coterie.engines.duckdb import DuckDBEngine

#: Engine table of the rows that were left out.
LEFT_OUT = "left_out"

#: Its columns and their engine types; `source_row` is the row's number in its source, as in the raw relation.
LEFT_OUT_COLUMNS = {"table_name": "VARCHAR", "source_row": "BIGINT", "reason": "VARCHAR"}


def create_left_out(engine: DuckDBEngine) -> None:
    """Create the table where it is not there yet."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in LEFT_OUT_COLUMNS.items())
    engine.run(f"CREATE TABLE IF NOT EXISTS {LEFT_OUT} ({columns})", "left out")


def set_aside(engine: DuckDBEngine, table_name: str, reason: str, select_sql: str) -> int:
    """Add rows to the account of what was left out.

    Parameters
    ----------
    engine : DuckDBEngine
        Where the account lies; it is created where needed.
    table_name : str
        The table as the user typed it, without folders (`RawTable.name`).
    reason : str
        Why, in a few plain words without any value of a customer: "summary row".
    select_sql : str
        A SELECT whose first column is the source row number of each row to set aside. It only reads: the caller keeps
        those rows out of what it makes.

    Returns
    -------
    int
        Number of rows added.
    """
    create_left_out(engine)
    before = int(engine.value(f"SELECT count(*) FROM {LEFT_OUT}"))
    name, why = engine.dialect.text(table_name), engine.dialect.text(reason)
    engine.run(
        f"INSERT INTO {LEFT_OUT} SELECT {name}, CAST(chosen.source_row AS BIGINT), {why} "
        f"FROM ({select_sql}) AS chosen(source_row) ORDER BY chosen.source_row",
        "left out",
    )
    return int(engine.value(f"SELECT count(*) FROM {LEFT_OUT}")) - before


def rows_left_out(engine: DuckDBEngine) -> pd.DataFrame:
    """Every row that was left out: `table`, `source_row`, `reason`, in this order of sorting."""
    create_left_out(engine)
    found: pd.DataFrame = engine.arrow(
        f'SELECT table_name AS "table", source_row, reason FROM {LEFT_OUT} ORDER BY ALL', "rows left out"
    ).to_pandas()
    return found
