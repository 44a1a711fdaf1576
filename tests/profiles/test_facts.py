"""A fact names what is typical, and says so where it is a mean instead."""

from __future__ import annotations

from coterie.profiles.contrasts import Contrast
from coterie.profiles.facts import tell_fact
from profiles.factories import shop


def orders(value: float, overall: float, mean: float, overall_mean: float) -> Contrast:
    return Contrast(
        segment_id=1, feature="order_count", label="orders", unit="orders", kind="count", block="rhythm",
        in_basis=True, statistic="median", level="", segment_value=value, overall_value=overall, index=100.0,
        effect_size=1.0 if mean > overall_mean else -1.0, is_marker=True, spread=1.0, segment_mean=mean,
        overall_mean=overall_mean, known=100,
    )  # fmt: skip


def test_typical_values_that_differ_are_told_plainly() -> None:
    fact = tell_fact(orders(6, 2, 6.4, 2.9), shop()[0])
    assert fact is not None
    assert "on average" not in fact.sentence


def test_means_are_called_means_where_the_typical_values_are_the_same() -> None:
    fact = tell_fact(orders(1, 1, 1.0, 2.9), shop()[0])
    assert fact is not None
    assert fact.sentence.count("on average") == 2
    assert "2.9" in fact.sentence
