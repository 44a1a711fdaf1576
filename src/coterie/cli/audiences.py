"""`coterie audiences`: lists of people for a mail or advertising tool, and segments as rules."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import GroupedCommand, GroupedOption, talking_options
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from coterie.outputs import Export, Study

#: As in `coterie.campaigns.audiences.DESTINATIONS`, which is not imported here because it takes a while to load.
DESTINATIONS = ("generic", "google", "meta", "tiktok", "klaviyo", "mailchimp", "braze")
AUDIENCES = Path("audiences")

_option = partial(click.option, cls=GroupedOption)
_FILE: dict[str, Any] = {"metavar": "FILE", "type": click.Path(path_type=Path)}


@click.command(cls=GroupedCommand)
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY")
@_option(
    "--for",
    "destination",
    type=click.Choice(DESTINATIONS),
    default="generic",
    show_default=True,
    group="What",
    help="The tool that takes the list.",
)
@_option(
    "--segment",
    "segments",
    multiple=True,
    metavar="NAME|N",
    group="What",
    help="A segment's name or number. Repeatable; default: all.",
)
@_option(
    "--fields",
    metavar="NAME,...",
    group="What",
    help="Personal fields that leave instead of the tool's own choice, or +NAME,... to add to it.",
)
@_option("--hashed/--plain", default=None, group="What", help="Hash what the tool hashes (default: wherever it can).")
@_option(
    "--phone-form",
    "phone",
    type=click.Choice(["e164", "digits"]),
    default="e164",
    group="What",
    help="TikTok: phone numbers with + (e164) or without.",
)
@_option(
    "--as-rules",
    is_flag=True,
    group="What",
    help="Instead of lists: each segment as conditions in SQL, for Shopify and for Klaviyo, with how well they fit.",
)
@_option("--customers", **_FILE, group="Who", help="Your customer file with e-mails, phones, consent; never copied.")
@_option(
    "--map",
    "mapped",
    multiple=True,
    metavar="ROLE=COLUMN",
    group="Who",
    help="A column of the customer file, as consent=OptIn or email=Mail. Repeatable.",
)
@_option(
    "--country",
    default="",
    metavar="CC",
    group="Who",
    help="Country of phones and addresses that do not say it, as GB; 'none' leaves such phones out.",
)
@_option(
    "--suppress",
    multiple=True,
    **_FILE,
    group="Who",
    help="People who objected: ids, e-mails, phones or their hashes. Repeatable.",
)
@_option("--exclude", multiple=True, **_FILE, group="Who", help="People whom this campaign is not for. Repeatable.")
@_option(
    "--holdout",
    metavar="FILE|none",
    group="Who",
    help="Groups of a test plan; those held out are left out (default: the plan beside the study).",
)
@_option("--core-only", is_flag=True, group="Who", help="Only customers who surely belong to their segment.")
@_option(
    "--consent-elsewhere",
    is_flag=True,
    group="Who",
    help="Everybody in the customer file agreed to marketing; you keep that elsewhere.",
)
@_option("--encoding", metavar="NAME", group="Reading", help="Encoding of the files, such as cp1252.")
@_option("--delimiter", metavar="CHAR", group="Reading", help="Field separator of the files.")
@_option("--sheet", metavar="NAME", group="Reading", help="Sheet of an Excel workbook.")
@_option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    group="Writing",
    help="Folder to write (default: audiences/<time>-<tool>).",
)
@_option("--preview", is_flag=True, group="Writing", help="Tell what would be written, and write nothing.")
@_option("--yes", is_flag=True, group="Writing", help="Write without asking.")
@_option("--history", is_flag=True, group="Writing", help="Tell what was exported from this study so far.")
@talking_options
def audiences(study: Path, **options: Any) -> None:  # noqa: ANN401
    """Write the lists of a study's segments for a mail or advertising tool.

    Before anything is written you see how many people each list holds, who was left out and why. People who did not
    agree, who objected, or whom a test holds out are left out. The files hold personal data, hashed or not.

    \b
    Examples:
      coterie audiences studies/20260131-101500-orders
      coterie audiences STUDY --for klaviyo --segment Champions --customers customers.csv
      coterie audiences STUDY --for google --customers customers.csv --suppress objections.csv --preview
    """  # fmt: skip
    from coterie.api import load
    from coterie.cli.console import tell_json

    loaded = load(study)
    as_json = options["as_json"]
    if options["history"]:
        _tell_history(study, as_json=as_json)
    elif options["as_rules"]:
        _tell_rules(loaded, options["segments"], as_json=as_json)
    else:
        made = loaded.audience(options["destination"], **_export_options(options))
        written: tuple[Path, ...] = ()
        if not as_json:
            click.echo(made.preview)
        if not options["preview"] and _agreed(made, yes=options["yes"], as_json=as_json):
            written = made.write(
                options["out"] or AUDIENCES / f"{time.strftime('%Y%m%d-%H%M%S')}-{made.destination.name}"
            )
        if as_json:
            tell_json(_document(made, written))
        elif written:
            click.echo(f"\nWritten: {written[0].parent} ({len(written)} files). Delete them when they are uploaded.")


def _export_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of `Study.audience`, from those of the command line."""
    from coterie.config import SourcesSettings

    reading = {name: options[name] for name in ("encoding", "delimiter", "sheet") if options[name]}
    same = (
        "country",
        "customers",
        "suppress",
        "exclude",
        "holdout",
        "core_only",
        "consent_elsewhere",
        "hashed",
        "phone",
    )
    return {name: options[name] for name in same} | {
        "segment": options["segments"],
        "columns": _pairs(options["mapped"]),
        "fields": tuple(part.strip() for part in (options["fields"] or "").split(",") if part.strip()),
        "reading": SourcesSettings(**reading),
    }


