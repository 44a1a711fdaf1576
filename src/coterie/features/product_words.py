"""The words of product names: which word says what a product is, and how a group of such words is called."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Group of the products that belong to no other.
OTHER_PRODUCTS = "Other products"

#: Words of three letters or more, in any script.
_WORD = re.compile(r"[^\W\d_]{3,}")

#: Colours, sizes and little words in English, German, French and Spanish: they never say what a product is.
_EMPTY = frozenset(
    " ".join(
        (
            "the and with for from set pack pcs pce piece pieces pair assorted assortd asstd asst design designs small",
            "large medium mini big new colour colours color colors size",
            "red blue pink white black green ivory cream silver gold grey gray brown orange yellow purple turquoise",
            "lilac clear mint rose navy beige lime natural ruby",
            "der die das und mit für von stück klein gross groß neu rot blau rosa weiss weiß schwarz grün silber grau",
            "braun gelb",
            "les des une avec pour sans lot pièce petit petite grand grande nouveau rouge bleu bleue blanc blanche",
            "noir noire vert verte argent gris grise jaune",
            "los las con para sin del juego pieza piezas pequeño pequeña nuevo nueva rojo roja azul blanco blanca",
            "negro negra verde plata oro amarillo amarilla",
        )
    ).split()
)


def words(name: str) -> list[str]:
    """Telling words of a product name, lower case, without a plural s, in order."""
    return [singular(word) for word in _WORD.findall(name.lower()) if word not in _EMPTY]


@lru_cache(maxsize=1 << 14)
def singular(word: str) -> str:
    """Take a plural s away: the same key for "box" and "boxes", "candle" and "candles"."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def key_words(names: Sequence[str], fewest: int) -> list[str]:
    """Give each product the word that says what it is.

    Names begin or end with that word, depending on the language: the end at which names use fewer different words is
    taken ("lunch **bag**", "**sac** à dos"). A product gets that one of its words that most often stands there.

    Parameters
    ----------
    names : sequence of str
    fewest : int
        Names in which a word must stand at that end to count.

    Returns
    -------
    list of str
        One word a product; "" where none counts.
    """
    split = [words(name) for name in names]
    first = Counter(parts[0] for parts in split if parts)
    last = Counter(parts[-1] for parts in split if parts)
    heads = last if _variety(last) <= _variety(first) else first
    best = [max(parts, key=lambda word: (heads[word], word), default="") for parts in split]
    return [word if heads[word] >= fewest else "" for word in best]


def _variety(counts: Counter[str]) -> float:
    """Shannon entropy of the counts, in nats."""
    total = sum(counts.values())
    return -sum(count / total * math.log(count / total) for _, count in sorted(counts.items()))


@dataclass(frozen=True)
class WrittenForm:
    """How names write a word: its most frequent form, and its plural where there is one."""

    common: str
    plural: str


def written_forms(names: Sequence[str]) -> dict[str, WrittenForm]:
    """How each word of the names is written."""
    seen: dict[str, Counter[str]] = {}
    for name in names:
        for word in _WORD.findall(name.lower()):
            seen.setdefault(singular(word), Counter())[word] += 1
    return {word: _form(word, counts) for word, counts in seen.items()}


def _form(word: str, counts: Counter[str]) -> WrittenForm:
    ranked = sorted(counts, key=lambda form: (-counts[form], form))
    return WrittenForm(ranked[0], next((form for form in ranked if form != word), ""))


def group_name(weights: Mapping[str, float], forms: Mapping[str, WrittenForm]) -> str:
    """Call a group by its heaviest words: "Tins & Jars", or "Bags" when no second word comes near.

    Parameters
    ----------
    weights : mapping of str to float
        Word -> spend on its products.
    forms : mapping of str to WrittenForm
        Plurals are taken when every word of the name has one.
    """
    ranked = sorted(weights, key=lambda word: (-weights[word], word))[:2]
    near = [forms[word] for word in ranked if weights[word] >= 0.35 * weights[ranked[0]]]
    plural = all(form.plural for form in near)
    return " & ".join((form.plural if plural else form.common).title() for form in near)
