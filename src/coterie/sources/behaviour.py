"""What customers did beside ordering, written in our vocabulary: visits, and answers to campaigns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coterie.sources.casting import cast_dates, cast_flags, cast_ids, cast_numbers, cast_texts
from coterie.sources.casting.cast import bad_finding, refuse_too_many_bad
from coterie.sources.casting.cleaning import words_sql
from coterie.sources.ledger import Counts, case, last_day, placeholders, settle
from coterie.sources.shop import EVENT_COLUMNS, RELATIONS, RESPONSE_COLUMNS
from coterie.sources.staging import Staged, joined
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.mapping import Understanding
    from coterie.vocabulary import Finding

_COLUMNS = {
    TableKind.EVENTS: EVENT_COLUMNS,
    TableKind.RESPONSES: RESPONSE_COLUMNS,
}
_CUSTOMER_REASONS = {
    "customer id cannot be read": "customer_bad",
    "no customer id": "customer_id IS NULL",
}


def create(engine: DuckDBEngine, kind: TableKind) -> None:
    """Make the empty table of a kind."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in _COLUMNS[kind].items())
    engine.run(f"CREATE OR REPLACE TABLE {RELATIONS[kind]} ({columns})")


def _customers(
    engine: DuckDBEngine, staged: Sequence[Staged], settings: SourcesSettings
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    guests, findings = placeholders(engine, staged, settings.guest_ids)
    reasons = dict(_CUSTOMER_REASONS)
    if guests:
        reasons["placeholder customer id"] = f"lower(customer_id) IN ({words_sql(list(guests))})"
    return reasons, findings


def stage_events(
    engine: DuckDBEngine, group: Group, values: dict[str, ColumnValues], understood: Understanding, rules: CastRules
) -> Staged:
    """Cast the events of a group."""
    casts: dict[str, Cast] = {}
    for role, column in understood.roles.items():
        if role == "happened_at":
            casts[role] = cast_dates(engine, values[column], rules)
            refuse_too_many_bad(rules, casts[role], "dates")
        elif role == "duration_seconds":
            casts[role] = cast_numbers(engine, values[column], rules)
        elif role in ("customer_id", "session_id"):
            casts[role] = cast_ids(engine, values[column], rules)
        else:
            casts[role] = cast_texts(engine, values[column], rules)
    scale = _seconds(understood.column("duration_seconds") or "")
    has = casts.keys()
    shown = [f"{role}_value AS {role}" if role in has else f"CAST(NULL AS {type_}) AS {role}"
             for role, type_ in EVENT_COLUMNS.items() if role != "duration_seconds"]  # fmt: skip
    duration = (
        f"CAST(duration_seconds_value AS DOUBLE) * CAST({scale} AS DOUBLE)" if "duration_seconds" in has else "NULL"
    )
    return _stage(
        engine,
        group,
        understood,
        rules,
        casts,
        [*shown, f"{duration} AS duration_seconds", "happened_at_bad AS date_bad"],
    )


def _seconds(header: str) -> float:
    from coterie.sources.names import unit_of, words

    said = {*words(header), unit_of(header).lower()}
    if said & {"ms", "millis", "milliseconds"}:
        return 0.001
    return 60.0 if said & {"minutes", "min", "mins", "minuten", "minutos"} else 1.0


def stage_responses(
    engine: DuckDBEngine, group: Group, values: dict[str, ColumnValues], understood: Understanding, rules: CastRules
) -> Staged:
    """Cast the answers to campaigns of a group."""
    casts: dict[str, Cast] = {}
    for role, column in understood.roles.items():
        if role == "customer_id":
            casts[role] = cast_ids(engine, values[column], rules)
        elif role == "campaign":
            casts[role] = cast_texts(engine, values[column], rules)
        elif role == "spend":
            casts[role] = cast_numbers(engine, values[column], rules)
            refuse_too_many_bad(rules, casts[role], "numbers")
        else:
            casts[role] = cast_flags(engine, values[column], rules, arms=role == "treated")
            refuse_too_many_bad(rules, casts[role], "yes or no")
    shown = [f"{role}_value AS {role}" if role in casts else f"CAST(NULL AS {type_}) AS {role}"
             for role, type_ in RESPONSE_COLUMNS.items()]  # fmt: skip
    return _stage(engine, group, understood, rules, casts, shown)


def _stage(
    engine: DuckDBEngine,
    group: Group,
    understood: Understanding,
    rules: CastRules,
    casts: dict[str, Cast],
    shown: list[str],
) -> Staged:
    relation = f"staged_{group.number}"
    columns = ", ".join(["table_no", "source_row", "customer_id_bad AS customer_bad", *shown])
    engine.run(f"CREATE OR REPLACE TABLE {relation} AS SELECT {columns} FROM ({joined(engine, group, casts)})")
    findings = tuple(
        finding
        for cast in casts.values()
        for finding in (*cast.findings, *bad_finding(rules, cast, "such", "they count as missing"))
    )
    currency = next((cast.currency for cast in casts.values() if cast.currency), "")
    return Staged(group, understood, relation, casts, findings, currency)


def finish_events(
    engine: DuckDBEngine, staged: Sequence[Staged], settings: SourcesSettings, as_of: dt.date | None
) -> tuple[list[Counts], tuple[Finding, ...], dt.date | None]:
    """Write `site_events`; without orders the first day not seen is the day after the last event."""
    create(engine, TableKind.EVENTS)
    reasons, findings = _customers(engine, staged, settings)
    last, _ = last_day(engine, staged, "happened_at")
    day = as_of or (last + dt.timedelta(days=1) if last else None)
    reasons |= {"time cannot be read": "date_bad", "no time": "happened_at IS NULL"}
    if day:
        reasons["on or after the as-of date"] = f"happened_at >= {engine.dialect.date(day)}"
    counts = [settle(engine, s, case(reasons), ", ".join(EVENT_COLUMNS), RELATIONS[TableKind.EVENTS]) for s in staged]
    return counts, findings, day


def finish_responses(
    engine: DuckDBEngine, staged: Sequence[Staged], settings: SourcesSettings
) -> tuple[list[Counts], tuple[Finding, ...]]:
    """Write `campaign_responses`."""
    create(engine, TableKind.RESPONSES)
    reasons, findings = _customers(engine, staged, settings)
    reasons["no campaign"] = "campaign IS NULL"
    counts = [
        settle(engine, s, case(reasons), ", ".join(RESPONSE_COLUMNS), RELATIONS[TableKind.RESPONSES]) for s in staged
    ]
    return counts, findings
