"""Columns that a study may not use freely: specially protected matters, and what only the check of fairness may see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.errors import ConfigError
from coterie.sources.names import listing, near
from coterie.sources.special_categories import special_matter, special_values
from coterie.vocabulary import Barred, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from coterie.config import SourcesSettings

_WHO = frozenset({Barred.PERSONAL, Barred.IDENTIFIER})


def protected(column: str, barred: Barred | None, levels: Sequence[str], settings: SourcesSettings) -> Barred | None:
    """Give why a column may not be part of a basis, once what was asked for and what its values say are known.

    Parameters
    ----------
    column : str
        Its header.
    barred : Barred or None
        What its header and the look of its values gave.
    levels : sequence of str
        Its different values, where they are few.
    settings : SourcesSettings
        `audit` and `allow_special`.

    Raises
    ------
    ConfigError
        The check of fairness was asked to look at a column that says who somebody is.
    """
    if _named(column, settings.audit):
        if barred in _WHO:
            raise ConfigError(
                f"Column '{column}' cannot be checked for fairness.",
                found=f"It holds {barred}: hardly two customers have the same.",
                remedy="Name a column that parts customers into groups, as in --audit gender.",
            )
        return Barred.AUDIT
    if barred is Barred.SPECIAL or (barred in (None, Barred.FREE_TEXT) and special_values(levels)):
        return None if _named(column, settings.allow_special) else Barred.SPECIAL
    return barred


def told_allowed(
    column: str, barred: Barred | None, levels: Sequence[str], settings: SourcesSettings, table: str
) -> tuple[Finding, ...]:
    """Tell a specially protected column that is used because it was asked for, with the reason that was given."""
    matter, key = special_matter(column) or special_values(levels), _named(column, settings.allow_special)
    if not matter or not key or barred is Barred.AUDIT:
        return ()
    message = (
        f"Column '{column}' ({matter}) is specially protected and used all the same. The reason given: "
        f"{settings.allow_special[key]}"
    )
    remedy = "In the European Union the customers themselves must have agreed to just this use."
    return (Finding("special-allowed", Severity.WARNING, message, remedy, table, column),)


def refuse_unknown_audit(given: Iterable[str], settings: SourcesSettings) -> None:
    """Refuse a column for the check of fairness that no customer table has: a slip would leave the real one in use.

    Raises
    ------
    ConfigError
        Naming the nearest column.
    """
    columns = list(given)
    for name in settings.audit:
        if not any(_key(name) == _key(column) for column in columns):
            hint = near(name, columns)[:1]
            raise ConfigError(
                f"No customer table has a column '{name}' to check for fairness.",
                found=listing(columns) if columns else "There is no customer table.",
                remedy=f"Did you mean --audit {hint[0]}?" if hint else "Name a column with --audit.",
            )


def _named(column: str, names: Collection[str]) -> str:
    return next((name for name in names if _key(name) == _key(column)), "")


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
