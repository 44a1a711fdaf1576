"""The way from what a user hands over to a shop: read, understood, cast, checked, every row accounted for."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.errors import InputError, NotEnoughDataError
from coterie.progress import SILENT
from coterie.sources.behaviour import finish_events, finish_responses, stage_events, stage_responses
from coterie.sources.casting import CastRules, decimal_evidence
from coterie.sources.checks import (
    FEWEST_CUSTOMERS,
    check_currency,
    check_enough,
    check_ids,
    check_orders,
    check_personal,
)
from coterie.sources.columns import make_groups
from coterie.sources.customers import StagedCustomers, finish_customers, stage_customers
from coterie.sources.ledger import reports
from coterie.sources.left_out import create_left_out
from coterie.sources.looking import collected, listed, look_at_all
from coterie.sources.mapping import refuse_unmatched_pins, understand
from coterie.sources.order_keys import CUSTOMER_IDS, create_customer_ids
from coterie.sources.order_lines import finish_orders
from coterie.sources.orders import stage_orders
from coterie.sources.protected import refuse_unknown_audit
from coterie.sources.reading import read_input
from coterie.sources.scratch import clear
from coterie.sources.shop import CODED_LINES, EVENT_COLUMNS, ORDER_LINE_COLUMNS, RELATIONS, RESPONSE_COLUMNS, Shop
from coterie.sources.suppression import SUPPRESSED, Taken, take_out
from coterie.vocabulary import Barred, TableKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.progress import Progress
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.ledger import Counts
    from coterie.sources.mapping import Understanding
    from coterie.sources.raw import Input, RawTable
    from coterie.sources.shop import GivenColumn, TableReport
    from coterie.sources.staging import Staged
    from coterie.vocabulary import Finding

#: Columns of a table, after those left out; every one costs some hundredths of a second.
MOST_COLUMNS = 2_000

_COLUMNS = {
    TableKind.ORDERS: ORDER_LINE_COLUMNS,
    TableKind.EVENTS: EVENT_COLUMNS,
    TableKind.RESPONSES: RESPONSE_COLUMNS,
}


@dataclass
class _Opening:
    """What has been gathered on the way."""

    staged: dict[TableKind, list[Staged]] = field(default_factory=dict)
    counts: dict[TableKind, list[Counts]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    given: tuple[GivenColumn, ...] = ()
    as_of: dt.date | None = None
    currency: str = ""


def open_shop(
    inputs: Sequence[Input],
    engine: DuckDBEngine,
    settings: SourcesSettings,
    *,
    as_of: dt.date | None = None,
    ignore: Collection[str] = (),
    min_customers: int = FEWEST_CUSTOMERS,
    progress: Progress = SILENT,
) -> Shop:
    """Read tables, understand and cast their columns, and write them in our vocabulary into the engine.

    Parameters
    ----------
    inputs : sequence of Input
        Files, folders, globs or dataframes, in any mix of kinds.
    engine : DuckDBEngine
        Afterwards it holds the tables of `RELATIONS` that the shop has, and `left_out`.
    settings : SourcesSettings
        Pinned roles and how to read.
    as_of : date, optional
        First day not seen; default: the day after the last order.
    ignore : collection of str
        Columns to leave away altogether.
    min_customers : int
        Fewer customers are refused; at least 0.
    progress : Progress
        Is told how far the reading is.

    Returns
    -------
    Shop

    Raises
    ------
    InputError, UnsafeGuessError, NotEnoughDataError, ConfigError
        The data cannot be used as they are, or a guess would not be safe; the message names the option.
    """
    raws = []
    for number, item in enumerate(inputs):
        raws.append(read_input(item, engine, settings, number=number, progress=progress))
        progress.advance((number + 1) / (2 * len(inputs)))
    return open_raw(raws, engine, settings, as_of=as_of, ignore=ignore, min_customers=min_customers)


def open_raw(
    raws: Sequence[RawTable],
    engine: DuckDBEngine,
    settings: SourcesSettings,
    *,
    as_of: dt.date | None = None,
    ignore: Collection[str] = (),
    min_customers: int = FEWEST_CUSTOMERS,
) -> Shop:
    """Open a shop from tables that are read already; see `open_shop`."""
    if not raws:
        raise InputError("No table was handed over.", remedy="Name at least one file of orders or customers.")
    create_left_out(engine)
    clear(engine, everything=True)
    create_customer_ids(engine)
    opening = _Opening(as_of=as_of)
    opening.findings += [finding for raw in raws for finding in raw.findings]
    groups = make_groups(engine, raws, ignore)
    for group in groups:
        _refuse_one_column(group)
        _refuse_too_wide(group)
    refuse_unmatched_pins(groups, settings)
    for group in groups:
        _stage(engine, group, settings, opening)
    _refuse_unknown_audit(opening, settings)
    taken = take_out(engine, opening.staged, settings)
    opening.findings += taken.findings
    _finish(engine, settings, opening)
    _count_in(opening, taken)
    _check(engine, opening, min_customers)
    for raw in raws:
        for still_the_same in raw.checks:
            still_the_same()
    clear(engine)
    return Shop(
        engine=engine,
        tables=_reports(raws, opening),
        roles=_roles(engine, opening),
        given=opening.given,
        findings=tuple(dict.fromkeys(opening.findings)),
        as_of=opening.as_of,
        currency=settings.currency or opening.currency,
        coded=TableKind.ORDERS in opening.staged,
    )


def _refuse_unknown_audit(opening: _Opening, settings: SourcesSettings) -> None:
    tables = opening.staged.get(TableKind.CUSTOMERS, [])
    planned = [plan for table in tables if isinstance(table, StagedCustomers) for plan in table.planned]
    refuse_unknown_audit([plan.given.source for plan in planned], settings)


def _count_in(opening: _Opening, taken: Taken) -> None:
    """Put the rows of people who objected into the account of each table."""
    for (kind, place), rows in taken.removed.items():
        for number, n in rows.items():
            opening.counts[kind][place][number][SUPPRESSED] = n


def _refuse_one_column(group: Group) -> None:
    """Stop at a table of which nothing can be said, mostly because its fields were not parted."""
    if len(group.columns) > 1:
        return
    delimiter = group.raws[0].formats.get("delimiter", "")
    raise InputError(
        f"Table '{group.name}' has only one column.",
        found=f"Its fields were parted at: {delimiter}." if delimiter else "",
        remedy="If it has more, say what stands between them: --delimiter CHAR." if delimiter else "",
    )


def _refuse_too_wide(group: Group) -> None:
    if len(group.columns) <= MOST_COLUMNS:
        return
    raise InputError(
        f"Table '{group.name}' has {len(group.columns):,} columns; a table of a store has at most {MOST_COLUMNS:,}.",
        remedy="Hand over those that say something of customers, or leave columns out: --ignore COLUMN,COLUMN.",
    )


def _stage(engine: DuckDBEngine, group: Group, settings: SourcesSettings, opening: _Opening) -> None:
    """Understand one group of tables and cast its columns."""
    values = look_at_all(engine, group)
    understood = understand(engine, group, values, settings)
    values |= _needed(engine, group, values, understood)
    rules = _rules(engine, group, values, understood, settings)
    kind = understood.kind
    others = opening.staged.setdefault(kind, [])
    if kind is TableKind.CUSTOMERS:
        taken = [plan.given for other in others if isinstance(other, StagedCustomers) for plan in other.planned]
        others.append(stage_customers(engine, group, values, understood, rules, taken))
    else:
        stage = {TableKind.ORDERS: stage_orders, TableKind.EVENTS: stage_events, TableKind.RESPONSES: stage_responses}
        others.append(stage[kind](engine, group, values, understood, rules))
        opening.findings += check_personal(values, list(understood.roles.values()), group.name)
    opening.findings += others[-1].findings


def _needed(
    engine: DuckDBEngine, group: Group, values: Mapping[str, ColumnValues], understood: Understanding
) -> dict[str, ColumnValues]:
    """Gather the values of the columns that are cast by them: orders are cast by their types where they have any."""
    if understood.kind is TableKind.ORDERS:
        return {}
    if understood.kind is TableKind.CUSTOMERS:
        return {column: listed(engine, group, looked) for column, looked in values.items()}
    return {column: collected(engine, group, values[column]) for column in understood.roles.values()}


def _rules(
    engine: DuckDBEngine,
    group: Group,
    values: Mapping[str, ColumnValues],
    understood: Understanding,
    settings: SourcesSettings,
) -> CastRules:
    """Gather what the casts may know of each other: the decimal mark that the table's columns prove."""
    delimiter = group.raws[0].formats.get("delimiter", "")
    numeric = [v for v in values.values() if v.number_share >= 0.8 and v.whole_share < 1 and not v.typed]
    if understood.kind is not TableKind.CUSTOMERS:
        used = set(understood.roles.values())
        numeric = [v for v in numeric if v.column in used]
    proving = [collected(engine, group, v) for v in numeric if v.date_share < 0.5]
    marks = {mark for v in proving if (mark := decimal_evidence(engine, v))}
    return CastRules(group.name, settings, marks.pop() if len(marks) == 1 else None, delimiter)


