"""`coterie brief`: the campaign briefs of a study, to read or to edit."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@click.option("--segment", "segments", multiple=True, metavar="NAME|N", help="Repeatable; default: all.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to write them to (default: print).")
def brief(study: Path, segments: tuple[str, ...], out: Path | None) -> None:
    """Print the campaign brief of each segment, or write them as Markdown files ready to be edited.

    A brief says who they are, what we want, message, offer, timing, audience, what it costs, and how to test it. A file
    that is there already is not touched.

    \b
    Examples:
      coterie brief studies/20260131-101500-orders --segment 1
      coterie brief studies/20260131-101500-orders --out briefs
    """
    from coterie.api import load
    from coterie.outputs import make_briefs, planned_segments, write_briefs

    loaded = load(study)
    wanted = planned_segments(loaded, segments)
    chosen = [one for one in make_briefs(loaded) if not wanted or one.segment_id in wanted]
    if out is None:
        click.echo("\n".join(one.markdown() for one in chosen), nl=False)
        return
    for path in write_briefs(chosen, out):
        click.echo(path)
