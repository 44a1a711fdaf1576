"""The preparation in plain words, for a person who manages a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.preparation.encoders import Category, Flag, Number, ZeroOrMore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coterie.preparation.recipe import Recipe
    from coterie.preparation.transforms import Scale

#: A power below this is worth a word, where the largest value is so many times a small one.
LOG_LIKE = 0.5
LONG_TAIL = 10.0

#: Why a stand-in was chosen.
REASONS = {
    "median": "the value of the customer in the middle",
    "zero": "because nothing was seen of them there",
    "long gap": "a long gap, because a customer with one order has not come back yet",
}


def tell_recipe(recipe: Recipe) -> tuple[str, ...]:
    """Give one sentence per step that did something."""
    labels = {feature.name: feature.label for feature in recipe.basis.features}
    return (
        *_fills(recipe, labels),
        *_bends(recipe, labels),
        *_zeros(recipe, labels),
        *_categories(recipe, labels),
        *_groups(recipe, labels),
    )


def listing(words: Iterable[str]) -> str:
    """Join words as a person would: "a", "a and b", "a, b and c"."""
    *first, last = list(words)
    return f"{', '.join(first)} and {last}" if first else last


def customers(count: int) -> str:
    """Count customers in words: "1 customer", "1,204 customers"."""
    return f"{count:,} customer{'' if count == 1 else 's'}"


def _fills(recipe: Recipe, labels: Mapping[str, str]) -> Iterable[str]:
    for encoder in recipe.encoders:
        label = labels[encoder.name]
        if isinstance(encoder, Category):
            if encoder.n_missing:
                yield f"For {customers(encoder.n_missing)} '{label}' is not known; they belong to no level of it."
        elif encoder.fill.count and isinstance(encoder, Flag):
            yield f"For {customers(encoder.fill.count)} '{label}' is not known; they stand between yes and no."
        elif encoder.fill.count:
            rule = REASONS[encoder.fill.rule]
            who = customers(encoder.fill.count)
            yield f"For {who} '{label}' is not known; {encoder.fill.value:.4g} stands in, {rule}."


def _bends(recipe: Recipe, labels: Mapping[str, str]) -> Iterable[str]:
    scales = {e.name: e.scale for e in recipe.encoders if isinstance(e, Number | ZeroOrMore)}
    log_like = [labels[name] for name, scale in scales.items() if _is_log_like(scale)]
    if log_like:
        yield (
            f"A few customers lie far above the others in {listing(log_like)}, so these are put on a log-like scale, "
            "on which it is ratios that count."
        )
    roots = [labels[name] for name, scale in scales.items() if scale.bend == "root"]
    if roots:
        yield f"Shares ({listing(roots)}) are compared by their square roots, which suits parts of a whole."
    if scales:
        bound = next(iter(scales.values())).bound
        yield (
            "Each number is then measured in steps of its usual spread from the average, "
            f"at most {bound:g} steps, so that units do not matter and no single customer makes a segment."
        )


def _zeros(recipe: Recipe, labels: Mapping[str, str]) -> Iterable[str]:
    for encoder in recipe.encoders:
        if isinstance(encoder, ZeroOrMore):
            label = labels[encoder.name]
            yield (
                f"{1 - encoder.share:.0%} of the customers have 0 in '{label}': whether there is any, and how much "
                "where there is, count as two things."
            )


def _categories(recipe: Recipe, labels: Mapping[str, str]) -> Iterable[str]:
    for encoder in recipe.encoders:
        if isinstance(encoder, Category):
            pooled = f"; {encoder.levels.pooled} rare ones share 'other'" if encoder.levels.pooled else ""
            yield (
                f"'{labels[encoder.name]}' counts as yes or no for each of {len(encoder.levels.names)} levels"
                f"{pooled}; together they count like one number at most."
            )


def _groups(recipe: Recipe, labels: Mapping[str, str]) -> Iterable[str]:
    same = [labels[name] for name, size in recipe.groups.items() if size > 1]
    if same:
        yield (
            f"{_opening(listing(same))} largely say the same thing (correlation above 0.85), so each of them counts "
            "less; together they do not drown the others."
        )


def _is_log_like(scale: Scale) -> bool:
    return scale.bend == "power" and scale.power < LOG_LIKE and scale.high > LONG_TAIL * scale.unit


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]
