"""`coterie check`: what is understood of the tables, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import click

from coterie.cli.options import GroupedCommand, reading_options, settings_of, table_options, tables_of, talking_options


@click.command(cls=GroupedCommand)
@table_options
@reading_options
@talking_options
def check(as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Show what is understood of the tables and what is wrong with them. Nothing is clustered.

    \b
    Examples:
      coterie check orders.csv
      coterie check orders.csv customers.xlsx --json
    """
    from coterie.cli.console import Drawn, tell_json
    from coterie.cli.telling import check_document, tell_check
    from coterie.pipeline import understand

    tables = tables_of(options)
    config = settings_of(options)
    with Drawn(quiet=quiet or as_json) as progress:
        understood = understand(tables.inputs(), config, progress=progress)
    if as_json:
        tell_json(check_document(understood))
    else:
        tell_check(understood)
