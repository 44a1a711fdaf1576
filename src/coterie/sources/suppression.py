"""People who objected: found in every table by id, e-mail address or telephone and taken out before anything is computed."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, InputError, UnsafeGuessError
from coterie.sources.columns import EMAIL_LIKE
from coterie.sources.names import listing, match, words
from coterie.sources.order_keys import CUSTOMER_IDS
from coterie.sources.suppressed_phones import Numbers, ids_on_lists, is_number, names_numbers
from coterie.vocabulary import Finding, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.staging import Staged

#: Why a row was left out; such rows are counted, never listed.
SUPPRESSED = "on a list of people who objected"
#: Says that no list counts, where settings name one.
NO_LIST = "none"

_ID_NAMES = (
    "customer id",
    "customer",
    "id",
    "user id",
    "client id",
    "kunden id",
    "kundennummer",
    "member id",
    "contact id",
)
_HASH = re.compile(r"[0-9a-f]{64}")
_MAIL_WORDS = frozenset({"email", "mail", "emailaddress", "correo", "courriel", "posta"})
_ENTRIES, _BY_PHONE, _OUT = "objections", "objected_by_phone", "objected"

#: Place of a staged table (its kind, and its number within it), and of a file in its group -> rows taken out.
Removed = dict[tuple[TableKind, int], dict[int, int]]


@dataclass(frozen=True)
class Taken:
    """What was taken out: rows by table, and what to tell."""

    removed: Removed = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def wanted_lists(settings: SourcesSettings) -> tuple[str, ...]:
    """Give the lists that count: none where "none" is said."""
    return () if NO_LIST in settings.suppress else settings.suppress


def take_out(engine: DuckDBEngine, staged: Mapping[TableKind, Sequence[Staged]], settings: SourcesSettings) -> Taken:
    """Delete the rows of everybody on the lists from the staged tables.

    A customer is on a list when it holds the id, an e-mail address or a telephone number that stands beside the id in
    any table, or the SHA-256 of one of them; capital letters, blanks, and how a number is written do not matter. Whoever
    is found in one table is taken out of all. Nothing of the lists is kept.

    Raises
    ------
    InputError, UnsafeGuessError
        A list is missing, or none of its columns names people.
    """
    lists = wanted_lists(settings)
    if not lists:
        return Taken()
    import pyarrow as pa

    entries = _read_lists(lists, _known_ids(engine, staged))
    engine.upload(_ENTRIES, pa.table({"entry": pa.array(sorted(entries), pa.string())}))
    by_phone = sorted(set(_by_phone(engine, staged, Numbers(entries))))
    engine.upload(_BY_PHONE, pa.table({"id": pa.array(by_phone, pa.string())}))
    _find(engine, staged)
    removed = {
        (kind, place): _delete(engine, kind, one) for kind, tables in staged.items() for place, one in enumerate(tables)
    }
    customers = int(engine.value(f"SELECT count(*) FROM {_OUT}"))
    for name in (_ENTRIES, _BY_PHONE, _OUT):
        engine.drop(name)
    return Taken(
        removed, (_told(lists, len(entries), customers, sum(n for rows in removed.values() for n in rows.values())),)
    )


def _find(engine: DuckDBEngine, staged: Mapping[TableKind, Sequence[Staged]]) -> None:
    """Make the table of the ids, in lower case, of everybody who is on a list."""
    entry = f"SELECT entry FROM {_ENTRIES}"
    found = [
        f"SELECT lower(trim(customer_id)) AS id, trim(customer_id) AS written FROM {_ids(kind, one)} WHERE customer_id IS NOT NULL"
        for kind, tables in staged.items()
        for one in tables
    ]
    by_id = " UNION ".join(found)
    parts = [
        f"SELECT id FROM {_BY_PHONE}",
        f"SELECT id FROM ({by_id}) WHERE id IN ({entry}) OR sha256(id) IN ({entry}) OR sha256(written) IN ({entry})",
    ]
    for kind, tables in staged.items():
        for one in tables:
            parts += [
                f"SELECT id FROM ({pairs}) WHERE mail IN ({entry}) OR sha256(mail) IN ({entry})"
                for pairs in _addresses(engine, kind, one)
            ]
    engine.keep(_OUT, f"SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) WHERE id <> ''", "people who objected")


def _ids(kind: TableKind, one: Staged) -> str:
    return CUSTOMER_IDS if kind is TableKind.ORDERS else one.relation


def _addresses(engine: DuckDBEngine, kind: TableKind, one: Staged) -> list[str]:
    """Give a SELECT of `id` and `mail` for each column of e-mail addresses beside an id."""
    quote, pattern = engine.dialect.quote, engine.dialect.text(EMAIL_LIKE)
    source, group = _beside_ids(engine, kind, one), one.group
    return [
        f"SELECT DISTINCT id, regexp_extract(lower({quote(name)}), {pattern}) AS mail FROM {source} WHERE {quote(name)} LIKE '%@%'"
        for name in group.columns
        if source and (_MAIL_WORDS & set(words(name)) or _mostly_addresses(engine, group.relation, name))
    ]  # fmt: skip


def _by_phone(engine: DuckDBEngine, staged: Mapping[TableKind, Sequence[Staged]], numbers: Numbers) -> Iterator[str]:
    """Give the ids of everybody beside whose id, in any table, stands a telephone number of the lists."""
    for kind, tables in staged.items():
        for one in tables if numbers else ():
            source, country = _beside_ids(engine, kind, one), one.understood.column("country") or ""
            for name in one.group.columns:
                if source and names_numbers(name):
                    yield from ids_on_lists(engine, source, (name, country), numbers)


def _beside_ids(engine: DuckDBEngine, kind: TableKind, one: Staged) -> str:
    """Give SQL of a table as it was read with the column `id`, in lower case; "" where it has no ids."""
    quote, group = engine.dialect.quote, one.group
    column = one.understood.column("customer_id")
    if kind is TableKind.CUSTOMERS:
        places = f"SELECT table_no, source_row, lower(trim(customer_id)) AS id FROM {one.relation} WHERE customer_id IS NOT NULL"
        return f"(SELECT t.*, ids.id FROM {group.relation} AS t JOIN ({places}) AS ids ON t.{quote('table no')} = ids.table_no AND t.{quote('source row')} = ids.source_row)"
    if column:
        return f"(SELECT *, regexp_replace(lower(trim({quote(column)})), '\\.0$', '') AS id FROM {group.relation})"
    return ""


def _mostly_addresses(engine: DuckDBEngine, relation: str, name: str) -> bool:
    column = engine.dialect.quote(name)
    looked = f"SELECT {column} AS cell FROM {relation} WHERE {column} IS NOT NULL LIMIT 2000"
    share = engine.value(f"SELECT avg(CAST(cell LIKE '%_@_%._%' AS INTEGER)) FROM ({looked})")
    return share is not None and float(share) >= 0.5


def _delete(engine: DuckDBEngine, kind: TableKind, one: Staged) -> dict[int, int]:
    """Delete the rows of the people in `_OUT` from a staged table; give the number by file of the group."""
    orders = kind is TableKind.ORDERS
    ids = f"SELECT id FROM {_OUT}"
    theirs = (
        f"customer IN (SELECT customer FROM {CUSTOMER_IDS} WHERE lower(trim(customer_id)) IN ({ids}))"
        if orders
        else f"lower(trim(customer_id)) IN ({ids})"
    )
    counted = engine.rows(f"SELECT table_no, count(*) FROM {one.relation} WHERE {theirs} GROUP BY ALL ORDER BY ALL")
    if counted:
        table = f"lines_{one.group.number}" if orders else one.relation
        engine.run(f"DELETE FROM {table} WHERE {theirs}", "people who objected")
    return {int(place): int(n) for place, n in counted}


def _known_ids(engine: DuckDBEngine, staged: Mapping[TableKind, Sequence[Staged]]) -> frozenset[str]:
    """Ids of some customers, by which a column of a list is known to hold ids."""
    relation = next((_ids(kind, one) for kind, tables in staged.items() for one in tables), "")
    found = engine.rows(f"SELECT DISTINCT lower(trim(customer_id)) FROM {relation} WHERE customer_id IS NOT NULL")
    return frozenset(str(row[0]) for row in found)


def _read_lists(lists: Sequence[str], known: frozenset[str]) -> set[str]:
    entries: set[str] = set()
    for path in lists:
        entries |= _read_list(path, known)
    return entries


def _read_list(path: str, known: frozenset[str]) -> set[str]:
    """Read the ids, addresses and hashes of one list, in lower case."""
    if not Path(path).exists():
        raise InputError(
            f"The list of people who objected, '{Path(path).name}', is not there.",
            remedy="Name it with --suppress FILE; --suppress none says that there is no such list.",
        )
    columns = _columns_of(path)
    chosen = [name for name in columns if len(columns) == 1 or _names_people(name, columns[name], known)]
    if not chosen:
        raise InputError(
            f"No column of '{Path(path).name}' says who objected.",
            found=listing(list(columns)),
            remedy="Give a file with a column of customer ids, e-mail addresses or telephone numbers.",
        )
    texts = [text for name in chosen for text in (*columns[name], *_header(name, known))]
    return {entry for text in texts if (entry := _plain(text))}


def _columns_of(path: str) -> dict[str, list[str]]:
    from coterie.config import SourcesSettings

    try:
        return _cells(path, SourcesSettings())
    except UnsafeGuessError:  # a list of one column that needs no header
        return _cells(path, SourcesSettings(header=False, column_names=("column_1",), delimiter="\t"))


def _cells(path: str, settings: SourcesSettings) -> dict[str, list[str]]:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.raw import Input
    from coterie.sources.reading import read_input

    with DuckDBEngine() as engine:
        raw = read_input(Input(path), engine, settings, number=0)
        cells = {}
        for name in raw.columns:
            column = engine.dialect.quote(name)
            rows = engine.rows(f"SELECT CAST({column} AS VARCHAR) FROM {raw.relation} WHERE {column} IS NOT NULL")
            cells[name] = [str(row[0]) for row in rows]
    return cells


def _names_people(name: str, cells: Sequence[str], known: frozenset[str]) -> bool:
    if match(name, _ID_NAMES) == 1 or _MAIL_WORDS & set(words(name)) or names_numbers(name):
        return True
    looked = [_plain(cell) for cell in cells[:2000]]
    return bool(looked) and sum(_tells(text, known) for text in looked) >= 0.5 * len(looked)


def _header(name: str, known: frozenset[str]) -> tuple[str, ...]:
    """Give the header itself where it is an entry: a list without a header loses its first line to it."""
    return (name,) if _tells(_plain(name), known) else ()


def _tells(text: str, known: frozenset[str]) -> bool:
    """Whether an entry says by itself that it is an address, a telephone number with its country, an id or a hash."""
    is_whole = text.startswith(("+", "00")) and is_number(text)
    return "@" in text or text in known or is_whole or bool(_HASH.fullmatch(text))


def _plain(text: str) -> str:
    """Bring an entry to the form in which it is compared: lower case, no blanks or brackets, no `.0` of a spreadsheet."""
    bare = text.strip().strip("<>'\"").removeprefix("mailto:").strip().lower()
    return bare.removesuffix(".0") if bare.removesuffix(".0").isdigit() else bare


def refuse_distant(settings: SourcesSettings) -> None:
    """Refuse lists where the orders stay in a database: the rows there are not ours to leave out one by one.

    Raises
    ------
    ConfigError
    """
    if wanted_lists(settings):
        raise ConfigError(
            "Lists of people who objected are not applied to orders that stay in a database.",
            remedy="Leave these people out with a query (&query=SELECT … WHERE …) and say --suppress none.",
        )


def _told(lists: Sequence[str], entries: int, customers: int, rows: int) -> Finding:
    names = ", ".join(f"'{Path(path).name}'" for path in lists)
    message = (
        f"{customers:,} customer{'s' if customers != 1 else ''} on the list{'s' if len(lists) > 1 else ''} {names} "
        f"({entries:,} entries) {'were' if customers != 1 else 'was'} left out before anything was computed, with {rows:,} rows."
    )
    remedy = (
        ""
        if customers
        else "If some should have been found: customer ids, e-mail addresses and telephone numbers are compared."
    )
    return Finding("suppressed", Severity.NOTE if customers else Severity.WARNING, message, remedy, count=customers)
