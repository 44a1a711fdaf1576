"""`coterie excel`: a study as an Excel workbook."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Workbook to write (default: STUDY.xlsx).")
@click.option("--rows", type=click.IntRange(min=0), metavar="N", help="Most customers; 0 for none (default: all).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def excel(study: Path, out: Path | None, rows: int | None, as_json: bool) -> None:
    """Write a study as an Excel workbook: segments, what to do, profiles, charts and customers.

    \b
    Examples:
      coterie excel studies/20260131-101500-orders
      coterie excel studies/20260131-101500-orders --out segments.xlsx --rows 0
    """
    from coterie.api import load
    from coterie.cli.console import tell_json
    from coterie.outputs import write_workbook

    loaded = load(study)
    written = write_workbook(loaded, out or study.with_name(f"{study.resolve().name}.xlsx"), rows=rows)
    if as_json:
        tell_json({"file": str(written.path), "customers": written.customers, "left_out": written.left_out})
        return
    click.echo(f"{written.path}: {written.customers:,} customers")
    if written.left_out:
        click.echo(f"{written.left_out:,} customers are not in it; customers.csv in the study has all.")
