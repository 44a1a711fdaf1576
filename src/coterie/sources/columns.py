"""Tables of one shape side by side, their columns as text, and what the values of each column look like."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coterie.sources.casting.cleaning import numeric_sql, plain_sql
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.value_words import MISSING_NUMBERS, MISSING_TEXTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.raw import RawTable
    from coterie.vocabulary import TableKind

_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "DECIMAL", "DOUBLE", "FLOAT")  # fmt: skip
#: Columns of a view that is asked for one of them: what each query costs grows with all that its view shows.
_AT_ONCE = 50
#: Distinct values of a column that are looked at to guess what it holds.
PROFILED = 2_000

NUMBER_LIKE = r"^[(]?[+-]?[ ]?[^0-9A-Za-z(]{0,3}[ ]?(?:[A-Z]{2,3}[ ]?)?[+-]?(?:[0-9]+(?:[.,' ][0-9]+)*[.,]?|[.,][0-9]+)(?:[Ee][+-]?[0-9]+)?[ ]?[%)-]?(?:[ ]?[^0-9 ]{1,3})?$"
DATE_LIKE = (
    r"^(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:[0-9]{4}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|[0-9]{1,2}[. /-]*(?:de )?[^0-9 .,/-]{3,}[. /,-]*(?:de )?[0-9]{2,4}|[^0-9 .,/-]{3,}[. ]*[0-9]{1,2},? [0-9]{4})"
    r"(?:[T ,]+[0-9].*)?$"
)
EMAIL_LIKE = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
IBAN_LIKE = r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"
PHONE_LIKE = r"^(?:\+|00)[1-9][0-9 ()./-]{7,17}$|^\(?0[0-9]{1,4}\)?[ /-][0-9 /-]{5,12}$|^\(?[0-9]{3}\)?[ .-][0-9]{3}[.-][0-9]{4}$"
CARD_LIKE = r"^[3-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}$"
SERIAL_LIKE = r"^[2-5][0-9]{4}(?:[.][0-9]+)?$"
ADDRESS_LIKE = r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$"


@dataclass(frozen=True)
class Group:
    """Tables that have the same columns and are understood together, so that a split file reads like the whole.

    `relation` is a view with `table no` (place in `raws`), `source row` and the columns as text; `native` is the same with
    the columns in their own engine types, which `types` names; where the tables differ, that is text.
    """

    number: int
    raws: tuple[RawTable, ...]
    relation: str
    columns: tuple[str, ...]
    typed: frozenset[str]  # columns that came as numbers, not as text
    kind: TableKind | None
    native: str = ""
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages call it."""
        first = self.raws[0].name
        return first if len(self.raws) == 1 else f"{first} and {len(self.raws) - 1} more of the same columns"

    def native_of(self, column: str) -> str:
        """Name of a view that shows a column in its own type, and not hundreds of others beside it."""
        start = self.columns.index(column) // _AT_ONCE * _AT_ONCE
        return f"{self.native}_from_{start}" if len(self.columns) > _AT_ONCE else self.native

    @property
    def rows(self) -> int:
        """Rows that were read and can still be used."""
        return sum(raw.rows_read - sum(raw.left_out.values()) for raw in self.raws)


@dataclass(frozen=True)
class ColumnValues:
    """The distinct values of a column, in the engine (`raw`, `n`, `first_row`), and what they look like."""

    column: str
    relation: str
    rows: int
    filled: int
    distinct: int
    number_share: float  # of the filled rows whose value was looked at
    date_share: float
    whole_share: float  # digits only
    serial_share: float  # like a spreadsheet's day numbers, with or without a time of day
    email_share: float
    iban_share: float
    phone_share: float
    card_share: float  # card-like and right by Luhn's check digit
    address_share: float  # internet addresses
    mean_length: float
    typed: bool
    collected: bool = True  # `relation` is there
    estimated: bool = False  # `distinct` is estimated

    @property
    def repeats(self) -> bool:
        """Whether values come back."""
        return self.distinct < self.filled


