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


#: A border with less density than this share of the inside has few customers on it.
_FEW = 0.5
_GROUPS = (
    "Your customers fall into {k} groups that are really there{besides}: {few} customers stand between them{than}, and "
    "the same segments come back when we look at other samples of your customers."
)
_GROUPS_WITHIN = (
    "There are real groups among your customers, and the same {k} segments come back in other samples{besides}; but "
    "some borders between segments run through crowded places, so not each of the {k} is a group of its own."
)
_SENTENCES = {
    VerdictWord.REPRODUCIBLE: (
        "Your customers blend into each other without clear gaps, but these {k} segments come back {surely} in other "
        "samples, so you can plan with {what}."
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
#: The same where nothing but categories tells customers apart, so that no gaps can be looked for.
_SENTENCES_OF_CATEGORIES = {
    VerdictWord.REPRODUCIBLE: (
        "These {k} segments come back {surely} in other samples, so you can plan with {what}; whether they are groups "
        "of their own accord cannot be seen from kinds and yes-or-no answers alone."
    ),
    VerdictWord.CONSTRUCTIVE: (
        "These {k} segments are a practical division that we drew: other samples do not give them again surely, and "
        "whether there are groups cannot be seen from kinds and yes-or-no answers alone."
    ),
}
_BORDERS = "Treat the borders as your own choice."
_CORES = "Rely on their cores; a customer near a border could as well belong next door."
_BADGES = "The badge of each segment says how surely it comes back."


def not_testable() -> StructureTest:
    """What stands for a test where no column is a number: there is no density to look at."""
    from coterie.clustering.structure import STATISTICS, StructureTest

    return StructureTest(float("nan"), dict.fromkeys(STATISTICS, float("nan")), {})


def make_verdict(
    word: VerdictWord,
    test: StructureTest,
    stability: Stability,
    *,
    n_segments: int,
    valley: float,
    splits: tuple[str, ...] = (),
    unusual: float | None = None,
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
    unusual : float, optional
        Share of customers in a segment that collects those who fit no group; it is no group and was not looked for.
    """
    groups = n_segments - (unusual is not None)
    surely = _surely(stability)
    sentence = _sentence(word, test, valley).format(
        k=groups if word is VerdictWord.NATURAL else n_segments,
        besides="" if unusual is None else f" (and {100 * unusual:.0f} % of the customers fit into none of them)",
        few="few" if valley < _FEW else "fewer",
        than="" if valley < _FEW else " than inside them",
        surely=surely,
        what="them" if stability.mean >= REPRODUCIBLE else "their cores",
    )
    return Verdict(
        word,
        sentence,
        test.p_value,
        {name: float(z) for name, z in test.z.items() if not np.isnan(z)},
        stability.mean,
        tuple(float(s) for s in stability.segments),
        (
            _structure_sentence(test, word),
            *splits,
            _stability_sentence(stability),
            *_apart_from(unusual),
            _border_sentence(valley),
            *_weak(stability),
        ),
        _meaning(word, test, surely),
    )


def _surely(stability: Stability) -> str:
    return "almost unchanged" if stability.mean >= REPRODUCIBLE else "for the most part"


def _sentence(word: VerdictWord, test: StructureTest, valley: float) -> str:
    if word is VerdictWord.NATURAL:
        return _GROUPS if valley < VALLEY else _GROUPS_WITHIN
    if np.isnan(test.p_value):
        return _SENTENCES_OF_CATEGORIES[word]
    return (_SENTENCES_BESIDE_GROUPS if test.dense_groups else _SENTENCES)[word]


def _meaning(word: VerdictWord, test: StructureTest, surely: str) -> str:
    """What the word means for someone who acts on it, in keeping with the sentence."""
    if word is VerdictWord.NATURAL:
        return f"The segments follow groups that are there, and come back in fresh samples. {_BADGES}"
    if word is VerdictWord.REPRODUCIBLE:
        return f"Fresh samples give the same segments {surely}. {_CORES} {_BADGES}"
    if np.isnan(test.p_value):
        return f"We could not look for groups in these data. {_BORDERS}"
    if test.dense_groups:
        return f"The segments do not follow the crowded places surely enough to be called groups. {_BORDERS}"
    return f"We found no groups in these data by themselves; the segments divide a continuum. {_BORDERS}"


def _apart_from(unusual: float | None) -> tuple[str, ...]:
    if unusual is None:
        return ()
    return (
        f"{100 * unusual:.0f} % of the customers fit into no group and form a segment of unusual customers. It was not "
        "part of that comparison: fresh samples put such customers into the nearest group.",
    )


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
        f"We set {which} aside before we looked for groups, so that no group is one such value; beyond, {beyond}.",
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
        return f"{share} of your customers have the same, lowest value in {label} and split from the others."
    return f"{share} of your customers have exactly the same value in {label}."


def _low_sentence(lumps: list[Lump], rows: Rows) -> str:
    """One sentence for several columns: the longest lists of zeros say the same thing again and again."""
    largest = sorted(lumps, key=lambda lump: -lump.share)
    named = [f"{label} ({share})" for share, label in (_share_and_label(lump, rows) for lump in largest[:_MOST_NAMED])]
    more = f" and {len(lumps) - _MOST_NAMED} more" if len(lumps) > _MOST_NAMED else ""
    return (
        f"In {len(lumps)} columns many customers share the lowest value and split from the others: "
        f"{', '.join(named)}{more}."
    )


def _share_and_label(lump: Lump, rows: Rows) -> tuple[str, str]:
    label = rows.sources[lump.column].replace("_", " ")
    return f"{100 * lump.share:.0f} %", label.replace("share ", "share of ", 1) if label.startswith("share ") else label


def no_segments(reason: str, *, wished: bool = False) -> Verdict:
    """The verdict where nobody is told apart: because of what the user asked for, or because nothing was found."""
    found = "We found no useful way to divide your customers: they stay together as one group."
    asked = "Your customers were not divided: no division keeps to what you asked for. This says nothing about groups."
    meaning = "Change what you asked for, and run it again." if wished else "There are no segments to act on."
    return Verdict(
        VerdictWord.NONE,
        asked if wished else found,
        float("nan"),
        {},
        float("nan"),
        (float("nan"),),
        (reason,),
        meaning,
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
    if np.isnan(test.p_value):
        return (
            "Customers are told apart by kinds and yes-or-no answers alone. Whether they crowd together in groups "
            "can only be tested on numbers, so it was not."
        )
    compared = "We made up customers whose values are spread as yours are, but who form no groups. Compared with them, "
    if not test.departs:
        return f"{compared}yours look no more grouped: chance often gives such a picture."
    chance = f"chance gives such a picture at most once in {int(1 / test.p_value + 1e-9)} times"
    if not test.dense_groups:
        return f"{compared}yours lie closer together in places ({chance}), but there are no clear gaps between groups."
    doubt = "" if word is VerdictWord.NATURAL else ", but the same segments do not come back surely enough"
    return f"{compared}yours show separate crowded areas ({chance}){doubt}."


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
