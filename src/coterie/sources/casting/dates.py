"""Text becomes times: which order of day and month, which calendar form, which zone, decided over the whole column.

The rules:

1. Year-first dates, `yyyymmdd` and dates with a month's name say their order themselves and may stand side by side.
2. `31/12/2024` proves day-first, `12/31/2024` month-first, in all cells; a column in which both occur is refused, and so
   is one in which no cell proves anything (`--date-order`).
3. Years of two digits are read as 1969 to 2068, only where the order is proved or set.
4. Whole columns of Excel serial days or of epoch seconds, milliseconds or microseconds are read as such. Two of the forms
   of rules 2 to 4 in one column are refused.
5. Times with an offset become UTC, or the time of `--timezone`; beside times without one they are refused unless it is set.
6. `0000-00-00`, `1900-01-00`, `1900-01-01`, `9999-12-31` and, but for birthdays, `1970-01-01` say nothing.
"""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, UnsafeGuessError
from coterie.sources.casting.cast import Cast, CastRules, counts_of
from coterie.sources.casting.cleaning import numeric_sql, words_sql
from coterie.sources.value_words import MISSING_NUMBERS, MONTHS
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues

#: Form of the date part -> pattern. The first that fits counts.
FORMS = {
    "ymd": r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}",
    "four": r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{4}",
    "two": r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}",
    "day_name": r"[0-9]{1,2}[. /-]*(?:DE )?[^0-9 .,/-]{3,}[. /,-]*(?:DE )?(?:[0-9]{4}|[0-9]{2})",
    "name_day": r"[^0-9 .,/-]{3,}[. ]*[0-9]{1,2},? [0-9]{4}",
    "epoch_us": r"[0-9]{16}",
    "epoch_ms": r"[0-9]{13}",
    "epoch_s": r"[0-9]{10}(?:\.[0-9]+)?",
    "compact": r"[0-9]{8}",
    "serial": r"[2-5][0-9]{4}(?:\.[0-9]+)?",
}
#: Forms that say their order themselves.
PLAIN = frozenset({"ymd", "compact", "day_name", "name_day"})
EXAMPLES = {
    "ymd": "2024-12-31", "four": "31/12/2024", "two": "31/12/24", "day_name": "31 Dec 2024", "name_day": "Dec 31, 2024",
    "epoch_s": "1735603200 (seconds)", "epoch_ms": "1735603200000 (milliseconds)", "epoch_us": "microseconds",
    "compact": "20241231", "serial": "45657 (Excel days)",
}  # fmt: skip
NOTHING = ("0000-00-00", "1900-01-00", "1900-01-01", "9999-12-31", "0001-01-01", "2999-12-31")
#: What most dates look like, with or without a time of day, and nothing about them has to be cleaned.
_PLAIN = (
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)
_TIME = r"^[T, ]*(?:([0-9]{1,2})[:H.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)? ?([AP][.]?M[.]?)? ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?$"


@dataclass(frozen=True)
class _Look:
    """What a column's dates look like: rows per form, and what proves an order."""

    forms: dict[str, tuple[int, int]]  # rows, first row
    day_first: int  # cells of forms "four" and "two" whose first number is above 12
    month_first: int
    undecided: int
    many_first: int  # different first numbers
    many_last: int
    year_first: int  # cells of form "two" whose first number is above 31
    with_offset: int
    without_offset: int  # times without an offset


