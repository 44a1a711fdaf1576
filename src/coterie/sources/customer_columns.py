"""Columns of a customer table: what each holds, how it is cast, and whether segments may be built on it."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coterie.errors import UnsafeGuessError
from coterie.sources.bands import MOST_LEVELS, ordered_levels
from coterie.sources.barred import is_treatment, why_barred
from coterie.sources.casting import cast_dates, cast_flags, cast_numbers, cast_texts
from coterie.sources.casting.cast import bad_finding
from coterie.sources.casting.cleaning import plain_sql, words_sql
from coterie.sources.casting.native import cast_native_doubles
from coterie.sources.looking import collected
from coterie.sources.names import clean_name, label_of, told_apart, unit_of, words
from coterie.sources.protected import protected, told_allowed
from coterie.sources.ready_made import families
from coterie.sources.shop import GivenColumn
from coterie.sources.value_words import MISSING_TEXTS, NO, YES
from coterie.vocabulary import Barred, Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues, Group

_MONEY_WORDS = frozenset(
    [
        "income",
        "salary",
        "spend",
        "spent",
        "mnt",
        "amount",
        "revenue",
        "price",
        "sales",
        "monetary",
        "money",
        "balance",
        "ltv",
        "clv",
        "umsatz",
        "betrag",
        "einkommen",
        "gehalt",
        "montant",
        "revenu",
        "depense",
        "gasto",
        "importe",
        "ingresos",
        "precio",
    ]
)
_COUNT_WORDS = frozenset(
    [
        "num",
        "number",
        "count",
        "nb",
        "anzahl",
        "nombre",
        "numero",
        "orders",
        "visits",
        "purchases",
        "kids",
        "children",
        "kidhome",
        "teenhome",
        "family",
        "items",
        "sessions",
        "bestellungen",
        "commandes",
        "pedidos",
        "hijos",
        "kinder",
        "enfants",
    ]
)
_TIME_UNITS = {
    "days": "days", "day": "days", "tage": "days", "jours": "days", "dias": "days", "months": "months", "month": "months",
    "monate": "months", "mois": "months", "meses": "months", "weeks": "weeks", "week": "weeks", "years": "years",
}  # fmt: skip
_DATES = frozenset({"birth_date", "signed_up_on"})
_OLDEST = 110
#: Columns that say who somebody is: how well their cells can be read is of no interest.
_WHO = (Barred.PERSONAL, Barred.IDENTIFIER)
#: Stands for the looked-up value of a column in the SQL that makes its final value.
VALUE = "\x01value\x01"


@dataclass(frozen=True)
class Planned:
    """A column with its meaning, its cast, and the SQL of its value, in which `VALUE` stands for the looked-up one."""

    given: GivenColumn
    cast: Cast
    value_sql: str
    findings: tuple[Finding, ...] = field(default=())


def plan_columns(
    engine: DuckDBEngine,
    group: Group,
    values: Mapping[str, ColumnValues],
    roles: Mapping[str, str],
    rules: CastRules,
    taken: Iterable[GivenColumn],
) -> list[Planned]:
    """Understand every column of a customer table but the one that holds the ids.

    Parameters
    ----------
    roles : mapping of str to str
        Role -> column.
    taken : iterable of GivenColumn
        Columns of other tables of customers: no two get one name or one label.
    """
    role_of = {column: role for role, column in roles.items() if role not in _misread(group.columns)}
    columns = [column for column in group.columns if role_of.get(column) != "customer_id"]
    free = [column for column in columns if column not in role_of]
    ready = families(free, {column: values[column].number_share >= 0.95 for column in free})
    levels = {column: _levels(engine, values[column]) for column in columns}
    treatments = {column for column in free if is_treatment(column, levels[column])}
    names, labels = {"customer_id"}, set()
    for other in taken:
        names.add(other.name)
        labels.add(other.label)
    planned = []
    for column in columns:
        role, detail = ready.get(column, (role_of.get(column, ""), ""))
        cast, kind, order = _cast(engine, group, values[column], role, levels[column], rules)
        barred = Barred.TREATMENT if column in treatments else why_barred(
            column, role, values[column], is_text=kind is Kind.CATEGORY, beside_treatment=bool(treatments)
        )  # fmt: skip
        barred = protected(column, barred, levels[column], rules.settings)
        name = clean_name(column, names)
        label = told_apart(label_of(column), labels, group.name)
        names.add(name)
        labels.add(label)
        unit = _unit(column, kind)
        given = GivenColumn(name, column, label, role, kind, unit, barred, detail, order)
        refined = _refined(engine, values[column], Planned(given, cast, _value_sql(kind, order)), rules)
        told = told_allowed(column, barred, levels[column], rules.settings, group.name)
        planned.append(replace(refined, findings=(*refined.findings, *told)))
    return planned


def _misread(columns: Iterable[str]) -> frozenset[str]:
    """Roles that a table does not have beside a column `T`.

    There, `recency` is a customer's age at the last purchase and `frequency` counts repeat purchases (Fader, Hardie and
    Lee 2005), which is not what segmentation calls so.
    """
    return frozenset({"recency_days", "order_count"}) if "T" in columns else frozenset()


def _levels(engine: DuckDBEngine, values: ColumnValues) -> tuple[str, ...]:
    """Give the different values of a column that has few of them."""
    if values.distinct > MOST_LEVELS:
        return ()
    t = plain_sql("raw")
    rows = engine.rows(
        f"SELECT DISTINCT {t} AS t FROM {values.relation} WHERE lower({t}) NOT IN ({words_sql(MISSING_TEXTS)}) ORDER BY t"
    )
    return tuple(row[0] for row in rows)


def _cast(
    engine: DuckDBEngine, group: Group, values: ColumnValues, role: str, levels: tuple[str, ...], rules: CastRules
) -> tuple[Cast, Kind, tuple[str, ...]]:
    """Cast a column to what its values say they are; a text where nothing else fits."""
    if role in ("email", "phone", "person_name", "postcode", "city", "country", "gender"):
        return cast_texts(engine, collected(engine, group, values), rules), Kind.CATEGORY, ()
    if role not in _DATES and not values.collected:
        cast = cast_native_doubles(engine, group, values)
        if _is_mostly_read(cast, rules):
            return cast, _number_kind(engine, values, role, cast), ()
        engine.run(f"DROP VIEW {cast.relation}")
    values = collected(engine, group, values)
    if role in _DATES or (values.date_share >= 0.95 and values.number_share < 0.95):
        dated = _try_dates(engine, values, role, rules)
        if dated:
            return dated, Kind.DATE, ()
    if (
        levels
        and all(level.lower() in (*YES, *NO) for level in levels)
        and len(levels) <= 4
        and not _only_one_digit(levels)
    ):
        return cast_flags(engine, values, rules), Kind.FLAG, ()
    if values.number_share >= 0.95:
        cast = cast_numbers(engine, values, rules)
        if _is_mostly_read(cast, rules):
            return cast, _number_kind(engine, values, role, cast), ()
        return replace(cast_texts(engine, values, rules), findings=_no_number(cast, rules)), Kind.CATEGORY, ()
    order = ordered_levels(levels)
    return cast_texts(engine, values, rules), Kind.ORDERED if order else Kind.CATEGORY, order


def _is_mostly_read(cast: Cast, rules: CastRules) -> bool:
    return cast.bad <= rules.settings.max_rejected * (cast.filled + cast.bad)


def _no_number(cast: Cast, rules: CastRules) -> tuple[Finding, ...]:
    """Tell a column that is nearly all numbers, but not enough to be read as such."""
    message = (
        f"Column '{cast.column}' looks like numbers, but {cast.bad:,} of its {cast.bad + cast.filled:,} filled cells are "
        "none: it is read as text."
    )
    remedy = "Correct the cells, or let them count as missing with --max-rejected."
    return (Finding("numbers-with-text", Severity.WARNING, message, remedy, rules.table, cast.column, cast.bad),)


def cells(cast: Cast, values: ColumnValues) -> str:
    """Give the `value` of a column's cells, `n` of them alike, the first in `first_row`, as SQL to select from."""
    return cast.relation if cast.by_row else f"(SELECT * FROM {cast.relation} JOIN {values.relation} USING (raw))"