def _finish(engine: DuckDBEngine, settings: SourcesSettings, opening: _Opening) -> None:
    """Write the tables of ours. Orders come first: they say which day is the first not seen."""
    staged, told = opening.staged, opening.findings
    if TableKind.ORDERS in staged:
        counts, found, day = finish_orders(engine, staged[TableKind.ORDERS], settings, opening.as_of)
        opening.counts[TableKind.ORDERS], opening.as_of = counts, day
        opening.currency = check_currency(engine, staged[TableKind.ORDERS])
        told += found
    if TableKind.EVENTS in staged:
        counts, found, day = finish_events(engine, staged[TableKind.EVENTS], settings, opening.as_of)
        opening.counts[TableKind.EVENTS], opening.as_of = counts, opening.as_of or day
        told += found
    if TableKind.RESPONSES in staged:
        counts, found = finish_responses(engine, staged[TableKind.RESPONSES], settings)
        opening.counts[TableKind.RESPONSES] = counts
        told += found
    if TableKind.CUSTOMERS in staged:
        tables = [one for one in staged[TableKind.CUSTOMERS] if isinstance(one, StagedCustomers)]
        counts, found, opening.given = finish_customers(engine, tables, settings)
        opening.counts[TableKind.CUSTOMERS] = counts
        opening.currency = opening.currency or next((one.currency for one in tables if one.currency), "")
        told += found


