"""RFM with Polars, K-Means with scikit-learn: polars_script.py LINES.parquet LABELS.parquet."""

from __future__ import annotations

import sys

import polars as pl
from rfm import cluster, save

lines = pl.scan_parquet(sys.argv[1])
today = lines.select(pl.col("ordered_at").max()).collect().item()
table = (
    lines.group_by("customer_id")
    .agg(
        recency=(today - pl.col("ordered_at").max()).dt.total_days(),
        frequency=pl.col("order_id").n_unique(),
        monetary=pl.col("amount").sum(),
    )
    .sort("customer_id")
    .collect(engine="streaming")
)
rfm = table.select("recency", "frequency", "monetary").to_numpy().astype(float)
save(table["customer_id"].to_numpy(), cluster(rfm))
