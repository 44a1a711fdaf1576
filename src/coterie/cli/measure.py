"""`coterie measure`: what a campaign brought, against the customers who were left out."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import GroupedCommand, GroupedOption, NumberRange, talking_options
from coterie.cli.plan import cost_options, costs_of
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from coterie.outputs import Results

_option = partial(click.option, cls=GroupedOption)


@click.command(cls=GroupedCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="[PLAN] RESULTS")
@_option("--map", "mapped", multiple=True, metavar="ROLE=COLUMN", group="Reading",
         help="customer_id, responded, revenue, arm, segment or before. Repeatable.")  # fmt: skip
@_option("--encoding", metavar="NAME", group="Reading", help="Encoding of the file, such as cp1252.")
@_option("--delimiter", metavar="CHAR", group="Reading", help="Field separator of the file.")
@_option("--sheet", metavar="NAME", group="Reading", help="Sheet of an Excel workbook.")
@_option("--control", metavar="GROUP", group="Without a plan", help="The value of column 'arm' that got nothing.")
@_option("--treated", metavar="GROUP", group="Without a plan", help="The value of 'arm' to measure.")
@_option("--control-share", type=NumberRange(0, 1, min_open=True, max_open=True), group="Without a plan",
         help="Part of both groups that was to get nothing; the sizes are then checked.")  # fmt: skip
@_option("--currency", default="", group="Without a plan", help="What stands before or after money.")
@cost_options
@_option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", group="Writing", help="Folder (default: RESULTS-measured)."
)
@talking_options
def measure(paths: tuple[Path, ...], out: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Measure a campaign: customers who got it against those who were left out at random.

    RESULTS is a table with one row a customer or an order: customer_id, and responded (yes or no) or revenue. Customers
    of the plan who are not in it bought nothing. Without a plan, a column says who got what.

    \b
    Examples:
      coterie measure studies/20260131-101500-orders-plan orders_of_march.csv
      coterie measure test.csv --map arm=segment --map responded=visit --control "No E-Mail" --treated "Mens E-Mail"
    """
    from coterie.cli.console import tell_json
    from coterie.outputs import result_lines, results_table, write_results

    results = _measured(paths, options)
    data = paths[-1]
    folder = write_results(results, out or data.resolve().with_name(f"{data.resolve().stem}-measured"))
    if as_json:
        findings = [asdict(one) for one in results.findings]
        segments = results_table(results.measured).to_dict("records")
        tell_json({"folder": str(folder), "segments": segments, "findings": findings})
        return
    if not quiet:
        click.echo("\n".join(result_lines(results)))
    click.echo(f"Results: {folder / 'results.html'}")


def _measured(paths: tuple[Path, ...], options: dict[str, Any]) -> Results:
    from coterie.config import Config
    from coterie.outputs import Arms, load_plan, measure_plan, measure_table

    roles = _roles(options["mapped"])
    config = Config()
    read = {name: options[name] for name in ("encoding", "delimiter", "sheet") if options[name] is not None}
    sources = config.sources.model_copy(update=read)
    if len(paths) > 2:
        raise ConfigError("Too many files: name a plan and its results, or one table of an experiment.")
    if len(paths) == 2:
        return measure_plan(load_plan(paths[0]), paths[1], sources, roles)
    if options["control"] is None:
        raise ConfigError(
            "Without a plan, somebody has to say who got nothing.",
            remedy="Name the plan's folder before the results, or the group with --control.",
        )
    return measure_table(
        paths[0],
        sources,
        roles,
        arms=Arms(options["control"], options["treated"], options["control_share"]),
        costs=costs_of(config, options),
        currency=options["currency"],
    )


def _roles(mapped: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in mapped:
        role, sign, column = one.partition("=")
        if not sign or not column:
            raise ConfigError(f"'--map {one}' is not ROLE=COLUMN.", remedy="Write it as in --map revenue=Spend.")
        found[role.strip()] = column
    return found
