"""Write the pages of docs/ that are made from the code and from results of benchmarks, with the pictures of the latter.

A test runs this with --check and fails when a committed page differs, or a picture shows other results.
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


def benchmarks() -> str:
    """What was measured."""
    from benchmarks_page import page

    return page()


PAGES = {
    "command-line.md": command_line,
    "settings.md": settings,
    "features.md": features,
    "audiences.md": audiences,
    "benchmarks.md": benchmarks,
}


def pictures(*, check: bool) -> int:
    """Draw the pictures of benchmarks, or compare which results they show; gives the number that differ.

    Bytes are not compared: another version of the plotting library draws the same results otherwise.
    """
    from benchmarks_page import fingerprints, images

    folder = ROOT / "docs" / "images"
    if not check:
        for name, svg in images().items():
            (folder / name).write_text(svg, encoding="utf-8")
        return 0
    wrong = [
        name
        for name, mark in fingerprints().items()
        if not (folder / name).is_file() or f"[{mark}]" not in (folder / name).read_text(encoding="utf-8")
    ]
    for name in wrong:
        sys.stderr.write(f"docs/images/{name} shows other results; run: make docs\n")
    return len(wrong)


def main() -> int:
    """Write the pages, or with --check compare them; gives the number of pages that differ."""
    os.environ["COLUMNS"] = "110"
    different = pictures(check="--check" in sys.argv)
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
