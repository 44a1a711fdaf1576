from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.beside import SecondProcess
from coterie.config import Config
from coterie.holdout.earlier import look_back
from coterie.holdout.parcel import pack, pack_found, unpack, unpack_found
from coterie.pipeline import segment
from coterie.sources import Input
from features.shops import shop_of
from holdout.shops import order_lines
from holdout.test_in_a_run import COLUMNS, CONFIG
from holdout.test_time_holdout import YEAR

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.holdout import Holdout


@pytest.fixture(scope="module")
def inputs() -> list[Input]:
    return [Input(pd.DataFrame(order_lines())[COLUMNS])]


@pytest.fixture(scope="module")
def alone(inputs: list[Input]) -> Holdout:
    found = segment(inputs, CONFIG).holdout
    assert found is not None
    return found


def test_a_second_process_finds_what_the_run_itself_finds(inputs: list[Input], alone: Holdout) -> None:
    with SecondProcess(["coterie.pipeline"]) as second:
        beside = segment(inputs, CONFIG, second=second).holdout
        assert second.call("coterie.pipeline", {}).exception() is not None  # this, not the run, ends the process
        assert second.calls_answered == 1
    assert beside is not None
    np.testing.assert_equal(pack_found(beside), pack_found(alone))


def test_a_run_makes_the_test_itself_where_the_second_process_fails(inputs: list[Input], alone: Holdout) -> None:
    with SecondProcess(["coterie.no_such_module"]) as second:
        found = segment(inputs, CONFIG, second=second)
        assert second.calls_answered == 0
    assert found.holdout is not None
    np.testing.assert_equal(pack_found(found.holdout), pack_found(alone))
    assert "no-time-holdout" not in {finding.code for finding in found.findings}


def test_what_the_test_in_time_needs_passes_through_bytes_unchanged(engine: DuckDBEngine) -> None:
    earlier = look_back(shop_of(engine, order_lines()), YEAR, Config())
    earlier.customers.frame["a_category"] = pd.Series("x", index=earlier.customers.frame.index, dtype=object)
    earlier.customers.frame.iloc[0, -1] = None
    header, blobs = pack(earlier, CONFIG)
    back, config = unpack(json.loads(json.dumps(header)), blobs)
    pd.testing.assert_frame_equal(back.customers.frame, earlier.customers.frame, check_exact=True)
    pd.testing.assert_frame_equal(back.outcomes, earlier.outcomes, check_exact=True)
    assert config == CONFIG
    assert (back.split, back.customers.features, back.n_new) == (YEAR, earlier.customers.features, earlier.n_new)


def test_what_was_found_passes_through_plain_data_unchanged(alone: Holdout) -> None:
    np.testing.assert_equal(pack_found(unpack_found(json.loads(json.dumps(pack_found(alone))))), pack_found(alone))
