from __future__ import annotations

import pytest

from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.synthetic import make_store


@pytest.fixture(scope="module")
def groups():
    """Per segment: planted response and effect, and size, treated, responses of the treated and of the others."""
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        shop = make_store(engine, customers=20_000)
        yield engine.rows(f"""
            SELECT segment, effects.response, effect, count(*), count(*) FILTER (treated),
                avg(CAST(responded AS INTEGER)) FILTER (treated), avg(CAST(responded AS INTEGER)) FILTER (NOT treated)
            FROM {shop.responses} JOIN {shop.truth} USING (customer_id) JOIN {shop.effects} effects USING (segment)
            GROUP BY ALL""")


def test_the_campaign_went_to_half_of_each_segment_by_lot(groups):
    assert len(groups) == 6
    for segment, _, _, size, treated, _, _ in groups:
        assert abs(treated / size - 0.5) < 4 * (0.25 / size) ** 0.5, segment


def test_comparing_treated_and_others_gives_the_planted_effect_of_each_segment(groups):
    for segment, response, effect, size, _, with_campaign, without in groups:
        variance = (response + effect) * (1 - response - effect) + response * (1 - response)
        error = (variance * 2 / size) ** 0.5
        assert abs(with_campaign - without - effect) < 4 * error, segment
        assert abs(without - response) < 4 * (response * (1 - response) * 2 / size) ** 0.5, segment


def test_only_those_who_responded_spent(engine):
    shop = make_store(engine, customers=500)
    assert engine.value(f"SELECT count(*) FROM {shop.responses} WHERE responded <> (spend > 0)") == 0
    assert engine.value(f"SELECT count(*) FROM {shop.responses} WHERE responded") > 20
