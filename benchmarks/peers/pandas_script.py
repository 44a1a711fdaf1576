"""RFM and K-Means with pandas and scikit-learn: pandas_script.py LINES.parquet LABELS.parquet."""

from __future__ import annotations

import sys

import pandas as pd
from rfm import cluster, save

lines = pd.read_parquet(sys.argv[1], columns=["customer_id", "order_id", "ordered_at", "amount"])
orders = lines.groupby("customer_id").agg(
    last=("ordered_at", "max"), frequency=("order_id", "nunique"), monetary=("amount", "sum")
)
recency = (lines["ordered_at"].max() - orders["last"]).dt.days
table = orders.assign(recency=recency)[["recency", "frequency", "monetary"]]
save(table.index.to_numpy(), cluster(table.to_numpy(dtype=float)))
