"""What a store manager should know about the columns of a customer table: gaps, repeats, and values that hardly differ."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from coterie.vocabulary import Barred, Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues
    from coterie.sources.customer_columns import Planned

#: Columns that are told elsewhere as not used, for whatever they hold.
_TOLD_ELSEWHERE = frozenset({Barred.PERSONAL, Barred.IDENTIFIER, Barred.TOO_EMPTY, Barred.CONSTANT, Barred.FREE_TEXT})
#: A column in which more customers than this have one value hardly tells anybody apart.
_MOST_ALIKE = 0.95
#: With more columns of numbers than this, not every pair is compared.
_MOST_PAIRED = 60
_LISTED = 10


def check_columns(
    engine: DuckDBEngine, relation: str, planned: Sequence[Planned], values: Mapping[str, ColumnValues], table: str
) -> list[Finding]:
    """Tell missing values, columns that say the same, and columns in which nearly all rows are alike.

    Parameters
    ----------
    relation : str
        The staged table, one column for each of `planned`.

    Notes
    -----
    Cost: one aggregation over the table for all pairs of columns, and one over the distinct values of each.
    """
    told = [plan for plan in planned if plan.given.barred not in _TOLD_ELSEWHERE]
    return [
        *_missing(told, values, table),
        *_alike(engine, told, values, table),
        *_same(engine, relation, told, table),
    ]


def _missing(planned: Sequence[Planned], values: Mapping[str, ColumnValues], table: str) -> list[Finding]:
    gaps = {plan.given.source: values[plan.given.source].rows - plan.cast.filled - plan.cast.bad for plan in planned}
    found = sorted(((n, column) for column, n in gaps.items() if n > 0), key=lambda gap: -gap[0])
    if not found:
        return []
    shown = [f"{n:,} in column '{column}'" for n, column in found[:_LISTED]]
    rest = [f"and fewer in {len(found) - _LISTED} more columns"] if len(found) > _LISTED else []
    message = f"Values are missing: {', '.join([*shown, *rest])}."
    remedy = "They count as unknown, as do words such as 'n/a' or '?'. Fill them in if they are known."
    column = found[0][1] if len(found) == 1 else ""
    return [Finding("missing-values", Severity.NOTE, message, remedy, table, column, sum(n for n, _ in found))]


def _alike(
    engine: DuckDBEngine, planned: Sequence[Planned], values: Mapping[str, ColumnValues], table: str
) -> list[Finding]:
    findings = []
    for plan in planned:
        if plan.given.barred:
            continue
        column = plan.given.source
        most, known = engine.row(
            f"SELECT max(n), sum(n) FROM (SELECT sum(n) AS n FROM {plan.cast.relation} JOIN {values[column].relation} USING (raw) "
            "WHERE value IS NOT NULL GROUP BY value)"
        )
        if known and most > _MOST_ALIKE * known:
            message = f"{most / known:.1%} of the values of column '{column}' are the same, so it hardly tells customers apart."
            findings.append(
                Finding("nearly-constant", Severity.NOTE, message, table=table, column=column, count=int(most))
            )
    return findings


def _same(engine: DuckDBEngine, relation: str, planned: Sequence[Planned], table: str) -> list[Finding]:
    """Tell columns of which one follows from another: equal texts, or numbers on a straight line."""
    numbers = [plan for plan in planned if plan.given.kind not in (Kind.CATEGORY, Kind.DATE, Kind.FLAG)]
    texts = [plan for plan in planned if plan.given.kind is Kind.CATEGORY]
    quote = engine.dialect.quote
    tests = {
        (a.given.source, b.given.source): _on_a_line(quote(a.given.name), quote(b.given.name))
        for a, b in combinations(numbers[:_MOST_PAIRED], 2)
    } | {
        (a.given.source, b.given.source): f"bool_and({quote(a.given.name)} IS NOT DISTINCT FROM {quote(b.given.name)})"
        for a, b in combinations(texts[:_MOST_PAIRED], 2)
    }
    if not tests:
        return []
    answers = engine.row(f"SELECT {', '.join(tests.values())} FROM {relation}", "columns that say the same")
    first: dict[str, str] = {}
    for (one, other), same in zip(tests, answers, strict=True):
        if same and other not in first:
            first[other] = first.get(one, one)
    return [_says_the_same(other, one, table) for other, one in first.items()]


def _on_a_line(a: str, b: str) -> str:
    """Condition that two columns of numbers are known together and each is the other, stretched and moved."""
    return f"count({a}) = count({b}) AND coalesce(NOT isnan(corr({a}, {b})) AND abs(corr({a}, {b})) > 0.9999999, FALSE)"


def _says_the_same(column: str, other: str, table: str) -> Finding:
    message = f"Column '{column}' says the same as column '{other}'; a basis that is not asked for holds one of them."
    return Finding(
        "same-columns", Severity.WARNING, message, f"Leave one out for good: --ignore '{column}'.", table, column
    )
