"""`coterie demo`: a synthetic store, start to finish."""

from __future__ import annotations

import time
from pathlib import Path

import click

from coterie.cli.options import GroupedCommand, talking_options


@click.command(cls=GroupedCommand)
@click.option(
    "--customers",
    type=click.IntRange(min=100),
    default=3000,
    show_default=True,
    metavar="N",
    help="Customers of the store.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of the store."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Study folder (default studies/<time>-demo)."
)
@click.option(
    "--tables",
    "tables_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to put the store's tables (default: beside the study).",
)
@click.option("--open/--no-open", "open_report", default=True, help="Open the report in the browser.")
@talking_options
def demo(
    customers: int,
    seed: int,
    out: Path | None,
    tables_folder: Path | None,
    open_report: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make a seeded synthetic store, find its segments, and open the report."""
    from coterie.api import Tables, configure
    from coterie.cli.console import Drawn, tell_study
    from coterie.cli.running import STUDIES, run_study
    from coterie.sources.synthetic import write_store

    folder = out or STUDIES / f"{time.strftime('%Y%m%d-%H%M%S')}-demo"
    with Drawn(quiet=quiet or as_json) as progress:
        progress.stage("Making a synthetic store")
        store = write_store(tables_folder or Path(f"{folder}-tables"), customers=customers, seed=seed)
        tables = Tables(orders=(store.orders,), customers=(store.customers,), events=(store.events,))
        study, folder = run_study(tables, configure(title="Demo store", currency="£"), folder, progress)
    tell_study(study, folder, as_json=as_json)
    if open_report and not as_json:
        click.launch(str(folder / "report.html"))
