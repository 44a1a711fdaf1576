"""Write the pages of docs/ that are made from the code: the command line, the settings, the features, the lists.

A test runs this with --check and fails when a committed page differs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def command_line() -> str:
    """Every command's `--help`."""
    import click

    from coterie.cli.main import main

    parts = ["# The command line\n", "Made from the program by `make docs`.\n"]
    context = click.Context(main, info_name="coterie", terminal_width=110, max_content_width=110)
    parts.append(f"```\n{main.get_help(context)}\n```\n")
    for name, command in sorted(main.commands.items()):
        inner = click.Context(command, info_name=name, parent=context, terminal_width=110, max_content_width=110)
        parts.append(f"## coterie {name}\n\n```\n{command.get_help(inner)}\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """The default `coterie.toml`."""
    from coterie.config import Config, dump_config

    head = "# Settings\n\nMade from the program by `make docs`. These are the defaults; an unknown key is an error.\n"
    return f"{head}\n```toml\n{dump_config(Config()).strip()}\n```\n"


def features() -> str:
    """Every feature of the catalogue."""
    from coterie.features.catalog import markdown

    return markdown()


def audiences() -> str:
    """What every mail and advertising tool gets."""
    from coterie.campaigns.audiences.page import markdown

    return markdown()


PAGES = {"command-line.md": command_line, "settings.md": settings, "features.md": features, "audiences.md": audiences}


def main() -> int:
    """Write the pages, or with --check compare them; gives the number of pages that differ."""
    os.environ["COLUMNS"] = "110"
    different = 0
    for name, make in PAGES.items():
        path = ROOT / "docs" / name
        text = make()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                different += 1
                sys.stderr.write(f"docs/{name} differs from the code; run: make docs\n")
        else:
            path.write_text(text, encoding="utf-8")
    return different


if __name__ == "__main__":
    sys.exit(main())
