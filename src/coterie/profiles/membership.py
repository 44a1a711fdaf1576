"""Where each customer belongs and why: segment, confidence, core, fringe or between, and the reason in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from coterie.memory import empty, give_back, parked, parked_arrow
from coterie.profiles.contrasts import category_codes, normal_scores, numeric_values
from coterie.profiles.lexicon import label_in_sentence, phrase_for, phrase_of, topic_of, unit_in_label
from coterie.profiles.wording import capital, plain, tell
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pandas.api.extensions import ExtensionArray

    from coterie.clustering import Assignment
    from coterie.profiles.contrasts import Contrast
    from coterie.profiles.summary import Summary
    from coterie.vocabulary import CustomerTable, Feature

#: Features from which a customer's own two are taken; bounds the work and the memory.
_MOST_FEATURES = 12
#: Customers whose sentences are put together at once: the parts of all of them would take as much memory again.
_AT_ONCE = 100_000
#: Customers whose words are looked up at once: so many that the column lies in files.
_WORDS_AT_ONCE = 1_000_000
#: How well a customer fits.
PLACES = ("core", "fringe", "between")
CORE, FRINGE, BETWEEN = range(3)
#: Customers named as typical of a segment, and at its edge.
N_EXAMPLES = 5


class _Evidence(NamedTuple):
    """How strongly a feature speaks for each customer's segment."""

    feature: Feature
    speaks: np.ndarray  # float (n,), > 0 where the value lies on the segment's side of the average
    known: np.ndarray  # bool (n,)


@dataclass(frozen=True)
class _Strongest:
    """The two features that speak most for each customer's segment."""

    features: tuple[Feature, ...]
    first: np.ndarray  # (n,), a place in `features`; -1 where none speaks for it, -2 where none is known
    second: np.ndarray  # (n,), -1 where no other speaks for it


