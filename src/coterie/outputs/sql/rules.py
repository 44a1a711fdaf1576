"""The rules that give a row its segment, as SQL: one score per segment, the highest wins, the first among equals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.rules import CentreRule, GaussianRule, KamilaRule, LatentClassRule
from coterie.engines.steps import Step
from coterie.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.clustering.rules import Rule
    from coterie.engines.dialect import Dialect
    from coterie.outputs.sql.encoding import Columns

#: Exponents below this count as this: smaller powers of e are 0 beside 1, and an error on some engines.
_LEAST_EXPONENT = -700


@dataclass(frozen=True)
class _Scored:
    """Scores of the parts (centres, Gaussians, classes) of a rule over a step."""

    parts: Sequence[str]
    source: str = "prepared"
    steps: tuple[Step, ...] = ()
    joins: str = ""
    segment_of: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    summed: bool = True  # parts of one segment: their weights are summed, else the best one counts


def score_steps(rule: Rule, columns: Columns, dialect: Dialect) -> tuple[Step, ...]:
    """Write a rule as steps over `prepared`; the last, `scores`, has `score_0`, `score_1`, … for the labels 0, 1, ….

    Parameters
    ----------
    rule : Rule
        Centres, Gaussians, latent classes or KAMILA; prototypes need a stand-in first.
    columns : Columns
        Those of the step `prepared`.
    dialect : Dialect

    Raises
    ------
    StudyError
        The rule is of a kind that SQL cannot say.

    Notes
    -----
    The centres are written as 2 c·x − |c|²: engines compute it much faster than the squared distance, and in the same
    order as Python does, so that ties are ties everywhere.
    """
    if isinstance(rule, CentreRule):
        scored = _centres(rule, columns, dialect)
    elif isinstance(rule, GaussianRule):
        scored = _gaussians(rule, columns, dialect)
    elif isinstance(rule, LatentClassRule):
        scored = _latent_classes(rule, columns, dialect)
    elif isinstance(rule, KamilaRule):
        scored = _kamila(rule, columns, dialect)
    else:
        raise StudyError(f"A rule of the kind '{rule.kind}' cannot be written as SQL.", remedy="Use coterie score.")
    return _gathered(scored, dialect)


def _gathered(scored: _Scored, dialect: Dialect) -> tuple[Step, ...]:
    """Scores of segments from those of their parts."""
    shown = ["customer_id", *(f"{part} AS part_{place}" for place, part in enumerate(scored.parts))]
    members = [np.flatnonzero(scored.segment_of == s).tolist() for s in range(int(scored.segment_of.max()) + 1)]
    of_parts = "-- how well each customer fits each part of the rule\n" + _select(shown, scored.source + scored.joins)
    if all(len(parts) == 1 for parts in members) and [parts[0] for parts in members] == list(range(len(members))):
        return (*scored.steps, Step("scores", of_parts.replace(" AS part_", " AS score_")))
    best = [f"{_greatest([f'part_{p}' for p in parts])} AS best_{s}" for s, parts in enumerate(members)]
    steps = (*scored.steps, Step("parts", of_parts), Step("best_parts", _select(["parts.*", *best], "parts")))
    final = [_joined(parts, s, scored.summed, dialect) for s, parts in enumerate(members)]
    return (*steps, Step("scores", _select(["customer_id", *final], "best_parts")))


def _joined(parts: Sequence[int], segment: int, summed: bool, dialect: Dialect) -> str:
    if not summed or len(parts) == 1:
        return f"best_{segment} AS score_{segment}"
    weights = [f"EXP(GREATEST(part_{p} - best_{segment}, {dialect.number(_LEAST_EXPONENT)}))" for p in parts]
    return f"best_{segment} + LN({' + '.join(weights)}) AS score_{segment}"


def _greatest(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"GREATEST({', '.join(values)})"


def _centres(rule: CentreRule, columns: Columns, dialect: Dialect) -> _Scored:
    parts = []
    for point in rule.points.tolist():
        terms = [dialect.number(-float(sum(c * c for c in point)))]
        terms += [f"{dialect.number(2 * c)} * {column}" for c, column in zip(point, columns.matrix, strict=True)]
        parts.append(" + ".join(terms))
    return _Scored(parts, segment_of=rule.segment_of, summed=False)


def _gaussians(rule: GaussianRule, columns: Columns, dialect: Dialect) -> _Scored:
    """Half the squared length of the whitened difference from the mean, subtracted from the logarithm of the share."""
    number = dialect.number
    shown, parts = [], []
    for k, (weight, mean, whitening) in enumerate(zip(rule.log_weights, rule.means, rule.whitening, strict=True)):
        shifted = [f"({column} - {number(m)})" for column, m in zip(columns.matrix, mean.tolist(), strict=True)]
        whitened = []
        for a, factors in enumerate(whitening.tolist()):
            terms = [f"{number(factors[b])} * {shifted[b]}" for b in range(a + 1) if factors[b] != 0.0]
            shown.append(f"{' + '.join(terms) or dialect.f64('0')} AS w_{k}_{a}")
            whitened.append(f"w_{k}_{a} * w_{k}_{a}")
        parts.append(f"{number(float(weight))} - 0.5 * ({' + '.join(whitened)})")
    steps = (Step("whitened", _select(["customer_id", *shown], "prepared")),)
    return _Scored(parts, "whitened", steps, segment_of=rule.segment_of)


def _latent_classes(rule: LatentClassRule, columns: Columns, dialect: Dialect) -> _Scored:
    number = dialect.number
    known = _known(columns)
    shown = [f"{known} AS known"] if rule.freedom is not None else []
    parts = []
    for k in range(len(rule.log_shares)):
        squares, logs = _squares(rule, columns, k, dialect)
        shown += [f"{squares} AS square_{k}", f"{logs} AS spread_{k}"]
        numbers = f"- 0.5 * square_{k}"
        if rule.freedom is not None:
            freedom = number(rule.freedom)
            numbers = f"- 0.5 * ({freedom} + known) * LN(1 + square_{k} / {freedom})"
        levels = _levels(rule.log_levels[k], rule.n_levels, columns, dialect)
        parts.append(f"{number(float(rule.log_shares[k]))} {numbers} - spread_{k}{levels}")
    steps = (Step("squares", _select(["prepared.*", *shown], "prepared")),)
    return _Scored(parts, "squares", steps, segment_of=rule.segment_of)


def _squares(rule: LatentClassRule, columns: Columns, k: int, dialect: Dialect) -> tuple[str, str]:
    number = dialect.number
    squares, logs = [dialect.f64("0")], [dialect.f64("0")]
    for column, mean, variance in zip(columns.numeric, rule.means[k].tolist(), rule.variances[k].tolist(), strict=True):
        shifted = f"({column} - {number(mean)})"
        squares.append(f"COALESCE({shifted} * {shifted} / {number(variance)}, 0)")
        half = number(0.5 * float(np.log(variance)))
        logs.append(f"CASE WHEN {column} IS NOT NULL THEN {half} ELSE 0 END")
    return " + ".join(squares), " + ".join(logs)


def _levels(log_levels: np.ndarray, n_levels: np.ndarray, columns: Columns, dialect: Dialect) -> str:
    """Summed log-probabilities of the categories; unknown and unseen levels say nothing."""
    text, first = "", 0
    for column, levels in zip(columns.codes, n_levels.tolist(), strict=True):
        values = log_levels[first : first + levels].tolist()
        whens = " ".join(f"WHEN {code} THEN {dialect.number(value)}" for code, value in enumerate(values))
        text += f" + CASE {column} {whens} ELSE 0 END" if whens else ""
        first += levels
    return text


def _known(columns: Columns) -> str:
    return " + ".join(f"CASE WHEN {column} IS NOT NULL THEN 1 ELSE 0 END" for column in columns.numeric) or "0"


def _kamila(rule: KamilaRule, columns: Columns, dialect: Dialect) -> _Scored:
    """Log-density of the distance from each centre, by straight lines between the points of a small table."""
    number, f64 = dialect.number, dialect.f64
    p = max(len(columns.numeric), 1)
    step = float(rule.radii[-1]) / (len(rule.radii) - 1)
    summed = {f"square_{k}": _plain_square(point.tolist(), columns, dialect) for k, point in enumerate(rule.points)}
    squares = [f"{value} AS {name}" for name, value in summed.items()]
    share = f"{f64(str(p))} / GREATEST(known, 1)"
    distances = [f"SQRT({name} * ({share})) AS distance_{k}" for k, name in enumerate(summed)]
    place = "LEAST(FLOOR(distance_{k} / {step}), {last})"
    places = [
        f"{place.format(k=k, step=number(step), last=len(rule.radii) - 1)} AS place_{k}" for k in range(len(summed))
    ]
    steps = (
        Step("density", _density(rule, dialect)),
        Step("squares", _select(["prepared.*", f"{_known(columns)} AS known", *squares], "prepared")),
        Step("distances", _select(["squares.*", *distances], "squares")),
        Step("places", _select(["distances.*", *places], "distances")),
    )
    joins = "".join(f"\nJOIN density AS d_{k} ON d_{k}.place = place_{k}" for k in range(len(summed)))
    parts = []
    for k, log_share in enumerate(rule.log_shares.tolist()):
        line = f"(d_{k}.log_density + d_{k}.slope * (distance_{k} - d_{k}.radius)) * ({f64('known')} / {p})"
        parts.append(f"{number(log_share)} + {line}{_levels(rule.log_levels[k], rule.n_levels, columns, dialect)}")
    return _Scored(parts, "places", steps, joins, segment_of=rule.segment_of)


def _plain_square(point: Sequence[float], columns: Columns, dialect: Dialect) -> str:
    terms = [dialect.f64("0")]
    for column, centre in zip(columns.numeric, point, strict=True):
        shifted = f"({column} - {dialect.number(centre)})"
        terms.append(f"COALESCE({shifted} * {shifted}, 0)")
    return " + ".join(terms)


def _density(rule: KamilaRule, dialect: Dialect) -> str:
    """One row per point of the density: its place, radius, value, and slope up to the next one."""
    slopes = np.append(np.diff(rule.log_density) / np.diff(rule.radii), rule.slope)
    rows = zip(rule.radii.tolist(), rule.log_density.tolist(), slopes.tolist(), strict=True)
    listed = dialect.constants(("place", "radius", "log_density", "slope"), [(i, *row) for i, row in enumerate(rows)])
    return f"-- how dense customers lie at a distance from a centre\n{listed}"


def label_steps(n_segments: int, ids: Sequence[int], names: Mapping[int, str], dialect: Dialect) -> tuple[Step, ...]:
    """Write the choice of the highest score, and the id and the name of its segment, over the step `scores`."""
    best = f"{_greatest([f'score_{label}' for label in range(n_segments)])} AS highest"
    whens = " ".join(f"WHEN score_{label} = highest THEN {ids[label]}" for label in range(n_segments - 1))
    chosen = f"CASE {whens} ELSE {ids[n_segments - 1]} END" if whens else str(ids[0])
    named = " ".join(f"WHEN {identity} THEN {dialect.text(names[identity])}" for identity in sorted(set(ids)))
    return (
        Step("decided", _select(["scores.*", best], "scores")),
        Step("segments", _select(["customer_id", f"{chosen} AS segment_id"], "decided")),
        Step("result", _select(["customer_id", "segment_id", f"CASE segment_id {named} END AS segment"], "segments")),
    )


def _select(cells: Sequence[str], source: str) -> str:
    return "SELECT\n    " + ",\n    ".join(cells) + f"\nFROM {source}"
