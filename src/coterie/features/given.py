"""Features from a customer table: ready-made behaviour under our own names, every other column as it was given."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.features.given_behaviour import ready_made
from coterie.features.given_columns import Column, age_on, as_given, block_of, days_since
from coterie.sources.shop import RELATIONS, GivenColumn
from coterie.vocabulary import Barred, Block, Finding, Kind, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from coterie.config import FeaturesSettings
    from coterie.sources.shop import Shop
    from coterie.vocabulary import CustomerTable

#: Columns that never become a feature.
NEVER = frozenset({Barred.IDENTIFIER, Barred.PERSONAL, Barred.SPECIAL})

#: Ages beyond these are taken as unknown: mistyped birth years, placeholders such as 1900-01-01.
OLDEST = 110


def add_given(table: CustomerTable, shop: Shop, settings: FeaturesSettings) -> CustomerTable:
    """Put the columns of the shop's customer table beside the computed features.

    Parameters
    ----------
    table : CustomerTable
        Already holds every customer of the customer table. A feature that it has is never replaced.
    shop : Shop
        `given` says what each column means.
    settings : FeaturesSettings
        Columns to ignore are not even used to derive others.

    Returns
    -------
    CustomerTable
        With `value` set when the columns say what a customer brought, and `as_of` when only they hold a date.
    """
    ignored = {name.casefold() for name in settings.ignore}
    columns = [
        column
        for column in shop.given
        if column.barred not in NEVER and not {column.name.casefold(), column.source.casefold()} & ignored
    ]
    if TableKind.CUSTOMERS not in shop.roles or not columns:
        return table
    values = _read(shop, columns, table.frame.index)
    as_of = table.as_of or _day_after_last(columns, values)
    table = dataclasses.replace(table, as_of=as_of)
    made, notes = _dated(columns, values, table)
    behaviour, used = ready_made(columns, values, frozenset(table.features), settings.max_categories)
    names = frozenset(table.features) | {column.feature.name for column in (*behaviour, *made)}
    rest = [
        as_given(column, values[column.name], names, actionable=_may_act(column, used, table))
        for column in columns
        if used.get(column.name) != "renamed"
        and not (column.role in _BIRTH and not column.barred and _has_age(columns, as_of))
    ]
    return _with(table, [*behaviour, *made, *rest], notes)


def _may_act(column: GivenColumn, used: Mapping[str, str], table: CustomerTable) -> bool:
    """Whether a column may enter the basis by itself.

    Places never do: where people live describes them, and a campaign is not about it. Beside real orders, a column that
    shows we know not what does not either.
    """
    if column.name in used or column.role in _PLACES:
        return False
    return not table.features or block_of(column) is not Block.OTHER


_PLACES = frozenset({"country", "city", "postcode"})


_BIRTH = ("birth_date", "birth_year")

#: How the frame holds kinds that are not numbers, and what stands for an unknown value.
_STORED: dict[Kind, tuple[str, object]] = {
    Kind.CATEGORY: ("object", None),
    Kind.DATE: ("datetime64[s]", np.datetime64("NaT")),
}


def _has_age(columns: Sequence[GivenColumn], as_of: dt.date | None) -> bool:
    return as_of is not None or any(column.role == "age" for column in columns)


def _read(shop: Shop, columns: Sequence[GivenColumn], index: pd.Index) -> dict[str, np.ndarray]:
    """Give each column in the order of `index`; customers who are not in the table have no value."""
    quote = shop.engine.dialect.quote
    listed = ", ".join(quote(column.name) for column in columns)
    data = shop.engine.arrow(f"SELECT customer_id, {listed} FROM {RELATIONS[TableKind.CUSTOMERS]}", "given_customers")
    rows = pd.Index(data.column("customer_id").to_pylist(), dtype="str").get_indexer(index)
    return {column.name: _in_order(data.column(column.name), column.kind, rows) for column in columns}


def _in_order(column: pa.ChunkedArray, kind: Kind, rows: np.ndarray) -> np.ndarray:
    dtype, missing = _STORED.get(kind, ("float64", np.nan))
    values: np.ndarray = column.to_numpy().astype(dtype)[rows]
    values[rows < 0] = missing
    return values


def _day_after_last(columns: Sequence[GivenColumn], values: dict[str, np.ndarray]) -> dt.date | None:
    """Day after the last sign-up: the only date of a customer table that says when it was made."""
    days = [values[column.name] for column in columns if column.role == "signed_up_on"]
    last = pd.Series(np.concatenate(days)).max() if days else pd.NaT
    return None if pd.isna(last) else last.date() + dt.timedelta(days=1)


def _dated(
    columns: Sequence[GivenColumn], values: dict[str, np.ndarray], table: CustomerTable
) -> tuple[list[Column], list[Finding]]:
    """Age and time since sign-up, as they were on `as_of`."""
    made: list[Column] = []
    notes: list[Finding] = []
    births = [column for role in _BIRTH for column in columns if column.role == role and not column.barred]
    if births and not any(column.role == "age" for column in columns):
        if table.as_of is None:
            notes.append(_no_date(births[0]))
        else:
            age, implausible = age_on(births[0], values[births[0].name], table.as_of, OLDEST)
            made.append(age)
            notes += [_implausible(births[0], implausible)] if implausible else []
    sign_ups = [column for column in columns if column.role == "signed_up_on"]
    if sign_ups and table.as_of is not None:
        made.append(days_since(sign_ups[0], values[sign_ups[0].name], table.as_of, frozenset(table.features)))
    return made, notes


def _no_date(column: GivenColumn) -> Finding:
    return Finding(
        "age-needs-a-date", Severity.NOTE, f"Column '{column.source}' gives no age, because no table has a date.",
        "Say with --as-of on which day the table was made.", table="customers", column=column.source,
    )  # fmt: skip


def _implausible(column: GivenColumn, count: int) -> Finding:
    return Finding(
        "implausible-age", Severity.NOTE,
        f"From column '{column.source}' {count:,} customer{'s' if count != 1 else ''} would be younger than 0 or older "
        f"than {OLDEST} on the last day seen; {'their ages count' if count != 1 else 'that age counts'} as unknown.",
        "Correct them in the table if the ages are known.", table="customers", column=column.source, count=count,
    )  # fmt: skip


def _with(table: CustomerTable, columns: Sequence[Column], notes: Sequence[Finding]) -> CustomerTable:
    index = table.frame.index
    added = {each.feature.name: pd.Series(each.data, index, each.data.dtype) for each in columns}
    features = dict(table.features) | {column.feature.name: column.feature for column in columns}
    return dataclasses.replace(
        table,
        frame=pd.concat([table.frame, pd.DataFrame(added, index=index)], axis=1),
        features=features,
        value="net_revenue" if "net_revenue" in features else None,
        notes=(*table.notes, *notes),
    )
