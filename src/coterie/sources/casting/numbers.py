"""Text becomes numbers: decimal and thousands marks, currencies, signs, percent, and words for nothing.

The rules, decided over all values of the column:

1. Blanks of any kind, digits of any script and minus signs are made ASCII; a word for nothing gives no value.
2. Parentheses, a leading or a trailing minus make a number negative. One currency may stand before or after it.
3. `1.234,5` and `12,5` prove a decimal comma, `1,234.5` and `12.5` a decimal point; both in one column are refused.
4. `1.234` and `1,234` prove nothing. What decides, in this order: `--decimal`; other values of the column; a number of
   four or more digits without a mark (then thousands have no marks); the other columns of the table. If nothing does,
   `1,234` is read as one thousand two hundred thirty-four and told, and `1.234` is refused.
5. `5%` is 5. Infinite and too large numbers (1e15 and more) cannot be read.
"""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import UnsafeGuessError
from coterie.sources.casting.cast import Cast, CastRules, counts_of
from coterie.sources.casting.cleaning import numeric_sql, words_sql
from coterie.sources.value_words import CURRENCIES, MISSING_NUMBERS
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues

#: Shape of a number without sign and currency -> pattern. The first that fits counts.
SHAPES = {
    "whole": r"[0-9]{1,3}",
    "long_whole": r"[0-9]+",
    "comma_maybe": r"[1-9][0-9]{0,2},[0-9]{3}",
    "point_maybe": r"[1-9][0-9]{0,2}\.[0-9]{3}",
    "comma_groups": r"[0-9]{1,3}(?:,[0-9]{3}){2,}",
    "point_groups": r"[0-9]{1,3}(?:\.[0-9]{3}){2,}",
    "comma_groups_point": r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*",
    "point_groups_comma": r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*",
    "lakh": r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?",
    "point": r"[0-9]*\.[0-9]+|[0-9]+\.",
    "comma": r"[0-9]*,[0-9]+|[0-9]+,",
    "blank_groups": r"[0-9]{1,3}(?:[ '][0-9]{3})+",
    "blank_groups_point": r"[0-9]{1,3}(?:[ '][0-9]{3})+\.[0-9]+",
    "blank_groups_comma": r"[0-9]{1,3}(?:[ '][0-9]{3})+,[0-9]+",
    "exponent": r"[0-9]+(?:\.[0-9]+)?E[+-]?[0-9]{1,3}",
}
#: Shapes that prove a decimal mark, and those that either mark can read.
PROOF = {
    ".": ("point", "comma_groups", "comma_groups_point", "lakh", "blank_groups_point"),
    ",": ("comma", "point_groups", "point_groups_comma", "blank_groups_comma"),
}
EITHER = ("whole", "long_whole", "comma_maybe", "point_maybe", "blank_groups", "exponent")
LIMIT = "1000000000000000"
#: Type that holds every number below the limit, to ten places.
EXACT = "DECIMAL(38, 10)"
#: What most numbers look like, and nothing about them has to be cleaned.
_PLAIN = r"-?[0-9]+(?:\.[0-9]+)?"


def cast_numbers(engine: DuckDBEngine, values: ColumnValues, rules: CastRules) -> Cast:
    """Cast a column to the decimal type `EXACT` by the rules above.

    Raises
    ------
    UnsafeGuessError
        Where the decimal mark or the currency cannot be decided.
    """
    parsed = _parse(engine, values)
    shapes = _shape_counts(engine, parsed)
    decimal, why = _decide(values, rules, shapes)
    currency = _one_currency(engine, parsed, values, rules)
    lookup = f"{values.relation}_number"
    readable = words_sql([*PROOF[decimal], *EITHER])
    other = "," if decimal == "." else "."
    digits = f"replace(replace(replace(replace(core, ' ', ''), '''', ''), '{other}', ''), '{decimal}', '.')"
    engine.run(
        f"CREATE OR REPLACE TABLE {lookup} AS WITH numbers AS (SELECT raw, missing, CASE WHEN shape = 'exponent' "
        f"THEN {exact_sql('core')} WHEN shape IN ({readable}) "
        f"THEN {exact_sql(digits)} END * (CASE WHEN negative THEN -1 ELSE 1 END) AS number FROM {parsed}) "
        f"SELECT raw, CASE WHEN abs(number) < {LIMIT} THEN number END AS value, "
        f"NOT missing AND coalesce(abs(number) >= {LIMIT}, TRUE) AS bad FROM numbers",
        f"numbers of column '{values.column}'",
    )
    percent = bool(engine.value(f"SELECT coalesce(bool_or(percent), FALSE) FROM {parsed}"))
    engine.run(f"DROP TABLE {parsed}")
    filled, missing, bad, first = counts_of(engine, values, lookup)
    rule = _rule(why, currency, percent, missing)
    findings = _percent_note(values, rules) if percent else ()
    findings += _thousands_note(values, rules, shapes) if why.endswith("by convention") else ()
    return Cast(values.column, lookup, rule, filled, missing, bad, first, currency, percent, findings)


