"""What a store manager should know about the columns of a customer table: gaps, repeats, and values that hardly differ."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

from coterie.sources.customer_columns import cells
from coterie.vocabulary import Barred, Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.customer_columns import Planned
    from coterie.sources.shop import GivenColumn

    _Pair = tuple[GivenColumn, GivenColumn]

#: Columns that are told elsewhere as not used, for whatever they hold.
_TOLD_ELSEWHERE = frozenset({Barred.PERSONAL, Barred.IDENTIFIER, Barred.TOO_EMPTY, Barred.CONSTANT, Barred.FREE_TEXT})
#: A column in which more customers than this have one value hardly tells anybody apart.
_MOST_ALIKE = 0.95
#: More different values than this share of all, by an estimate that errs by a few percent, leave none so many rows.
_SURELY_DIFFERENT = 0.2
#: With more columns of numbers than this, not every pair is compared.
_MOST_PAIRED = 60
#: In a table of twice as many rows, about so many say which pairs of columns are compared in all of them.
_SOME_ROWS = 5_000
#: Correlation in these rows up to which two columns surely do not say the same.
_DOUBTFUL = 0.99
_LISTED = 10


def check_columns(
    engine: DuckDBEngine, group: Group, planned: Sequence[Planned], values: Mapping[str, ColumnValues]
) -> list[Finding]:
    """Tell missing values, columns that say the same, and columns in which nearly all rows are alike.

    Parameters
    ----------
    group : Group
        Staged, with one column for each of `planned`.

    Notes
    -----
    Cost: one aggregation over the table for pairs of columns, and one or two over the values of each.
    """
    told = [plan for plan in planned if plan.given.barred not in _TOLD_ELSEWHERE]
    return [
        *_missing(told, values, group.name),
        *_alike(engine, told, values, group.name),
        *_same(engine, group, told),
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
        known_cells = f"{cells(plan.cast, values[column])} WHERE value IS NOT NULL"
        different, known = engine.row(f"SELECT approx_count_distinct(value), coalesce(sum(n), 0) FROM {known_cells}")
        if not known or different > _SURELY_DIFFERENT * known:
            continue
        most = engine.value(f"SELECT max(n) FROM (SELECT sum(n) AS n FROM {known_cells} GROUP BY value)")
        if most > _MOST_ALIKE * known:
            message = f"{most / known:.1%} of the values of column '{column}' are the same, so it hardly tells customers apart."
            findings.append(
                Finding("nearly-constant", Severity.NOTE, message, table=table, column=column, count=int(most))
            )
    return findings


def _same(engine: DuckDBEngine, group: Group, planned: Sequence[Planned]) -> list[Finding]:
    """Tell columns of which one follows from another: equal texts, or numbers on a straight line.

    Of a long table some rows are asked first: pairs that do not follow there are not compared in all of them. Numbers
    that only a few far rows bring onto a line are then a pair only if these are among the rows that were asked.
    """
    numbers = [plan.given for plan in planned if plan.given.kind not in (Kind.CATEGORY, Kind.DATE, Kind.FLAG)]
    texts = [plan.given for plan in planned if plan.given.kind is Kind.CATEGORY]
    pairs = [*combinations(numbers[:_MOST_PAIRED], 2), *combinations(texts[:_MOST_PAIRED], 2)]
    staged, parts = f"staged_{group.number}", group.rows // _SOME_ROWS
    if parts > 1:
        some = f"some_{group.number}"
        rows = f"SELECT * FROM {staged} WHERE hash(customer_id) % {parts} = 0"
        engine.run(f"CREATE OR REPLACE TABLE {some} AS {rows}", "some customers")
        answers = _ask(engine, some, pairs, _likeness)
        pairs = [pair for pair, answer in zip(pairs, answers, strict=True) if _is_possible(answer)]
        engine.run(f"DROP TABLE {some}")
    first: dict[str, str] = {}
    for (one, other), follows in zip(pairs, _ask(engine, staged, pairs, _follows), strict=True):
        if follows:
            first.setdefault(other.source, first.get(one.source, one.source))
    return [_says_the_same(other, one, group.name) for other, one in first.items()]


def _ask(
    engine: DuckDBEngine, relation: str, pairs: Sequence[_Pair], question: Callable[[GivenColumn, str, str], str]
) -> tuple[Any, ...]:
    """Ask one question of every pair of columns, in one query."""
    quote = engine.dialect.quote
    asked = [question(one, quote(one.name), quote(other.name)) for one, other in pairs]
    return engine.row(f"SELECT {', '.join(asked)} FROM {relation}", "columns that say the same") if asked else ()


def _follows(column: GivenColumn, a: str, b: str) -> str:
    """Condition that texts are the same, or numbers known together and each the other, stretched and moved."""
    if column.kind is Kind.CATEGORY:
        return f"bool_and({a} IS NOT DISTINCT FROM {b})"
    return f"count({a}) = count({b}) AND coalesce(NOT isnan(corr({a}, {b})) AND abs(corr({a}, {b})) > 0.9999999, FALSE)"


def _likeness(column: GivenColumn, a: str, b: str) -> str:
    """Whether texts are the same, and how numbers correlate: asked for alone, a correlation costs a tenth."""
    return _follows(column, a, b) if column.kind is Kind.CATEGORY else f"corr({a}, {b})"


def _is_possible(likeness: bool | float | None) -> bool:
    """Whether columns may say the same: texts do so far, numbers correlate highly or not in a way that can be told."""
    if likeness is None or isinstance(likeness, bool):
        return likeness is not False
    return math.isnan(likeness) or abs(likeness) > _DOUBTFUL


def _says_the_same(column: str, other: str, table: str) -> Finding:
    message = f"Column '{column}' says the same as column '{other}'; a basis that is not asked for holds one of them."
    return Finding(
        "same-columns", Severity.WARNING, message, f"Leave one out for good: --ignore '{column}'.", table, column
    )
