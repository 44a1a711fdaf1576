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
@reading_options
@talking_options
def score(study: Path, out: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Assign the customers of new tables to the segments of a study.

    Columns are read by the roles that the study used; nothing is fitted again.

    \b
    Examples:
      coterie score studies/20260131-101500-orders new_orders.csv --out scored.csv
    """
    from coterie.api import load
    from coterie.cli.console import Drawn, tell_json
    from coterie.cli.running import write_scores
    from coterie.outputs import read_customers
    from coterie.outputs import score as place

    inputs = tables_of(options).inputs()
    loaded = load(study)
    base = loaded.settings.model_copy(update={"as_of": None})
    with Drawn(quiet=quiet or as_json) as progress:
        customers = read_customers(loaded, inputs, config=settings_of(options, base), progress=progress)
        scores = place(loaded, customers)
    if as_json:
        tell_json({"customers": scores.reset_index().to_dict("records")})
    else:
        write_scores(scores, out)