def _check(engine: DuckDBEngine, opening: _Opening, min_customers: int) -> None:
    """Look at the finished tables as a whole."""
    kinds = list(opening.staged)
    own = [kind for kind in (TableKind.ORDERS, TableKind.CUSTOMERS) if kind in kinds]
    if not own:
        raise NotEnoughDataError(
            "There is neither a table of orders nor one of customers.",
            found=f"Found: {', '.join(kinds)}.",
            remedy="Hand over the orders as well, or say which table holds them: --orders FILE or --customers FILE.",
        )
    known = {TableKind.ORDERS: CUSTOMER_IDS, TableKind.CUSTOMERS: RELATIONS[TableKind.CUSTOMERS]}
    ids = " UNION ALL ".join(f"SELECT customer_id FROM {known[kind]}" for kind in own)
    counted = (
        f"SELECT count(*) FROM {CUSTOMER_IDS}"
        if own == [TableKind.ORDERS]
        else f"SELECT count(DISTINCT customer_id) FROM ({ids})"
    )
    count = int(engine.value(counted))
    with_orders = TableKind.ORDERS in own
    opening.findings += check_enough(count, opening.as_of if with_orders else None, min_customers)
    if with_orders:
        opening.findings += check_orders(engine, opening.staged[TableKind.ORDERS])
    read_ids = any(one.understood.column("customer_id") for staged in opening.staged.values() for one in staged)
    opening.findings += check_ids(engine, kinds, read_ids)
    if own == [TableKind.CUSTOMERS] and all(column.barred for column in opening.given):
        raise NotEnoughDataError(
            "No column of the customer table tells customers apart.",
            found=f"Of its {len(opening.given)} columns, {sum(c.barred is Barred.CONSTANT for c in opening.given)} are constant.",
            remedy="Hand over the orders as well, or an export with more columns.",
        )


def _reports(raws: Sequence[RawTable], opening: _Opening) -> tuple[TableReport, ...]:
    """Give one report a table, in the order in which they were handed over."""
    place = {id(raw): number for number, raw in enumerate(raws)}
    found = [
        (place[id(raw)], report)
        for kind, staged in opening.staged.items()
        for one, counts in zip(staged, opening.counts[kind], strict=True)
        for raw, report in zip(one.group.raws, reports(one, counts), strict=True)
    ]
    return tuple(report for _, report in sorted(found, key=lambda pair: pair[0]))


def _roles(engine: DuckDBEngine, opening: _Opening) -> dict[TableKind, frozenset[str]]:
    """Say which roles really hold values, for each kind of table that the shop has."""
    roles: dict[TableKind, frozenset[str]] = {}
    for kind in opening.staged:
        if kind is TableKind.CUSTOMERS:
            roles[kind] = frozenset({"customer_id", *(c.role for c in opening.given if c.role and not c.barred)})
            continue
        counted = ", ".join(f"count({column})" for column in _COLUMNS[kind])
        filled = engine.row(f"SELECT {counted} FROM {CODED_LINES if kind is TableKind.ORDERS else RELATIONS[kind]}")
        roles[kind] = frozenset(column for column, n in zip(_COLUMNS[kind], filled, strict=True) if n)
    return roles
