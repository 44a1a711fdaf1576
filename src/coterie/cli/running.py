"""What the commands share that run or read studies: where a study goes, what is kept, what is printed."""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    import pandas as pd

    from coterie.api import Tables
    from coterie.beside import SecondProcess
    from coterie.campaigns import PlayTest
    from coterie.config import Config
    from coterie.outputs import Study
    from coterie.progress import Progress

STUDIES = Path("studies")

#: What a second process loads: what searches and, when nothing waits for it, what draws.
_SEARCHING = (
    "coterie.pipeline", "coterie.preparation.recipe", "coterie.preparation.basis", "coterie.clustering.beside",
    "coterie.clustering.away", "coterie.clustering.segment_search", "coterie.profiles.description",
    "coterie.holdout.running",
)  # fmt: skip
_DRAWING = ("coterie.outputs.charts.drawing",)
#: What this process needs when the search is over.
_WRITING = (
    "coterie.outputs.writing",
    "coterie.outputs.charts.beside",
    "coterie.outputs.report",
    "coterie.outputs.briefs",
    "coterie.outputs.ready",
)
_LAST = ("coterie.cli.settled",)


def run_study(
    tables: Tables,
    config: Config,
    out: Path | None,
    progress: Progress,
    *,
    like: Study | None = None,
    learned: Sequence[Path] = (),
) -> tuple[Study, Path]:
    """Run a study, as a later one of `like` if there is one, and write its folder, which must not hold anything yet.

    `learned` names results of measured campaigns; those of the plans beside `like` are read as well.
    """
    inputs = tables.inputs()
    folder = out or STUDIES / f"{time.strftime('%Y%m%d-%H%M%S')}-{_slug(inputs[0].data)}"
    refuse_used(folder)
    earlier = like.as_earlier() if like else None
    os.environ.setdefault("MPLBACKEND", "agg")  # charts go to files; what draws would look for a screen
    with _second_process() as second, _uncollected():
        from coterie.pipeline import segment

        tests = _learned(like, learned)
        also = (*_WRITING, *_DRAWING, *_LAST)
        segmentation = segment(
            inputs, config, progress=progress, also_load=also, earlier=earlier, second=second, learned=tests
        )

        from coterie.outputs import Study

        study = Study.from_segmentation(segmentation)
        progress.stage("Drawing the charts and writing the study")
        return study, study.write(folder, second=second, progress=progress)


def _learned(like: Study | None, named: Sequence[Path]) -> tuple[PlayTest, ...]:
    if like is None and not named:
        return ()
    from coterie.outputs import learned_for

    return learned_for(like, named)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect no garbage until all is loaded (`coterie.cli.settled`): libraries make many objects, which all stay."""
    if not gc.isenabled() or _LAST[0] in sys.modules:  # it is somebody else's business, or all is loaded
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()  # what is left at the end of the process goes in order
        gc.enable()


def _second_process() -> AbstractContextManager[SecondProcess | None]:
    """A process on a second core, where there is one."""
    from coterie.beside import SecondProcess, cores

    return SecondProcess(_SEARCHING, later=_DRAWING) if cores() > 1 else nullcontext()


def refuse_used(folder: Path) -> None:
    """Say before the work, not after it, that a study cannot go where something lies.

    Raises
    ------
    StudyError
        The folder holds something, or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            f"The study cannot be written to '{folder}': something is there already.",
            remedy="Name another folder with --out; a study is never changed.",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        probe = folder.parent / f".{folder.name}.probe"
        probe.mkdir()
        probe.rmdir()
    except OSError as cause:
        raise StudyError(
            f"The study cannot be written to '{folder}'.",
            found=cause.strerror or "",
            remedy="Name a folder that you may write to with --out.",
        ) from cause


def write_scores(scores: pd.DataFrame, out: Path | None) -> None:
    """Write scores as CSV to a file, or to stdout; what was found goes to stderr."""
    from coterie.outputs import scores_csv

    content = scores_csv(scores)
    if out:
        out.write_bytes(content)
        click.echo(f"{len(scores):,} customers placed: {out}", err=True)
    else:
        click.echo(content.decode("utf-8"), nl=False)
    for finding in scores.attrs.get("findings", ()):
        click.echo(f"{finding.message} {finding.remedy}", err=True)


def list_studies(folder: Path) -> list[dict[str, Any]]:
    """Describe each study in a folder, the newest first; folders without a readable manifest are left out."""
    described = (_describe(path) for path in folder.glob("*/manifest.json"))
    return sorted((entry for entry in described if entry), key=lambda entry: entry["made_at"], reverse=True)


def tell_studies(found: list[dict[str, Any]], folder: Path) -> None:
    """Print studies as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not found:
        click.echo(f"No studies in '{folder}'. Make one with: coterie segment orders.csv")
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Study", "Made", "Customers", "Segments", "Verdict"):
        table.add_column(title, overflow="fold", justify="right" if title in ("Customers", "Segments") else "left")
    for entry in found:
        counts = (f"{entry['customers']:,}", str(entry["segments"]))
        table.add_row(Text(entry["study"]), entry["made_at"][:16].replace("T", " "), *counts, entry["verdict"])
    Console().print(table)


def _describe(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return {
            "study": str(path.parent),
            "title": manifest["title"],
            "made_at": manifest["made_at"],
            "customers": manifest["n_customers"],
            "segments": manifest["n_segments"],
            "verdict": manifest["verdict"]["word"],
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _slug(data: object) -> str:
    text = str(data)
    if "://" in text:  # the address of a database, of which only the table is shown: it may hold a password
        text = text.partition("?")[2].partition("=")[2].partition("&")[0].rpartition(".")[2]
        text = "query" if " " in text else text
    name = Path(text).name.split(".")[0] if isinstance(data, (str, Path)) else "dataframe"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "study"
