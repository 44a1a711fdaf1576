"""`coterie segment`: tables to a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coterie.cli.options import (
    GroupedCommand,
    finding_options,
    reading_options,
    settings_of,
    table_options,
    tables_of,
    talking_options,
)


@click.command(cls=GroupedCommand)
@table_options
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Study folder (default studies/<time>-<name>)."
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    metavar="STUDY",
    help="An earlier study: segments of the same people keep its ids and names; its settings hold unless you say more.",
)
@click.option(
    "--learned",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="RESULTS",
    help="What `coterie measure` wrote: plays that failed with a segment give way. Beside --like it is found.",
)
@finding_options
@reading_options
@click.option(
    "--write-config", type=click.Path(path_type=Path), metavar="FILE", help="Write the settings of this run as TOML."
)
@click.option("--progress-file", type=click.Path(path_type=Path), hidden=True, help="Where to note how far the run is.")
@talking_options
def segment(
    out: Path | None,
    like: Path | None,
    learned: tuple[Path, ...],
    write_config: Path | None,
    progress_file: Path | None,
    as_json: bool,
    quiet: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Find the segments in a store's tables and write a study.

    TABLE... are CSV, Excel, Parquet or JSON lines files, folders or globs: orders, customers, events, responses in
    any mix. What each one holds is found out from its columns.

    \b
    Examples:
      coterie segment orders.csv
      coterie segment orders.csv customers.xlsx --segments 3..6
      coterie segment Mall_Customers.csv --basis "AnnualIncome (k$),SpendingScore (1-100)"
      coterie segment orders_to_june.csv --like studies/20260531-101500-orders
      coterie segment log.txt --delimiter whitespace --columns customer_id,date,quantity,amount
    """
    from coterie.api import load
    from coterie.cli.console import Drawn, tell_study
    from coterie.cli.noting import Notes
    from coterie.cli.running import run_study

    with Drawn(quiet=quiet or as_json, notes=Notes(progress_file)) as progress:
        tables = tables_of(options)
        earlier = load(like) if like else None
        config = settings_of(options, earlier.settings_anew if earlier else None)
        progress.stage("Starting")  # what comes next takes most of a second to load; an error of settings stands alone
        study, folder = run_study(tables, config, out, progress, like=earlier, learned=learned)
    if write_config:
        write_config.write_text(study.settings_toml(), encoding="utf-8")
    tell_study(study, folder, as_json=as_json)