def cast_dates(engine: DuckDBEngine, values: ColumnValues, rules: CastRules, *, is_birthday: bool = False) -> Cast:
    """Cast a column to TIMESTAMP by the rules above.

    Raises
    ------
    UnsafeGuessError
        Where the order, the form or the zone cannot be decided.
    """
    parsed = _parse(engine, values)
    look = _look(engine, parsed)
    _refuse_two_forms(values, rules, look)
    order, why = _order(values, rules, look)
    _refuse_mixed_zones(values, rules, look)
    lookup = f"{values.relation}_date"
    zone = rules.settings.timezone
    spike = ", '1970-01-01'" if not is_birthday else ""
    try_zone(engine, zone)
    engine.run(
        f"""CREATE OR REPLACE TABLE {lookup} AS
        WITH dated AS (SELECT raw, missing, form, shift, {_date_text(order)} AS day_text, clock_text, number FROM {parsed}),
        moments AS (SELECT raw, missing OR coalesce(day_text IN ({words_sql(NOTHING)}{spike}), FALSE) AS missing, shift,
            {_moment()} AS moment FROM dated),
        shifted AS (SELECT raw, missing, {_zoned(zone)} AS moment FROM moments)
        SELECT raw, CASE WHEN NOT missing THEN moment END AS value, NOT missing AND moment IS NULL AS bad FROM shifted""",
        f"dates of column '{values.column}'",
    )
    engine.run(f"DROP TABLE {parsed}")
    filled, missing, bad, first = counts_of(engine, values, lookup)
    rule = _rule(look, why, zone, missing)
    return Cast(values.column, lookup, rule, filled, missing, bad, first, findings=_notes(values, rules, look, missing))


def try_zone(engine: DuckDBEngine, zone: str | None) -> None:
    """Refuse a time zone that nobody knows.

    Raises
    ------
    ConfigError
        Naming the option.
    """
    if zone is None:
        return
    known = engine.value(f"SELECT count(*) FROM pg_timezone_names() WHERE name = {engine.dialect.text(zone)}")
    if not known:
        raise ConfigError(f"There is no time zone '{zone}'.", remedy="Use a name such as --timezone Europe/Berlin.")


def _parse(engine: DuckDBEngine, values: ColumnValues) -> str:
    """Part each distinct text into its date, its time and its offset, and name the form of the date.

    Plain dates are parted by one pattern alone, which takes a fifth of the time.
    """
    forms = " ".join(f"WHEN regexp_full_match(d, '{pattern}') THEN '{name}'" for name, pattern in FORMS.items())
    starts = "|".join(FORMS[name] for name in ("ymd", "four", "two", "day_name", "name_day"))
    run_together = "^([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})$"
    weekday = r"^(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*[,.]? +"
    parsed = f"{values.relation}_parsed"
    engine.run(
        f"""CREATE OR REPLACE TABLE {parsed} AS
        WITH looked AS (SELECT raw, n, first_row, regexp_full_match(raw, '{_PLAIN}') AS is_plain FROM {values.relation}),
        plain AS (SELECT raw, n, first_row, regexp_replace(regexp_replace(upper({numeric_sql("raw")}), '{weekday}', ''), '{run_together}', '\\1 \\2:\\3:\\4') AS t FROM looked WHERE NOT is_plain),
        split AS (SELECT *, lower(t) IN ({words_sql(MISSING_NUMBERS)}) AS missing, CASE
            WHEN regexp_matches(t, '^(?:{starts})(?:[T, ]|$)') THEN regexp_extract(t, '^({starts})(?:[T, ]|$)', 1)
            WHEN regexp_matches(t, '^[0-9]{{8}}[T ]') THEN left(t, 8) ELSE t END AS d FROM plain),
        clocked AS (SELECT raw, n, first_row, missing, d,
            CASE WHEN missing THEN 'missing' {forms} ELSE 'bad' END AS form,
            regexp_full_match(substr(t, length(d) + 1), '{_TIME}') AS clock_ok,
            regexp_extract(substr(t, length(d) + 1), '{_TIME}', ['h', 'm', 's', 'f', 'half', 'shift']) AS c FROM split),
        numbered AS (SELECT *, regexp_extract(d, '^([0-9]+)[-/. ]+([0-9]+)[-/. ]+([0-9]+)$', ['a', 'b', 'c']) AS p,
            regexp_extract(d, '([0-9]{{1,2}})[^0-9]', 1) AS named_day, regexp_extract(d, '([0-9]+)$', 1) AS named_year,
            {_month_name()} AS month_name FROM clocked),
        monthed AS (SELECT *, {_month_sql()} AS named_month FROM numbered)
        SELECT raw, n, first_row, missing, CASE WHEN form IN ('day_name', 'name_day') AND named_month IS NULL OR NOT clock_ok
            THEN 'bad' ELSE form END AS form, d, TRY_CAST(p.a AS INTEGER) AS a, TRY_CAST(p.b AS INTEGER) AS b,
            TRY_CAST(p.c AS INTEGER) AS c, length(p.c) AS c_length, TRY_CAST(named_day AS INTEGER) AS named_day, named_month,
            TRY_CAST(named_year AS INTEGER) AS named_year, TRY_CAST(d AS DOUBLE) AS number, c.shift AS shift,
            c.h <> '' AS has_clock, {_clock_sql()} AS clock_text FROM monthed
        UNION ALL {_plain_dates()}""",
        f"forms of column '{values.column}'",
    )
    return parsed


