"""Two studies held against each other: who moved, what drifted, and whether the earlier model still holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.outputs.advice import Advice, advise
from coterie.outputs.fates import Fate, fates_of
from coterie.outputs.scoring import score
from coterie.outputs.shifts import Shift, feature_shifts
from coterie.vocabulary import CustomerTable

if TYPE_CHECKING:
    import datetime as dt

    from coterie.outputs.study import Study
    from coterie.vocabulary import VerdictWord

#: What stands for a study in which a customer is not.
NOT_THERE = 0
#: From these agreements on, the plain words; below the last: "hardly alike".
_WORDS = ((0.9, "nearly the same"), (0.75, "much alike"), (0.5, "alike in part"), (0.25, "little alike"))


@dataclass(frozen=True)
class Side:
    """What is told of each of the two studies: its title, first day not seen, customers, segments and verdict."""

    title: str
    as_of: dt.date | None
    customers: int
    segments: int
    verdict: VerdictWord
    currency: str


@dataclass(frozen=True)
class Agreement:
    """How alike two divisions of the same customers are.

    Attributes
    ----------
    index : float
        Adjusted Rand index: 1 = the same division, about 0 = no more alike than chance; NaN where it says nothing.
    customers : int
        How many it was taken over.
    """

    index: float
    customers: int

    @property
    def word(self) -> str:
        """Plain word for it."""
        if math.isnan(self.index):
            return "not known"
        return next((word for bound, word in _WORDS if self.index >= bound), "hardly alike")


@dataclass(frozen=True)
class Replaced:
    """The customers of the new study in the segments of the earlier model.

    Attributes
    ----------
    agreement : Agreement
        Between where the earlier model puts the new study's customers and where the new study does.
    really_moved : float
        Share of the customers in both studies whom the earlier model now puts into another of its own segments: they
        changed, not the borders. NaN where nobody is in both.
    unsure : float
        Share of the new study's customers whose place under the earlier model refits would give half the time at most.
    missing : tuple of str
        Features that the earlier model needs and the new study does not have; then the numbers are NaN.
    """

    agreement: Agreement
    really_moved: float
    unsure: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What became of one study in another.

    Attributes
    ----------
    old, new : Side
    in_both, appeared, gone : int
        Customers in both studies, only in the new one, and only in the earlier one.
    moved : DataFrame
        One row a pair of segments that has a customer: from_segment_id, from_segment, to_segment_id, to_segment,
        customers, share_of_from, share_of_to. Id 0 stands for customers who are not in that study.
    fates : tuple of Fate
        What became of each segment: kept, renamed, merged, split, scattered or new.
    agreement : Agreement
        Over the customers in both studies.
    replaced : Replaced
    shifts : tuple of Shift
        The features of both, the one that moved most first.
    advice : Advice
        Keep the model and score with it, or take the new study; with its reasons.
    """

    old: Side
    new: Side
    in_both: int
    appeared: int
    gone: int
    moved: pd.DataFrame = field(repr=False)
    fates: tuple[Fate, ...]
    agreement: Agreement
    replaced: Replaced
    shifts: tuple[Shift, ...]
    advice: Advice


def compare_studies(old: Study, new: Study) -> Comparison:
    """Hold a study against an earlier one of the same shop.

    Parameters
    ----------
    old, new : Study
        They need not have been linked; segments are matched by the customers in both.

    Returns
    -------
    Comparison
        O(n log n) time per feature, for n customers, and one assignment of them by the earlier model.
    """
    before, after = old.customers["segment_id"], new.customers["segment_id"]
    place = after.index.get_indexer(before.index)
    known = place >= 0
    ids = before.to_numpy()[known], after.to_numpy()[place[known]]
    moved = move_counts(old, new)
    agreement = agreement_of(*ids)
    replaced = _replaced(old, new, pd.Series(ids[0], index=before.index[known]))
    shifts = feature_shifts(old, new)
    return Comparison(
        old=_side(old),
        new=_side(new),
        in_both=int(known.sum()),
        appeared=len(after) - int(known.sum()),
        gone=int((~known).sum()),
        moved=moved,
        fates=fates_of(old, new, moved),
        agreement=agreement,
        replaced=replaced,
        shifts=shifts,
        advice=advise(old, new, replaced, shifts),
    )


