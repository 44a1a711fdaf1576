"""`coterie plan`: leave customers out at random, so that a campaign can be measured."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from coterie.cli.options import GroupedCommand, GroupedOption, NumberRange, talking_options

_option = partial(click.option, cls=GroupedOption)
_SHARE = NumberRange(0, 1, min_open=True, max_open=True)


def cost_options(command: Any) -> Any:  # noqa: ANN401  click's decorators
    """Add the options of what a campaign costs; the defaults are the study's settings."""
    for option in (
        _option("--fixed", type=NumberRange(0), default=0.0, group="Money", help="Cost of the campaign as a whole."),
        _option("--discount", type=NumberRange(0, 1), group="Money", help="Price reduction of the offer, as 0.1."),
        _option("--contact-cost", type=NumberRange(0), group="Money", help="Cost of one message to one customer."),
        _option("--margin", type=NumberRange(0, 1, min_open=True), group="Money", help="Part of revenue left."),
    ):
        command = option(command)
    return command


@click.command(cls=GroupedCommand)
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@_option("--segment", "segments", multiple=True, metavar="NAME|N", group="Who", help="Repeatable; default: all.")
@_option("--days", type=click.IntRange(1, 730), default=30, show_default=True, group="How",
         help="How long results are counted.")  # fmt: skip
@_option("--baseline", type=_SHARE, group="How", help="Share who buy in that time anyway (default: the forecast).")
@_option("--order-value", type=NumberRange(0, min_open=True), group="How", help="Average order (default: theirs).")
@_option("--leave-out", "share", type=_SHARE, group="How",
         help="Part of each segment to leave out (default: as little as shows what pays).")  # fmt: skip
@_option("--budget", type=NumberRange(0, min_open=True), group="Money",
         help="Money for the campaigns of a year: only those whom it reaches.")  # fmt: skip
@_option("--salt", default="campaign-1", show_default=True, group="How", help="Another word draws other customers.")
@cost_options
@_option("--out", type=click.Path(path_type=Path), metavar="DIR", group="Writing", help="Folder (default: STUDY-plan).")
@talking_options
def plan(study: Path, segments: tuple[str, ...], out: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Draw who is left out of a campaign, and say what each segment can teach.

    Writes who gets the campaign (treated/), everyone with their group (holdout.csv), and the plan as a page. Audience
    files made afterwards leave the others out by themselves.

    \b
    Examples:
      coterie plan studies/20260131-101500-orders
      coterie plan studies/20260131-101500-orders --segment 1 --days 14 --discount 0.1 --contact-cost 0.02
      coterie plan studies/20260131-101500-orders --budget 500
    """
    from coterie.api import load
    from coterie.cli.console import tell_json
    from coterie.outputs import PlanOptions, make_plan, plan_lines, planned_segments, write_plan

    loaded = load(study)
    made = make_plan(
        loaded,
        PlanOptions(
            costs_of(loaded.settings, options),
            segments=planned_segments(loaded, segments),
            days=options["days"],
            baseline=options["baseline"],
            order_value=options["order_value"],
            share=options["share"],
            salt=options["salt"],
            budget=options["budget"],
        ),
    )
    folder = write_plan(made, out or study.resolve().with_name(f"{study.resolve().name}-plan"))
    if as_json:
        tell_json({"folder": str(folder), "segments": made.segments})
        return
    if not quiet:
        click.echo("\n".join((*made.sentences[:2], *plan_lines(made)) if options["budget"] else plan_lines(made)))
    click.echo(f"Plan: {folder / 'plan.html'}")


def costs_of(settings: Any, options: dict[str, Any]) -> Any:  # noqa: ANN401  Config in, Costs out
    """Give the costs of a campaign: what was said, else what the settings assume."""
    from coterie.campaigns import Costs

    def said(name: str, otherwise: float) -> float:
        return float(otherwise if options[name] is None else options[name])

    return Costs(
        margin=said("margin", settings.campaigns.margin),
        contact=said("contact_cost", settings.money.contact_cost),
        discount=said("discount", settings.money.offer_discount),
        fixed=options["fixed"],
    )