def make_groups(engine: DuckDBEngine, raws: Sequence[RawTable], ignore: Collection[str] = ()) -> list[Group]:
    """Put tables with the same columns and the same wanted kind together; columns to ignore are not even looked at."""
    by_shape: dict[object, list[RawTable]] = {}
    for raw in raws:
        by_shape.setdefault((raw.kind, frozenset(raw.columns)), []).append(raw)
    ignored = {name.casefold() for name in ignore}
    return [_group(engine, number, members, ignored) for number, members in enumerate(by_shape.values())]


def _group(engine: DuckDBEngine, number: int, raws: list[RawTable], ignored: set[str]) -> Group:
    columns = tuple(column for column in raws[0].columns if column.casefold() not in ignored)
    relation = f"text_{number}"
    native = f"native_{number}"
    types = {column: _common_type(raws, column) for column in columns}
    views: list[tuple[str, Sequence[str], Mapping[str, str]]] = [(relation, columns, {}), (native, columns, types)]
    if len(columns) > _AT_ONCE:
        starts = range(0, len(columns), _AT_ONCE)
        views += [(f"{native}_from_{start}", columns[start : start + _AT_ONCE], types) for start in starts]
    for view, shown, kept in views:
        selects = [_select(engine, place, raw, shown, kept) for place, raw in enumerate(raws)]
        engine.run(f"CREATE OR REPLACE VIEW {view} AS " + " UNION ALL ".join(selects), "as text")
    typed = frozenset(c for c in columns if all(_is_numeric(raw.types.get(c, "VARCHAR")) for raw in raws))
    return Group(number, tuple(raws), relation, columns, typed, raws[0].kind, native, types)


def _common_type(raws: Sequence[RawTable], column: str) -> str:
    """Engine type of a column in every table of a group; text where they differ."""
    found = {raw.types.get(column, "VARCHAR") for raw in raws}
    return found.pop() if len(found) == 1 else "VARCHAR"


def _select(engine: DuckDBEngine, place: int, raw: RawTable, columns: Sequence[str], kept: Mapping[str, str]) -> str:
    quote = engine.dialect.quote
    text = {c: as_text(quote(c), raw.types.get(c, "VARCHAR")) for c in columns}
    shown = [f"{text[c] if kept.get(c, 'VARCHAR') == 'VARCHAR' else quote(c)} AS {quote(c)}" for c in columns]
    head = f"SELECT CAST({place} AS INTEGER) AS {quote('table no')}, {SOURCE_ROW} AS {quote('source row')}"
    return f"{head}{''.join(', ' + s for s in shown)} FROM {quote(raw.relation)}"


def _is_numeric(type_: str) -> bool:
    return type_.upper().split("(")[0] in _NUMERIC


def as_text(x: str, type_: str) -> str:
    """Write a typed value as a text file would hold it, so that one set of rules reads all formats."""
    kind = type_.upper().split("(")[0]
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{x} = trunc({x}) AND abs({x}) < 1e18"
        return (
            f"CASE WHEN {x} IS NULL OR isnan({x}) THEN NULL WHEN isinf({x}) THEN 'inf' "
            f"WHEN {whole} THEN CAST(CAST({x} AS HUGEINT) AS VARCHAR) ELSE CAST({x} AS VARCHAR) END"
        )
    if kind in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"):
        return f"CAST(timezone('UTC', {x}) AS VARCHAR) || 'Z'"
    return x if kind == "VARCHAR" else f"CAST({x} AS VARCHAR)"


def collect_values(engine: DuckDBEngine, group: Group, column: str) -> ColumnValues:
    """Gather the distinct values of one column and look at a bounded number of them.

    Cost: one aggregation of the column; the patterns run on at most `PROFILED` values.
    """
    relation = values_relation(group, column)
    listed = group.raws[0].values.get(column) if len(group.raws) == 1 else None
    if listed:
        engine.run(f"CREATE OR REPLACE VIEW {relation} AS SELECT * FROM {listed}", f"values of column '{column}'")
    else:
        engine.run(f"CREATE OR REPLACE TABLE {relation} AS {_counted(engine, group, column)}", f"values of '{column}'")
    numbers = profile(engine, relation, column)
    return ColumnValues(
        column=column,
        relation=relation,
        rows=group.rows,
        filled=int(numbers.pop("filled")),
        distinct=int(numbers.pop("distinct")),
        typed=column in group.typed,
        **numbers,
    )


