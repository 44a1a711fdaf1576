"""What the segments are built on: a small set of features that a marketer can act on, or exactly what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import NotEnoughDataError
from coterie.preparation.asked import ALL, key_of, resolve
from coterie.preparation.blocks import ALIKE, BEHAVIOUR, BLOCK_WEIGHTS, block_weights
from coterie.preparation.choosing import CORE, LITTLE_BEHAVIOUR, choose_features
from coterie.preparation.quality import look_at
from coterie.preparation.relevance import irrelevant
from coterie.preparation.telling import listing
from coterie.vocabulary import Barred, Block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from coterie.config import BasisSettings
    from coterie.vocabulary import Feature


@dataclass(frozen=True)
class Basis:
    """The features on which segments are built.

    Attributes
    ----------
    features : tuple of Feature
    weights : mapping of str to float
        Feature -> factor of its columns, after the balance between blocks.
    left_out : mapping of str to str
        Every other feature -> why it is not part of the basis.
    sentences : tuple of str
        How the basis came about, in plain words.
    """

    features: tuple[Feature, ...]
    weights: Mapping[str, float]
    left_out: Mapping[str, str]
    sentences: tuple[str, ...]


def choose_basis(
    features: Sequence[Feature], columns: Mapping[str, np.ndarray], settings: BasisSettings
) -> Basis:  # fmt: skip
    """Decide what the segments are built on.

    Parameters
    ----------
    features : sequence of Feature
        All the features of the customer table.
    columns : mapping of str to array of shape (n,)
        Their values: float64 with NaN, categories object with None. Features without a column are not considered.
    settings : BasisSettings
        `columns` asks for features by name, or by the shop's own column header, case and punctuation aside; "all" takes
        every usable one. Empty: at most `max_features` actionable features, balanced over the blocks.

    Returns
    -------
    Basis

    Raises
    ------
    ConfigError
        When a name is not known (with near matches), or may not be used.
    NotEnoughDataError
        When no feature tells customers apart.
    """
    present = [feature for feature in features if feature.name in columns]
    looks = {feature.name: look_at(feature, columns[feature.name]) for feature in present}
    if settings.columns:
        chosen, left_out, sentences = resolve(present, looks, settings.columns)
    else:
        counting = [feature for feature in present if settings.weights.get(feature.block, 1.0) != 0]
        chosen, left_out, sentences = choose_features(counting, looks, settings.max_features)
    if not chosen:
        raise _nothing_left(present, left_out)
    if settings.screen and not _is_named(settings):
        unrelated = irrelevant(chosen, {feature.name: columns[feature.name] for feature in chosen}, keep=CORE)
        chosen = [feature for feature in chosen if feature.name not in unrelated]
        sentences += _screened([feature.label for feature in present if feature.name in unrelated])
        left_out |= dict.fromkeys(unrelated, "has nothing to do with any other feature, so it cannot mark a segment")
    weights = block_weights(chosen, settings.weights, own=_own_weights(chosen, settings))
    kept = tuple(feature for feature in chosen if weights[feature.name] > 0)
    muted = {feature.name: _muted(feature.block) for feature in present if settings.weights.get(feature.block) == 0}
    return Basis(
        features=kept,
        weights={feature.name: weights[feature.name] for feature in kept},
        left_out={**left_out, **muted},
        sentences=(_built_on(kept), *sentences, *_balance(kept, settings)),
    )


def _screened(labels: Sequence[str]) -> list[str]:
    what = listing(labels) if labels else ""
    return [f"Left out because nothing else goes together with it: {what}."] if labels else []


def _is_named(settings: BasisSettings) -> bool:
    return any(key_of(name) != ALL for name in settings.columns)


def _own_weights(features: Sequence[Feature], settings: BasisSettings) -> Mapping[Block, float]:
    """Count features alike that were named one by one, or that say little about what customers do."""
    behaviour = sum(feature.block in BEHAVIOUR for feature in features)
    return ALIKE if _is_named(settings) or behaviour < LITTLE_BEHAVIOUR else BLOCK_WEIGHTS


def _built_on(features: Sequence[Feature]) -> str:
    return f"The segments are built on {listing(feature.label for feature in features)}."


def _muted(block: Block) -> str:
    return f"the weight of its block '{block}' is 0"


def _balance(features: Sequence[Feature], settings: BasisSettings) -> list[str]:
    changed = {block: weight for block, weight in settings.weights.items() if weight > 0}
    told = [f"{block} counts {weight:g} times" for block, weight in sorted(changed.items())]
    return [f"As asked, {listing(told)} as much as usual."] if told and features else []


def _nothing_left(features: Sequence[Feature], left_out: Mapping[str, str]) -> NotEnoughDataError:
    personal = {feature.name for feature in features if feature.barred in {Barred.PERSONAL, Barred.IDENTIFIER}}
    shown = [f"{name}: {why}" for name, why in left_out.items() if name not in personal]
    return NotEnoughDataError(
        "No feature tells the customers apart, so there is nothing to build segments on.",
        found="\n".join(shown) or "The table has no column besides the customers' ids.",
        remedy="Give a table with orders, or customers with more columns; --basis names the columns to use.",
    )
