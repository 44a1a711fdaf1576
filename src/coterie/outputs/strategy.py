"""Targets and money as tables of a study folder, and a budget divided from what stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.errors import ConfigError
from coterie.outputs import words
from coterie.outputs.worth import ten_digits
from coterie.profiles import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns import Allocation, Strategy
    from coterie.outputs.study import Study


def tables(strategy: Strategy | None) -> dict[str, pd.DataFrame]:
    """Give the tables that a study keeps of a strategy; of money only where some is known."""
    if strategy is None:
        return {}
    found = {"targeting": strategy.targets, "targeting_criteria": strategy.criteria}
    if len(strategy.money):
        found["budget"] = strategy.money
    return {name: ten_digits(table) for name, table in found.items()}


def divide_budget(study: Study, amount: float, segments: Sequence[int] = ()) -> Allocation:
    """Divide an amount of money among the segments of a study.

    Parameters
    ----------
    study : Study
    amount : float >= 0
        For the campaigns of a year, in the shop's currency.
    segments : sequence of int
        Ids of those that may get some; empty: all.

    Raises
    ------
    ConfigError
        The study does not know what customers spend, or every one of these segments is best left alone.
    """
    from coterie.campaigns import allocate, economics_in

    table = study.tables.get("budget")
    known = economics_in(table) if table is not None else {}
    economics = {key: one for key, one in known.items() if not segments or key in segments}
    if not economics:
        raise ConfigError(
            "There is nothing to divide a budget by.",
            found="The study does not know what customers spend."
            if table is None
            else "Every one of these segments is best left alone, or nobody in it can be reached.",
            remedy="Make the study again from tables with amounts of money (`coterie segment`)."
            if table is None
            else "Read why on its report; change the playbook or the costs if they are wrong.",
        )
    settings = study.settings
    return allocate(economics, amount, doubt=settings.budget.doubt, seed=settings.seed)


def within_budget(study: Study, amount: float, segments: Sequence[int] = ()) -> tuple[Study, tuple[str, ...]]:
    """Keep the customers whom a budget reaches: of each segment those who fit it best.

    Parameters
    ----------
    study : Study
    amount : float >= 0
        For the campaigns of a year, in the shop's currency.
    segments : sequence of int
        Ids of those that may get some; empty: all.

    Returns
    -------
    study : Study
        With these customers alone; segments that get nothing are gone from it, those kept still tell their whole size.
    sentences : tuple of str
        How the money was divided, and what it should leave.

    Raises
    ------
    ConfigError
        As `divide_budget`; or the amount reaches nobody.
    """
    found = divide_budget(study, amount, segments)
    sizes = study.tables["budget"].set_index("segment_id")["customers"]
    parts = {one.segment_id: one.customers / sizes[one.segment_id] for one in found.shares if one.customers}
    if not parts:
        raise ConfigError(
            f"A budget of {words.money(amount, study.currency)} reaches nobody.",
            remedy="Name a larger one; `budget.csv` of the study says what it costs to reach a customer.",
        )
    kept = replace(
        study,
        customers=study.customers[_best(study.customers, parts)],
        profiled=tuple(one for one in study.profiled if one.segment_id in parts),
    )
    return kept, _told(study, found)


def _best(customers: pd.DataFrame, parts: dict[int, float]) -> np.ndarray:
    """Mark the part of each segment that fits it best; equal customers by id, so that the order of rows is nothing."""
    ids = customers["segment_id"].to_numpy()
    ranks = pd.Series(-customers["confidence"].to_numpy(dtype=float)).groupby(ids).rank(method="first").to_numpy()
    sizes = pd.Series(ids).map(pd.Series(ids).value_counts()).to_numpy()
    wanted = np.array([parts.get(int(one), 0.0) for one in ids]) * sizes
    marked: np.ndarray = ranks <= np.round(wanted)
    return marked


def _told(study: Study, found: Allocation) -> tuple[str, ...]:
    names = {one.segment_id: words.shown(one.name, 60) for one in study.profiled}
    each = [
        f"{names[one.segment_id]} {words.money(one.spend, study.currency)} for {words.count(one.customers)}"
        for one in found.shares
        if one.customers
    ]
    net, low, high = (words.money(one, study.currency) for one in (found.net, found.net_low, found.net_high))
    kept = f" {words.money(found.left, study.currency)} is better kept." if found.left > 0.005 * found.amount else ""
    return (
        f"A budget of {words.money(found.amount, study.currency)} for a year reaches those who fit their segment best: "
        f"{listed(each)} who may be written to.{kept}",
        f"It should leave {net} of margin, by what the playbook assumes: between {low} and {high}, 19 times in 20.",
    )