def exact_sql(text: str) -> str:
    """Give a plainly written number to ten places, NULL where it is none or too large; short ones are read faster."""
    short = f"CAST(TRY_CAST({text} AS DECIMAL(18, 10)) AS {EXACT})"
    return f"coalesce({short}, TRY_CAST({text} AS {EXACT}))"


def decimal_evidence(engine: DuckDBEngine, values: ColumnValues) -> str | None:
    """Which decimal mark a column proves, if any; used for the other columns of its table."""
    marked = "regexp_matches(raw, '[.,]') OR length(raw) <> strlen(raw)"  # no other proves
    shapes = _shape_counts(engine, f"({_parsed(f'(SELECT * FROM {values.relation} WHERE {marked})')})")
    found = [mark for mark, names in PROOF.items() if any(shapes.get(name) for name in names)]
    return found[0] if len(found) == 1 else None


def _parse(engine: DuckDBEngine, values: ColumnValues) -> str:
    parsed = f"{values.relation}_parsed"
    engine.run(f"CREATE OR REPLACE TABLE {parsed} AS {_parsed(values.relation)}", f"shapes of column '{values.column}'")
    return parsed


def _parsed(relation: str) -> str:
    """Take sign, currency and percent off each distinct text and name the shape of the rest.

    Numbers without anything around them are told by where their point stands, which is many times cheaper.
    """
    marks = "|".join(sorted((_escaped(mark) for mark in CURRENCIES), key=len, reverse=True))
    ahead, behind = f"^([+-]?) ?({marks})[.]? ?([+-]?) ?", f" ?({marks})[.]? ?(-?)$"
    whens = " ".join(f"WHEN regexp_full_match(core, {_sql(pattern)}) THEN '{name}'" for name, pattern in SHAPES.items())
    return f"""
        WITH looked AS (SELECT raw, n, regexp_full_match(raw, '{_PLAIN}') AS is_plain FROM {relation}),
        plain AS (SELECT raw, n, upper({numeric_sql("raw")}) AS t FROM looked WHERE NOT is_plain),
        opened AS (SELECT raw, n, lower(t) IN ({words_sql(MISSING_NUMBERS)}) AS missing,
            regexp_full_match(t, '[(].*[)]') AS in_parentheses, trim(regexp_replace(t, '^[(](.*)[)]$', '\\1')) AS t FROM plain),
        ahead AS (SELECT raw, n, missing, in_parentheses, regexp_extract(t, {_sql(ahead)}, 2) AS first_mark,
            regexp_replace(t, {_sql(ahead)}, '\\1\\3') AS t FROM opened),
        behind AS (SELECT raw, n, missing, in_parentheses, first_mark, regexp_extract(t, {_sql(behind)}, 1) AS last_mark,
            regexp_replace(t, {_sql(behind)}, '\\2') AS t FROM ahead),
        signed AS (SELECT raw, n, missing, in_parentheses OR t LIKE '-%' OR t LIKE '%-' AS negative, t LIKE '%\\%' ESCAPE '\\' AS percent,
            CASE WHEN first_mark <> '' THEN first_mark ELSE last_mark END AS mark,
            trim(regexp_replace(regexp_replace(t, '^[+-] ?', ''), ' ?[%-]$', '')) AS core FROM behind),
        bare AS (SELECT raw, n, raw LIKE '-%' AS negative, ltrim(raw, '-') AS core FROM looked WHERE is_plain)
        SELECT raw, n, FALSE AS missing, negative, FALSE AS percent, '' AS mark, core, {_plain_shape("core")} AS shape FROM bare
        UNION ALL SELECT raw, n, missing, negative, percent AND NOT missing AS percent, mark, core,
            CASE WHEN missing THEN 'missing' {whens} ELSE 'bad' END AS shape FROM signed"""


def _plain_shape(core: str) -> str:
    """Name the shape of digits with at most one point between them."""
    point, behind = f"instr({core}, '.')", f"(length({core}) - instr({core}, '.'))"
    return (
        f"CASE WHEN {point} > 0 THEN CASE WHEN {behind} = 3 AND {point} <= 4 AND {core} NOT LIKE '0%' THEN 'point_maybe' "
        f"ELSE 'point' END WHEN length({core}) <= 3 THEN 'whole' ELSE 'long_whole' END"
    )


