"""The script that an analyst writes first: pandas and scikit-learn on a log of order lines.

It reads Online Retail's columns, throws out what is obviously unusable, makes recency, frequency and money, takes their
logarithm, tries K-Means with two to ten clusters by silhouette, adds DBSCAN and agglomerative labels, and draws five
pictures. It judges nothing, names nothing and explains nothing. Run: plain_script.py ORDERS.csv PREFIX
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

RFM = ["recency", "frequency", "monetary"]


def read(path: str) -> pd.DataFrame:
    """Order lines that are sales to a known customer."""
    lines = pd.read_csv(path, encoding="latin-1")
    lines["InvoiceDate"] = pd.to_datetime(lines["InvoiceDate"], format="%m/%d/%Y %H:%M")
    cancelled = lines["InvoiceNo"].astype(str).str.startswith("C")
    lines = lines[lines["CustomerID"].notna() & ~cancelled & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    return lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])


def rfm_table(lines: pd.DataFrame) -> pd.DataFrame:
    """One row a customer: days since the last order, number of orders, money."""
    orders = lines.groupby("CustomerID").agg(
        last=("InvoiceDate", "max"), frequency=("InvoiceNo", "nunique"), monetary=("amount", "sum")
    )
    today = lines["InvoiceDate"].max() + pd.Timedelta(days=1)
    return orders.assign(recency=(today - orders["last"]).dt.days)[RFM]


def cluster(table: pd.DataFrame) -> np.ndarray:
    """Add three ways of clustering to the table; give the scaled matrix."""
    scaled = StandardScaler().fit_transform(np.log1p(table[RFM]))
    silhouettes = {}
    for k in range(2, 11):
        labels = KMeans(n_clusters=k, n_init=10, random_state=0).fit_predict(scaled)
        silhouettes[k] = silhouette_score(scaled, labels)
    best = max(silhouettes, key=silhouettes.__getitem__)
    table["cluster"] = KMeans(n_clusters=best, n_init=10, random_state=0).fit_predict(scaled)
    table["dbscan"] = DBSCAN(eps=0.5, min_samples=10).fit_predict(scaled)
    table["agglomerative"] = AgglomerativeClustering(n_clusters=best).fit_predict(scaled)
    return np.asarray(scaled)


def draw(table: pd.DataFrame, scaled: np.ndarray, prefix: str) -> None:
    """Draw the map, a box plot a feature, and the pairs of features."""
    flat = PCA(n_components=2).fit_transform(scaled)
    sns.scatterplot(x=flat[:, 0], y=flat[:, 1], hue=table["cluster"], palette="deep")
    plt.savefig(f"{prefix}_map.png")
    plt.close()
    for name in RFM:
        sns.boxplot(x=table["cluster"], y=np.log1p(table[name]))
        plt.savefig(f"{prefix}_{name}.png")
        plt.close()
    sns.pairplot(table[[*RFM, "cluster"]], hue="cluster")
    plt.savefig(f"{prefix}_pairs.png")
    plt.close()


def main() -> None:
    """Read, cluster, draw, write."""
    path, prefix = sys.argv[1:]
    table = rfm_table(read(path))
    draw(table, cluster(table), prefix)
    table.to_csv(f"{prefix}.csv")
    sys.stdout.write(f"{len(table)} customers, {table['cluster'].nunique()} clusters\n")


if __name__ == "__main__":
    main()
