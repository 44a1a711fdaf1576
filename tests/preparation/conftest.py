"""Small customer tables for the room's tests."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.vocabulary import Block, Feature, Kind


def feature(name: str, kind: Kind = Kind.NUMBER, block: Block = Block.VALUE, **more: object) -> Feature:
    """A feature of the basis unless told otherwise."""
    return Feature(name, name.replace("_", " "), "", kind, block, "Meaning.", **{"actionable": True, **more})


@pytest.fixture
def make_feature():
    """Gives features without much typing."""
    return feature


@pytest.fixture
def shop_features() -> tuple[Feature, ...]:
    """One feature of every kind that preparation treats differently."""
    return (
        feature("net_revenue", Kind.MONEY),
        feature("recency_days", Kind.DAYS, Block.RHYTHM),
        feature("order_count", Kind.COUNT, Block.RHYTHM),
        feature("median_gap_days", Kind.DAYS, Block.RHYTHM),
        feature("share_toys", Kind.SHARE, Block.INTERESTS),
        feature("discount", Kind.MONEY, Block.BASKET),
        feature("uses_app", Kind.FLAG, Block.OTHER),
        feature("age_band", Kind.ORDERED, Block.OTHER, levels=("18-24", "25-34", "35-44")),
        feature("country", Kind.CATEGORY, Block.OTHER),
    )


@pytest.fixture
def shop_columns() -> dict[str, np.ndarray]:
    """400 customers with long tails, many zeros, missing values and a rare country."""
    random = np.random.default_rng(5)
    n = 400
    gap = random.gamma(2, 20, n)
    gap[random.random(n) < 0.3] = np.nan
    country = random.choice(np.array(["DE", "FR", None], dtype=object), n)
    country[:2] = "LI"
    return {
        "net_revenue": np.round(np.exp(random.normal(4, 1.2, n)), 2),
        "recency_days": random.integers(1, 400, n).astype(float),
        "order_count": 1.0 + random.poisson(2, n),
        "median_gap_days": gap,
        "share_toys": random.beta(0.4, 1.0, n),
        "discount": np.where(random.random(n) < 0.6, 0.0, random.gamma(2, 5, n)),
        "uses_app": (random.random(n) < 0.3).astype(float),
        "age_band": random.integers(0, 3, n).astype(float),
        "country": country,
    }
