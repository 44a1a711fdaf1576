"""Who may be written to, and how customers answered earlier campaigns: asked of the engine, told as counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.sources.shop import RELATIONS
from coterie.vocabulary import Kind, TableKind

if TYPE_CHECKING:
    from coterie.sources.shop import Shop

_PEOPLE = RELATIONS[TableKind.CUSTOMERS]
_ANSWERS = RELATIONS[TableKind.RESPONSES]


@dataclass(frozen=True)
class Outreach:
    """What the tables say about contact.

    Attributes
    ----------
    reach : Series
        Index `customer_id`: 1.0 where the customer may be written to, else 0.0. Empty where nothing is known.
    reach_told : str
        What it rests on: "consent", "an e-mail address", "consent and an e-mail address"; "" where nothing is known.
    answers : DataFrame
        Index `customer_id`: `sent` and `answered`, counts of campaigns. Empty where no table of responses was given.
    """

    reach: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    reach_told: str = ""
    answers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["sent", "answered"], dtype=float))


def outreach(shop: Shop) -> Outreach:
    """Ask who may be written to and who answered; no address leaves the engine.

    Parameters
    ----------
    shop : Shop
        Consent counts where a column of yes and no has that role, an address where a column of e-mails has it; a
        customer who is not in the customer table cannot be written to.
    """
    reach, told = _reach(shop)
    return Outreach(reach, told, _answers(shop))


def _reach(shop: Shop) -> tuple[pd.Series, str]:
    quote = shop.engine.dialect.quote
    consent = [quote(one.name) for one in shop.given if one.role == "consent" and one.kind is Kind.FLAG]
    address = [quote(one.name) for one in shop.given if one.role == "email"]
    if TableKind.CUSTOMERS not in shop.roles or not (consent or address):
        return pd.Series(dtype=float), ""
    needed = [f"coalesce({name}, 0) = 1" for name in consent] + [f"{name} IS NOT NULL" for name in address]
    column = f"CASE WHEN {' AND '.join(needed)} THEN 1 ELSE 0 END"
    data = shop.engine.arrow(f"SELECT customer_id, {column} AS reach FROM {_PEOPLE}", "outreach")
    values = data.column("reach").to_numpy().astype(float)
    known = [word for word, found in (("consent", consent), ("an e-mail address", address)) if found]
    return pd.Series(values, index=data.column("customer_id").to_pylist()), " and ".join(known)


def _answers(shop: Shop) -> pd.DataFrame:
    if TableKind.RESPONSES not in shop.roles:
        return Outreach().answers
    query = (
        "SELECT customer_id, count(*) AS sent, sum(CASE WHEN responded THEN 1 ELSE 0 END) AS answered "
        f"FROM {_ANSWERS} WHERE treated IS NOT FALSE AND responded IS NOT NULL GROUP BY customer_id"
    )
    data = shop.engine.arrow(query, "campaign_answers")
    return pd.DataFrame(
        {name: data.column(name).to_numpy().astype(float) for name in ("sent", "answered")},
        index=data.column("customer_id").to_pylist(),
    )


def by_segment(values: pd.Series, ids: np.ndarray, index: pd.Index, n_ids: int, missing: float = 0.0) -> np.ndarray:
    """Sum values by segment, with all customers as segment 0; float array of shape (n_ids,)."""
    known = values.reindex(index).fillna(missing).to_numpy(dtype=float) if len(values) else None
    aligned = np.full(len(index), missing) if known is None else known
    sums = np.bincount(ids, aligned, n_ids).astype(float)
    sums[0] = sums[1:].sum()
    return sums


def reach_by_segment(contact: Outreach, ids: np.ndarray, index: pd.Index, n_ids: int) -> np.ndarray:
    """Give the share who may be written to by segment, of all customers as segment 0; NaN where nothing is known."""
    if not contact.reach_told:
        return np.full(n_ids, np.nan)
    sizes = np.bincount(ids, minlength=n_ids).astype(float)
    sizes[0] = sizes[1:].sum()
    shares: np.ndarray = by_segment(contact.reach, ids, index, n_ids) / np.maximum(sizes, 1.0)
    return shares
