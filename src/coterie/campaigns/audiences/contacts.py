"""The customer file: how to reach people, read when a list is made and never copied into a study."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.cleaning import plain
from coterie.campaigns.audiences.headers import agreed, find_columns
from coterie.errors import UnsafeGuessError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.config import SourcesSettings


@dataclass(frozen=True)
class Contacts:
    """The rows of a customer file that belong to customers of a study, as they stand in the file.

    Attributes
    ----------
    name : str
        The file, without folders.
    columns : mapping of str to str
        Role -> header.
    cells : mapping of str to mapping of str to str
        Role -> customer id -> text; customers whose cell is empty are left away.
    ids : frozenset of str
        Customers who have a row.
    repeated : int
        Rows beyond the first of a customer; the fullest row counts, and one refusal of consent is enough.
    """

    name: str
    columns: Mapping[str, str]
    cells: Mapping[str, Mapping[str, str]]
    ids: frozenset[str]
    repeated: int = 0
    consent: Mapping[str, bool] = field(default_factory=dict)

    def get(self, customer_id: str, role: str) -> str:
        """Text of a customer's cell; "" where there is none."""
        return self.cells.get(role, {}).get(customer_id, "")

    def __repr__(self) -> str:
        return f"<Contacts '{self.name}': {len(self.ids)} customers, columns for {', '.join(self.columns)}>"


def read_contacts(
    data: object,
    ids: Collection[str],
    settings: SourcesSettings,
    *,
    pinned: Mapping[str, str] | None = None,
    known_as: Sequence[str] = (),
) -> Contacts:
    """Read a customer file and keep the rows of the given customers.

    Parameters
    ----------
    data : path, folder, glob or dataframe
    ids : collection of str
        The study's customer ids.
    settings : SourcesSettings
        How tables are read.
    pinned : mapping of str to str, optional
        Role -> column, where the header does not say it.
    known_as : sequence of str
        Headers that the study's own tables had for the customer id.

    Raises
    ------
    InputError
        The file cannot be read.
    UnsafeGuessError
        No column holds the study's ids, or several may hold the consent.
    """
    table = read_cells(data, settings)
    columns = find_columns(table.columns, pinned or {}, table.name, {"customer_id": known_as})
    keys = _keys(table, columns, frozenset(ids))
    rows, repeated = _one_row_each(table, columns, keys)
    cells = {
        role: {key: text for key, place in rows.items() if (text := table.cells[header][place] or "")}
        for role, header in columns.items()
        if role not in ("customer_id", "consent")
    }
    return Contacts(table.name, columns, cells, frozenset(rows), repeated, _consents(table, columns, keys))


@dataclass(frozen=True)
class Cells:
    """A table as texts, column by column."""

    name: str
    columns: tuple[str, ...]
    cells: Mapping[str, list[str | None]]


def read_cells(data: object, settings: SourcesSettings) -> Cells:
    """Read any table as texts; a list of one column needs no header.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    try:
        return _read(data, settings)
    except UnsafeGuessError:
        if not settings.header:
            raise
        headless = settings.model_copy(update={"header": False, "column_names": ("column_1",)})
        return _read(data, headless)


def _read(data: object, settings: SourcesSettings) -> Cells:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources import Input, read_input

    with DuckDBEngine() as engine:
        raw = read_input(Input(data), engine, settings, number=0)
        texts = ", ".join(f"CAST({engine.dialect.quote(name)} AS VARCHAR)" for name in raw.columns)
        found = engine.arrow(f"SELECT {texts} FROM {raw.relation} ORDER BY source_row", "customer file")
        cells = {name: found.column(place).to_pylist() for place, name in enumerate(raw.columns)}
    return Cells(raw.name, raw.columns, cells)


def _keys(table: Cells, columns: dict[str, str], ids: frozenset[str]) -> list[str]:
    """Customer ids of the rows as the study writes them; "" for rows of others.

    Raises
    ------
    UnsafeGuessError
        No row belongs to the study.
    """
    header = columns.get("customer_id")
    found = _as_ids(table.cells[header], ids) if header else []
    if not any(found):
        raise UnsafeGuessError(
            f"No row of '{table.name}' belongs to a customer of this study.",
            found=f"Read as customer id: column '{header}'." if header else "No column is named like a customer id.",
            remedy=f"Say which column holds the ids of the study: --map customer_id=COLUMN. It has: "
            f"{', '.join(table.columns[:30])}.",
        )
    return found


def _as_ids(cells: Sequence[str | None], ids: frozenset[str]) -> list[str]:
    """Write ids as the study does: a `.0` or an apostrophe that a spreadsheet wanted goes."""
    found = []
    for cell in cells:
        key = plain(cell)
        forms = (key, key.removesuffix(".0"), key.removeprefix("'"))
        found.append(next((form for form in forms if form in ids), ""))
    return found


def _one_row_each(table: Cells, columns: Mapping[str, str], keys: Sequence[str]) -> tuple[dict[str, int], int]:
    """Row of each customer: the fullest, then the first in the order of its texts, whatever the order of rows."""
    rows: dict[str, int] = {}
    twice: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        if key in rows:
            twice.setdefault(key, [rows[key]]).append(place)
        elif key:
            rows[key] = place
    told = [table.cells[header] for role, header in columns.items() if role != "customer_id"]

    def rank(place: int) -> tuple[int, list[str]]:
        texts = [column[place] or "" for column in told]
        return -sum(map(bool, texts)), texts

    rows |= {key: min(places, key=rank) for key, places in twice.items()}
    return rows, sum(len(places) - 1 for places in twice.values())


def _consents(table: Cells, columns: Mapping[str, str], keys: Sequence[str]) -> dict[str, bool]:
    header = columns.get("consent")
    if header is None:
        return {}
    found: dict[str, bool] = {}
    cells = table.cells[header]
    filled = unread = 0
    for key, cell in zip(keys, cells, strict=True):
        answer = agreed(cell)
        filled += bool(plain(cell))
        unread += bool(plain(cell)) and answer is None
        if key:
            found[key] = found.get(key, True) and bool(answer)
    if unread > 0.5 * filled:
        raise UnsafeGuessError(
            f"Column '{header}' of '{table.name}' does not say who agreed to marketing.",
            found=f"{unread:,} of its {filled:,} filled cells hold neither a yes nor a no.",
            remedy="Name the column that does: --map consent=COLUMN; or say --consent-elsewhere.",
        )
    return found