def _plain_dates() -> str:
    """Select what `_parse` says of the texts of `looked` that are plain dates."""
    pattern = r"^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)(?:[T ]([0-9]+):([0-9]+)(?::([0-9]+))?)?$"
    second = "CASE c.s WHEN '' THEN '00' WHEN '60' THEN '59' ELSE c.s END"
    return f"""
        SELECT raw, n, first_row, FALSE AS missing, CASE WHEN length(c.a) = 4 THEN 'ymd' ELSE 'four' END AS form, '' AS d,
            CAST(c.a AS INTEGER) AS a, CAST(c.b AS INTEGER) AS b, CAST(c.c AS INTEGER) AS c, length(c.c) AS c_length,
            NULL AS named_day, NULL AS named_month, NULL AS named_year, NULL AS number, '' AS shift, c.h <> '' AS has_clock,
            CASE WHEN c.h = '' THEN '00:00:00' ELSE lpad(c.h, 2, '0') || ':' || c.m || ':' || {second} END AS clock_text
        FROM (SELECT *, regexp_extract(raw, '{pattern}', ['a', 'b', 'c', 'h', 'm', 's']) AS c FROM looked WHERE is_plain)"""


def _month_name() -> str:
    """Give the first word of three letters or more, without the accents that month names have."""
    word = "lower(strip_accents(replace(regexp_extract(d, '([^0-9 .,/-]{3,})', 1), 'Ä', 'AE')))"
    return f"CASE WHEN form IN ('day_name', 'name_day') THEN {word} END"


def _month_sql() -> str:
    whens = " ".join(
        f"WHEN month_name IN ({words_sql(names.split(', '))}) THEN {number}" for number, names in MONTHS.items()
    )
    return f"CASE WHEN month_name IS NOT NULL THEN CASE {whens} END END"


def _clock_sql() -> str:
    """Give `hh:mm:ss.ffffff`; a leap second becomes second 59."""
    hour = "TRY_CAST(c.h AS INTEGER)"
    half = f"CASE WHEN c.half LIKE 'P%' AND {hour} < 12 THEN {hour} + 12 WHEN c.half LIKE 'A%' AND {hour} = 12 THEN 0 ELSE {hour} END"
    second = "CASE WHEN c.s = '' THEN '00' WHEN c.s = '60' THEN '59' ELSE c.s END"
    fraction = "CASE WHEN c.f = '' THEN '' ELSE '.' || left(c.f, 6) END"
    return f"CASE WHEN c.h = '' THEN '00:00:00' ELSE printf('%02d:%s:', {half}, c.m) || {second} || {fraction} END"


def _look(engine: DuckDBEngine, parsed: str) -> _Look:
    forms = engine.rows(f"SELECT form, sum(n), min(first_row) FROM {parsed} GROUP BY ALL ORDER BY ALL")
    loose = "form IN ('four', 'two')"
    numbers = engine.row(
        f"SELECT sum(n) FILTER (WHERE {loose} AND a > 12), sum(n) FILTER (WHERE {loose} AND b > 12), "
        f"sum(n) FILTER (WHERE {loose} AND a <= 12 AND b <= 12 AND a <> b), count(DISTINCT a) FILTER (WHERE form = 'two'), "
        f"count(DISTINCT c) FILTER (WHERE form = 'two'), sum(n) FILTER (WHERE form = 'two' AND a > 31), "
        f"sum(n) FILTER (WHERE shift <> '' AND NOT missing), sum(n) FILTER (WHERE has_clock AND shift = '') FROM {parsed}"
    )
    return _Look({form: (int(n), int(row)) for form, n, row in forms}, *(int(number or 0) for number in numbers))


