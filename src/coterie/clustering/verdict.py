"""The verdict: how real the segments are, in a word, a sentence for a store manager, and the numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.vocabulary import Verdict, VerdictWord

if TYPE_CHECKING:
    from coterie.clustering.lumps import Lump
    from coterie.clustering.stability import Stability
    from coterie.clustering.structure import StructureTest
    from coterie.clustering.table import Rows

#: Mean adjusted Rand index of bootstrap pairs from which segments count as found again.
REPRODUCIBLE = 0.80
#: … and where the sample departs from data without groups, though no gap is shown.
REPRODUCIBLE_WITH_DEPARTURE = 0.70
#: Jaccard similarities of Hennig (2007, Computational Statistics and Data Analysis 52).
STABLE, PATTERN = 0.75, 0.60
#: Columns that one sentence names.
_MOST_NAMED = 4
#: A border with less density than this share of the inside is a valley.
VALLEY = 0.85


def verdict_word(test: StructureTest, stability: float) -> VerdictWord:
    """Decide by density evidence, departure from data without groups, and stability; never by stability alone."""
    if test.dense_groups and stability >= REPRODUCIBLE:
        return VerdictWord.NATURAL
    if stability >= REPRODUCIBLE or (test.departs and stability >= REPRODUCIBLE_WITH_DEPARTURE):
        return VerdictWord.REPRODUCIBLE
    return VerdictWord.CONSTRUCTIVE


_GROUPS = (
    "Your customers fall into {k} groups that are really there: few customers stand between them, and the same "
    "segments come back when we look at other samples of your customers."
)
_GROUPS_WITHIN = (
    "There are real groups among your customers, and the same {k} segments come back in other samples; but some "
    "borders between segments run through crowded places, so not each of the {k} is a group of its own."
)
_SENTENCES = {
    VerdictWord.REPRODUCIBLE: (
        "Your customers blend into each other without clear gaps, but these {k} segments come back {surely} in other "
        "samples, so you can plan with them."
    ),
    VerdictWord.CONSTRUCTIVE: (
        "Your customers do not fall into groups of their own accord; these {k} segments are a practical division that "
        "we drew, and customers near a border could as well stand on its other side."
    ),
}
#: The same where there are dense groups, which these segments do not follow surely enough.
_SENTENCES_BESIDE_GROUPS = {
    VerdictWord.REPRODUCIBLE: (
        "There are crowded places among your customers, but these {k} segments come back only {surely} in other "
        "samples: plan with them, and do not take every border at its word."
    ),
    VerdictWord.CONSTRUCTIVE: (
        "There are crowded places among your customers, but we found no segments that come back surely in other "
        "samples; these {k} are a practical division, and customers near a border could well stand on its other side."
    ),
}


def make_verdict(
    word: VerdictWord,
    test: StructureTest,
    stability: Stability,
    *,
    n_segments: int,
    valley: float,
    splits: tuple[str, ...] = (),
) -> Verdict:
    """Put the verdict into words.

    Parameters
    ----------
    word : VerdictWord
    test : StructureTest
    stability : Stability
    n_segments : int
    valley : float, the `valley` criterion of the chosen partition
    splits : tuple of str, what `lump_sentences` says of values that many customers share
    """
    return Verdict(
        word,
        _sentence(word, test, valley).format(
            k=n_segments, surely="almost unchanged" if stability.mean >= REPRODUCIBLE else "for the most part"
        ),
        test.p_value,
        {name: float(z) for name, z in test.z.items()},
        stability.mean,
        tuple(float(s) for s in stability.segments),
        (
            _structure_sentence(test, word),
            *splits,
            _stability_sentence(stability),
            _border_sentence(valley),
            *_weak(stability),
        ),
    )


def _sentence(word: VerdictWord, test: StructureTest, valley: float) -> str:
    if word is VerdictWord.NATURAL:
        return _GROUPS if valley < VALLEY else _GROUPS_WITHIN
    return (_SENTENCES_BESIDE_GROUPS if test.dense_groups else _SENTENCES)[word]


def lump_sentences(test: StructureTest, rows: Rows) -> tuple[str, ...]:
    """Say which values so many customers share that they split the customers by themselves.

    Parameters
    ----------
    test : StructureTest, of the columns of `rows` that stand for numbers
    rows : Rows

    Returns
    -------
    tuple of str
        None for values that stand in for missing ones: they say nothing about customers.
    """
    lumps = [lump for lump in test.lumps if not _stands_in(lump, rows)]
    low = [lump for lump in lumps if lump.lowest and f"{rows.sources[lump.column]}: any" not in rows.names]
    together = [_low_sentence(low, rows)] if len(low) > 1 else []
    apart = [_lump_sentence(lump, rows) for lump in lumps if not (together and lump in low)]
    sentences = (*apart, *together)
    if not sentences:
        return ()
    beyond = "there are separate groups as well" if test.dense_groups else "we found no separate groups"
    which = "this split" if len(sentences) == 1 else "these splits"
    return (
        *sentences,
        f"We set {which} aside before we looked for groups, so that no group is made of zeros; beyond, {beyond}.",
    )


def _stands_in(lump: Lump, rows: Rows) -> bool:
    """Whether the value was put in for missing ones."""
    if lump.column >= rows.numeric.shape[1]:
        return False
    at = np.abs(rows.X[:, lump.column] - lump.value) <= 1e-12
    zeros = f"{rows.sources[lump.column]}: any" in rows.names
    return bool(not zeros and at.any() and np.isnan(rows.numeric[at, lump.column]).mean() > 0.5)


def _lump_sentence(lump: Lump, rows: Rows) -> str:
    share, label = _share_and_label(lump, rows)
    if f"{rows.sources[lump.column]}: any" in rows.names:
        return f"Your customers split into those with zero and those above zero in {label} ({share} have zero)."
    if lump.lowest:
        return (
            f"{share} of your customers have the same, lowest value in {label} (often zero) and split from the others."
        )
    return f"{share} of your customers have exactly the same value in {label}."


def _low_sentence(lumps: list[Lump], rows: Rows) -> str:
    """One sentence for several columns: the longest lists of zeros say the same thing again and again."""
    largest = sorted(lumps, key=lambda lump: -lump.share)
    named = [f"{label} ({share})" for share, label in (_share_and_label(lump, rows) for lump in largest[:_MOST_NAMED])]
    more = f" and {len(lumps) - _MOST_NAMED} more" if len(lumps) > _MOST_NAMED else ""
    return (
        f"In {len(lumps)} columns many customers share the lowest value, often zero, and split from the others: "
        f"{', '.join(named)}{more}."
    )


def _share_and_label(lump: Lump, rows: Rows) -> tuple[str, str]:
    return f"{100 * lump.share:.0f} %", rows.sources[lump.column].replace("_", " ")


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
    if not test.departs:
        return f"{compared} look no more grouped: chance often gives such a picture (p = {test.p_value:.2f})."
    chance = f"chance gives such a picture at most once in {int(1 / test.p_value + 1e-9)} times, p = {test.p_value:.3f}"
    if not test.dense_groups:
        return f"{compared} lie closer together in places ({chance}), but there are no clear gaps between groups."
    doubt = "" if word is VerdictWord.NATURAL else ", but the same segments do not come back surely enough"
    return f"{compared} show separate crowded areas ({chance}){doubt}."


def _stability_sentence(stability: Stability) -> str:
    low, high = np.quantile(stability.pairs, [0.1, 0.9])
    return (
        f"Drawn again from {2 * len(stability.pairs)} random samples, the segments agree to {stability.mean:.2f} on "
        f"average (1 = identical, 0 = chance; mostly between {low:.2f} and {high:.2f})."
    )


def _border_sentence(valley: float) -> str:
    if valley < VALLEY:
        crowding = f"{100 * valley:.0f} % as crowded"
        return f"Fewer customers stand on the borders between segments than inside them ({crowding})."
    return "The borders between segments are as crowded as their insides: expect some customers to move between them."


def _weak(stability: Stability) -> tuple[str, ...]:
    weak = int((stability.segments < PATTERN).sum())
    if not weak:
        return ()
    which, them = ("1 segment does", "it") if weak == 1 else (f"{weak} segments do", "them")
    return (f"{which} not come back reliably in other samples; do not build a plan on {them} alone.",)
