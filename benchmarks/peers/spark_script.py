"""RFM and bisecting or plain K-Means with Spark MLlib: spark_script.py LINES.parquet LABELS.parquet [MOST_K].

VectorAssembler, StandardScaler, KMeans and BisectingKMeans for k = 2 to 10, ClusteringEvaluator's silhouette. Spark
runs locally with 6 GB and on every core; what it spills lies beside the labels.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pyspark.ml.clustering import BisectingKMeans, KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import SparkSession, functions

spark = (
    SparkSession.builder.master(f"local[{os.cpu_count()}]")
    .config("spark.local.dir", str(Path(sys.argv[2]).resolve().parent))
    .config("spark.driver.memory", "6g")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "8")
    .config("spark.log.level", "ERROR")
    .getOrCreate()
)
most = int(sys.argv[3]) if len(sys.argv) > 3 else 10
lines = spark.read.parquet(sys.argv[1])
today = lines.agg(functions.max("ordered_at")).first()[0]
rfm = lines.groupBy("customer_id").agg(
    functions.log1p(functions.datediff(functions.lit(today), functions.max("ordered_at"))).alias("recency"),
    functions.log1p(functions.count_distinct("order_id")).alias("frequency"),
    functions.log1p(functions.greatest(functions.sum("amount"), functions.lit(0.0))).alias("monetary"),
)
assembled = VectorAssembler(inputCols=["recency", "frequency", "monetary"], outputCol="raw").transform(rfm).cache()
scaler = StandardScaler(inputCol="raw", outputCol="features", withMean=True).fit(assembled)
table = scaler.transform(assembled).select("customer_id", "features").cache()
evaluator = ClusteringEvaluator()
best = (-1.0, None)
for make in (KMeans, BisectingKMeans):
    for k in range(2, most + 1):
        found = make(k=k, seed=0).fit(table).transform(table)
        if found.select("prediction").distinct().count() < 2:  # bisecting may stop at one cluster
            continue
        score = evaluator.evaluate(found)
        if score > best[0]:
            best = (score, found)
best[1].select("customer_id", functions.col("prediction").alias("segment")).write.mode("overwrite").parquet(sys.argv[2])
spark.stop()
