"""Targets and money as tables of a study folder, and a budget divided from what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import ConfigError
from coterie.outputs.worth import ten_digits

if TYPE_CHECKING:
    import pandas as pd

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


def divide_budget(study: Study, amount: float) -> Allocation:
    """Divide an amount of money among the segments of a study.

    Parameters
    ----------
    study : Study
    amount : float >= 0
        For the campaigns of a year, in the shop's currency.

    Raises
    ------
    ConfigError
        The study does not know what customers spend, or every segment is best left alone.
    """
    from coterie.campaigns import allocate, economics_in

    table = study.tables.get("budget")
    economics = economics_in(table) if table is not None else {}
    if not economics:
        raise ConfigError(
            "There is nothing to divide a budget by.",
            found="The study does not know what customers spend."
            if table is None
            else "Every segment of the study is best left alone.",
            remedy="Make the study again from tables with amounts of money (`coterie segment`)."
            if table is None
            else "Read why on its report; change the playbook or the costs if they are wrong.",
        )
    settings = study.settings
    return allocate(economics, amount, doubt=settings.budget.doubt, seed=settings.seed)
