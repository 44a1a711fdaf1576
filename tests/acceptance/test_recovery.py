"""The planted segments are found without being told their number; where nothing was planted, nothing is claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import coterie
from coterie.sources.synthetic import write_store
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_planted_segments_are_recovered_without_their_number(tmp_path: Path, seed: int) -> None:
    store = write_store(tmp_path / "store", customers=2000, seed=seed)
    study = coterie.segment(orders=store.orders, customers=store.customers, events=store.events)
    truth = pd.read_csv(store.truth, dtype=str).set_index("customer_id")["segment"]
    found = study.customers["segment_id"]
    assert adjusted_rand_score(truth.loc[found.index], found) >= 0.80


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_store_without_segments_is_never_called_natural(tmp_path: Path, seed: int) -> None:
    store = write_store(tmp_path / "store", customers=2000, seed=seed, structure=False)
    study = coterie.segment(orders=store.orders, customers=store.customers, events=store.events)
    assert study.verdict.word is not VerdictWord.NATURAL
