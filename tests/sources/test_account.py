"""Every row is kept or left out with one reason, whatever the rows are and in whatever order they come."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.config import SourcesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.errors import CoterieError
from coterie.sources import open_raw
from sources.conftest import raw_table

_IDS = st.sampled_from(["A", "B", "C", "guest", "0", "", " ", "null", "A ", "x'; --", '"', None, "\u200b"])
_DAYS = st.sampled_from(["2024-01-05", "2024-02-06 10:00", "0000-00-00", "", None, "2031-01-01", "NULL", "2024-02-30"])
_AMOUNTS = st.sampled_from(["10.00", "-3.5", "0", "", None, "?", "(4.00)", "$7", "inf", "1e400", "abc", "1,250.00"])
_STATUS = st.sampled_from(["paid", "cancelled", "", None, "NA"])
_ROWS = st.lists(
    st.fixed_dictionaries({"customer_id": _IDS, "order_date": _DAYS, "amount": _AMOUNTS, "status": _STATUS}),
    min_size=1,
    max_size=12,
)


def opened_lines(rows):
    """Open the rows as orders; gives reports, the lines in order, and the rows left out."""
    with DuckDBEngine(memory="200MB", threads=1) as engine:
        raw = raw_table(engine, rows, kind=None)
        shop = open_raw([raw], engine, SourcesSettings(max_rejected=1.0), min_customers=0)
        lines = engine.rows("SELECT * FROM order_lines ORDER BY ALL") if "orders" in shop.roles else []
        return shop, lines, engine.rows("SELECT reason, count(*) FROM left_out GROUP BY ALL ORDER BY ALL")


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=_ROWS, seed=st.randoms(use_true_random=False))
def test_kept_and_left_out_rows_add_up_and_the_order_of_rows_changes_nothing(rows, seed):
    try:
        shop, lines, left_out = opened_lines(rows)
    except CoterieError:
        return  # a refusal with a message is as good; anything else fails the test
    (report,) = shop.tables
    assert report.rows_kept + sum(report.rows_left_out.values()) == report.rows_read == len(rows)
    assert dict(left_out) == dict(report.rows_left_out)
    if lines:
        assert report.rows_kept == len(lines)
    seed.shuffle(rows)
    again, same_lines, _ = opened_lines(rows)
    assert same_lines == lines
    assert again.as_of == shop.as_of
    assert again.tables[0].rows_left_out == report.rows_left_out
