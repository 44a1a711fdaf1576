"""The entries of the catalogue, read from `catalog.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from coterie.vocabulary import Block, Feature, Kind


@dataclass(frozen=True, slots=True)
class Definition:
    """A feature with what it takes to compute it.

    Attributes
    ----------
    feature : Feature
        Its `origin` names the SQL step that computes it. A name with `<category>` or `<channel>` stands for a family:
        one feature for each of the largest categories or channels.
    needs : frozenset of str
        Facts about the shop (see `facts.py`), all of which must hold.
    unknown : str
        For whom the value is unknown (NaN), in words; "" when it is known of every customer: those without a row in
        the step have 0.
    """

    feature: Feature
    needs: frozenset[str]
    unknown: str = ""

    @property
    def absent_is_zero(self) -> bool:
        """Whether customers without a row in the step have 0 rather than an unknown value."""
        return not self.unknown

    @property
    def is_family(self) -> bool:
        """Whether the entry stands for one feature per category or channel."""
        return "<" in self.feature.name


def _read(entry: dict[str, Any]) -> Definition:
    high, low = entry.get("ends", ("", ""))
    feature = Feature(
        name=entry["name"],
        label=entry["label"],
        unit=entry.get("unit", ""),
        kind=Kind(entry["kind"]),
        block=Block(entry["block"]),
        meaning=entry["meaning"],
        high=high,
        low=low,
        actionable=entry.get("basis", False),
        origin=entry["step"],
    )
    return Definition(feature, frozenset(entry["needs"]), entry.get("unknown", ""))


#: All entries, in the order of the customer table.
ENTRIES: tuple[Definition, ...] = tuple(
    _read(entry)
    for entry in tomllib.loads((files("coterie.features") / "catalog.toml").read_text(encoding="utf-8"))["feature"]
)
