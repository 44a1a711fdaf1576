"""Quantiles for many customers at once are those of each by itself."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from coterie.campaigns.value import gamma_quantiles as fast


def test_quantiles_read_off_the_surface_are_exact_to_a_part_in_ten_million(monkeypatch):
    monkeypatch.setattr(fast, "MANY", 1)
    rng = np.random.default_rng(0)
    shape = np.exp(rng.uniform(np.log(0.05), np.log(1000), 20_000))
    probability = rng.beta(0.7, 0.5, 20_000)
    exact = gammaincinv(shape, probability)
    assert np.max(np.abs(fast.gamma_quantiles(shape, probability) - exact) / np.maximum(exact, 1e-300)) < 1e-7


def test_values_beyond_the_surface_are_computed_one_by_one(monkeypatch):
    monkeypatch.setattr(fast, "MANY", 1)
    shape, probability = np.array([1e-3, 5e4, 2.0, 2.0, 2.0]), np.array([0.5, 0.5, 0.0, 1.0, 1e-9])
    assert np.array_equal(fast.gamma_quantiles(shape, probability), gammaincinv(shape, probability))


def test_a_few_values_are_exact():
    shape, probability = np.array([0.3, 2.0]), np.array([0.9, 0.1])
    assert np.array_equal(fast.gamma_quantiles(shape, probability), gammaincinv(shape, probability))
