"""Text stays text: ids, categories, and answers of yes and no.

Ids: cleaned and trimmed, never made a number, case kept. `12345.0` becomes `12345` only where all ids are whole numbers.
Ids that a spreadsheet turned into `1.23E+12` are refused: digits are lost. Categories: cleaned, `NA` kept.
"""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.casting.cast import Cast, CastRules, counts_of
from coterie.sources.casting.cleaning import PLAIN_ID, plain_sql, words_sql
from coterie.sources.value_words import CONTROL_ARMS, DOUBTFUL_TEXTS, MISSING_TEXTS, NO, YES
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues

_CONTROL = "[\\x00-\\x08\\x0e-\\x1f\\x7f]"
_DAMAGED = "[0-9](?:[.,][0-9]+)?[eE][+][0-9]{1,3}"


def cast_ids(engine: DuckDBEngine, values: ColumnValues, rules: CastRules, what: str = "customer ids") -> Cast:
    """Clean a column of ids; `value` is VARCHAR.

    Raises
    ------
    InputError
        Where a spreadsheet destroyed ids.
    """
    lookup = f"{values.relation}_id"
    plain, rows = engine.row(
        f"SELECT coalesce(bool_and(regexp_full_match(raw, '{PLAIN_ID}')), FALSE), sum(n) FROM {values.relation}"
    )
    if plain:
        engine.run(
            f"CREATE OR REPLACE VIEW {lookup} AS SELECT raw, raw AS value, FALSE AS bad FROM {values.relation}",
            f"ids of column '{values.column}'",
        )
        return Cast(values.column, lookup, "id kept as text", int(rows), 0, 0)
    damaged, row = engine.row(
        f"SELECT coalesce(sum(n), 0), min(first_row) FROM {values.relation} WHERE regexp_full_match(trim(raw), '{_DAMAGED}')"
    )
    if damaged:
        raise InputError(
            f"The {what} in column '{values.column}' of '{rules.table}' were destroyed by a spreadsheet.",
            found=f"{int(damaged):,} cells look like 1.23E+12, the first in row {row}: their last digits are lost.",
            remedy="Export the table again with this column as text.",
        )
    whole = _whole_numbers(engine, values)
    value = "regexp_replace(t, '\\.0+$', '')" if whole else "t"
    engine.run(
        f"CREATE OR REPLACE TABLE {lookup} AS WITH plain AS (SELECT raw, {plain_sql('raw')} AS t, "
        f"regexp_matches(raw, '{_CONTROL}') AS hidden FROM {values.relation}) "
        f"SELECT raw, CASE WHEN t <> '' AND NOT hidden THEN {value} END AS value, hidden AS bad FROM plain",
        f"ids of column '{values.column}'",
    )
    filled, missing, bad, first = counts_of(engine, values, lookup)
    rule = "id kept as text" + ("; '.0' taken off, as all ids are whole numbers" if whole else "")
    return Cast(values.column, lookup, rule, filled, missing, bad, first, findings=_id_notes(values, rules, whole))


def _whole_numbers(engine: DuckDBEngine, values: ColumnValues) -> int:
    """Rows whose id ends in `.0`, if every id is a whole number; else 0."""
    t = plain_sql("raw")
    pointed, other = engine.row(
        f"SELECT coalesce(sum(n) FILTER (WHERE regexp_full_match({t}, '[0-9]+\\.0+')), 0), "
        f"count(*) FILTER (WHERE NOT regexp_full_match({t}, '[0-9]+(?:\\.0+)?') AND lower({t}) NOT IN ({words_sql(MISSING_TEXTS)})) "
        f"FROM {values.relation}"
    )
    return int(pointed) if not other else 0


def _id_notes(values: ColumnValues, rules: CastRules, whole: int) -> tuple[Finding, ...]:
    if not whole:
        return ()
    message = f"{whole:,} ids of column '{values.column}' end in '.0', as numbers do after a spreadsheet; the '.0' was taken off."
    return (
        Finding("ids-with-decimals", Severity.WARNING, message, table=rules.table, column=values.column, count=whole),
    )


def cast_texts(engine: DuckDBEngine, values: ColumnValues, rules: CastRules) -> Cast:
    """Clean a column of categories or names; `value` is VARCHAR, words for nothing have none, `NA` stays."""
    lookup = f"{values.relation}_text"
    whole = _whole_numbers(engine, values)
    t = f"regexp_replace(regexp_replace({plain_sql('raw')}, '{_CONTROL}', '', 'g'), ' +', ' ', 'g')"
    value = "regexp_replace(t, '\\.0+$', '')" if whole else "t"
    engine.run(
        f"CREATE OR REPLACE TABLE {lookup} AS WITH plain AS (SELECT raw, {t} AS t FROM {values.relation}) "
        f"SELECT raw, CASE WHEN lower(t) NOT IN ({words_sql(MISSING_TEXTS)}) THEN {value} END AS value, FALSE AS bad FROM plain",
        f"texts of column '{values.column}'",
    )
    filled, missing, bad, _ = counts_of(engine, values, lookup)
    doubtful = int(
        engine.value(
            f"SELECT coalesce(sum(n), 0) FROM {values.relation} JOIN {lookup} USING (raw) "
            f"WHERE lower(value) IN ({words_sql(DOUBTFUL_TEXTS)})"
        )
    )
    findings: tuple[Finding, ...] = ()
    if doubtful:
        message = (
            f"{doubtful:,} cells of column '{values.column}' say 'NA' or 'None'; they are kept as a value of their own."
        )
        remedy = "If they mean that nothing is known, leave the cells empty."
        findings = (Finding("na-kept", Severity.WARNING, message, remedy, rules.table, values.column, doubtful),)
    return Cast(values.column, lookup, "text" + (f"; {missing:,} cells with a word for 'missing'" if missing else ""),
                filled, missing, bad, findings=findings)  # fmt: skip


def cast_flags(engine: DuckDBEngine, values: ColumnValues, rules: CastRules, *, arms: bool = False) -> Cast:
    """Cast a column of yes and no to BOOLEAN; with `arms`, the name of any arm but the control counts as yes."""
    lookup = f"{values.relation}_flag"
    t = f"lower({plain_sql('raw')})"
    no = words_sql([*NO, *CONTROL_ARMS] if arms else list(NO))
    other = "TRUE" if arms else "NULL"
    engine.run(
        f"CREATE OR REPLACE TABLE {lookup} AS WITH plain AS (SELECT raw, {t} AS t FROM {values.relation}), "
        f"answers AS (SELECT raw, t, t IN ({words_sql(MISSING_TEXTS)}) AS missing, CASE WHEN t IN ({no}) THEN FALSE "
        f"WHEN t IN ({words_sql(YES)}) THEN TRUE ELSE {other} END AS answer FROM plain) "
        f"SELECT raw, CASE WHEN NOT missing THEN answer END AS value, NOT missing AND answer IS NULL AS bad FROM answers",
        f"answers of column '{values.column}'",
    )
    filled, missing, bad, first = counts_of(engine, values, lookup)
    return Cast(
        values.column, lookup, f"yes or no ({rules.table})" if arms else "yes or no", filled, missing, bad, first
    )
