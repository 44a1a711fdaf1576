"""Options that several commands share, in groups, and their translation into settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from coterie.api import Tables
    from coterie.config import Config


class NumberRange(click.FloatRange):
    """A number between bounds; "nan" and "inf", which Python reads as numbers, are none."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  click's
        """Read the number, or say what was found instead."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{str(value)!r} is not a number to count with.", param, ctx)
        return number


class GroupedOption(click.Option):
    """An option that knows the heading under which `--help` lists it."""

    def __init__(self, *names: Any, group: str = "Options", **rest: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(*names, **rest)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose `--help` lists options under headings, the most used first."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group of options as a section of its own."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record:
                groups.setdefault(getattr(parameter, "group", "Options"), []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)


Command = TypeVar("Command", bound=Callable[..., Any])
#: As in `coterie.config.METHODS`, which is not imported here because it takes a while to load; a test compares them.
METHODS = (
    "auto",
    "kmeans",
    "gaussian_mixture",
    "ward",
    "genie",
    "dbscan",
    "hdbscan",
    "mode_seeking",
    "spectral",
    "latent_class",
    "kamila",
)
KINDS = ("orders", "customers", "events", "responses")


def _option(group: str, *names: str, **rest: Any) -> Callable[[Any], Any]:  # noqa: ANN401  click's own
    return click.option(*names, cls=GroupedOption, group=group, **rest)


_TABLES = [
    click.argument("tables", nargs=-1, metavar="TABLE..."),
    *(
        _option(
            "Tables",
            f"--{kind}",
            multiple=True,
            metavar="FILE",
            help=f"A table of {kind} (instead of guessing its kind).",
        )
        for kind in KINDS
    ),
]

_READING = [
    _option("Reading", "--config", "config_file", metavar="FILE", help="Settings in TOML; options override them."),
    _option(
        "Reading",
        "--map",
        "mapped",
        multiple=True,
        metavar="ROLE=COLUMN",
        help="Pin a column, as in customer_id=CustomerID or orders.amount=Total. Repeatable.",
    ),
    _option(
        "Reading",
        "--as-of",
        metavar="DATE",
        help="First day not seen, as 2026-01-31. Default: the day after the last order.",
    ),
    _option("Reading", "--ignore", multiple=True, metavar="COL,...", help="Columns or features to leave out."),
    _option("Reading", "--encoding", metavar="NAME", help="Encoding of text files, such as cp1252."),
    _option(
        "Reading", "--encoding-errors", type=click.Choice(["strict", "replace"]), help="What to do with invalid bytes."
    ),
    _option(
        "Reading", "--delimiter", metavar="CHAR", help="Field separator; 'whitespace' for columns lined up with blanks."
    ),
    _option("Reading", "--no-header", is_flag=True, help="The first row is data; name the columns with --columns."),
    _option("Reading", "--columns", metavar="NAME,...", help="Names of the columns of a file without a header."),
    _option("Reading", "--skip-rows", type=click.IntRange(min=0), metavar="N", help="Lines to skip before the header."),
    _option("Reading", "--sheet", metavar="NAME", help="Sheet of an Excel workbook."),
    _option("Reading", "--currency", metavar="SIGN", help="What stands beside money, such as £ or EUR."),
    _option("Reading", "--decimal", type=click.Choice([".", ","]), help="Decimal mark."),
    _option("Reading", "--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of day, month and year."),
    _option("Reading", "--timezone", metavar="NAME", help="Time zone to tell times in, such as Europe/Berlin."),
    _option(
        "Reading",
        "--schema",
        metavar="NAME",
        help="Schema of the database for what is kept for a while (default: temporary tables).",
    ),
    _option("Reading", "--duplicate-columns", type=click.Choice(["refuse", "rename"]), help="Two columns of one name."),
    _option(
        "Reading",
        "--on-duplicate",
        metavar="RULE",
        help="Customers listed twice with different values: auto, refuse, first or latest:COLUMN.",
    ),
    _option(
        "Reading",
        "--max-rejected",
        type=NumberRange(0, 1),
        metavar="SHARE",
        help="Largest share of unreadable rows before the run stops (default 0.01).",
    ),
    _option("Reading", "--guest-ids", type=click.Choice(["exclude", "keep"]), help="Placeholder ids such as 'guest'."),
    _option("Reading", "--memory", metavar="SIZE", help="Memory limit of the engine, such as 2GB."),
    _option(
        "Reading",
        "--threads",
        type=click.IntRange(min=1),
        metavar="N",
        help="Threads; the result does not depend on it.",
    ),
]

_PROTECTING = [
    _option(
        "Privacy",
        "--suppress",
        multiple=True,
        metavar="FILE",
        help="People who objected, by id, e-mail or phone: left out before anything is computed. 'none': no list.",
    ),
    _option(
        "Privacy", "--audit", multiple=True, metavar="COL,...", help="Columns that only the check of fairness looks at."
    ),
    _option(
        "Privacy",
        "--allow-special",
        multiple=True,
        metavar="COL",
        help="Use a column about health, religion or the like; needs --reason. Repeatable.",
    ),
    _option("Privacy", "--reason", multiple=True, metavar="TEXT", help="Why --allow-special is needed; it is kept."),
]

_PURPOSE = [
    _option("Privacy", "--purpose", metavar="TEXT", help="What the segments are for; it stands on the report."),
    _option(
        "Privacy",
        "--purpose-class",
        type=click.Choice(["service", "marketing", "price-or-eligibility"]),
        help="Kind of purpose (default marketing); price-or-eligibility needs --human-review.",
    ),
    _option("Privacy", "--human-review", metavar="NAME", help="Who reviews what is decided about a customer."),
]

_TALKING = [
    _option("Telling", "--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    _option("Telling", "--quiet", "-q", is_flag=True, help="No progress."),
    _option(
        "Telling",
        "--debug",
        is_flag=True,
        help="Show the traceback of an error.",
        callback=lambda ctx, _, on: _debug(ctx, on=on),
        expose_value=False,
    ),
]

_FINDING = [
    _option("Finding", "--segments", metavar="N|MIN..MAX", help="How many segments, as 5 or 3..8 (default 2..12)."),
    _option("Finding", "--method", type=click.Choice(METHODS), help="Default: auto, which tries them all and chooses."),
    _option("Finding", "--basis", multiple=True, metavar="COL,...", help="What to build the segments on, or all."),
    _option(
        "Finding", "--weights", multiple=True, metavar="BLOCK=N", help="Weight of a block, as value=2. Repeatable."
    ),
    _option(
        "Finding",
        "--smallest-share",
        type=NumberRange(0, 0.5),
        metavar="SHARE",
        help="Smallest share of customers in a segment (default 0.02).",
    ),
    _option(
        "Finding",
        "--must-differ",
        type=click.Choice(["value", "behaviour"]),
        help="Refuse divisions with two segments that hardly differ in this.",
    ),
    _option(
        "Finding", "--seed", type=click.IntRange(min=0), metavar="N", help="Seed of everything random (default 0)."
    ),
    _option(
        "Finding",
        "--holdout/--no-holdout",
        default=None,
        help="Test segments from before a day against later orders (default: where the history allows it).",
    ),
    _option("Finding", "--title", metavar="TEXT", help="Title of the report."),
    _option("Acting", "--playbook", metavar="FILE", help="Plays of your own: TOML as `coterie playbook` prints it."),
    _option(
        "Acting",
        "--budget",
        type=NumberRange(min=0),
        metavar="N",
        help="Money for the campaigns of a year, to be divided among the segments.",
    ),
]


def table_options(command: Command) -> Command:
    """Add the tables themselves."""
    return _with(_TABLES, command)


def reading_options(command: Command) -> Command:
    """Add how tables are read, and what may be used of them."""
    return _with([*_READING, *_PROTECTING], command)


def finding_options(command: Command) -> Command:
    """Add how segments are found, and what for."""
    return _with([*_FINDING, *_PURPOSE], command)


def talking_options(command: Command) -> Command:
    """Add what is told, and where."""
    return _with(_TALKING, command)


def tables_of(options: dict[str, Any]) -> Tables:
    """Take the tables out of a command's options."""
    from coterie.api import Tables

    guessed = tuple(options.pop("tables"))
    return Tables(guessed, **{kind: tuple(options.pop(kind)) for kind in KINDS})


