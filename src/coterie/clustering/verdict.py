"""The verdict: how real the segments are, in a word, a sentence for a store manager, and the numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.vocabulary import Verdict, VerdictWord

if TYPE_CHECKING:
    from coterie.clustering.stability import Stability
    from coterie.clustering.structure import StructureTest

#: Mean adjusted Rand index of bootstrap pairs from which segments count as found again.
REPRODUCIBLE = 0.80
#: … and where the sample departs from data without groups, though no gap is shown.
REPRODUCIBLE_WITH_DEPARTURE = 0.70
#: Jaccard similarities of Hennig (2007, Computational Statistics and Data Analysis 52).
STABLE, PATTERN = 0.75, 0.60
#: A border with less density than this share of the inside is a valley.
VALLEY = 0.85


def verdict_word(test: StructureTest, stability: float) -> VerdictWord:
    """Decide by density evidence, departure from data without groups, and stability; never by stability alone."""
    if test.dense_groups and stability >= REPRODUCIBLE:
        return VerdictWord.NATURAL
    if stability >= REPRODUCIBLE or (test.departs and stability >= REPRODUCIBLE_WITH_DEPARTURE):
        return VerdictWord.REPRODUCIBLE
    return VerdictWord.CONSTRUCTIVE


_SENTENCES = {
    VerdictWord.NATURAL: (
        "Your customers fall into {k} groups that are really there: there are gaps between them, and the same segments "
        "come back when we look at other samples of your customers."
    ),
    VerdictWord.REPRODUCIBLE: (
        "Your customers blend into each other without clear gaps, but these {k} segments come back {surely} in other "
        "samples, so you can plan with them."
    ),
    VerdictWord.CONSTRUCTIVE: (
        "Your customers do not fall into groups of their own accord; these {k} segments are a practical division that "
        "we drew, and customers near a border could as well stand on its other side."
    ),
}


def make_verdict(
    word: VerdictWord, test: StructureTest, stability: Stability, *, n_segments: int, valley: float
) -> Verdict:
    """Put the verdict into words.

    Parameters
    ----------
    word : VerdictWord
    test : StructureTest
    stability : Stability
    n_segments : int
    valley : float, the `valley` criterion of the chosen partition
    """
    return Verdict(
        word,
        _SENTENCES[word].format(
            k=n_segments, surely="almost unchanged" if stability.mean >= REPRODUCIBLE else "for the most part"
        ),
        test.p_value,
        {name: float(z) for name, z in test.z.items()},
        stability.mean,
        tuple(float(s) for s in stability.segments),
        (_structure_sentence(test, word), _stability_sentence(stability), _border_sentence(valley), *_weak(stability)),
    )


def no_segments(reason: str) -> Verdict:
    """The verdict where not even a useful division can be drawn."""
    return Verdict(
        VerdictWord.NONE,
        "We found no useful way to divide your customers: they stay together as one group.",
        float("nan"),
        {},
        float("nan"),
        (float("nan"),),
        (reason,),
    )


def not_assessed(n_segments: int) -> Verdict:
    """A verdict without evidence: the caller asked for labels only."""
    return Verdict(
        VerdictWord.CONSTRUCTIVE,
        f"These {n_segments} segments were not tested for how real they are.",
        float("nan"),
        {},
        float("nan"),
        (float("nan"),) * n_segments,
    )


def _structure_sentence(test: StructureTest, word: VerdictWord) -> str:
    compared = "Compared with made-up customers of the same habits but without groups, yours"
    chance = f"p = {test.p_value:.3f}"
    if test.dense_groups:
        doubt = "" if word is VerdictWord.NATURAL else ", but the same segments do not come back surely enough"
        return f"{compared} show separate crowded areas ({chance}){doubt}."
    if test.departs:
        return f"{compared} lie closer together in places ({chance}), but there are no clear gaps between groups."
    return f"{compared} look no more grouped ({chance})."


def _stability_sentence(stability: Stability) -> str:
    low, high = np.quantile(stability.pairs, [0.1, 0.9])
    return (
        f"Drawn again from {2 * len(stability.pairs)} random samples, the segments agree to {stability.mean:.2f} on "
        f"average (1 = identical, 0 = chance; mostly between {low:.2f} and {high:.2f})."
    )


def _border_sentence(valley: float) -> str:
    if valley < VALLEY:
        density = f"{100 * valley:.0f} % of the density"
        return f"Customers are sparser on the borders between segments than inside them ({density})."
    return "Customers are as dense on the borders between segments as inside: expect some to move between them."


def _weak(stability: Stability) -> tuple[str, ...]:
    weak = int((stability.segments < PATTERN).sum())
    if not weak:
        return ()
    which, them = ("1 segment does", "it") if weak == 1 else (f"{weak} segments do", "them")
    return (f"{which} not come back reliably in other samples; do not build a plan on {them} alone.",)
