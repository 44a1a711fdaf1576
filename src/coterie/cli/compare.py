"""`coterie compare`: who moved between two studies, what drifted, and whether the earlier model still holds."""

from __future__ import annotations

from pathlib import Path

import click

from coterie.cli.options import talking_options


@click.command()
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Page to write, as comparison.html.")
@talking_options
def compare(old: Path, new: Path, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Hold a study against an earlier one: who moved, what drifted, and whether to keep the earlier model.

    Segments are matched by the customers in both studies, whatever their names. The advice says whether the earlier
    model still divides today's customers as a new study does (then score with it), or has been overtaken.

    \b
    Examples:
      coterie compare studies/20260131-101500-orders studies/20260430-101500-orders
      coterie compare studies/january studies/april --out comparison.html
    """
    from coterie.api import load
    from coterie.cli.console import tell_json
    from coterie.outputs import compare_studies, comparison_document, comparison_lines, render_comparison

    found = compare_studies(load(old), load(new))
    if out:
        out.write_text(render_comparison(found), encoding="utf-8")
    if as_json:
        tell_json(comparison_document(found) | ({"page": str(out)} if out else {}))
        return
    if not quiet:
        click.echo("\n".join(comparison_lines(found)))
    if out:
        click.echo(f"Page: {out}")