def _only_one_digit(levels: tuple[str, ...]) -> bool:
    """Whether a column of answers has but one, as a constant 0 does."""
    return len(levels) == 1


def _try_dates(engine: DuckDBEngine, values: ColumnValues, role: str, rules: CastRules) -> Cast | None:
    """Cast to dates; a column without a role that cannot be decided stays text."""
    try:
        cast = cast_dates(engine, values, rules, is_birthday=role == "birth_date")
    except UnsafeGuessError:
        if role in _DATES:
            raise
        return None
    return cast if cast.bad <= max(rules.settings.max_rejected, 0.05) * (cast.filled + cast.bad) else None


def _number_kind(engine: DuckDBEngine, values: ColumnValues, role: str, cast: Cast) -> Kind:
    own = set(words(values.column))
    if cast.currency or role in ("income", "total_spend", "spend_in_category") or own & _MONEY_WORDS:
        return Kind.MONEY
    if role == "recency_days" or own & {"days", "tage", "jours", "dias"}:
        return Kind.DAYS
    shared = bool(own & {"share", "rate", "ratio", "pct", "percent"})
    counted = role in ("order_count", "visit_count", "orders_in_channel") or bool(own & _COUNT_WORDS)
    if not shared and not counted:
        return Kind.NUMBER
    low, high, broken = engine.row(
        f"SELECT min(value), max(value), count(*) FILTER (WHERE value <> trunc(value)) FROM {cast.relation}"
    )
    if low is None or low < 0:
        return Kind.NUMBER
    if shared and high <= 1:
        return Kind.SHARE
    return Kind.COUNT if counted and not broken else Kind.NUMBER


