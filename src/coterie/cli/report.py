"""`coterie report`: write the report of a study again, or open it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it (default: print where it is)."
)
@click.option("--open", "open_report", is_flag=True, help="Open it in the browser.")
def report(study: Path, out: Path | None, open_report: bool) -> None:
    """Write a study's report to a file, or open it.

    \b
    Examples:
      coterie report studies/20260131-101500-orders --open
      coterie report studies/20260131-101500-orders --out segments.html
    """
    from coterie.api import load

    path = study / "report.html"
    loaded = load(study)
    if out:
        loaded.report(out)
        path = out
    click.echo(path)
    if open_report:
        click.launch(str(path))
