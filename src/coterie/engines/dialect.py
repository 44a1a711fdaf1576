"""The dialects by name: the door to the files of `dialects`."""

from __future__ import annotations

from coterie.engines.dialects.base import Dialect
from coterie.engines.dialects.bigquery import BigQueryDialect
from coterie.engines.dialects.duckdb import DuckDBDialect
from coterie.engines.dialects.postgres import PostgresDialect
from coterie.engines.dialects.snowflake import SnowflakeDialect
from coterie.engines.dialects.spark import DatabricksDialect, SparkDialect

__all__ = [
    "BIGQUERY",
    "DATABRICKS",
    "DIALECTS",
    "DUCKDB",
    "POSTGRES",
    "SNOWFLAKE",
    "SPARK",
    "BigQueryDialect",
    "DatabricksDialect",
    "Dialect",
    "DuckDBDialect",
    "PostgresDialect",
    "SnowflakeDialect",
    "SparkDialect",
]

DUCKDB = DuckDBDialect()
POSTGRES = PostgresDialect()
SPARK = SparkDialect()
DATABRICKS = DatabricksDialect()
BIGQUERY = BigQueryDialect()
SNOWFLAKE = SnowflakeDialect()

#: All of them, as they are called on the command line.
DIALECTS: dict[str, Dialect] = {each.name: each for each in (DUCKDB, POSTGRES, SPARK, DATABRICKS, BIGQUERY, SNOWFLAKE)}
