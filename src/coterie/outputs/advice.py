"""Keep the model and score with it, or make a new study: what two studies say, with the reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import listed, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.outputs.comparing import Replaced
    from coterie.outputs.shifts import Shift
    from coterie.outputs.study import Study

#: What to do.
KEEP, RENEW = "keep the model", "take the new study"
#: Agreement that counts as the same where no study says how far two samples of its customers agree.
_ALIKE = 0.8
#: Agreement that counts as the same however alike two samples are: samples of one day share customers, studies of two
#: days share at most the shop.
_SAME = 0.9
#: Agreement below which segments are hardly recognised again, whatever the reason.
_RECOGNISABLE = 0.5
#: Such a part of the pairs of samples agrees less than the limit.
_TAIL = 0.1
#: Largest share of customers whose place under the earlier model may be a toss-up.
_MOST_UNSURE = 0.25


@dataclass(frozen=True)
class Advice:
    """What to do next, and why.

    Attributes
    ----------
    action : {"keep the model", "take the new study"}
    sentence : str
    reasons : tuple of str
    limit : float
        Agreement from which on two studies count as the same.
    """

    action: str
    sentence: str
    reasons: tuple[str, ...]
    limit: float


def advise(old: Study, new: Study, replaced: Replaced, shifts: Sequence[Shift]) -> Advice:
    """Say whether the earlier model still holds for the new study's customers.

    The measure is how the new study's customers are divided by the earlier model and by the new study. Two studies of
    samples of the same customers differ as well; so the limit is what nine of ten pairs of samples reached when the
    stability of the segments was measured, in the study where they agree less, and at most 0.9. A model below it has
    been overtaken.

    Parameters
    ----------
    old, new : Study
    replaced : Replaced
    shifts : sequence of Shift

    Returns
    -------
    Advice
    """
    limit = alike_from(old, new)
    if replaced.missing:
        names = listed([f"“{label}”" for label in replaced.missing[:5]])
        more = f" and {len(replaced.missing) - 5} more" if len(replaced.missing) > 5 else ""
        why = f"The earlier model needs what the new study does not have: {names}{more}."
        return Advice(RENEW, "Work with the new study: the earlier model cannot place its customers.", (why,), limit)
    if len(old.profiled) == 1 or len(new.profiled) == 1:
        return _without_groups(old, new, limit)
    return _by_agreement(replaced, shifts, limit)


def _without_groups(old: Study, new: Study, limit: float) -> Advice:
    if len(old.profiled) == len(new.profiled):
        why = "Neither study divides the customers."
        return Advice(KEEP, "Nothing to change: both studies leave the customers in one group.", (why,), limit)
    if len(new.profiled) == 1:
        why = f"The new study finds no groups in its customers; the earlier one had {len(old.profiled)}."
    else:
        why = f"The earlier study did not divide the customers; the new one finds {len(new.profiled)} segments."
    return Advice(RENEW, "Work with the new study: the two do not see the same.", (why,), limit)


def _by_agreement(replaced: Replaced, shifts: Sequence[Shift], limit: float) -> Advice:
    index = replaced.agreement.index
    holds, sure = index >= limit, replaced.unsure <= _MOST_UNSURE
    reasons = [_agreement_told(index, limit)]
    if not math.isnan(replaced.really_moved):
        reasons.append(
            f"Of the customers in both studies, {share(replaced.really_moved)} now belong into another segment of the "
            "earlier model than then: that many changed themselves, whatever became of the borders."
        )
    if not sure:
        reasons.append(f"The earlier model is unsure of {share(replaced.unsure)} of the customers.")
    far = [shift.feature.label for shift in shifts if shift.in_basis and shift.word == "moved far"]
    if far:
        reasons.append(_drift_told(far, holds=holds))
    if holds and sure:
        same = "the segments are the same, only customers moved between them"
        why = same if index >= _RECOGNISABLE else "the two differ, but so do two studies of the same customers"
        return Advice(KEEP, f"Keep the earlier model and score with it: {why}.", tuple(reasons), limit)
    return Advice(RENEW, "Work with the new study: the earlier segments no longer fit.", tuple(reasons), limit)


def _agreement_told(index: float, limit: float) -> str:
    verb = "no less" if index >= limit else "less"
    return (
        "The earlier model and the new study divide the new study's customers with an agreement of "
        f"{index:.2f} (adjusted Rand index; 1 = the same, 0 = no more than chance): {verb} than the {limit:.2f} from "
        "which on two studies count as the same, because two samples of the same customers differ as much."
    )


def _drift_told(labels: Sequence[str], *, holds: bool) -> str:
    names = listed([f"“{label}”" for label in labels[:3]])
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    end = "but the borders between the segments hold." if holds else "and the borders between the segments with it."
    return f"The customers themselves moved far in {names}{more}, {end}"


def alike_from(old: Study, new: Study) -> float:
    """Agreement that nine of ten pairs of samples reached in the shakier study; at most 0.9, and 0.8 where unknown."""
    limits = [limit for limit in (_usual_agreement(study) for study in (old, new)) if not math.isnan(limit)]
    return min(_SAME, min(limits, default=_ALIKE))


def _usual_agreement(study: Study) -> float:
    table = study.tables["stability"]
    mine = table.loc[table["n_segments"] == study.manifest["search"]["n_segments"], "adjusted_rand"]
    values = mine.to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    return float(np.quantile(values, _TAIL)) if len(values) else math.nan