def _refuse_two_forms(values: ColumnValues, rules: CastRules, look: _Look) -> None:
    forms = [form for form in look.forms if form in FORMS]
    loose = [form for form in forms if form not in PLAIN]
    if not loose or len(forms) == 1 or (rules.settings.date_order and set(loose) <= {"four", "two"}):
        return
    shown = [
        f"{look.forms[form][0]:,} cells like {EXAMPLES[form]}, first in row {look.forms[form][1]}" for form in forms
    ]
    raise UnsafeGuessError(
        f"Column '{values.column}' of '{rules.table}' has dates in {len(forms)} forms that do not go together.",
        found="; ".join(shown) + ".",
        remedy="Export the dates in one form (2024-12-31 is the safest)"
        + (
            ", or say the order of day and month: --date-order dmy or --date-order mdy."
            if {"four", "two"} & set(loose)
            else "."
        ),
    )


def _order(values: ColumnValues, rules: CastRules, look: _Look) -> tuple[str, str]:
    """Choose the order of day, month and year, and say why."""
    if not {"four", "two"} & look.forms.keys():
        return "ymd", ""
    if rules.settings.date_order:
        return rules.settings.date_order, f"{_spelled(rules.settings.date_order)}, as set"
    if look.day_first and look.month_first:
        raise UnsafeGuessError(
            f"Column '{values.column}' of '{rules.table}' mixes day-first and month-first dates.",
            found=f"{look.day_first:,} cells look like 31/12/2024 and {look.month_first:,} like 12/31/2024.",
            remedy="Export the dates in one form, or say which is right: --date-order dmy or --date-order mdy.",
        )
    if look.year_first:
        return "ymd", f"{_spelled('ymd')}, proved by {look.year_first:,} cells"
    if look.month_first:
        return "mdy", f"{_spelled('mdy')}, proved by {look.month_first:,} cells whose second number is above 12"
    if look.day_first and ("two" not in look.forms or (look.many_first >= 25 and look.many_last <= 12)):
        return "dmy", f"{_spelled('dmy')}, proved by {look.day_first:,} cells whose first number is above 12"
    if not look.day_first and not look.undecided:
        return "dmy", "day and month are equal in every cell"
    raise _undecided(values, rules, look)


def _undecided(values: ColumnValues, rules: CastRules, look: _Look) -> UnsafeGuessError:
    if "two" in look.forms:
        return UnsafeGuessError(
            f"The order of day, month and year in column '{values.column}' of '{rules.table}' cannot be decided.",
            found=f"{look.forms['two'][0]:,} cells look like 01/02/03, with years of two digits.",
            remedy="Say the order: --date-order dmy, --date-order mdy or --date-order ymd.",
        )
    return UnsafeGuessError(
        f"Day and month in column '{values.column}' of '{rules.table}' cannot be told apart.",
        found=f"{look.undecided:,} cells look like 01/02/2024, and no cell has a number above 12 that would decide it.",
        remedy="Say the order: --date-order dmy (1 February) or --date-order mdy (January 2).",
    )


def _spelled(order: str) -> str:
    return {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}[order]


def _refuse_mixed_zones(values: ColumnValues, rules: CastRules, look: _Look) -> None:
    if look.with_offset and look.without_offset and not rules.settings.timezone:
        raise UnsafeGuessError(
            f"Column '{values.column}' of '{rules.table}' mixes times with and without an offset.",
            found=f"{look.with_offset:,} cells have one (such as Z or -05:00), {look.without_offset:,} have none.",
            remedy="Say in which zone the times without one were told, for example --timezone Europe/Berlin.",
        )


def _date_text(order: str) -> str:
    """Give `yyyy-mm-dd` of every form that is written with numbers or names."""
    first = {"dmy": ("c", "b", "a"), "mdy": ("c", "a", "b"), "ymd": ("a", "b", "c")}[order]
    year, month, day = first

    def century(x: str) -> str:
        return f"CASE WHEN {x} < 69 THEN 2000 + {x} WHEN {x} < 100 THEN 1900 + {x} ELSE {x} END"

    four = first if order != "ymd" else ("c", "b", "a")
    return (
        f"CASE form WHEN 'ymd' THEN printf('%04d-%02d-%02d', a, b, c) "
        f"WHEN 'four' THEN printf('%04d-%02d-%02d', {', '.join(four)}) "
        f"WHEN 'two' THEN printf('%04d-%02d-%02d', {century(year)}, {month}, {day}) "
        f"WHEN 'compact' THEN substr(d, 1, 4) || '-' || substr(d, 5, 2) || '-' || substr(d, 7, 2) "
        f"WHEN 'day_name' THEN printf('%04d-%02d-%02d', {century('named_year')}, named_month, named_day) "
        f"WHEN 'name_day' THEN printf('%04d-%02d-%02d', named_year, named_month, named_day) END"
    )


