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
    if codes and _codes_have_digits(engine, codes):
        conditions.append(f"upper(product_code) IN ({words_sql(CHARGE_CODES)})")
    if codes:
        conditions += [f"starts_with(upper(product_code), '{start}')" for start in CHARGE_CODE_STARTS]
    for role in ("product_name", "product"):
        if role in casts:
            conditions.append(f"regexp_full_match(lower({role}_value), {_pattern()})")
    return f"coalesce({' OR '.join(conditions)}, FALSE)" if conditions else "FALSE"


def _codes_have_digits(engine: DuckDBEngine, codes: str) -> bool:
    share = engine.value(f"SELECT avg(CASE WHEN regexp_matches(unified, '[0-9]') THEN 1.0 ELSE 0.0 END) FROM {codes}")
    return share is not None and share >= CODES_WITH_DIGITS


def _pattern() -> str:
    names = "|".join(CHARGE_NAMES)
    tails = "|".join(CHARGE_NAME_TAILS)
    pattern = f"(?:{names})(?:[ ,:./()-]+(?:{tails}|[0-9.,€£$%]+))*[ .)]*"
    return "'" + pattern.replace("'", "''") + "'"
