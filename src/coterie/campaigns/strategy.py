"""What to do about each segment, which to target, and what money to spend: from profiles to decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.campaigns.budget import allocate
from coterie.campaigns.contact import Outreach, reach_by_segment
from coterie.campaigns.criteria import criteria_of
from coterie.campaigns.economics import Economics
from coterie.campaigns.plays import plan_plays
from coterie.campaigns.prospects import prospects_of
from coterie.campaigns.targeting import choose_targets, criteria_table, targets_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.learned import PlayTest
    from coterie.campaigns.plays import Planned
    from coterie.campaigns.value.worth import CustomerValue
    from coterie.config import Config
    from coterie.profiles import Profiles
    from coterie.vocabulary import CustomerTable, Segment

#: Columns of the budget table that make an `Economics` again.
_STORED = tuple(Economics.__dataclass_fields__)
_DERIVED = ("full_cost", "full_gain", "break_even", "expected_response", "best_part", "cap", "best_net")


@dataclass(frozen=True)
class Strategy:
    """Plays, targets and money.

    Attributes
    ----------
    segments : tuple of Segment
        In the order of the profiles, each with its play.
    targets : DataFrame
        One row a segment, the columns of `Target` and the segment's name.
    criteria : DataFrame
        One row a segment and criterion, the columns of `Criterion` and `scale`.
    money : DataFrame
        One row a segment whose campaign can be put into money: segment_id, segment, play, left_alone, the attributes of
        `Economics`; break_even and expected_response (extra orders for each customer reached), full_cost, full_gain,
        best_part, cap, best_net; with a budget also spend, reached, gain, net.
    """

    segments: tuple[Segment, ...]
    targets: pd.DataFrame
    criteria: pd.DataFrame
    money: pd.DataFrame


def make_strategy(
    profiles: Profiles,
    customers: CustomerTable,
    stages: pd.DataFrame,
    config: Config,
    *,
    worth: CustomerValue | None = None,
    contact: Outreach | None = None,
    learned: Sequence[PlayTest] = (),
) -> Strategy:
    """Decide what to do about each segment.

    Parameters
    ----------
    profiles : Profiles
    customers : CustomerTable
    stages : DataFrame
        From `lifecycle_stages`.
    config : Config
        The playbook, weights of the criteria, costs, and a budget.
    worth : CustomerValue, optional
        The forecast of what customers are worth.
    contact : Outreach, optional
        Who may be written to, and who answered before.
    learned : sequence of PlayTest
        What earlier tests showed of plays.

    Returns
    -------
    Strategy
        The same whatever the order of the customers. O(n) time in the customers.
    """
    ids = profiles.membership["segment_id"].to_numpy(dtype=np.int64)
    index = customers.frame.index
    contact = contact or Outreach()
    reach = reach_by_segment(contact, ids, index, max(profiles.id_of_label, default=0) + 1)
    planned = plan_plays(profiles, customers, stages, config, worth, reach, learned)
    segments = tuple(one.segment for one in planned)
    prospects = prospects_of(worth, ids, index, segments)
    criteria = criteria_of(planned, prospects, contact, ids, index, config, customers.currency)
    targets = choose_targets(planned, criteria)
    return Strategy(segments, targets_table(planned, targets), criteria_table(criteria), money_table(planned, config))


def money_table(planned: Sequence[Planned], config: Config) -> pd.DataFrame:
    """Lay out what each segment's campaign costs and might bring; without rows where no money is known."""
    rows = [_money_row(one) for one in planned if one.economics is not None]
    columns = ["segment_id", "segment", "play", "left_alone", *_STORED, *_DERIVED]
    table = pd.DataFrame(rows, columns=columns)
    if config.budget.amount is None or table.empty:
        return table
    found = allocate(economics_in(table), config.budget.amount, doubt=config.budget.doubt, seed=config.seed)
    by_id = {share.segment_id: share for share in found.shares}
    for column, name in (("spend", "spend"), ("reached", "customers"), ("gain", "gain"), ("net", "net")):
        table[column] = [
            getattr(by_id[key], name) if key in by_id else 0 if name == "customers" else 0.0
            for key in table["segment_id"]
        ]
    return table


def economics_in(table: pd.DataFrame) -> dict[int, Economics]:
    """Give back the economics of the segments that may get money, by segment id, from a budget table."""
    found = {}
    for row in table.to_dict("records"):
        if not row["left_alone"]:
            values: dict[str, Any] = {name: float(row[name]) for name in _STORED}
            found[int(row["segment_id"])] = Economics(**(values | {"customers": int(row["customers"])}))
    return found


def _money_row(one: Planned) -> dict[str, Any]:
    money, play = one.economics, one.segment.play
    assert money is not None  # noqa: S101  the caller has looked
    derived: dict[str, float] = {name: getattr(money, name) for name in _DERIVED}
    if one.template.leave_alone:
        derived |= {"best_part": 0.0, "cap": 0.0, "best_net": 0.0}
    finite = {name: value if math.isfinite(value) else math.nan for name, value in derived.items()}
    return {
        "segment_id": one.segment.segment_id,
        "segment": one.segment.name,
        "play": play.title if play else "",
        "left_alone": one.template.leave_alone,
        **{name: getattr(money, name) for name in _STORED},
        **finite,
    }
