"""What a store manager should know about the columns of a customer table: gaps, repeats, and values that hardly differ."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from coterie.sources.customer_columns import cells
from coterie.vocabulary import Barred, Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues
    from coterie.sources.customer_columns import Planned
    from coterie.sources.shop import GivenColumn

    _Pair = tuple[GivenColumn, GivenColumn]

#: Columns that are told elsewhere as not used, for whatever they hold.
_TOLD_ELSEWHERE = frozenset({Barred.PERSONAL, Barred.IDENTIFIER, Barred.TOO_EMPTY, Barred.CONSTANT, Barred.FREE_TEXT})
#: A column in which more customers than this have one value hardly tells anybody apart.
_MOST_ALIKE = 0.95
#: With more columns of numbers than this, not every pair is compared.
_MOST_PAIRED = 60
#: In a table of twice as many rows, about so many say which pairs of columns are compared in all of them.
_SOME_ROWS = 5_000
_DOUBTFUL = 0.99
_LISTED = 10


def check_columns(
    engine: DuckDBEngine,
    relation: str,
    planned: Sequence[Planned],
    values: Mapping[str, ColumnValues],
    rows: int,
    table: str,
) -> list[Finding]:
    """Tell missing values, columns that say the same, and columns in which nearly all rows are alike.

    Parameters
    ----------
    relation : str
        The staged table, one column for each of `planned`.
    rows : int
        How many it has.

    Notes
    -----
    Cost: one aggregation over the table for pairs of columns, and one over the values of each that has few.
    """
    told = [plan for plan in planned if plan.given.barred not in _TOLD_ELSEWHERE]
    return [
        *_missing(told, values, table),
        *_alike(engine, told, values, table),
        *_same(engine, relation, told, rows, table),
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
        column = plan.given.source
        others = values[column].distinct - 1
        if plan.given.barred or others > (1 - _MOST_ALIKE) * values[column].filled:
            continue
        most, known = engine.row(
            f"SELECT max(n), sum(n) FROM (SELECT sum(n) AS n FROM {cells(plan.cast, values[column])} "
            "WHERE value IS NOT NULL GROUP BY value)"
        )
        if known and most > _MOST_ALIKE * known:
            message = f"{most / known:.1%} of the values of column '{column}' are the same, so it hardly tells customers apart."
            findings.append(
                Finding("nearly-constant", Severity.NOTE, message, table=table, column=column, count=int(most))
            )
    return findings


def _same(engine: DuckDBEngine, relation: str, planned: Sequence[Planned], rows: int, table: str) -> list[Finding]:
    """Tell columns of which one follows from another: equal texts, or numbers on a straight line.

    Of a long table some rows are asked first: pairs that do not follow there need not be compared in all of them.
    """
    numbers = [plan.given for plan in planned if plan.given.kind not in (Kind.CATEGORY, Kind.DATE, Kind.FLAG)]
    texts = [plan.given for plan in planned if plan.given.kind is Kind.CATEGORY]
    pairs = [*combinations(numbers[:_MOST_PAIRED], 2), *combinations(texts[:_MOST_PAIRED], 2)]
    parts = rows // _SOME_ROWS
    if parts > 1:
        some = relation.replace("staged", "some")
        engine.run(
            f"CREATE OR REPLACE TABLE {some} AS SELECT * FROM {relation} WHERE hash(customer_id) % {parts} = 0",
            "some customers",
        )
        pairs = _following(engine, some, pairs, _may_follow)
        engine.run(f"DROP TABLE {some}")
    first: dict[str, str] = {}
    for one, other in _following(engine, relation, pairs, _follows):
        first.setdefault(other.source, first.get(one.source, one.source))
    return [_says_the_same(other, one, table) for other, one in first.items()]


def _following(
    engine: DuckDBEngine, relation: str, pairs: Sequence[_Pair], test: Callable[[GivenColumn, str, str], str]
) -> list[_Pair]:
    """Pairs of columns of which a test does not say no: by FALSE, or a correlation that is known and not high."""
    if not pairs:
        return []
    quote = engine.dialect.quote
    tests = [test(one, quote(one.name), quote(other.name)) for one, other in pairs]
    answers = engine.row(f"SELECT {', '.join(tests)} FROM {relation}", "columns that say the same")
    return [pair for pair, answer in zip(pairs, answers, strict=True) if answer is None or not abs(answer) <= _DOUBTFUL]


def _follows(column: GivenColumn, a: str, b: str) -> str:
    """Condition that texts are the same, or numbers known together and each the other, stretched and moved."""
    if column.kind is Kind.CATEGORY:
        return f"coalesce(bool_and({a} IS NOT DISTINCT FROM {b}), FALSE)"
    return f"count({a}) = count({b}) AND coalesce(NOT isnan(corr({a}, {b})) AND abs(corr({a}, {b})) > 0.9999999, FALSE)"


def _may_follow(column: GivenColumn, a: str, b: str) -> str:
    """Whether columns may say the same, as far as some rows show it; just the correlation, which is cheap to ask for."""
    return _follows(column, a, b) if column.kind is Kind.CATEGORY else f"corr({a}, {b})"


def _says_the_same(column: str, other: str, table: str) -> Finding:
    message = f"Column '{column}' says the same as column '{other}'; a basis that is not asked for holds one of them."
    return Finding(
        "same-columns", Severity.WARNING, message, f"Leave one out for good: --ignore '{column}'.", table, column
    )
