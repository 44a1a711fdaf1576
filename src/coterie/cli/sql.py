"""`coterie sql`: print a study's assignment as SQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import datetime as dt

#: Names of `coterie.engines.dialect.DIALECTS`, written out so that help starts without loading them.
_DIALECTS = ("duckdb", "postgres", "spark", "databricks", "bigquery", "snowflake")


@click.command()
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@click.option("--dialect", type=click.Choice(_DIALECTS), default="duckdb", show_default=True, help="For which engine.")
@click.option("--table", "orders", metavar="NAME", help="Name of the table of orders in the database.")
@click.option("--customer-table", "people", metavar="NAME", help="Name of the customer table in the database.")
@click.option("--event-table", "events", metavar="NAME", help="Name of the table of visits in the database.")
@click.option(
    "--customers",
    metavar="NAME",
    help="Short form: start from this ready table, one row per customer with the features.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="First day not seen, as 2026-01-31 (default: the study's).",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="File to write (default: stdout).")
def sql(
    study: Path,
    dialect: str,
    orders: str | None,
    people: str | None,
    events: str | None,
    customers: str | None,
    as_of: dt.datetime | None,
    out: Path | None,
) -> None:
    """Print the way from the store's own tables to each customer's segment as one SQL query in named steps.

    The comment at the top says how to use it and what differs from the study. Nothing is sent anywhere.

    \b
    Examples:
      coterie sql studies/20260131-101500-orders --dialect bigquery --table shop.sales.order_lines
      coterie sql studies/20260131-101500-orders --dialect postgres --customers analytics.customer_features
    """
    from coterie.api import load

    named = {"orders": orders, "customers": people, "events": events}
    tables = {kind: name for kind, name in named.items() if name}
    day = as_of.date() if as_of else None
    text = load(study).sql(dialect, tables=tables, customers=customers, as_of=day)
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
