"""Charges among the products: postage, fees, vouchers and adjustments are money, but nothing that a customer chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.sources.casting.cleaning import words_sql
from coterie.sources.value_words import CHARGE_CODE_STARTS, CHARGE_CODES, CHARGE_NAME_TAILS, CHARGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast

#: Where at least this share of the product codes has a digit, a code without one is looked up among the charges.
CODES_WITH_DIGITS = 0.9


def charge_sql(engine: DuckDBEngine, casts: Mapping[str, Cast], codes: str | None) -> str:
    """Condition that a line is a charge, by its product code or by its product's whole name.

    Codes such as `M` or `POST` count only in a shop whose other codes have digits: elsewhere `M` may be a size.
    """
    conditions = []
    if codes:
        by_code = [f"starts_with(upper(unified), '{start}')" for start in CHARGE_CODE_STARTS]
        if _codes_have_digits(engine, codes):
            by_code.append(f"upper(unified) IN ({words_sql(CHARGE_CODES)})")
        conditions.append(f"product_code IN (SELECT unified FROM {codes} WHERE {' OR '.join(by_code)})")
    for role in ("product_name", "product"):
        if role in casts:
            names = f"SELECT value FROM {casts[role].relation} WHERE regexp_full_match(lower(value), {_pattern()})"
            conditions.append(f"{role}_value IN ({names})")
    return f"coalesce({' OR '.join(conditions)}, FALSE)" if conditions else "FALSE"


def _codes_have_digits(engine: DuckDBEngine, codes: str) -> bool:
    share = engine.value(f"SELECT avg(CASE WHEN regexp_matches(unified, '[0-9]') THEN 1.0 ELSE 0.0 END) FROM {codes}")
    return share is not None and share >= CODES_WITH_DIGITS


def _pattern() -> str:
    names = "|".join(CHARGE_NAMES)
    tails = "|".join(CHARGE_NAME_TAILS)
    pattern = f"(?:{names})(?:[ ,:./()-]+(?:{tails}|[0-9.,€£$%]+))*[ .)]*"
    return "'" + pattern.replace("'", "''") + "'"