def _unit(column: str, kind: Kind) -> str:
    said = unit_of(column)
    own = [_TIME_UNITS[word] for word in (*words(column), *words(said or "x")) if word in _TIME_UNITS]
    if kind is Kind.DAYS:
        return own[0] if own else "days"
    if kind is Kind.MONEY:
        return f"thousand {said.strip('kK ')}".strip() if said.lower().startswith("k") else "currency"
    return said if len(said) <= 12 else ""


def _value_sql(kind: Kind, levels: tuple[str, ...]) -> str:
    if kind is Kind.ORDERED:
        whens = " ".join(f"WHEN {words_sql([level])} THEN {place}" for place, level in enumerate(levels))
        return f"CAST(CASE {VALUE} {whens} END AS DOUBLE)"
    if kind is Kind.CATEGORY:
        return VALUE
    return f"CAST({VALUE} AS DATE)" if kind is Kind.DATE else f"CAST({VALUE} AS DOUBLE)"


def _refined(engine: DuckDBEngine, values: ColumnValues, planned: Planned, rules: CastRules) -> Planned:
    """Add what only the cast values show: months for days, impossible ages, values far away from all others."""
    given, cast = planned.given, planned.cast
    if given.barred in _WHO:
        return planned
    findings = [*cast.findings, *bad_finding(rules, cast, "a value of its kind", "they count as missing")]
    if given.role == "recency_days" and "days" not in words(given.source):
        given, more = _in_months(engine, given, cast, rules)
        findings += more
    planned = replace(planned, given=given)
    if given.role in ("age", "birth_year") and given.kind in (Kind.NUMBER, Kind.COUNT):
        planned, more = _possible_ages(engine, values, planned, rules)
        findings += more
    if given.kind in (Kind.MONEY, Kind.NUMBER) and given.role not in ("age", "birth_year") and not given.barred:
        findings += _far_values(engine, values, planned, rules)
    return replace(planned, findings=tuple(findings))


def _in_months(
    engine: DuckDBEngine, given: GivenColumn, cast: Cast, rules: CastRules
) -> tuple[GivenColumn, list[Finding]]:
    """Take a recency of at most 12 in a large table for months, and say so."""
    if any(word in _TIME_UNITS for word in words(unit_of(given.source) or "x")):
        return given, []
    high = engine.value(f"SELECT max(value) FROM {cast.relation}")
    if high is None or high > 12 or cast.filled < 200:
        return given, []
    message = f"No value of column '{given.source}' is above 12 and its header names no unit: it is read as months."
    remedy = f"If it is days, rename the column to '{given.source} (days)'."
    finding = Finding("recency-in-months", Severity.WARNING, message, remedy, rules.table, given.source)
    return replace(given, unit="months"), [finding]


