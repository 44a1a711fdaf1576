"""Tables whose columns have engine types: what becomes of each type, and of text within."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.parts import Target, listed, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.vocabulary import Finding

CONTROLS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_NESTED = ("STRUCT", "MAP", "UNION", "LIST", "ROW")
_AS_TEXT = ("ENUM", "UUID", "INTERVAL", "TIME", "BIT")


def load_typed(target: Target, source_sql: str, names: Sequence[str], types: Sequence[str]) -> tuple[Finding, ...]:
    """Make the target's relation of a typed source, row by row of that source.

    Parameters
    ----------
    target : Target
        Where it goes.
    source_sql : str
        What follows FROM.
    names, types : sequences of str
        Name and engine type of each column, in the order of the source.

    Returns
    -------
    tuple of Finding
        Control characters that were removed.

    Raises
    ------
    InputError
        A nested or binary column.
    """
    refuse_nested(dict(zip(names, types, strict=True)), target.file)
    target.engine.run(
        f"CREATE OR REPLACE TABLE {target.relation} AS "
        + typed_select(target, source_sql, names, types, "row_number() OVER ()"),
        f"reading {target.file}",
    )
    return strip_controls(target)


def typed_select(
    target: Target,
    source_sql: str,
    names: Sequence[str],
    types: Sequence[str],
    row: str,
    clean: Collection[str] = (),
) -> str:
    """Select the rows of a typed source as a raw relation holds them; `row` numbers them from 1.

    Columns of `clean` have no empty cell, no NaN and no infinity: they are taken as they are, so that the engine can
    answer from a file's own statistics and work on its dictionaries.
    """
    places = ", ".join(f"c{i}" for i in range(len(names)))
    quote = target.engine.dialect.quote
    shown = [f"c{i}" if name in clean else _value(f"c{i}", types[i]) for i, name in enumerate(names)]
    columns = ", ".join(f"{sql} AS {quote(name)}" for sql, name in zip(shown, names, strict=True))
    number = f"CAST({target.offset} + {row} AS BIGINT) AS {SOURCE_ROW}"
    return f"SELECT {number}, {columns} FROM {source_sql} AS source({places})"


def refuse_nested(types: Mapping[str, str], file: str) -> None:
    """Refuse columns that hold lists, records or bytes."""
    nested = [name for name, type_ in types.items() if type_.endswith("]") or type_.startswith(_NESTED)]
    binary = [name for name, type_ in types.items() if type_.startswith("BLOB")]
    if nested or binary:
        words = "lists or records" if nested else "bytes"
        raise InputError(
            f"'{file}' has columns whose cells are {words}: {listed(nested or binary)}.",
            remedy="Export them as plain columns, or leave them out.",
        )


def _value(column: str, type_: str) -> str:
    """Text: empty cells are NULL. Floating point: NaN is NULL. Types without a use here become text."""
    if type_ == "VARCHAR":
        return f"NULLIF({column}, '')"
    if type_ in ("DOUBLE", "FLOAT"):
        # not isnan: statistics of a Parquet file do not count NaN, and the engine would believe that there is none
        return f"CASE WHEN NOT isfinite({column}) AND NOT isinf({column}) THEN NULL ELSE {column} END"
    if type_.startswith(_AS_TEXT) and not type_.startswith("TIMESTAMP"):
        return f"CAST({column} AS VARCHAR)"
    if type_ in ("TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS"):
        return f"CAST({column} AS TIMESTAMP)"
    return "CAST(NULL AS VARCHAR)" if type_ in ("NULL", '"NULL"') else column


def strip_controls(target: Target) -> tuple[Finding, ...]:
    """Remove control characters from the text columns of the target's relation, and count the cells."""
    engine, findings = target.engine, []
    texts = [name for name, type_ in engine.columns(target.relation).items() if type_ == "VARCHAR"]
    if not texts:
        return ()
    quoted = [engine.dialect.quote(name) for name in texts]
    counts = engine.row(
        "SELECT "
        + ", ".join(f"count_if(regexp_matches({name}, '{CONTROLS}'))" for name in quoted)
        + f" FROM {target.relation}"
    )
    for name, column, count in zip(texts, quoted, counts, strict=True):
        if not count:
            continue
        engine.run(
            f"UPDATE {target.relation} SET {column} = NULLIF(regexp_replace({column}, '{CONTROLS}', '', 'g'), '') "
            f"WHERE regexp_matches({column}, '{CONTROLS}')"
        )
        message = f"Removed control characters from {plural(count, 'cell')} of column '{name}' in '{target.table}'."
        findings.append(target.note("control-characters", message, column=name, count=count))
    return tuple(findings)
