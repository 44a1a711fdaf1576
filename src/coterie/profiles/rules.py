"""Short rules that describe the segments: one box of at most three conditions for each, and how conditions are told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.memory import empty, parked
from coterie.profiles.contrasts import category_codes, numeric_values
from coterie.profiles.lexicon import label_in_sentence, unit_in_label
from coterie.profiles.wording import days, money, money_in_unit, plain, share
from coterie.vocabulary import Feature, Kind, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coterie.vocabulary import CustomerTable

#: Customers on which rules are sought; precision, recall and fidelity are counted on all.
_SAMPLE = 20_000
MOST_CONDITIONS = 3
#: Thresholds tried per feature, at evenly spaced ranks.
_CUTS = 24
#: Boxes kept from one condition to the next.
_BEAM = 4
#: A further condition must raise the F1 score by this much.
_WORTH_A_CONDITION = 0.015
#: A threshold may be rounded as long as at most this share of the customers change sides.
_ROUNDING_SLACK = 0.004
_MOST_LEVELS = 8

Condition = tuple[str, str, float]


@dataclass(frozen=True)
class Columns:
    """What rules may speak of: numeric features as they are, levels of categories as 0 and 1 named `feature=level`."""

    X: np.ndarray  # float64 (n, p), NaN = unknown
    names: tuple[str, ...]
    features: Mapping[str, Feature]
    currency: str


def rule_columns(customers: CustomerTable, names: Iterable[str]) -> Columns:
    """Lay out the features that rules may use."""
    columns: dict[str, np.ndarray] = {}
    features: dict[str, Feature] = {}
    for name in names:
        feature = customers.features[name]
        if feature.kind is not Kind.CATEGORY:
            columns[name], features[name] = parked(numeric_values(customers, name)), feature
            continue
        codes, levels = category_codes(customers, name)
        common = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(levels)), kind="stable")[:_MOST_LEVELS]
        for code in common:
            columns[f"{name}={levels[code]}"] = parked(np.where(codes < 0, np.nan, codes == code))
            features[f"{name}={levels[code]}"] = feature
    columns = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    X = empty((len(customers), len(columns)))
    for place, values in enumerate(columns.values()):
        X[:, place] = values
    return Columns(X, tuple(columns), features, customers.currency)


def sample_rows(n: int, size: int = _SAMPLE) -> np.ndarray:
    """Take evenly spaced rows of the table, which is sorted by customer id; the same ones every time."""
    return np.arange(n) if n <= size else np.unique(np.linspace(0, n - 1, size).round().astype(np.int64))


def find_boxes(columns: Columns, codes: np.ndarray, n_segments: int) -> tuple[Rule | None, ...]:
    """Describe each segment by at most three conditions that hold together.

    A beam search adds one condition at a time, the one that raises the F1 score most, as long as it is worth it.

    Returns
    -------
    tuple of Rule or None
        One a segment, with precision and recall counted on all customers with the thresholds as printed; a customer
        whose value is unknown fulfils no condition. None where no condition helps. O(segments × features × sample)
        time.
    """
    if not columns.names or n_segments < 2:
        return (None,) * n_segments
    rows = sample_rows(len(codes))
    X = columns.X[rows]
    conditions = _candidates(columns, X)
    if not conditions:
        return (None,) * n_segments
    holds = np.stack([_holds(condition, columns, X) for condition in conditions]).astype(np.float32)
    found = []
    for code in range(n_segments):
        box = _best_box(holds, (codes[rows] == code).astype(np.float32), conditions)
        found.append(_rule([conditions[place] for place in box], columns, codes == code) if box else None)
    return tuple(found)


def condition_text(condition: Condition, columns: Columns) -> str:
    """Put a condition into words: "number of orders: at least 6", "average order value: above £56"."""
    name, operator, cut = condition
    feature = columns.features[name]
    label = label_in_sentence(feature)
    if math.isinf(cut):
        return f"{label}: {'known' if operator == '<=' else 'not known'}"
    if feature.kind is Kind.CATEGORY:
        level = plain(name.split("=", 1)[1])
        return f"{label}: {level}" if operator == ">" else f"{label}: not {level}"
    if feature.kind is Kind.FLAG:
        return f"{label}: {'yes' if operator == '>' else 'no'}"
    if feature.kind is Kind.ORDERED and feature.levels:
        place = min(max(math.floor(cut), 0), len(feature.levels) - 1)
        return f"{label}: {plain(feature.levels[place])} or {'lower' if operator == '<=' else 'higher'}"
    if feature.kind in (Kind.COUNT, Kind.DAYS) and cut == round(cut) and operator == ">" and _whole(columns, name):
        return f"{label}: at least {_amount(cut + 1, feature, columns.currency)}"
    word = "at most" if operator == "<=" else "above"
    return f"{label}: {word} {_amount(cut, feature, columns.currency)}"


def box_text(box: Sequence[Condition], columns: Columns) -> str:
    """Put a box into words, both bounds of a feature together: "age: above 30 and at most 45; income: above £50"."""
    parts: dict[str, str] = {}
    for condition in sorted(box, key=lambda condition: (condition[0], condition[1] != ">")):
        label, _, bound = condition_text(condition, columns).rpartition(": ")
        parts[label] = f"{parts[label]} and {bound}" if label in parts else bound
    return "; ".join(f"{label}: {bound}" for label, bound in parts.items())


def rounded_cut(ordered: np.ndarray, cut: float) -> float:
    """Find the roundest threshold near `cut` that moves hardly any of the sorted values to the other side.

    Parameters
    ----------
    ordered : float array of shape (n,), sorted, n >= 1
    cut : float

    Returns
    -------
    float
        With the fewest significant digits such that at most 0.4 % of the values change sides, none where they are few.
    """
    rank = int(np.searchsorted(ordered, cut, side="right"))
    slack = int(_ROUNDING_SLACK * len(ordered))
    for digits in range(1, 7):
        for candidate in _roundings(cut, digits):
            if abs(int(np.searchsorted(ordered, candidate, side="right")) - rank) <= slack:
                return candidate
    return cut


def _roundings(cut: float, digits: int) -> tuple[float, ...]:
    if cut == 0:
        return (0.0,)
    places = digits - 1 - math.floor(math.log10(abs(cut)))
    unit = 10.0**-places
    low = math.floor(cut / unit) * unit
    near = sorted((round(low, max(places, 0)), round(low + unit, max(places, 0))), key=lambda value: abs(value - cut))
    return tuple(near)


def _candidates(columns: Columns, X: np.ndarray) -> list[Condition]:
    found: list[Condition] = []
    for place, name in enumerate(columns.names):
        kind = columns.features[name].kind
        if kind in (Kind.CATEGORY, Kind.FLAG):
            cuts = {0.5}
        else:
            ordered = np.sort(X[np.isfinite(X[:, place]), place])
            picks = np.quantile(ordered, np.linspace(0, 1, _CUTS + 2)[1:-1], method="lower") if len(ordered) else []
            cuts = {rounded_cut(ordered, float(pick)) for pick in picks}
        found += [(name, operator, cut) for cut in sorted(cuts) for operator in ("<=", ">")]
    return found


def _holds(condition: Condition, columns: Columns, X: np.ndarray) -> np.ndarray:
    name, operator, cut = condition
    values = X[:, columns.names.index(name)]
    return values <= cut if operator == "<=" else values > cut


def _best_box(holds: np.ndarray, member: np.ndarray, conditions: list[Condition]) -> tuple[int, ...]:
    total = float(member.sum())
    beam: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    best: tuple[float, tuple[int, ...]] = (0.0, ())
    for _ in range(MOST_CONDITIONS):
        grown: dict[tuple[int, ...], float] = {}
        for _, box in beam:
            inside = holds[list(box)].prod(axis=0) if box else np.ones(len(member), dtype=np.float32)
            hits = holds @ (inside * member)
            scores = 2 * hits / (holds @ inside + total)
            for place in np.argsort(-scores, kind="stable")[: 3 * _BEAM]:
                if not _repeats(int(place), box, conditions):
                    grown[tuple(sorted((*box, int(place))))] = float(scores[place])
        beam = sorted(((score, box) for box, score in grown.items()), key=lambda item: (-round(item[0], 9), item[1]))[
            :_BEAM
        ]
        if not beam or beam[0][0] < best[0] + _WORTH_A_CONDITION:
            break
        best = beam[0]
    return best[1]


def _repeats(place: int, box: tuple[int, ...], conditions: list[Condition]) -> bool:
    """Tell whether a condition bounds a feature on a side on which the box bounds it already."""
    name, operator, _ = conditions[place]
    return any(conditions[other][:2] == (name, operator) for other in box)


def _rule(box: list[Condition], columns: Columns, member: np.ndarray) -> Rule:
    inside = np.logical_and.reduce([_holds(condition, columns, columns.X) for condition in box])
    hits = float((inside & member).sum())
    return Rule(
        text=box_text(box, columns),
        conditions=tuple(box),
        precision=float(hits / inside.sum()) if inside.any() else 0.0,
        recall=float(hits / member.sum()) if member.any() else 0.0,
    )


def _whole(columns: Columns, name: str) -> bool:
    values = columns.X[:, columns.names.index(name)]
    known = values[np.isfinite(values)]
    return bool((known == np.round(known)).all())


def _amount(value: float, feature: Feature, currency: str) -> str:
    """Tell a threshold exactly: rounding was done when it was chosen."""
    exact = f"{round(value, 6):,.6f}".rstrip("0").rstrip(".")
    if feature.kind is Kind.MONEY:
        if feature.unit not in ("", "currency"):
            return money_in_unit(value, feature.unit)
        whole = money(value, currency)
        return whole if value == round(value) else whole.replace(money(value), exact)
    if feature.kind is Kind.DAYS:
        return days(value) if value == round(value) and value < 730 else f"{exact} days"
    if feature.kind is Kind.SHARE:
        percent = f"{100 * value:.4f}".rstrip("0").rstrip(".")
        return f"{percent} %" if value else share(0)
    return exact + unit_in_label(feature)
