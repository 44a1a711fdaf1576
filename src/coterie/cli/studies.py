"""`coterie studies`: list the studies that were kept."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("studies"), metavar="[FOLDER]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def studies(folder: Path, as_json: bool) -> None:
    """List the studies in a folder (default: studies), the newest first."""
    from coterie.cli.console import tell_json
    from coterie.cli.running import list_studies, tell_studies

    found = list_studies(folder)
    if as_json:
        tell_json({"studies": found})
    else:
        tell_studies(found, folder)