def _possible_ages(
    engine: DuckDBEngine, values: ColumnValues, planned: Planned, rules: CastRules
) -> tuple[Planned, list[Finding]]:
    """Take ages outside 0 to 110 and birth years before 1900 for missing."""
    wrong = f"value < 0 OR value > {_OLDEST}" if planned.given.role == "age" else "value < 1900 OR value > 2100"
    count, row = engine.row(
        f"SELECT coalesce(sum(n), 0), min(first_row) FROM {cells(planned.cast, values)} WHERE {wrong}"
    )
    if not count:
        return planned, []
    what = "an age below 0 or above 110" if planned.given.role == "age" else "a year of birth before 1900 or after 2100"
    message = (
        f"{int(count):,} value{'s' if count != 1 else ''} of column '{planned.given.source}' would be {what}; "
        f"{'they count' if count != 1 else 'it counts'} as missing."
    )
    finding = Finding("impossible-age", Severity.WARNING, message, "Correct them if the ages are known.", rules.table,
                      planned.given.source, int(count), (int(row),))  # fmt: skip
    return replace(
        planned, value_sql=f"CASE WHEN {wrong.replace('value', VALUE)} THEN NULL ELSE {planned.value_sql} END"
    ), [finding]


def _far_values(engine: DuckDBEngine, values: ColumnValues, planned: Planned, rules: CastRules) -> list[Finding]:
    """Tell values of more than three times what 99.5 % of the customers stay below."""
    if planned.given.kind is Kind.NUMBER and planned.given.role == "":
        return []
    source = f"(SELECT CAST(value AS DOUBLE) AS value, n, first_row FROM {cells(planned.cast, values)} WHERE value IS NOT NULL)"
    total = f"(SELECT sum(n) FROM {source})"
    limit = f"(SELECT min(value) FROM (SELECT value, sum(n) OVER (ORDER BY value) AS up_to FROM {source}) WHERE up_to >= 0.995 * {total})"
    count, row = engine.row(
        f"SELECT coalesce(sum(n), 0), min(first_row) FROM {source} WHERE value > 3 * {limit} AND {limit} > 0"
    )
    if not count:
        return []
    message = (
        f"{int(count):,} {'values' if count != 1 else 'value'} of column '{planned.given.source}' "
        f"{'are' if count != 1 else 'is'} more than three times as high as those of nearly all other customers."
    )
    return [Finding("far-values", Severity.WARNING, message, "Look whether they are slips; they are kept as they stand.",
                    rules.table, planned.given.source, int(count), (int(row),))]  # fmt: skip


_WHY = {
    Barred.IDENTIFIER: "a value of its own for each customer says nothing about what customers have in common",
    Barred.PERSONAL: "personal data",
    Barred.OUTCOME: "results (a response, a score or an earlier segment) are what segments should explain, not use",
    Barred.TREATMENT: "who got which campaign",
    Barred.FREE_TEXT: "free text or too many different values",
    Barred.CONSTANT: "the same value in every row",
    Barred.TOO_EMPTY: "nearly empty",
    Barred.SPECIAL: "religion, health, origin or another specially protected matter",
    Barred.AUDIT: "only the check of fairness looks at it, as asked",
}
_NEVER = (Barred.IDENTIFIER, Barred.PERSONAL, Barred.CONSTANT, Barred.TOO_EMPTY, Barred.AUDIT)
_SPECIAL_REMEDY = "It may be used only if you say why: --allow-special COLUMN --reason TEXT."
_WATCH = (Barred.PERSONAL, Barred.SPECIAL, Barred.TOO_EMPTY, Barred.CONSTANT, Barred.FREE_TEXT)


def told_barred(given: Sequence[GivenColumn], table: str) -> list[Finding]:
    """Tell which columns are not used, one finding a reason."""
    findings = []
    for barred, why in _WHY.items():
        columns = [column for column in given if column.barred is barred]
        if not columns:
            continue
        several = len(columns) > 1
        listed = ", ".join(f"'{column.source}'" for column in columns)
        message = (
            f"Column{'s' if several else ''} {listed} {'are' if several else 'is'} not used to build segments: {why}."
        )
        remedy = (
            ""
            if barred in _NEVER
            else _SPECIAL_REMEDY
            if barred is Barred.SPECIAL
            else f"To use them all the same, name them: --basis {','.join(c.name for c in columns)}."
        )
        code = f"column-{barred.name.lower().replace('_', '-')}"
        severity = Severity.WARNING if barred in _WATCH else Severity.NOTE
        column = columns[0].source if not several else ""
        findings.append(Finding(code, severity, message, remedy, table, column, len(columns)))
    return findings