def _moment() -> str:
    """Give the TIMESTAMP before any shift to another zone."""
    return (
        "CASE WHEN form = 'serial' THEN TIMESTAMP '1899-12-30' + to_microseconds(CAST(round(number * 86400) * 1000000 AS BIGINT)) "
        "WHEN form = 'epoch_s' THEN make_timestamp(CAST(number * 1000000 AS BIGINT)) "
        "WHEN form = 'epoch_ms' THEN make_timestamp(CAST(number * 1000 AS BIGINT)) "
        "WHEN form = 'epoch_us' THEN make_timestamp(CAST(number AS BIGINT)) "
        "WHEN form <> 'bad' THEN TRY_CAST(day_text || ' ' || clock_text AS TIMESTAMP) END"
    )


def _zoned(zone: str | None) -> str:
    """Shift times with an offset to UTC, or to the zone that was set."""
    digits = "regexp_replace(shift, '[^0-9]', '', 'g')"
    minutes = f"(CAST(left({digits}, 2) AS INTEGER) * 60 + CAST(CASE WHEN length({digits}) > 2 THEN right({digits}, 2) ELSE '0' END AS INTEGER))"
    utc = (
        f"CASE WHEN regexp_matches(shift, '^[+-]') THEN moment - to_minutes(CASE WHEN shift LIKE '-%' THEN -1 ELSE 1 END * {minutes}) "
        f"ELSE moment END"
    )
    if zone is None:
        return utc
    local = f"timezone('{zone}', timezone('UTC', {utc}))"
    return f"CASE WHEN shift <> '' THEN {local} ELSE moment END"


def _rule(look: _Look, why: str, zone: str | None, missing: int) -> str:
    forms = ", ".join(EXAMPLES[form] for form in look.forms if form in FORMS and form not in ("four", "two"))
    parts = [f"date ({why or f'like {forms}' if why or forms else 'no date found'})"]
    if look.with_offset:
        parts.append(f"offsets turned into {zone or 'UTC'}")
    if "two" in look.forms:
        parts.append("two-digit years are 1969 to 2068")
    if missing:
        parts.append(f"{missing:,} cells with a word or date for 'missing'")
    return "; ".join(parts)


def _notes(values: ColumnValues, rules: CastRules, look: _Look, missing: int) -> tuple[Finding, ...]:
    """Tell what was assumed about two-digit years, Excel days, epochs and dates that say nothing."""
    column, notes = values.column, []
    if "two" in look.forms:
        notes.append(
            (
                "two-digit-years",
                look.forms["two"][0],
                f"The years of column '{column}' have two digits; they are read as 1969 to 2068.",
            )
        )
    if "serial" in look.forms:
        notes.append(
            (
                "excel-days",
                look.forms["serial"][0],
                f"Column '{column}' holds Excel day numbers; they are read as days since 1899-12-30.",
            )
        )
    for form, unit in (("epoch_s", "seconds"), ("epoch_ms", "milliseconds"), ("epoch_us", "microseconds")):
        if form in look.forms:
            notes.append(
                (
                    "epoch-times",
                    look.forms[form][0],
                    f"Column '{column}' holds {unit} since 1970; they are read as UTC.",
                )
            )
    plain_missing = look.forms.get("missing", (0, 0))[0]
    if missing > plain_missing:
        count = missing - plain_missing
        notes.append(
            (
                "empty-dates",
                count,
                f"{count:,} cells of column '{column}' hold a date that stands for nothing, such as 0000-00-00 or 1970-01-01; they count as missing.",
            )
        )
    return tuple(
        Finding(code, Severity.WARNING, message, table=rules.table, column=column, count=count)
        for code, count, message in notes
    )
