from __future__ import annotations

import statistics

from coterie.sources.synthetic import draws


def _values(engine, text):
    """20,000 draws of one customer."""
    return [row[0] for row in engine.rows(f"SELECT {text} FROM range(20000), (SELECT CAST(5 AS UBIGINT) AS salt)")]


def test_the_draws_are_these_numbers_for_ever(engine):
    salted = f"SELECT {draws.salt(7, 'range')} AS salt, range AS n FROM range(3)"
    assert engine.rows(f"SELECT salt, {draws.word('a name', 'n', '2')} FROM ({salted})") == [
        (956273222, 1979631761),
        (3115227932, 4136266312),
        (654159469, 1712536762),
    ]


def test_uniforms_fill_the_unit_interval_evenly_and_never_touch_its_ends(engine):
    for text in (draws.uniform(draws.word("x", "range")), draws.cut(draws.word("x", "range"), 20, 12)):
        values = [
            row[0] for row in engine.rows(f"SELECT {text} FROM range(20000), (SELECT CAST(5 AS UBIGINT) AS salt)")
        ]
        assert min(values) > 0
        assert max(values) < 1
        tenths = [sum(low / 10 <= value < (low + 1) / 10 for value in values) for low in range(10)]
        assert max(abs(found - 2000) for found in tenths) < 4 * 2000**0.5


def test_draws_of_different_names_rows_and_customers_are_not_related(engine):
    one = draws.uniform(draws.word("x", "range", "1"))
    others = [draws.word("y", "range", "1"), draws.word("x", "range + 1", "1"), draws.word("x", "range", "2")]
    for other in others:
        pair = f"SELECT corr({one}, {draws.uniform(other)}) FROM range(20000), (SELECT CAST(5 AS UBIGINT) AS salt)"
        assert abs(engine.value(pair)) < 4 / 20000**0.5
    twins = f"SELECT corr(a, lag) FROM (SELECT {one.replace('range', '3')} AS a, lag(a) OVER (ORDER BY n) AS lag FROM "
    twins += f"(SELECT range AS n, {draws.salt(0, 'range')} AS salt FROM range(20000)))"
    assert abs(engine.value(twins)) < 4 / 20000**0.5


def test_normals_have_mean_zero_and_variance_one(engine):
    text = draws.normal(draws.word("z", "range"))
    values = _values(engine, text)
    assert abs(statistics.fmean(values)) < 0.03
    assert abs(statistics.pvariance(values) - 1) < 0.05
    assert abs(sum(value > 1.96 for value in values) / 20000 - 0.025) < 0.005


def test_counts_have_about_the_mean_and_variance_of_poisson(engine):
    for mean in (1.0, 4.0, 20.0):
        text = draws.count(repr(mean), draws.normal(draws.word("c", "range")))
        found = engine.row(
            f"SELECT avg(c), var_samp(c), min(c) FROM "
            f"(SELECT {text} AS c FROM range(20000), (SELECT CAST(5 AS UBIGINT) AS salt))"
        )
        assert abs(found[0] / mean - 1) < 0.03
        assert 0.95 < found[1] / mean < 1.25
        assert found[2] >= 0
