"""`coterie playbook`: the playbook to start one's own from, and a check of it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--check", type=click.Path(path_type=Path), metavar="FILE", help="Check a playbook of your own instead.")
@click.option("--column", "columns", multiple=True, metavar="NAME",
              help="With --check: a column of your customer table that conditions may name. Repeatable.")  # fmt: skip
def playbook(check: Path | None, columns: tuple[str, ...]) -> None:
    """Print the bundled playbook: what is done about each kind of segment.

    Keep what you want to change, in the same form, and give it to `coterie segment --playbook FILE`.

    \b
    Examples:
      coterie playbook > playbook.toml
      coterie playbook --check playbook.toml
    """
    from coterie.campaigns import bundled_text, check_playbook

    if check is None:
        click.echo(bundled_text(), nl=False)
        return
    book, unknown = check_playbook(check, columns)
    plays = book.plays.values()
    own = sum(play.is_own for play in plays)
    click.echo(f"The playbook can be used: {len(plays)} plays, {own} chosen by conditions of your own.")
    if unknown:
        click.echo(
            f"No feature is named {', '.join(unknown)}: such a condition is met only where your customer table has a "
            "column of that name."
        )