def membership(
    customers: CustomerTable,
    assignment: Assignment,
    summary: Summary,
    rows: Sequence[Contrast],
    names: Sequence[str],
    scores: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Tell the place of every customer.

    The reason quotes the two features in which the customer is most like the segment and least like everybody: those
    with the largest product of the customer's normal score and the segment's effect. Equal customers get equal reasons.

    Returns
    -------
    DataFrame
        Index `customer_id`; columns segment_id (int), segment, confidence (0 to 1), is_core (bool), reason, place
        ("core", "fringe" or "between"), second_segment_id (int), second_segment. About 0.2 seconds for 100,000
        customers.

    Notes
    -----
    Core: a confidence of at least 0.7, and not among the tenth of the segment farthest from its centre. Between: not
    core, and the second segment at least 0.6 times as probable as the first. Fringe: all others. `scores` holds normal
    scores of features that were made already.
    """
    give_back()  # of what was looked at before; the texts are the largest part of a description
    confidence = np.clip(np.nan_to_num(np.asarray(assignment.confidence, dtype=float)), 0, 1)
    place = _places(assignment)
    second = _second_codes(assignment, summary)
    named = [*names, ""]  # the last, at -1: no second segment
    columns = {
        "segment_id": parked((summary.codes + 1).astype(np.int64)),
        "segment": word_column(named, summary.codes),
        "confidence": parked(confidence.round(4)),
        "is_core": parked(place == CORE),
        "reason": _reasons(customers, summary, rows, _endings(second, summary, place, names), scores or {}),
        "place": word_column(PLACES, place),
        "second_segment_id": parked((second + 1).astype(np.int64)),
        "second_segment": word_column(named, second),
    }
    index = customers.frame.index
    # As Series, since pandas would copy arrays of one type side by side.
    return pd.DataFrame({name: pd.Series(each, index, copy=False) for name, each in columns.items()}, copy=False)


def examples(assignment: Assignment, summary: Summary, ids: pd.Index) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give the typical and the edge customers of each segment: nearest to its centre, and least sure to belong.

    Ties go to the first by customer id.
    """
    distance = np.nan_to_num(np.asarray(assignment.distance, dtype=float), nan=np.inf)
    confidence = np.nan_to_num(np.asarray(assignment.confidence, dtype=float))
    found = []
    for code in range(len(summary)):
        mine = np.flatnonzero(summary.codes == code)
        nearest, unsure = (mine[_smallest(values[mine])] for values in (distance, confidence))
        found.append((tuple(map(str, ids[nearest])), tuple(map(str, ids[unsure]))))
    return found


def _smallest(values: np.ndarray) -> np.ndarray:
    """Places of the smallest values, as many as examples are shown, the first of equal ones first."""
    border = np.partition(values, N_EXAMPLES - 1)[N_EXAMPLES - 1] if len(values) > N_EXAMPLES else np.inf
    few = np.flatnonzero(values <= border)
    return np.asarray(few[np.argsort(values[few], kind="stable")[:N_EXAMPLES]])


@dataclass(frozen=True)
class _Words:
    """A text for every customer: one of a few, by number; negative numbers count from the end."""

    words: Sequence[str]
    number: np.ndarray

    def texts(self, rows: slice = slice(None)) -> pa.Array:
        """Give the texts themselves."""
        number = self.number[rows]
        number = np.where(number < 0, number + len(self.words), number)
        return pa.array(self.words, pa.large_string()).take(pa.array(number))


def word_column(words: Sequence[str], number: np.ndarray) -> ExtensionArray:
    """Give a text column that holds one of a few words for every customer.

    Parameters
    ----------
    words : sequence of str
    number : int array of shape (n,)
        Which of the words; negative numbers count from the end.

    Notes
    -----
    Made some customers at a time; where they are many it lies in files.
    """
    texts = _Words(words, number)
    starts = range(0, max(len(number), 1), _WORDS_AT_ONCE)
    pieces = [parked_arrow(texts.texts(slice(start, start + _WORDS_AT_ONCE))) for start in starts]
    column: ExtensionArray = pd.array(pa.chunked_array(pieces), dtype="str")
    return column


def _reasons(
    customers: CustomerTable,
    summary: Summary,
    rows: Sequence[Contrast],
    endings: _Words,
    scores: Mapping[str, np.ndarray],
) -> ExtensionArray:
    """Two facts and an ending for every customer, put together as columns of texts."""
    strongest = _strongest(customers, summary, rows, scores)
    if not strongest.features:
        nothing = np.zeros(len(customers), dtype=np.int64)
        return _joined(_Words(("Little is known about this customer",), nothing), endings)
    give_back()
    instead = ("Little is known about this customer", "Near the average in most respects")
    opening = _told(strongest.features, strongest.first, customers, instead, capitals=True)
    addition = _told(strongest.features, strongest.second, customers, ("",), capitals=False, before=", ")
    return _joined(opening, addition, endings)


def _strongest(
    customers: CustomerTable, summary: Summary, rows: Sequence[Contrast], scores: Mapping[str, np.ndarray]
) -> _Strongest:
    """Find the two features to tell of each customer."""
    n = len(customers)
    strengths, known = empty((n, _MOST_FEATURES), np.float32), np.zeros(n, dtype=bool)
    features: list[Feature] = []
    for item in _evidence(customers, summary, rows, scores):
        strengths[:, len(features)] = item.speaks
        known |= item.known
        features.append(item.feature)
    first, second = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    blocks = np.array([feature.block for feature in features], dtype=object)
    for start in range(0, n if features else 0, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        first[part], second[part] = _two_largest(strengths[part, : len(features)], blocks, known[part])
    return _Strongest(tuple(features), first, second)


def _two_largest(strengths: np.ndarray, blocks: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the largest strength of each row, and the largest other one after its block counts half; both above 0."""
    everyone = np.arange(len(strengths))
    first = strengths.argmax(axis=1)
    best = strengths[everyone, first]
    _forget(strengths, first, blocks)
    second = strengths.argmax(axis=1)
    says_more = (best > 0) & (strengths[everyone, second] > 0)
    return np.where(best > 0, first, np.where(known, -1, -2)), np.where(says_more, second, -1)


def _joined(*parts: _Words) -> ExtensionArray:
    """Put texts together to sentences, one a customer."""
    end = pa.scalar(".", pa.large_string())
    nothing = pa.scalar("", pa.large_string())
    starts = range(0, max(len(parts[0].number), 1), _AT_ONCE)
    pieces = []
    for start in starts:
        texts = (part.texts(slice(start, start + _AT_ONCE)) for part in parts)
        pieces.append(parked_arrow(pc.binary_join_element_wise(*texts, end, nothing)))
    sentences: ExtensionArray = pd.array(pa.chunked_array(pieces), dtype="str")
    return sentences


def _forget(strengths: np.ndarray, first: np.ndarray, blocks: np.ndarray) -> None:
    """Strike out the feature told first, and its block by half, so that the second says something else."""
    for place, block in enumerate(blocks):
        rows = np.flatnonzero(first == place)
        same = np.flatnonzero(blocks == block)
        strengths[np.ix_(rows, same)] *= 0.5
        strengths[rows, place] = -np.inf


def _evidence(
    customers: CustomerTable, summary: Summary, rows: Sequence[Contrast], scores: Mapping[str, np.ndarray]
) -> Iterator[_Evidence]:
    effects: dict[str, np.ndarray] = {}
    for row in rows:
        effects.setdefault(row.feature, np.zeros(len(summary)))[row.segment_id - 1] = row.effect_size
    in_basis = list(dict.fromkeys(row.feature for row in rows if row.in_basis)) or list(effects)
    strongest = sorted(in_basis, key=lambda name: (-round(float(np.abs(effects[name]).max()), 9), name))
    found = 0
    for name in strongest:
        feature = customers.features[name]
        if phrase_of(feature) is None or found == _MOST_FEATURES:
            continue
        item: _Evidence | None
        if feature.kind is Kind.CATEGORY:
            item = _evidence_of_levels(feature, customers, summary, effects[name], rows)
        else:
            item = _evidence_of(feature, customers, summary, effects[name], scores.get(name))
        if item is not None:
            found += 1
            yield item


def _evidence_of_levels(
    feature: Feature, customers: CustomerTable, summary: Summary, effects: np.ndarray, rows: Sequence[Contrast]
) -> _Evidence:
    codes, levels = category_codes(customers, feature.name)
    shown = np.array([*(plain(level) for level in levels), ""], dtype=object)
    level_of = np.array([row.level for row in rows if row.feature == feature.name], dtype=object)
    same = (shown[:, None] == level_of)[codes, summary.codes]
    speaks = np.where(same, effects[summary.codes], 0.0)
    return _Evidence(feature, speaks, codes >= 0)


def _evidence_of(
    feature: Feature, customers: CustomerTable, summary: Summary, effects: np.ndarray, scores: np.ndarray | None
) -> _Evidence | None:
    values = numeric_values(customers, feature.name)
    known = np.isfinite(values)
    if not known.any():
        return None
    speaks = (normal_scores(values) if scores is None else scores) * effects[summary.codes]
    if feature.kind in (Kind.SHARE, Kind.DAYS, Kind.COUNT, Kind.FLAG):
        speaks[known & (values < 0)] = 0.0
    return _Evidence(feature, speaks, known)


def _told(
    features: Sequence[Feature],
    choice: np.ndarray,
    customers: CustomerTable,
    instead: Sequence[str],
    *,
    capitals: bool,
    before: str = "",
) -> _Words:
    """Tell, for each customer, the value of the feature that was chosen; where it is negative, one of `instead`."""
    words: list[str] = []
    number = choice.copy()
    for place, feature in enumerate(features):
        rows = np.flatnonzero(choice == place)
        if len(rows):
            told, places = _values_told(feature, customers, rows)
            number[rows] = len(words) + np.where(places < 0, len(told), places)
            words += [before + (capital(text) if capitals else text) for text in (*told, "")]
    return _Words([*words, *instead], number)


def _values_told(feature: Feature, customers: CustomerTable, rows: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Tell the values of one feature for some customers: different texts, and which of them is whose, -1 for none."""
    if feature.kind is Kind.CATEGORY:
        codes, levels = category_codes(customers, feature.name)
        label = label_in_sentence(feature)
        return [f"{label} {plain(level)}" for level in levels], codes[rows]
    places, different = pd.factorize(_rounded(numeric_values(customers, feature.name)[rows]))
    told = _teller(feature, customers.currency)
    return [told(value) for value in different.tolist()], np.asarray(places)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Round to four significant digits: more is not shown, and fewer different values are told faster."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (3 - np.floor(np.log10(np.abs(values))))
        rounded = np.where(np.isfinite(scale), np.round(values * scale) / scale, values)
    return np.asarray(np.where(np.abs(values) < 1e-6, np.where(np.isnan(values), values, 0.0), rounded))


def _teller(feature: Feature, currency: str) -> Callable[[float], str]:
    """What tells a single customer's value of a feature; all that does not depend on the value is looked up once."""
    phrases = phrase_for(feature, -1.0), phrase_for(feature, 0.0)
    topics = [topic_of(feature) if phrase and "{t}" in phrase.own else "" for phrase in phrases]
    label, unit = label_in_sentence(feature), unit_in_label(feature)

    def told(value: float) -> str:
        phrase, topic = phrases[value >= 0], topics[value >= 0]
        if phrase is None:
            return ""
        if value == 0 and phrase.own_zero:
            return phrase.own_zero.format(t=topic)
        if feature.kind is Kind.FLAG:
            return f"{label}: {'yes' if value >= 0.5 else 'no'}"
        shown = phrase.convert(value) if phrase.convert else tell(value, feature, currency) + unit
        return phrase.own.format(v=shown, t=topic)

    return told


def _places(assignment: Assignment) -> np.ndarray:
    """Core, fringe or between, as a position in `PLACES`."""
    is_core, is_between = np.asarray(assignment.is_core, dtype=bool), np.asarray(assignment.is_between, dtype=bool)
    return np.select([is_core, is_between], [CORE, BETWEEN], FRINGE)


def _second_codes(assignment: Assignment, summary: Summary) -> np.ndarray:
    """Position of each customer's second segment; -1 where there is no other."""
    code_of_label = np.array([segment_id - 1 for segment_id in summary.id_of_label])
    second = np.asarray(assignment.second, dtype=np.int64)
    has_second = (second >= 0) & (second < len(code_of_label))
    code = np.where(has_second, code_of_label[np.where(has_second, second, 0)], -1)
    return np.where(code == summary.codes, -1, code)


def _endings(second: np.ndarray, summary: Summary, place: np.ndarray, names: Sequence[str]) -> _Words:
    """Tell how well each customer fits: like most of the segment, at its edge, or between it and another."""
    k = len(summary)
    words = np.empty((k, len(PLACES), k + 1), dtype=object)
    for code, name in enumerate(names):
        words[code, CORE, :] = f": like most of '{name}'"
        words[code, [FRINGE, BETWEEN], -1] = f": at the edge of '{name}'"
        for other, other_name in enumerate(names):
            words[code, FRINGE, other] = f": '{name}', but not far from '{other_name}'"
            words[code, BETWEEN, other] = f": between '{name}' and '{other_name}', a little nearer to the first"
    if k == 1:
        words[:] = ": one segment holds all customers"
    at = np.where(second < 0, k, second)
    number = (summary.codes * len(PLACES) + place) * (k + 1) + at
    return _Words([str(word) for word in words.ravel()], number)
