"""What moving up one lifecycle stage is worth, from the moves that customers really made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.alignment import places_in
from coterie.campaigns.life import STAGES
from coterie.campaigns.stages import scores_by_value

if TYPE_CHECKING:
    from coterie.campaigns.value.history import OrderHistory

#: Moves below this number are too few to tell a usual way up.
FEWEST_MOVES = 10
_NAMES = sorted(STAGES)
#: Columns that are scored, and whether more is better.
_SCORED = {"last_days": -1.0, "order_days": 1.0, "sold": 1.0}


@dataclass(frozen=True)
class Migration:
    """Moves between lifecycle stages in the days since the earlier day.

    Attributes
    ----------
    moves : DataFrame
        One row a pair of stages that occurs: stage, next_stage, customers, share (of those who were in `stage`), gain
        (value per customer of the next stage less that of the first, in currency).
    ladder : DataFrame
        One row a stage: stage, customers (now), value (expected per customer in a year), customers_then, spent_since
        (per customer, after returns, of those who were in it then), moved_up (share of them who are now in a stage
        worth more), next_stage (the move up that brought most), moved (how many made it), worth (its gain per
        customer). NaN and "" where too few moved up.
    net_flow : float
        What all moves together did to the value of the customer base, in currency a year.
    """

    moves: pd.DataFrame
    ladder: pd.DataFrame
    net_flow: float


def migration(history: OrderHistory, value: np.ndarray) -> Migration | None:
    """Compare the lifecycle stages of the earlier day with those of today; None where there is no earlier day.

    Parameters
    ----------
    history : OrderHistory
    value : float array of shape (n,)
        Expected net revenue of each customer in a year, in the order of the history.

    Notes
    -----
    Stages of both days come from days with an order, days since the last and money paid, scored among the customers of
    that day. The gain of a move is a difference between groups of customers: those who moved may have been other
    people, so that it says what is to be won, not what a campaign brings. O(n log n) time.
    """
    place = places_in(history.frame.index, history.then.index)
    still = place >= 0  # not those of whose orders nothing is left by now
    if history.split_on is None or not still.any():
        return None
    now, was = _stages(history.frame), _stages(history.then)[still]
    worth = _means(value, now)
    spent = _means(history.then["since_net"].to_numpy()[still], was)
    moves = _pairs(was, now[place[still]])
    moves["share"] = moves["customers"] / moves.groupby("stage")["customers"].transform("sum")
    moves["gain"] = moves["next_stage"].map(worth).to_numpy() - moves["stage"].map(worth).to_numpy()
    order = {stage: place for place, stage in enumerate(STAGES)}
    places = [moves["next_stage"].map(order), moves["stage"].map(order)]
    moves = moves.iloc[np.lexsort(places)].reset_index(drop=True)
    sizes = {_NAMES[code]: size for code, size in enumerate(np.bincount(now).tolist()) if size}
    rows = [
        {"stage": stage, "customers": int(sizes.get(stage, 0)), "value": float(worth.get(stage, np.nan))}
        | _way_up(moves[moves["stage"] == stage])
        | {"spent_since": float(spent.get(stage, np.nan))}
        for stage in STAGES
        if stage in sizes or stage in spent.index
    ]
    return Migration(moves, pd.DataFrame(rows), float((moves["customers"] * moves["gain"].fillna(0.0)).sum()))


def _way_up(moves: pd.DataFrame) -> dict[str, float | str]:
    """Give the way up from one stage that brought most: to a stage worth more, by at least a few customers."""
    up = moves[moves["gain"] > 0]
    total = int(moves["customers"].sum())
    found: dict[str, float | str] = {
        "customers_then": float(total),
        "moved_up": float(up["customers"].sum() / total) if total else np.nan,
        "next_stage": "",
        "moved": 0.0,
        "worth": np.nan,
    }
    if up.empty or int(up["customers"].max()) < FEWEST_MOVES:
        return found
    often = up[up["customers"] >= FEWEST_MOVES]
    best = int(np.argmax((often["customers"] * often["gain"]).to_numpy()))
    return found | {
        "next_stage": str(often["next_stage"].iloc[best]),
        "moved": float(often["customers"].iloc[best]),
        "worth": float(often["gain"].iloc[best]),
    }


def _stages(frame: pd.DataFrame) -> np.ndarray:
    """Lifecycle stage of each customer, as its place in `_NAMES`; int array of shape (n,)."""
    scores = [scores_by_value(frame[name].to_numpy() * sign) for name, sign in _SCORED.items()]
    of_code = np.full(556, -1)
    for stage, codes in STAGES.items():
        of_code[[int(code) for code in codes.split()]] = _NAMES.index(stage)
    return np.asarray(of_code[scores[0] * 100 + scores[1] * 10 + scores[2]])


def _means(values: np.ndarray, stages: np.ndarray) -> pd.Series:
    """Mean by stage, by its name."""
    means: pd.Series = pd.Series(values).groupby(stages).mean()
    return means.set_axis([_NAMES[code] for code in means.index])


def _pairs(was: np.ndarray, now: np.ndarray) -> pd.DataFrame:
    """Count customers by both stages, by their names."""
    counts = np.bincount(was * len(_NAMES) + now)
    pairs = np.flatnonzero(counts)
    names = np.array(_NAMES, dtype=object)
    columns = {"stage": names[pairs // len(_NAMES)], "next_stage": names[pairs % len(_NAMES)]}
    return pd.DataFrame({**columns, "customers": counts[pairs]})
