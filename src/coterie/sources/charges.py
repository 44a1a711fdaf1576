"""Charges among the products: postage, fees, vouchers and adjustments are money, but nothing that a customer chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.sources.casting.cleaning import words_sql
from coterie.sources.value_words import CHARGE_CODE_STARTS, CHARGE_CODES, CHARGE_NAME_TAILS, CHARGE_NAMES

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine

#: Where at least this share of the product codes has a digit, a code without one is looked up among the charges.
CODES_WITH_DIGITS = 0.9


def code_charges_sql(engine: DuckDBEngine, x: str, codes: str) -> str:
    """Condition that a product code stands for a charge; `codes` is the table of the shop's codes (`unified`).

    Codes such as `M` or `POST` count only in a shop whose other codes have digits: elsewhere `M` may be a size.
    """
    by_code = [f"starts_with(upper(unified), '{start}')" for start in CHARGE_CODE_STARTS]
    if _codes_have_digits(engine, codes):
        by_code.append(f"upper(unified) IN ({words_sql(CHARGE_CODES)})")
    return f"{x} IN (SELECT unified FROM {codes} WHERE {' OR '.join(by_code)})"


def name_charges_sql(x: str) -> str:
    """Condition that a product's whole name is that of a charge."""
    return f"regexp_full_match(lower({x}), {_pattern()})"


def _codes_have_digits(engine: DuckDBEngine, codes: str) -> bool:
    share = engine.value(f"SELECT avg(CASE WHEN regexp_matches(unified, '[0-9]') THEN 1.0 ELSE 0.0 END) FROM {codes}")
    return share is not None and share >= CODES_WITH_DIGITS


def _pattern() -> str:
    names = "|".join(CHARGE_NAMES)
    tails = "|".join(CHARGE_NAME_TAILS)
    pattern = f"(?:{names})(?:[ ,:./()-]+(?:{tails}|[0-9.,€£$%]+))*[ .)]*"
    return "'" + pattern.replace("'", "''") + "'"
