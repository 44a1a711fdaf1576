"""`coterie score`: assign the customers of new tables with a stored model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coterie.cli.options import GroupedCommand, reading_options, settings_of, table_options, tables_of, talking_options


@click.command(cls=GroupedCommand)
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@table_options
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="CSV to write (default: stdout).")
@click.option(
    "--into",
    metavar="SCHEMA.TABLE",
    help="Table to write in the database where the orders lie, in a schema that is there.",
)
@click.option(
    "--confidence",
    is_flag=True,
    help="Say how sure each segment is, also for orders in a database: a row of features a customer comes here.",
)
@reading_options
@talking_options
def score(
    study: Path,
    out: Path | None,
    into: str | None,
    confidence: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Assign the customers of new tables to the segments of a study.

    Columns are read by the roles that the study used; nothing is fitted again. Customers whose orders lie in a database
    or a Spark cluster are placed there: only their ids and segments travel.

    \b
    Examples:
      coterie score studies/20260131-101500-orders new_orders.csv --out scored.csv
      coterie score studies/20260131-101500-orders 'postgres://ann@db.example/shop?table=orders' --into crm.segments
    """
    from coterie.api import load
    from coterie.cli.console import Drawn
    from coterie.cli.placing import Wanted, place_here, place_where_they_lie
    from coterie.outputs import placed_where_they_lie

    inputs = tables_of(options).inputs()
    loaded = load(study)
    config = settings_of(options, loaded.settings_anew)
    wanted = Wanted(out, into or "", as_json)
    with Drawn(quiet=quiet or as_json) as progress:
        there = placed_where_they_lie(loaded, inputs, confidence=confidence)
        (place_where_they_lie if there else place_here)(loaded, inputs, config, progress, wanted)