def move_counts(old: Study, new: Study) -> pd.DataFrame:
    """Count who went where, as `Comparison.moved` describes it."""
    both = pd.DataFrame({"old": old.customers["segment_id"], "new": new.customers["segment_id"]})
    counts = both.fillna(NOT_THERE).astype(int).groupby(["old", "new"]).size().reset_index(name="customers")
    names = [{part.segment_id: part.name for part in study.profiled} for study in (old, new)]
    return pd.DataFrame(
        {
            "from_segment_id": counts["old"],
            "from_segment": [names[0].get(identity, "not there before") for identity in counts["old"]],
            "to_segment_id": counts["new"],
            "to_segment": [names[1].get(identity, "not there any more") for identity in counts["new"]],
            "customers": counts["customers"],
            "share_of_from": counts["customers"] / counts.groupby("old")["customers"].transform("sum"),
            "share_of_to": counts["customers"] / counts.groupby("new")["customers"].transform("sum"),
        }
    )


def agreement_of(one: np.ndarray, other: np.ndarray) -> Agreement:
    """Adjusted Rand index (Hubert and Arabie 1985) of two divisions of the same customers.

    Unknown where there are fewer than two customers, or where both divisions put all of them together, or each alone.
    """
    codes = [np.unique(ids, return_inverse=True)[1] for ids in (one, other)]
    if len(one) < 2 or {int(code.max()) for code in codes} in ({0}, {len(one) - 1}):
        return Agreement(math.nan, len(one))
    joint = np.zeros((int(codes[0].max()) + 1, int(codes[1].max()) + 1))
    np.add.at(joint, tuple(codes), 1)
    together, rows, columns = (
        float((counts * (counts - 1)).sum()) for counts in (joint, joint.sum(axis=1), joint.sum(axis=0))
    )
    expected, largest = rows * columns / (len(one) * (len(one) - 1)), (rows + columns) / 2
    return Agreement((together - expected) / (largest - expected), len(one))


def _side(study: Study) -> Side:
    return Side(
        study.title,
        study.as_of,
        int(study.manifest["n_customers"]),
        len(study.profiled),
        study.verdict.word,
        study.currency,
    )


def _replaced(old: Study, new: Study, before: pd.Series) -> Replaced:
    """Put the new study's customers where the earlier model would; `before` is where those in both were."""
    missing = missing_features(old, new)
    if missing:
        return Replaced(Agreement(math.nan, 0), math.nan, math.nan, missing)
    placed = score(old, _as_table(old, new))
    there = placed.reindex(before.index)["segment_id"].to_numpy()
    return Replaced(
        agreement=agreement_of(placed["segment_id"].to_numpy(), new.customers["segment_id"].to_numpy()),
        really_moved=float((there != before.to_numpy()).mean()) if len(before) else math.nan,
        unsure=float((placed["confidence"] <= 0.5).mean()),
    )


def missing_features(old: Study, new: Study) -> tuple[str, ...]:
    """Labels of what the earlier model needs and the new study lacks; derived product groups must be the same ones."""
    regrouped = old.model.families.product_groups != new.model.families.product_groups
    lacking = [
        name for name in old.model.features if name not in new.features or (regrouped and name.startswith("share_"))
    ]
    return tuple(old.features[name].label if name in old.features else name for name in lacking)


def _as_table(old: Study, new: Study) -> CustomerTable:
    """The new study's customers with the features of the earlier model."""
    from coterie.outputs.tables import feature_column

    frame = new.customers[[feature_column(name) for name in old.model.features]]
    frame = frame.set_axis(list(old.model.features), axis=1)
    return CustomerTable(frame, new.features, None, new.as_of, new.currency)