def values_relation(group: Group, column: str) -> str:
    """Name of the engine table of a column's different values."""
    return f"values_{group.number}_{group.columns.index(column)}"


def _counted(engine: DuckDBEngine, group: Group, column: str) -> str:
    """Select each different value of a column as text, counted; columns with a type are counted before they are written."""
    x, row = engine.dialect.quote(column), engine.dialect.quote("source row")
    counted = f"SELECT {x} AS native, count(*) AS n, min({row}) AS first_row FROM {group.native_of(column)} WHERE {x} IS NOT NULL GROUP BY {x}"
    if group.types[column] == "VARCHAR":
        return f"SELECT native AS raw, n, first_row FROM ({counted})"
    text = as_text("native", group.types[column])
    return f"SELECT {text} AS raw, CAST(sum(n) AS BIGINT) AS n, min(first_row) AS first_row FROM ({counted}) GROUP BY 1"


def profile(engine: DuckDBEngine, relation: str, column: str) -> dict[str, Any]:
    """Rows and different values of a column, and what shares of them look like, by name."""
    names = ["filled", "distinct", "number_share", "date_share", "whole_share", "serial_share"]
    names += ["email_share", "iban_share", "phone_share", "card_share", "address_share", "mean_length"]
    found = engine.row(_profile_sql(relation), f"look of column '{column}'")
    return {name: float(value or 0.0) for name, value in zip(names, found, strict=True)}


def _profile_sql(relation: str) -> str:
    texts = ", ".join("'" + word.replace("'", "''") + "'" for word in MISSING_TEXTS)
    numbers = ", ".join("'" + word.replace("'", "''") + "'" for word in MISSING_NUMBERS)

    def share(condition: str, of: str = "TRUE") -> str:
        return f"sum(n) FILTER (WHERE {of} AND {condition}) / nullif(sum(n) FILTER (WHERE {of}), 0)"

    def like(pattern: str, of: str = "TRUE", text: str = "t") -> str:
        return share(f"regexp_matches({text}, '{pattern.replace(chr(39), chr(39) * 2)}')", of)

    return f"""
        WITH filled AS (SELECT raw, n FROM {relation} WHERE lower(trim(raw)) NOT IN ({texts})),
        looked AS (SELECT {plain_sql("raw")} AS t, {numeric_sql("raw")} AS d, n FROM (SELECT * FROM filled ORDER BY hash(raw), raw LIMIT {PROFILED})),
        sorted AS (SELECT t, d, n, lower(t) NOT IN ({numbers}) AS said FROM looked)
        SELECT (SELECT sum(n) FROM filled), (SELECT count(*) FROM filled),
            {like(NUMBER_LIKE, "said", "d")}, {like(DATE_LIKE, "said", "d")}, {like("^[0-9]+$", "said", "d")},
            {like(SERIAL_LIKE, "said", "d")},
            {like(EMAIL_LIKE)}, {like(IBAN_LIKE)}, {like(PHONE_LIKE)}, {share(_luhn_sql())}, {like(ADDRESS_LIKE)},
            avg(length(t))
        FROM sorted"""


def _luhn_sql() -> str:
    """Condition that a text looks like a payment card number and its check digit is right (ISO/IEC 7812-1)."""
    digits = "list_reverse(string_split(regexp_replace(t, '[^0-9]', '', 'g'), ''))"
    doubled = "CASE WHEN i % 2 = 0 THEN (2 * CAST(d AS INTEGER)) // 10 + (2 * CAST(d AS INTEGER)) % 10 ELSE CAST(d AS INTEGER) END"
    total = f"list_sum(list_transform({digits}, lambda d, i: {doubled}))"
    return f"CASE WHEN regexp_matches(t, '{CARD_LIKE}') THEN {total} % 10 = 0 ELSE FALSE END"


def duplicate_of(engine: DuckDBEngine, group: Group, one: str, other: str) -> bool:
    """Whether two columns hold the same value in every row."""
    a, b = engine.dialect.quote(one), engine.dialect.quote(other)
    return not engine.value(f"SELECT count(*) FROM {group.relation} WHERE {a} IS DISTINCT FROM {b}")
