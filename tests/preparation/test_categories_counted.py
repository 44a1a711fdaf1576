"""Different texts of a category are numbered in one pass."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.preparation.categories import fit_levels, numbered


def texts_of(values: list[object]) -> list[str | None]:
    places, texts = numbered(np.array(values, dtype=object))
    return [texts[place] if place >= 0 else None for place in places]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["b", "a", "b", None, " "], ["b", "a", "b", None, None]),
        (["a", float("nan"), "", "\t"], ["a", None, None, None]),
        ([1, 1.0, True, "1", None], ["1", "1.0", "True", "1", None]),
        ([None, None], [None, None]),
        ([], []),
    ],
)
def test_every_value_keeps_its_text_and_blanks_are_missing(values, texts):
    assert texts_of(values) == texts


def test_levels_do_not_depend_on_the_order_of_the_customers():
    values = np.array(["x"] * 5 + ["y"] * 5 + ["z"] * 3 + [None] * 2, dtype=object)
    assert fit_levels(values) == fit_levels(values[::-1])
