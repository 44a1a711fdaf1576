"""Features of a real order log against numbers that are known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.config import FeaturesSettings
from coterie.features import build
from coterie.sources.shop import RELATIONS, Shop
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.engines.duckdb import DuckDBEngine

SALES = """
CREATE TABLE {relation} AS SELECT
    CustomerID AS customer_id, InvoiceNo AS order_id,
    strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS ordered_at,
    CAST(strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS DATE) AS ordered_on,
    StockCode AS product, Description AS product_name, CAST(NULL AS VARCHAR) AS category,
    CAST(Quantity AS DECIMAL(18, 3)) AS quantity, CAST(UnitPrice AS DECIMAL(18, 4)) AS unit_price,
    CAST(CAST(Quantity AS DECIMAL(18, 3)) * CAST(UnitPrice AS DECIMAL(18, 4)) AS DECIMAL(18, 2)) AS amount,
    CAST(NULL AS DECIMAL(18, 2)) AS discount, CAST(NULL AS VARCHAR) AS channel, Country AS country,
    CAST(NULL AS VARCHAR) AS status, FALSE AS is_return, FALSE AS is_charge
FROM sales
WHERE CustomerID IS NOT NULL AND InvoiceNo NOT LIKE 'C%' AND CAST(Quantity AS INT) > 0 AND CAST(UnitPrice AS DOUBLE) > 0
"""


@pytest.mark.data
def test_online_retail_gives_its_known_customers_and_revenue(data_folder: Path, engine: DuckDBEngine) -> None:
    # the usual rules for this set (no cancellations, no missing ids, positive quantities and prices): 4,338 customers,
    # 8,911,407.90 pounds, 18,532 invoices
    sales = pd.read_csv(data_folder / "online_retail" / "OnlineRetail.csv", encoding="latin-1", dtype="str")
    engine.register("sales", sales)
    engine.run(SALES.format(relation=RELATIONS[TableKind.ORDERS]))
    shop = Shop(engine, (), {TableKind.ORDERS: frozenset({"customer_id"})}, (), (), None, "£")
    table = build(shop, FeaturesSettings())
    assert len(table) == 4_338
    assert str(table.as_of) == "2011-12-10"
    # lines are rounded to the penny one by one, so a few pence of 397,884 lines may differ
    assert table.frame["net_revenue"].sum() == pytest.approx(8_911_407.90, abs=5)
    assert table.frame["order_count"].sum() == 18_532
    assert table.frame["recency_days"].min() == 1
    assert table.frame.loc["12347", "order_count"] == 7
    assert table.frame.loc["12347", "net_revenue"] == 4_310
    groups = {
        feature.label.removeprefix("share of ") for name, feature in table.features.items() if name[:6] == "share_"
    }
    assert len(groups) >= 8
    assert "Bags" in groups
