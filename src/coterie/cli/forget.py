"""`coterie forget`: erase customers from studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import GroupedCommand, GroupedOption, talking_options
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from coterie.outputs import Erasure


@click.command(cls=GroupedCommand)
@click.argument("studies", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="STUDY...")
@click.option(
    "--customer",
    "customers",
    cls=GroupedOption,
    group="Who",
    multiple=True,
    metavar="ID",
    help="A customer's id, as in your orders. Repeatable.",
)
@click.option(
    "--file",
    "files",
    cls=GroupedOption,
    group="Who",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A file with a column of ids. Repeatable.",
)
@click.option("--yes", is_flag=True, cls=GroupedOption, group="Who", help="Erase without asking.")
@talking_options
def forget(studies: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401
    """Erase customers from studies: their rows in tables and lists, and their points in the model.

    What was counted stays counted, and no file names them any more. An erasure cannot be undone.

    \b
    Examples:
      coterie forget studies/* --customer C00000042
      coterie forget studies/20260131-101500-orders --file erase.csv --yes
    """  # fmt: skip
    from coterie.cli.console import tell_json
    from coterie.outputs import REMAINS, load
    from coterie.outputs import forget as erase

    ids = [key.strip() for key in options["customers"] if key.strip()] + _ids_in(options["files"])
    if not ids:
        raise ConfigError("Nobody was named.", remedy="Name a customer with --customer ID, or many with --file FILE.")
    for study in studies:
        load(study)  # a damaged one is told before any is changed
    if not options["yes"]:
        _ask(len(set(ids)), len(studies))
    erased = [erase(study, ids) for study in studies]
    if options["as_json"]:
        tell_json({"studies": [_document(one) for one in erased], "remains": list(REMAINS)})
        return
    for one in erased:
        _tell(one)
    click.echo("\n".join(REMAINS))


def _ids_in(files: tuple[Path, ...]) -> list[str]:
    from coterie.campaigns import audiences

    return [key for path in files for key in audiences.read_ids(path)]


def _ask(customers: int, studies: int) -> None:
    import sys

    what = f"{customers:,} customer{'s' * (customers > 1)} from {studies:,} stud{'ies' if studies > 1 else 'y'}"
    if not sys.stdin.isatty():
        raise ConfigError("Nothing was erased: an erasure cannot be undone.", remedy="Say so with --yes.")
    click.confirm(f"Erase {what} for good?", abort=True)


def _tell(one: Erasure) -> None:
    if not one.rows:
        click.echo(f"{one.folder}: none of them is in it.")
    else:
        told = ", ".join(f"{name} {count:,}" for name, count in one.rows.items())
        click.echo(f"{one.folder}: {one.customers:,} erased (rows: {told}).")
    if one.exported:
        click.echo(f"  Lists of this study were made for: {'; '.join(one.exported)}.")


def _document(one: Erasure) -> dict[str, Any]:
    return {
        "study": str(one.folder),
        "customers": one.customers,
        "rows": dict(one.rows),
        "exported": list(one.exported),
    }