def _pairs(mapped: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(one.partition("=")[::2] for one in mapped)
    empty = next((one for one in mapped if not pairs.get(one.partition("=")[0])), None)
    if empty is not None:
        raise ConfigError(f"--map {empty!r} has no meaning.", remedy="Write it as in --map consent=OptIn.")
    return pairs


def _agreed(made: Export, *, yes: bool, as_json: bool) -> bool:
    """Whether to write: --yes, or an answer at the terminal.

    Raises
    ------
    ConfigError
        There is nobody to ask.
    """
    import sys

    if yes:
        return True
    if as_json or not sys.stdin.isatty():
        raise ConfigError(
            f"Nothing was written: {made.size:,} rows of personal data leave only when you say so.",
            remedy="Look at the preview (--preview), then run the same command with --yes.",
        )
    return click.confirm(f"\nWrite {made.size:,} rows of personal data?")


def _document(made: Export, written: tuple[Path, ...]) -> dict[str, Any]:
    from coterie.campaigns import audiences as lists

    return {
        "destination": made.destination.name,
        "hashed": made.form.hashed,
        "lists": lists.preview_document(made.audiences),
        "too_small": dict(made.too_small),
        "told": list(made.told),
        "files": [str(path) for path in written],
    }


def _tell_history(study: Path, *, as_json: bool) -> None:
    from coterie.campaigns import audiences as lists
    from coterie.cli.console import tell_json

    entries = lists.read_log(study)
    if as_json:
        tell_json({"exports": entries})
        return
    if not entries:
        click.echo("Nothing was exported from this study yet.")
    for entry in entries:
        people = "; ".join(f"{one['people']:,} of '{one['segment']}'" for one in entry["lists"])
        click.echo(f"{entry['at'][:16].replace('T', ' ')}  {entry['destination']}: {people} ({entry['folder']})")


def _tell_rules(study: Study, segments: tuple[str, ...], *, as_json: bool) -> None:
    from coterie.cli.console import tell_json
    from coterie.outputs import rules_document, rules_text, segment_rules

    found = segment_rules(study, segments)
    if as_json:
        tell_json({"segments": rules_document(found)})
    else:
        click.echo(rules_text(found))
