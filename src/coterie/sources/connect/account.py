"""The account of rows that stay where they are: counted there by the reason for which they cannot be used."""

# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from coterie.errors import InputError
from coterie.sources.casting.cast import bad_finding
from coterie.sources.ledger import FUTURE_GAP_DAYS, FUTURE_SHARE, case, guests
from coterie.sources.shop import TableReport
from coterie.sources.value_words import PLACEHOLDER_IDS
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from coterie.config import SourcesSettings
    from coterie.sources.connect.casting import DistantCast
    from coterie.sources.connect.looking import Look


class Settled(NamedTuple):
    """Why rows are left out (reason -> condition), and what to tell."""

    reasons: dict[str, str]
    findings: tuple[Finding, ...]


def customer_reasons(look: Look, staged: str, settings: SourcesSettings) -> Settled:
    """Conditions for which a row has no customer: none, unreadable, or a placeholder that stands for many people."""
    dialect, engine = look.table.engine.dialect, look.table.engine
    words = ", ".join(dialect.text(word) for word in PLACEHOLDER_IDS)
    total = int(engine.value(f"SELECT COUNT(customer_id) FROM {staged}", "customers"))
    rows = engine.rows(
        f"SELECT LOWER(customer_id) AS id, COUNT(*) AS n FROM {staged} WHERE LOWER(customer_id) IN ({words}) "
        "GROUP BY LOWER(customer_id)",
        "placeholder ids",
    )
    known = [(str(name), int(n)) for name, n in sorted(rows)]
    excluded, told = guests(known, total, settings.guest_ids, look.table.name)
    reasons = {"customer id cannot be read": "customer_bad", "no customer id": "customer_id IS NULL"}
    if excluded:
        reasons["placeholder customer id"] = f"LOWER(customer_id) IN ({', '.join(map(dialect.text, excluded))})"
    return Settled(reasons, told)


def last_day(look: Look, staged: str, time: str) -> tuple[dt.date | None, int]:
    """Last day, without a few far behind all others, and the rows dated after it."""
    days = look.table.engine.rows(
        f"SELECT CAST({time} AS DATE) AS day, COUNT(*) AS n FROM {staged} WHERE {time} IS NOT NULL GROUP BY CAST({time} AS DATE)",
        "last day",
    )
    return last_of(sorted(((day, int(n)) for day, n in days), reverse=True))


def last_of(days: Sequence[tuple[dt.date, int]]) -> tuple[dt.date | None, int]:
    """Last of the days, given from the latest on with their rows; a few far behind all others are slips."""
    total, after = sum(n for _, n in days), 0
    for (day, n), (earlier, _) in pairwise(days):
        after += n
        if after > FUTURE_SHARE * total:
            break
        if (day - earlier).days > FUTURE_GAP_DAYS:
            return earlier, after
    return (days[0][0] if days else None), 0


def settle(look: Look, staged: str, target: str, columns: str, reasons: Mapping[str, str]) -> dict[str | None, int]:
    """Lay the view `target` over the rows that have no reason against them; count the rows by reason (None = kept)."""
    engine = look.table.engine
    judged = f"SELECT staged.*, {case(reasons)} AS reason FROM {staged} AS staged"
    counts = engine.rows(f"SELECT reason, COUNT(*) FROM ({judged}) AS judged GROUP BY reason", "left out")
    engine.see(target, f"SELECT {columns} FROM ({judged}) AS judged WHERE reason IS NULL", target)
    return {None if reason is None else str(reason): int(n) for reason, n in counts}


def refuse_many_unreadable(look: Look, staged: str, flags: Mapping[str, str], settings: SourcesSettings) -> None:
    """Stop where more typed cells than allowed cannot be read: infinite or impossibly large numbers."""
    if not flags:
        return
    counts = look.table.engine.row(
        "SELECT " + ", ".join(f"COUNT(CASE WHEN {flag} THEN 1 END)" for flag in flags) + f" FROM {staged}", "unreadable"
    )
    for column, count in zip(flags.values(), counts, strict=True):
        if count > settings.max_rejected * look.rows:
            raise InputError(
                f"{int(count):,} of {look.rows:,} cells of column '{column}' of '{look.table.name}' cannot be read.",
                found="They are infinite or impossibly large.",
                remedy="Map another column, or allow more with --max-rejected.",
            )


def cast_findings(look: Look, casts: Mapping[str, DistantCast]) -> tuple[Finding, ...]:
    """Tell what was found in the texts that travelled."""
    what = {"ordered_at": "a date", "happened_at": "a time", "customer_id": "an id", "order_id": "an id"}
    found: list[Finding] = []
    for role, distant in casts.items():
        if distant.cast:
            fate = (
                "those rows are left out"
                if role in ("ordered_at", "customer_id", "amount")
                else "they count as missing"
            )
            found += distant.cast.findings
            found += bad_finding(look.rules, distant.cast, what.get(role, "a number"), fate)
    return tuple(found)


def report(look: Look, casts: Mapping[str, DistantCast], counts: Mapping[str | None, int]) -> TableReport:
    """Say how the table was understood and what became of its rows."""
    used = {guess.column for guess in look.understood.guesses}
    return TableReport(
        name=look.table.name,
        kind=look.understood.kind,
        kind_evidence=look.understood.kind_evidence,
        guesses=look.understood.guesses,
        unused=tuple(column for column in look.group.columns if column not in used),
        formats={"format": f"table in {look.table.engine.dialect.title}"},
        casts={cast.column: cast.rule for cast in casts.values()},
        rows_read=look.rows,
        rows_kept=counts.get(None, 0),
        rows_left_out={reason: n for reason, n in sorted(counts.items(), key=str) if reason is not None},
        fingerprint=look.fingerprint,
    )


def not_listed(look: Look, counts: Mapping[str | None, int]) -> tuple[Finding, ...]:
    """Say that rows left out are counted, not listed: they have no number, and they stay where they are."""
    gone = sum(n for reason, n in counts.items() if reason is not None)
    if not gone:
        return ()
    message = f"{gone:,} rows of '{look.table.name}' are left out; they are counted by reason and stay in the database, unlisted."
    return (Finding("rows-not-listed", Severity.NOTE, message, table=look.table.name, count=gone),)
