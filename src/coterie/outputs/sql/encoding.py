"""A fitted preparation as SQL: each feature element by element with the stored numbers, as Python computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.steps import Step
from coterie.features import slug
from coterie.preparation.encoders import FLAG_STEP, Category, Flag, Number, ZeroOrMore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.engines.dialect import Dialect
    from coterie.preparation import Recipe, Scale
    from coterie.preparation.encoders import Encoder

#: Numbers beyond this size are moved here before they are bent, so that no power of them overflows; those nearer to 0
#: than its reciprocal are 0, so that no quotient underflows.
_HUGE = 1e150


@dataclass(frozen=True)
class Columns:
    """How the columns of the prepared matrix are called in the step `prepared`.

    Attributes
    ----------
    matrix : tuple of str
        Column j of X.
    numeric : tuple of str
        Column j of the unweighted numbers, NULL where unknown.
    codes : tuple of str
        Column j of the codes of categories, -1 where unknown.
    """

    matrix: tuple[str, ...]
    numeric: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Encoding:
    """The steps from the features of a customer to the prepared matrix."""

    steps: tuple[Step, ...]
    columns: Columns


def encode(recipe: Recipe, dialect: Dialect) -> Encoding:
    """Write a recipe as the steps `known`, `filled`, `sized`, `scaled` and `prepared` over a step `customers`.

    Parameters
    ----------
    recipe : Recipe
        Its parameters are written with the digits that they are stored with.
    dialect : Dialect

    Returns
    -------
    Encoding
        One row per customer in each step; `customers` has `customer_id` and the features under their own names.
    """
    names = unique_names([encoder.name for encoder in recipe.encoders])
    features = [_Feature(encoder, name, dialect) for encoder, name in zip(recipe.encoders, names, strict=True)]
    known = ["customer_id", *(feature.known() for feature in features)]
    filled = ["known.*", *(cell for feature in features for cell in feature.filled())]
    sized = ["filled.*", *(cell for feature in features for cell in feature.sized())]
    scaled = ["sized.*", *(cell for feature in features for cell in feature.scaled())]
    numbers = [feature for feature in features if encoder_has_number(feature.encoder)]
    factors = iter(recipe.factors.tolist())
    weighted = [(f"x_{feature.name}", f"z_{feature.name}", next(factors)) for feature in numbers]
    for feature in features:
        weighted += [(column, expression, next(factors)) for column, expression in feature.indicators()]
    shown = [f"{value} * {dialect.number(factor)} AS {column}" for column, value, factor in weighted]
    shown += [f"{feature.unweighted()} AS n_{feature.name}" for feature in numbers]
    steps = (
        Step("known", _select(known, "customers", "numbers that are missing, NaN or infinite count as unknown")),
        Step("filled", _select(filled, "known", "what stands in for an unknown number; the number of each category")),
        Step("sized", _select(sized, "filled", "in a unit of the feature's own; beyond these limits nothing changes")),
        Step("scaled", _select(scaled, "sized", "in standard deviations from the mean, within limits")),
        Step("prepared", _select(["scaled.*", *shown], "scaled", "weighted, so that every side of a customer counts")),
    )
    codes = tuple(f"c_{feature.name}" for feature in features if feature.encoder.n_levels)
    return Encoding(
        steps, Columns(tuple(each[0] for each in weighted), tuple(f"n_{each.name}" for each in numbers), codes)
    )


def encoder_has_number(encoder: Encoder) -> bool:
    """Whether the matrix has a column of numbers for the feature."""
    return bool(encoder.n_numeric)


def unique_names(names: Sequence[str]) -> list[str]:
    """Names of lower-case letters, digits and underscores, all different, short enough for every engine."""
    found: list[str] = []
    for name in names:
        base = made = slug(name)
        number = 2
        while made in found:
            made, number = f"{base}_{number}", number + 1
        found.append(made)
    return found


@dataclass(frozen=True)
class _Feature:
    """SQL of one feature: `v_` as known, `f_` filled, `c_` its code, `z_` standardised."""

    encoder: Encoder
    name: str
    dialect: Dialect

    def known(self) -> str:
        given = self.dialect.own(self.encoder.name)
        if isinstance(self.encoder, Category):
            text = self.dialect.string(given)
            return f"CASE WHEN NOT ({self.dialect.is_blank(text)}) THEN {text} END AS v_{self.name}"
        number = self.dialect.f64(given)
        return f"CASE WHEN {self.dialect.finite(number)} THEN {number} END AS v_{self.name}"

    def filled(self) -> list[str]:
        v = f"v_{self.name}"
        if isinstance(self.encoder, Category):
            return [f"{self._category(v)} AS c_{self.name}"]
        cells = [f"COALESCE({v}, {self.dialect.number(self.encoder.fill.value)}) AS f_{self.name}"]
        if self.encoder.n_levels:
            cells.append(f"CASE WHEN {v} > 0 THEN 1 WHEN {v} <= 0 THEN 0 ELSE -1 END AS c_{self.name}")
        return cells if encoder_has_number(self.encoder) else cells[1:]

    def _category(self, v: str) -> str:
        levels = self.encoder.levels  # type: ignore[union-attr]
        whens = [f"WHEN {self.dialect.text(level)} THEN {code}" for code, level in enumerate(levels.names)]
        others = f"CASE WHEN {v} IS NOT NULL THEN {len(levels.names)} ELSE -1 END" if levels.pooled else "-1"
        return f"CASE {v} {' '.join(whens)} ELSE {others} END" if whens else others

    def sized(self) -> list[str]:
        if not isinstance(self.encoder, (Number, ZeroOrMore)):
            return []
        return [f"{own_unit(f'f_{self.name}', self.encoder.scale, self.dialect)} AS u_{self.name}"]

    def scaled(self) -> list[str]:
        if not isinstance(self.encoder, (Number, ZeroOrMore)):
            return []
        z = standardised(f"u_{self.name}", self.encoder.scale, self.dialect)
        if isinstance(self.encoder, ZeroOrMore):
            z = f"CASE WHEN f_{self.name} > 0 THEN {z} ELSE {self.dialect.f64('0')} END"
        return [f"{z} AS z_{self.name}"]

    def indicators(self) -> list[tuple[str, str]]:
        """Names and unweighted expressions of the indicator columns."""
        f64, number, code = self.dialect.f64, self.dialect.number, f"c_{self.name}"
        step = number(FLAG_STEP)
        if isinstance(self.encoder, Flag):
            centred = f"CASE WHEN {code} >= 0 THEN ({f64(code)} - {number(self.encoder.share)}) ELSE 0 END * {step}"
            return [(f"x_{self.name}", f"({centred})")]
        if isinstance(self.encoder, ZeroOrMore):
            there = f"CASE WHEN f_{self.name} > 0 THEN {f64('1')} ELSE {f64('0')} END"
            return [(f"x_{self.name}_any", f"(({there} - {number(self.encoder.share)}) * {step})")]
        if isinstance(self.encoder, Category):
            one, zero = f64("1"), f64("0")
            return [
                (f"x_{self.name}_{place}", f"CASE WHEN {code} = {place} THEN {one} ELSE {zero} END")
                for place in range(len(self.encoder.levels.labels))
            ]
        return []

    def unweighted(self) -> str:
        condition = f"v_{self.name} > 0" if isinstance(self.encoder, ZeroOrMore) else f"v_{self.name} IS NOT NULL"
        return f"CASE WHEN {condition} THEN z_{self.name} END"


def own_unit(x: str, scale: Scale, dialect: Dialect) -> str:
    """Write the first part of `Scale.forward`: divide, within bounds that keep every engine from overflowing."""
    low, high = _bounds(scale)
    moved = f"LEAST(GREATEST({x}, {dialect.number(low)}), {dialect.number(high)})"
    if scale.unit == 1:
        return moved
    return f"CASE WHEN ABS({x}) > {dialect.number(1 / _HUGE)} THEN {moved} / {dialect.number(scale.unit)} ELSE 0 END"


def standardised(u: str, scale: Scale, dialect: Dialect) -> str:
    """Write the rest of `Scale.forward`: bend, standardise, limit."""
    number = dialect.number
    if scale.deviation == 0:
        return dialect.f64("0")
    z = f"({_bent(u, scale, dialect)} - {number(scale.mean)}) / {number(scale.deviation)}"
    return f"LEAST(GREATEST({z}, {number(-scale.bound)}), {number(scale.bound)})"


def _bounds(scale: Scale) -> tuple[float, float]:
    """Values beyond which the limit holds anyway: numbers are moved there first, so that no engine overflows."""
    huge = min(_HUGE, _HUGE * scale.unit)
    ends = np.array([scale.mean - scale.bound * scale.deviation, scale.mean + scale.bound * scale.deviation])
    with np.errstate(over="ignore", invalid="ignore"):
        found = _unbent(ends, scale) * scale.unit
    low, high = found.tolist()
    below = low - 0.01 * abs(low) - scale.unit if math.isfinite(low) else -huge
    above = high + 0.01 * abs(high) + scale.unit if math.isfinite(high) else huge
    return max(-huge, float(f"{below:.3g}")), min(huge, float(f"{above:.3g}"))


def _unbent(y: np.ndarray, scale: Scale) -> np.ndarray:
    from coterie.preparation import inverse_yeo_johnson

    if scale.bend == "power":
        return inverse_yeo_johnson(y, scale.power)
    return np.asarray(np.sign(y) * y * y if scale.bend == "root" else y)


def _bent(x: str, scale: Scale, dialect: Dialect) -> str:
    if scale.bend == "root":
        return f"SIGN({x}) * SQRT(ABS({x}))"
    return _yeo_johnson(x, scale.power, dialect) if scale.bend == "power" else x


def _yeo_johnson(x: str, power: float, dialect: Dialect) -> str:
    """Yeo and Johnson's transform (2000, Biometrika 87:954), as the preparation has it."""
    upper = _power(f"1 + {x}", power, dialect)
    lower = _power(f"1 - {x}", 2.0 - power, dialect)
    return f"(CASE WHEN {x} >= 0 THEN {upper} ELSE -({lower}) END)"


def _power(base: str, power: float, dialect: Dialect) -> str:
    if power == 0:
        return f"LN({base})"
    if power == 1:
        return f"({base} - 1)"
    return f"(POWER({base}, {dialect.number(power)}) - 1) / {dialect.number(power)}"


def _select(cells: Sequence[str], source: str, comment: str) -> str:
    return f"-- {comment}\nSELECT\n    " + ",\n    ".join(cells) + f"\nFROM {source}"