def _escaped(mark: str) -> str:
    return "".join(f"[{c}]" if c == "$" else c for c in mark)


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _shape_counts(engine: DuckDBEngine, parsed: str) -> dict[str, int]:
    return {shape: int(n) for shape, n in engine.rows(f"SELECT shape, sum(n) FROM {parsed} GROUP BY ALL ORDER BY ALL")}


def _decide(values: ColumnValues, rules: CastRules, shapes: dict[str, int]) -> tuple[str, str]:
    """Choose the decimal mark and say why."""
    proved = {mark: sum(shapes.get(name, 0) for name in names) for mark, names in PROOF.items()}
    names = {".": "decimal point", ",": "decimal comma"}
    if values.typed:
        return ".", "numbers by type"
    if rules.settings.decimal:
        return rules.settings.decimal, f"{names[rules.settings.decimal]}, as set"
    if proved["."] and proved[","]:
        raise _mixed(values, rules, proved)
    for mark in (".", ","):
        if proved[mark]:
            return mark, f"{names[mark]}, proved by {proved[mark]:,} cells"
    point, comma = shapes.get("point_maybe", 0), shapes.get("comma_maybe", 0)
    if not point and not comma:
        return ".", "whole numbers"
    return _decide_doubtful(values, rules, point, comma, shapes.get("long_whole", 0))


def _decide_doubtful(values: ColumnValues, rules: CastRules, point: int, comma: int, long: int) -> tuple[str, str]:
    if point and comma:
        raise _mixed(values, rules, {".": point, ",": comma})
    if long:
        mark = "." if point else ","
        return mark, f"decimal {'point' if point else 'comma'}: {long:,} cells of four or more digits have no mark"
    if rules.decimal:
        return rules.decimal, f"decimal {'point' if rules.decimal == '.' else 'comma'}, as in the table's other columns"
    if comma and rules.delimiter != ";":
        return ".", "comma between thousands, by convention"
    example = "1.234" if point else "1,234"
    raise UnsafeGuessError(
        f"The numbers of column '{values.column}' of '{rules.table}' can be read in two ways.",
        found=f"{point or comma:,} cells look like {example}: thousands or decimals? No other cell decides it.",
        remedy="Say what the decimal mark is: --decimal . or --decimal ,",
    )


def _mixed(values: ColumnValues, rules: CastRules, proved: dict[str, int]) -> UnsafeGuessError:
    return UnsafeGuessError(
        f"Column '{values.column}' of '{rules.table}' mixes decimal points and decimal commas.",
        found=f"{proved['.']:,} cells look like 1,234.5 or 12.5 and {proved[',']:,} like 1.234,5 or 12,5.",
        remedy="Say which mark is right with --decimal . or --decimal , (the other cells count as unreadable).",
    )


def _one_currency(engine: DuckDBEngine, parsed: str, values: ColumnValues, rules: CastRules) -> str:
    marks = [row[0] for row in engine.rows(f"SELECT DISTINCT mark FROM {parsed} WHERE mark <> '' ORDER BY 1")]
    shown = sorted({CURRENCIES[mark] for mark in marks})
    if len(shown) > 1:
        raise UnsafeGuessError(
            f"Column '{values.column}' of '{rules.table}' mixes currencies.",
            found=f"It has {', '.join(shown)}.",
            remedy="Convert the amounts to one currency before the export, or leave the other rows out.",
        )
    return shown[0] if shown else ""


def _rule(why: str, currency: str, percent: bool, missing: int) -> str:
    parts = [f"number ({why})"]
    if currency:
        parts.append(f"currency {currency}")
    if percent:
        parts.append("5% read as 5")
    if missing:
        parts.append(f"{missing:,} cells with a word for 'missing'")
    return "; ".join(parts)


def _percent_note(values: ColumnValues, rules: CastRules) -> tuple[Finding, ...]:
    message = f"Column '{values.column}' has percent signs: 5% is read as 5, not as 0.05."
    return (Finding("percent-signs", Severity.WARNING, message, table=rules.table, column=values.column),)


def _thousands_note(values: ColumnValues, rules: CastRules, shapes: dict[str, int]) -> tuple[Finding, ...]:
    count = shapes.get("comma_maybe", 0)
    message = (
        f"{count:,} cells of column '{values.column}' look like 1,234 and are read as thousands "
        "(one thousand two hundred thirty-four)."
    )
    remedy = "If the comma is a decimal mark, say so with --decimal ,"
    return (Finding("comma-thousands", Severity.WARNING, message, remedy, rules.table, values.column, count),)
