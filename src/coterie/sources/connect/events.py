"""Events on the site, mapped where they lie."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coterie.sources.connect.account import cast_findings, customer_reasons, last_day, not_listed, report, settle
from coterie.sources.connect.casting import DistantCast, cast_id, cast_number, cast_text, cast_time
from coterie.sources.connect.orders import Mapped
from coterie.sources.names import unit_of, words
from coterie.sources.shop import EVENT_COLUMNS

if TYPE_CHECKING:
    from coterie.config import SourcesSettings
    from coterie.sources.connect.looking import Look

_STAGED, _EVENTS = "coterie_staged_events", "site_events"


def map_events(look: Look, settings: SourcesSettings, as_of: dt.date | None) -> Mapped:
    """Lay `site_events` over a distant table of events; without orders the last event says which day is not seen."""
    engine, dialect = look.table.engine, look.table.engine.dialect
    casts = _stage(look)
    reasons, findings = customer_reasons(look, _STAGED, settings)
    last, _ = last_day(look, _STAGED, "happened_at")
    day = as_of or (last + dt.timedelta(days=1) if last else None)
    reasons |= {"time cannot be read": "date_bad", "no time": "happened_at IS NULL"}
    if day:
        reasons["on or after the as-of date"] = f"happened_at >= {dialect.date(day)}"
    counts = settle(look, _STAGED, _EVENTS, ", ".join(EVENT_COLUMNS), reasons)
    asked = ", ".join(f"COUNT({name})" for name in EVENT_COLUMNS)
    filled = engine.row(f"SELECT {asked} FROM {_EVENTS}", "event checks")
    roles = frozenset(name for name, n in zip(EVENT_COLUMNS, filled, strict=True) if n)
    findings += (*look.findings, *cast_findings(look, casts), *not_listed(look, counts))
    return Mapped(report(look, casts, counts), findings, roles, day)


def _stage(look: Look) -> dict[str, DistantCast]:
    dialect = look.table.engine.dialect
    casts = {role: _cast(look, role) for role in look.understood.roles if role in EVENT_COLUMNS}
    shown = [
        f"{casts[name].value if name in casts else dialect.string('NULL')} AS {name}"
        for name in EVENT_COLUMNS
        if name not in ("duration_seconds", "happened_at")
    ]
    scale = repr(_seconds(look.understood.column("duration_seconds") or ""))
    duration = casts["duration_seconds"].value if "duration_seconds" in casts else "NULL"
    times = casts.get("happened_at")
    shown += [
        f"{times.value if times else f'CAST(NULL AS {dialect.timestamp})'} AS happened_at",
        f"{times.bad if times else 'FALSE'} AS date_bad",
        f"{dialect.f64(duration)} * {dialect.f64(scale)} AS duration_seconds",
        f"{casts['customer_id'].bad} AS customer_bad",
    ]
    joins = "".join(f"\n{cast.join}" for cast in casts.values() if cast.join)
    query = f"SELECT {', '.join(shown)}\nFROM {look.table.relation} AS t{joins}"
    look.table.engine.keep(_STAGED, query, f"events of '{look.table.name}'")
    return casts


def _cast(look: Look, role: str) -> DistantCast:
    if role == "happened_at":
        return cast_time(look, role)
    if role == "duration_seconds":
        return cast_number(look, role, 38, 10)
    return cast_id(look, role) if role in ("customer_id", "session_id") else cast_text(look, role)


def _seconds(header: str) -> float:
    """Seconds in one unit of a column of durations, by its header."""
    said = {*words(header), unit_of(header).lower()}
    if said & {"ms", "millis", "milliseconds"}:
        return 0.001
    return 60.0 if said & {"minutes", "min", "mins", "minuten", "minutos"} else 1.0
