"""The account of every row: kept, or left out with one reason."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from coterie.sources.casting.cleaning import words_sql
from coterie.sources.left_out import set_aside
from coterie.sources.shop import TableReport
from coterie.sources.value_words import PLACEHOLDER_IDS
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.staging import Staged

#: A placeholder id is a guest bucket when it holds more than this share of the rows.
GUEST_SHARE = 0.001
#: Dates that come after a gap of more than this many days and are at most `FUTURE_SHARE` of all are taken for slips.
FUTURE_GAP_DAYS = 730
FUTURE_SHARE = 0.01

#: Per table: reason (None = kept) -> rows.
Counts = dict[int, dict[str | None, int]]


def settle(engine: DuckDBEngine, staged: Staged, reason_sql: str, kept_sql: str, target: str) -> Counts:
    """Write the rows of a staged table that have no reason against them, and set the others aside.

    Parameters
    ----------
    reason_sql : str
        Expression over the staged columns: NULL, or why the row cannot be used.
    kept_sql : str
        Select list that makes the columns of `target`.
    target : str
        Table that the kept rows are added to.
    """
    counts = account(engine, staged, reason_sql)
    kept = f"SELECT {kept_sql} FROM {staged.relation} WHERE {reason_sql} IS NULL"
    engine.run(f"INSERT INTO {target} {kept}", "kept rows")
    return counts


def account(engine: DuckDBEngine, staged: Staged, reason_sql: str) -> Counts:
    """Count the rows of a staged table by the reason against them, and list those that have one as left out."""
    judged = f"judged_{staged.group.number}"
    engine.run(f"CREATE OR REPLACE VIEW {judged} AS SELECT *, {reason_sql} AS reason FROM {staged.relation}", "reasons")
    rows = engine.rows(f"SELECT table_no, reason, count(*) FROM {judged} GROUP BY ALL ORDER BY ALL", "left out")
    counts: Counts = {place: {} for place in range(len(staged.group.raws))}
    for place, reason, n in rows:
        counts[int(place)][reason] = int(n)
        if reason is not None:
            select = f"SELECT source_row FROM {judged} WHERE table_no = {int(place)} AND reason = {engine.dialect.text(reason)}"
            set_aside(engine, staged.group.raws[int(place)].name, reason, select)
    return counts


def reports(staged: Staged, counts: Counts) -> list[TableReport]:
    """One report for each table of a group."""
    found = []
    for place, raw in enumerate(staged.group.raws):
        left_out = dict(raw.left_out)
        for reason, n in counts[place].items():
            if reason is not None:
                left_out[reason] = left_out.get(reason, 0) + n
        used = {guess.column for guess in staged.understood.guesses}
        found.append(
            TableReport(
                name=raw.name,
                kind=staged.understood.kind,
                kind_evidence=staged.understood.kind_evidence,
                guesses=staged.understood.guesses,
                unused=tuple(c for c in staged.group.columns if c not in used),
                formats=raw.formats,
                casts={cast.column: cast.rule for cast in staged.casts.values()},
                rows_read=raw.rows_read,
                rows_kept=counts[place].get(None, 0),
                rows_left_out=left_out,
                fingerprint=raw.fingerprint,
            )
        )
    return found


def placeholders(
    engine: DuckDBEngine, staged: Sequence[Staged], keep: str
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Find placeholder ids that gather many rows, over all tables of a kind.

    Returns
    -------
    tuple of str, tuple of Finding
        Ids to leave out (lower case), and what to tell.
    """
    union = " UNION ALL ".join(f"SELECT customer_id FROM {s.relation} WHERE customer_id IS NOT NULL" for s in staged)
    total = int(engine.value(f"SELECT count(*) FROM ({union})"))
    rows = engine.rows(
        f"SELECT lower(customer_id), count(*) FROM ({union}) WHERE lower(customer_id) IN ({words_sql(PLACEHOLDER_IDS)}) "
        "GROUP BY ALL ORDER BY ALL"
    )
    return guests([(str(name), int(n)) for name, n in rows], total, keep, staged[0].group.name)


def guests(
    found: Sequence[tuple[str, int]], total: int, keep: str, table: str
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Say which placeholder ids gather many of `total` rows, and what to tell; see `placeholders`."""
    big = [(name, n) for name, n in found if n > GUEST_SHARE * total]
    if not big:
        return (), ()
    count = sum(n for _, n in big)
    excluded = keep == "exclude"
    message = (
        f"{count:,} rows ({count / total:.1%}) have a placeholder such as 'guest', '0' or 'null' for a customer id; they "
        + (
            "are left out, as they are many people and not one."
            if excluded
            else "are kept as one customer each, as set."
        )
    )
    remedy = "If these are real customers, keep them with --guest-ids keep." if excluded else ""
    return (tuple(name for name, _ in big) if excluded else ()), (
        Finding("placeholder-ids", Severity.WARNING, message, remedy, table, count=count),
    )


def last_day(engine: DuckDBEngine, staged: Sequence[Staged], column: str) -> tuple[dt.date | None, int]:
    """Last day of all tables of a kind, without a few dates far behind all others.

    Returns
    -------
    date or None, int
        The last day, and the number of rows dated after it, which are slips.
    """
    union = " UNION ALL ".join(
        f"SELECT CAST({column} AS DATE) AS day FROM {s.relation} WHERE {column} IS NOT NULL" for s in staged
    )
    days = engine.rows(f"SELECT day, count(*) FROM ({union}) GROUP BY ALL ORDER BY day DESC LIMIT 400")
    if not days:
        return None, 0
    total = int(engine.value(f"SELECT count(*) FROM ({union})"))
    after = 0
    for (day, n), (earlier, _) in pairwise(days):
        after += int(n)
        if after > FUTURE_SHARE * total:
            break
        if (day - earlier).days > FUTURE_GAP_DAYS:
            return earlier, after
    return days[0][0], 0


def case(reasons: Mapping[str, str]) -> str:
    """First reason whose condition holds, else NULL."""
    whens = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in reasons.items())
    return f"CASE {whens} END"
