"""Customer tables: one row a customer, every column cast, customers listed twice settled, tables joined on the id."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, InputError
from coterie.sources.casting import cast_ids
from coterie.sources.casting.cleaning import words_sql
from coterie.sources.column_checks import check_columns
from coterie.sources.customer_columns import VALUE, Planned, plan_columns, told_barred
from coterie.sources.ledger import Counts, case, placeholders, settle
from coterie.sources.looking import collected
from coterie.sources.names import listing
from coterie.sources.shop import RELATIONS
from coterie.sources.staging import Staged, joined
from coterie.vocabulary import Finding, Kind, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.mapping import Understanding
    from coterie.sources.shop import GivenColumn

#: Up to this share of the customers may be listed twice with different values without a decision of the user.
FEW_DUPLICATES = 0.05
#: Columns that are looked up in one query, and different values of them all: each is looked up in a table in memory.
_AT_ONCE, _VALUES_AT_ONCE = 50, 3_000_000
#: With fewer columns than this, equal rows are no surprise.
_MUCH_IS_SAID = 8


@dataclass(frozen=True)
class StagedCustomers(Staged):
    """A staged customer table with its columns."""

    planned: tuple[Planned, ...] = field(default=())


def stage_customers(
    engine: DuckDBEngine,
    group: Group,
    values: dict[str, ColumnValues],
    understood: Understanding,
    rules: CastRules,
    taken: Sequence[GivenColumn] = (),
) -> StagedCustomers:
    """Cast every column of a customer table; without ids each row is a customer of its own."""
    planned = plan_columns(engine, group, values, understood.roles, rules, taken)
    casts: dict[str, Cast] = {f"column_{i}": plan.cast for i, plan in enumerate(planned)}
    column = understood.column("customer_id")
    findings = [finding for plan in planned for finding in plan.findings]
    findings += told_barred([plan.given for plan in planned], group.name)
    if column:
        casts["customer_id"] = cast_ids(engine, collected(engine, group, values[column]), rules)
        findings += casts["customer_id"].findings
        identity = "customer_id_value AS customer_id, customer_id_bad AS customer_bad"
    else:
        identity = "'row-' || printf('%06d', row_number() OVER (ORDER BY table_no, source_row)) AS customer_id, FALSE AS customer_bad"
        findings.append(_no_ids(group))
    _write_staged(engine, group, casts, planned, identity, _together([_looked_up(plan, values) for plan in planned]))
    findings += check_columns(engine, group, planned, values)
    currency = next((plan.cast.currency for plan in planned if plan.cast.currency), "")
    return StagedCustomers(
        group, understood, f"staged_{group.number}", casts, tuple(findings), currency, planned=tuple(planned)
    )


def _looked_up(plan: Planned, values: dict[str, ColumnValues]) -> int:
    """Count the values by which a column is looked up; none where it is worked out row by row."""
    return 0 if plan.cast.by_row else values[plan.cast.column].distinct


def _together(distinct: Sequence[int]) -> list[range]:
    """Part the columns, of which the numbers of different values are given, into those of one query each; at least one part."""
    parts, start, much = [], 0, 0
    for place, values in enumerate(distinct):
        if place > start and (place - start == _AT_ONCE or much + values > _VALUES_AT_ONCE):
            parts.append(range(start, place))
            start, much = place, 0
        much += values
    return [*parts, range(start, len(distinct))]


def _write_staged(
    engine: DuckDBEngine,
    group: Group,
    casts: dict[str, Cast],
    planned: Sequence[Planned],
    identity: str,
    together: Sequence[range],
) -> None:
    """Write `staged_<group>`: a few columns at a time, as each is looked up by a join of its own that holds memory."""
    quote = engine.dialect.quote
    key = ["table_no", "source_row"]
    shown = [f"{_over(plan.value_sql, i)} AS {quote(plan.given.name)}" for i, plan in enumerate(planned)]
    whole, step = f"staged_{group.number}", f"customers of '{group.name}'"
    parts = [whole if len(together) == 1 else f"{whole}_from_{places.start}" for places in together]
    for places, part in zip(together, parts, strict=True):
        first = places.start == 0
        mine = {f"column_{i}" for i in places} | ({"customer_id"} if first else set())
        some = {name: cast for name, cast in casts.items() if name in mine}
        select = ", ".join([*key, *([identity] if first else []), *(shown[i] for i in places)])
        rows = joined(engine, group, some)
        engine.run(f"CREATE OR REPLACE TABLE {part} AS SELECT {select} FROM ({rows})", step)
    if len(parts) > 1:
        beside = " ".join(f"JOIN {part} USING (table_no, source_row)" for part in parts[1:])
        engine.run(f"CREATE OR REPLACE TABLE {whole} AS SELECT * FROM {parts[0]} {beside}", step)
        for part in parts:
            engine.run(f"DROP TABLE {part}")


def _over(value_sql: str, place: int) -> str:
    """Put the looked-up value of a column in the place of `{v}`."""
    return value_sql.replace(VALUE, f"column_{place}_value")


def _no_ids(group: Group) -> Finding:
    message = f"Table '{group.name}' has no column of customer ids: each row is taken for one customer, numbered row-000001 and so on."
    remedy = "If it has one, say which: --map customer_id=COLUMN."
    return Finding("no-customer-ids", Severity.NOTE, message, remedy, group.name, count=group.rows)


def finish_customers(
    engine: DuckDBEngine, staged: Sequence[StagedCustomers], settings: SourcesSettings
) -> tuple[list[Counts], tuple[Finding, ...], tuple[GivenColumn, ...]]:
    """Write `given_customers`; give the counts of each table, what to tell, and the columns."""
    counts, findings = [], []
    for one in staged:
        found, told = _finish_one(engine, one, settings)
        counts.append(found)
        findings += told
    quote = engine.dialect.quote
    everyone = " UNION ".join(f"SELECT customer_id FROM customers_{one.group.number}" for one in staged)
    joins = " ".join(
        f"LEFT JOIN customers_{one.group.number} AS t{i} USING (customer_id)" for i, one in enumerate(staged)
    )
    shown = [f"t{i}.{quote(plan.given.name)}" for i, one in enumerate(staged) for plan in one.planned]
    engine.run(
        f"CREATE OR REPLACE TABLE {RELATIONS[TableKind.CUSTOMERS]} AS SELECT {', '.join(['customer_id', *shown])} "
        f"FROM ({everyone}) AS everyone {joins} ORDER BY customer_id",
        "given customers",
    )
    return counts, tuple(findings), tuple(plan.given for one in staged for plan in one.planned)


def _finish_one(
    engine: DuckDBEngine, staged: StagedCustomers, settings: SourcesSettings
) -> tuple[Counts, list[Finding]]:
    guests, told = placeholders(engine, [staged], settings.guest_ids)
    usable = "customer_id IS NOT NULL AND NOT customer_bad" + (
        f" AND lower(customer_id) NOT IN ({words_sql(list(guests))})" if guests else ""
    )
    order, more = _settle_duplicates(engine, staged, settings, usable)
    ranked = f"ranked_{staged.group.number}"
    place = f"row_number() OVER (PARTITION BY customer_id, {usable} ORDER BY {order})" if order else "1"
    engine.run(
        f"CREATE OR REPLACE {'TABLE' if order else 'VIEW'} {ranked} AS SELECT *, {place} AS place FROM {staged.relation}",
        "customers listed twice",
    )
    columns = ", ".join(["customer_id", *(engine.dialect.quote(plan.given.name) for plan in staged.planned)])
    target = f"customers_{staged.group.number}"
    engine.run(f"CREATE OR REPLACE TABLE {target} AS SELECT {columns} FROM {ranked} LIMIT 0")
    reasons = {"customer id cannot be read": "customer_bad", "no customer id": "customer_id IS NULL"}
    if guests:
        reasons["placeholder customer id"] = f"lower(customer_id) IN ({words_sql(list(guests))})"
    reasons["customer listed more than once"] = "place > 1"
    counts = settle(engine, replace(staged, relation=ranked), case(reasons), columns, target)
    engine.run(f"DROP TABLE {staged.relation}")  # a copy of all customers, of which nobody asks any more
    return counts, [*told, *more]


def _settle_duplicates(
    engine: DuckDBEngine, staged: StagedCustomers, settings: SourcesSettings, usable: str
) -> tuple[str, list[Finding]]:
    """Say in which order the rows of one customer stand: the first is kept; nothing where nobody is listed twice.

    The fullest row comes first, then the one whose values come first in the alphabet: the order of the rows in the file
    plays no part.

    Raises
    ------
    InputError
        Where customers are listed with different values and no rule was set, or it is `refuse`.
    """
    quote = engine.dialect.quote
    names = [quote(plan.given.name) for plan in staged.planned]
    filled = _sum([f"CAST({name} IS NOT NULL AS INTEGER)" for name in names])
    written = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in names)
    whole = f"concat_ws('|', {written})" if names else "''"
    findings = _twins(engine, staged, whole, usable) if names else []
    counted = f"SELECT customer_id, count(*) AS n FROM {staged.relation} WHERE {usable} GROUP BY ALL"
    total, repeated = engine.row(f"SELECT count(*), count(*) FILTER (WHERE n > 1) FROM ({counted})")
    if not repeated:
        return "", findings
    twice = f"{usable} AND customer_id IN (SELECT customer_id FROM ({counted}) WHERE n > 1)"
    same, extra = engine.row(
        f"SELECT count(*) FILTER (WHERE kinds = 1), sum(n - 1) FROM "
        f"(SELECT customer_id, count(*) AS n, count(DISTINCT {whole}) AS kinds FROM {staged.relation} WHERE {twice} GROUP BY ALL)"
    )
    order = f"{filled} DESC, {whole}, table_no, source_row"
    conflicting = int(repeated) - int(same)
    findings = [*([_same(staged, int(same))] if same else []), *findings]
    rule = settings.on_duplicate
    if not conflicting:
        return order, findings
    if rule == "first":
        order = "table_no, source_row"
    elif rule.startswith("latest:"):
        order = f"{_latest(engine, staged, rule.removeprefix('latest:'))} DESC NULLS LAST, {order}"
    elif rule not in ("auto", "refuse"):
        raise ConfigError(f"--on-duplicate {rule} has no meaning.", remedy="Use refuse, first or latest:COLUMN.")
    elif rule == "refuse" or conflicting > FEW_DUPLICATES * int(total):
        raise _refused(staged, conflicting, int(total))
    return order, [*findings, _kept(staged, conflicting, int(extra), rule)]


def _sum(terms: Sequence[str]) -> str:
    """Add many terms in parentheses of a few: each `+` is one level deeper for the engine, which goes only so deep."""
    parts = [" + ".join(terms[start : start + _AT_ONCE]) for start in range(0, len(terms), _AT_ONCE)]
    return " + ".join(f"({part})" for part in parts) or "0"


def _twins(engine: DuckDBEngine, staged: StagedCustomers, whole: str, usable: str) -> list[Finding]:
    """Tell customers who equal another in everything but the id, where the table says much about each."""
    if len(staged.planned) < _MUCH_IS_SAID or "customer_id" not in staged.casts:
        return []
    alike = f"hash({', '.join(engine.dialect.quote(plan.given.name) for plan in staged.planned)})"
    suspects = f"SELECT {alike} FROM {staged.relation} WHERE {usable} GROUP BY ALL HAVING count(*) > 1"
    count = int(
        engine.value(
            f"SELECT coalesce(sum(n), 0) FROM (SELECT count(DISTINCT customer_id) - 1 AS n FROM {staged.relation} "
            f"WHERE {usable} AND {alike} IN ({suspects}) GROUP BY {alike}, {whole})"
        )
    )
    if not count:
        return []
    message = f"{count:,} customers equal another in every column but the id; they are kept as customers of their own."
    return [Finding("equal-but-for-id", Severity.NOTE, message, "If they are the same people, keep one row of each.",
                    staged.group.name, count=count)]  # fmt: skip


def _latest(engine: DuckDBEngine, staged: StagedCustomers, column: str) -> str:
    for plan in staged.planned:
        if column in (plan.given.source, plan.given.name) and plan.given.kind is not Kind.CATEGORY:
            return engine.dialect.quote(plan.given.name)
    known = [plan.given.source for plan in staged.planned if plan.given.kind is not Kind.CATEGORY]
    raise ConfigError(
        f"Table '{staged.group.name}' has no column '{column}' of dates or numbers for --on-duplicate latest:{column}.",
        found=listing(known),
    )


def _refused(staged: StagedCustomers, conflicting: int, total: int) -> InputError:
    column = staged.understood.column("customer_id")
    return InputError(
        f"Table '{staged.group.name}' lists {conflicting:,} of its {total:,} customers more than once, with different values.",
        found=f"Ids were read from column '{column}'.",
        remedy="Say which row counts: --on-duplicate first or --on-duplicate latest:COLUMN. If rows are purchases, hand the "
        "table over with --orders.",
    )


def _same(staged: StagedCustomers, count: int) -> Finding:
    message = f"{count:,} customer{'s are' if count != 1 else ' is'} listed more than once with the same values, and counted once."
    return Finding("repeated-customers", Severity.NOTE, message, table=staged.group.name, count=count)


def _kept(staged: StagedCustomers, conflicting: int, extra: int, rule: str) -> Finding:
    which = {"auto": "the row with the most filled cells is kept", "first": "the first row is kept"}.get(
        rule, f"the row that comes last by {rule.removeprefix('latest:')} is kept"
    )
    message = (
        f"{conflicting:,} customer{'s are' if conflicting != 1 else ' is'} listed more than once with different values; "
        f"{which}, and {extra:,} row{'s are' if extra != 1 else ' is'} left out."
    )
    remedy = "To decide it yourself: --on-duplicate first, --on-duplicate latest:COLUMN or --on-duplicate refuse."
    return Finding("conflicting-customers", Severity.WARNING, message, remedy, staged.group.name, count=conflicting)