def settings_of(options: dict[str, Any], base: Config | None = None) -> Config:
    """Settings from what is left of a command's options; `base` holds where neither a file nor an option says more."""
    from coterie.api import configure

    start = options.pop("config_file", None) or base
    mapped = _pairs(options.pop("mapped", ()), "--map", "customer_id=CustomerID")
    weights = _pairs(options.pop("weights", ()), "--weights", "value=2")
    columns = _listed((options.pop("columns", None) or "",))
    header = False if options.pop("no_header", False) else None
    lists = {name: _listed(options.pop(name, ())) or None for name in ("basis", "ignore", "audit")}
    lists["suppress"] = tuple(options.pop("suppress", ())) or None
    allowed = _with_reasons(options.pop("allow_special", ()), options.pop("reason", ()))
    return configure(
        start,
        map=mapped or None,
        weights=weights or None,
        columns=columns or None,
        header=header,
        allow_special=allowed or None,
        **lists,
        **options,
    )


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _pairs(values: tuple[str, ...], option: str, example: str) -> dict[str, str]:
    from coterie.errors import ConfigError

    pairs = {}
    for value in values:
        key, found, column = value.partition("=")
        if not found or not key.strip() or not column.strip():
            raise ConfigError(f"{option} {value!r} has no meaning.", remedy=f"Write it as in {option} {example}.")
        pairs[key.strip()] = column.strip()
    return pairs


def _with_reasons(columns: tuple[str, ...], reasons: tuple[str, ...]) -> dict[str, str]:
    """Give each specially protected column that is to be used its reason; one reason may stand for all."""
    from coterie.errors import ConfigError

    told = tuple(reason.strip() for reason in reasons if reason.strip())
    if len(told) == 1:
        told *= max(len(columns), 1)
    if len(told) != len(columns):
        raise ConfigError(
            "--allow-special needs a reason for every column."
            if columns
            else "--reason stands without --allow-special.",
            found=f"{len(columns)} columns and {len(told)} reasons were given.",
            remedy='Write it as in --allow-special allergy --reason "customers asked for offers that suit it".',
        )
    return dict(zip(columns, told, strict=True))


def _with(decorators: list[Callable[[Any], Any]], command: Command) -> Command:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _debug(ctx: click.Context, *, on: bool) -> None:
    if on and ctx.obj is not None:
        ctx.obj["debug"] = True
