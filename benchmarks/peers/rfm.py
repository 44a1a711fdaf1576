"""What the big-data peers share: logarithm, K-Means for each k with ten starts, the best sampled silhouette.

Each peer is run as PEER LINES.parquet LABELS.parquet [MOST_K]; k goes from 2 to MOST_K, by default 10.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

SAMPLE = 10_000


def cluster(rfm: np.ndarray) -> np.ndarray:
    """Labels of the best of the numbers of clusters; `rfm` of shape (n_customers, 3)."""
    X = StandardScaler().fit_transform(np.log1p(np.maximum(rfm, 0)))
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    tried = {k: KMeans(n_clusters=k, n_init=10, random_state=0).fit(X) for k in range(2, most + 1)}
    scores = {
        k: silhouette_score(X, model.labels_, sample_size=min(SAMPLE, len(X)), random_state=0)
        for k, model in tried.items()
    }
    return np.asarray(tried[max(scores, key=scores.__getitem__)].labels_)


def save(customer_id: np.ndarray, labels: np.ndarray) -> None:
    """Write who is in which cluster to the file named second on the command line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"customer_id": pa.array(customer_id.tolist(), pa.string()), "segment": labels.astype(np.int64)})
    pq.write_table(table, Path(sys.argv[2]))
