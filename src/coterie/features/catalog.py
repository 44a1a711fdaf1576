"""The catalogue of features: what each means, in which unit, how it is made; `docs/features.md` is printed from it."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

from coterie.features.entries import ENTRIES, Definition
from coterie.vocabulary import Block, Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Every entry by the name of its feature; `share_<category>` and the like stand for one feature per category.
CATALOG: Mapping[str, Definition] = MappingProxyType({entry.feature.name: entry for entry in ENTRIES})

_BLOCK_TITLES = {
    Block.VALUE: "Value: what a customer brings",
    Block.RHYTHM: "Rhythm: when and how often",
    Block.BASKET: "Basket: how much, how varied, at what price, what comes back",
    Block.INTERESTS: "Interests: what they like",
    Block.BROWSING: "Browsing: what they look at",
    Block.DEMOGRAPHICS: "Demographics",
    Block.OTHER: "Other",
}

_UNITS = {"": "", "currency": "the shop's currency", "share": "0 to 1"}
_KIND_UNITS = {Kind.FLAG: "0 or 1", Kind.DATE: "date", Kind.CATEGORY: "category"}


def member(family: Definition, value: str, column: str) -> Feature:
    """Give the feature of one category or channel.

    Parameters
    ----------
    family : Definition
        An entry whose texts hold `<category>` or `<channel>`.
    value : str
        The category or channel as the shop writes it.
    column : str
        Name of the feature.
    """
    feature = family.feature
    meaning = re.sub(r"; one feature for each of .*\.$", ".", feature.meaning)
    label, meaning, high, low = (
        re.sub(r"<\w+>", lambda _: value, text) for text in (feature.label, meaning, feature.high, feature.low)
    )
    return dataclasses.replace(feature, name=column, label=label, meaning=meaning, high=high, low=low)


def columns_of(family: Definition, values: Sequence[str]) -> list[str]:
    """Names of the features of a family, one for each value, all different: `share_home_garden`."""
    stem = family.feature.name.split("<")[0]
    names: list[str] = []
    for value in values:
        name = base = stem + slug(value)
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and single underscores of a text; "x" when there are none."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40].strip("_") or "x"


def markdown() -> str:
    """Give the page `docs/features.md`."""
    parts = [
        "# Features\n",
        "One row a customer, made by SQL steps from the order lines, the events on the site and the customer table. "
        "Everything is told as it was before `as_of`, the first day not seen. A feature is there when the tables hold "
        "what it needs; columns of a customer table come in beside it under their own names.\n",
        "*In the basis* marks what may enter the basis that is chosen by itself: what a marketer can act on. All the "
        "others describe the segments. A value that is not known stays unknown; it is never replaced by a zero.\n",
    ]
    for block, title in _BLOCK_TITLES.items():
        entries = [entry for entry in ENTRIES if entry.feature.block is block]
        if entries:
            parts.append(f"## {title}\n")
            parts.append(_table(entries))
    parts.append(
        "This page is printed by `python -m coterie.features.catalog`; the steps are the files of "
        "`src/coterie/features/sql`.\n"
    )
    return "\n".join(parts)


def _table(entries: list[Definition]) -> str:
    rows = [
        "| feature | unit | meaning | high and low | in the basis | made from | step |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*rows, *map(_row, entries)]) + "\n"


def _row(entry: Definition) -> str:
    feature = entry.feature
    unit = _KIND_UNITS.get(feature.kind) or _UNITS.get(feature.unit, feature.unit)
    meaning = feature.meaning + (f" Unknown for {entry.unknown}." if entry.unknown else "")
    ends = " / ".join(word for word in (feature.high, feature.low) if word)
    cells = [
        f"`{feature.name}`<br>{_plain(feature.label)}", unit, _plain(meaning), _plain(ends),
        "yes" if feature.actionable else "", ", ".join(sorted(entry.needs)).replace("_", " "), f"`{feature.origin}`",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›")


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
