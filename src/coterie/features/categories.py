"""The families of features that depend on the shop's own values: which categories and channels get a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.features.catalog import CATALOG, columns_of, member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.engines.base import Engine
    from coterie.vocabulary import Feature


@dataclass(frozen=True)
class Share:
    """A column of a family: its name, its value as the shop writes it, and that value as an SQL literal."""

    column: str
    value: str
    literal: str
    feature: Feature


def largest(engine: Engine, family: str, query: str, limit: int) -> tuple[Share, ...]:
    """Columns for the largest values of a family.

    Parameters
    ----------
    family : str
        Name of the catalogue's entry, such as `share_<category>`.
    query : str
        SELECT of `value` and `weight`, one row a value.
    limit : int
        Largest number of columns; with one more value than that, ties go to the first by name.

    Returns
    -------
    tuple of Share
        By falling weight. Empty when there are fewer than two values: a share of everything tells nothing.
    """
    rows = engine.rows(f"{query} ORDER BY weight DESC, value LIMIT {limit}", family)
    values = [str(value) for value, _ in rows]
    return columns_for(engine, family, values) if len(values) > 1 else ()


def columns_for(engine: Engine, family: str, values: Sequence[str]) -> tuple[Share, ...]:
    """Columns for given values of a family, in their order."""
    entry = CATALOG[family]
    names = columns_of(entry, values)
    return tuple(
        Share(name, value, engine.dialect.text(value), member(entry, value, name))
        for name, value in zip(names, values, strict=True)
    )


def count_categories(engine: Engine) -> int:
    """How many categories the shop has."""
    return int(engine.value("SELECT COUNT(DISTINCT category) FROM customer_categories", "interests"))
