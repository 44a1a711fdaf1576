"""What a terminal shows: progress on stderr; verdict, segments and findings on stdout."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from rich.progress import Task

    from coterie.cli.noting import Notes
    from coterie.outputs import Study

#: Share of a run's time that each stage takes, measured on half a million order lines; for the time left only.
_WEIGHTS = {
    "Starting": 0.08,
    "Reading the tables": 0.20,
    "Making one row per customer": 0.05,
    "Choosing what to compare customers by": 0.02,
    "Looking back to an earlier day": 0.09,
    "Trying methods and numbers of segments": 0.20,
    "Looking for the same segments in other samples": 0.06,
    "Testing whether there are groups at all": 0.02,
    "Placing every customer": 0.02,
    "Naming and explaining the segments": 0.04,
    "Forecasting what customers are worth": 0.03,
    "Holding earlier segments against later orders": 0.02,
    "Drawing the charts and writing the study": 0.17,
}
_HONEST_FROM = 0.1  # below this share of the work no remaining time is worth telling


class _TimeLeft(ProgressColumn):
    def render(self, task: Task) -> Text:
        done = task.completed / (task.total or 1)
        if done < _HONEST_FROM or task.elapsed is None or task.finished:
            return Text("")
        left = task.elapsed * (1 - done) / done
        return Text(f"about {left:.0f} s left" if left < 90 else f"about {left / 60:.0f} min left", style="dim")


class Drawn:
    """Draws the stages on stderr: a bar with the time left on a terminal, a line per stage elsewhere."""

    def __init__(self, *, quiet: bool, notes: Notes | None = None) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._notes = notes
        self._bar: Progress | None = None
        self._before = 0.0
        self._weight = 0.0
        self._title = ""
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.quiet:
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), _TimeLeft(),
                console=self._console, transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task("Starting", total=1.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._notes:
            self._notes.failed(error)
        if self._bar:
            self._bar.stop()
        elif error is None and self._title:
            self._console.print(f"done in {time.monotonic() - self._start:.1f} s", style="dim")

    def stage(self, title: str) -> None:
        """Begin a stage."""
        self._before += self._weight
        self._weight = _WEIGHTS.get(title, 0.0)
        self._title = title
        self._note(0.0)
        if self._bar:
            self._bar.update(self._task, description=title, completed=self._before)
        else:
            self._console.print(f"{time.monotonic() - self._start:6.1f} s  {title} …", style="dim")

    def advance(self, fraction: float) -> None:
        """Draw how much of the stage is done."""
        self._note(fraction)
        if self._bar:
            self._bar.update(self._task, completed=self._before + self._weight * min(max(fraction, 0.0), 1.0))

    def _note(self, fraction: float) -> None:
        if self._notes:
            self._notes.stage(self._title, self._before + self._weight * min(max(fraction, 0.0), 1.0))


def tell_study(study: Study, folder: Path, *, as_json: bool) -> None:
    """Print the verdict, the segments and where the report is; or all of it as one JSON document."""
    if as_json:
        tell_json(study_document(study, folder))
        return
    console = Console()
    console.print()
    console.print(Text(str(study.verdict.sentence), style="bold"))
    for sentence in _about_the_choice(study):
        console.print(Text(sentence))
    console.print()
    console.print(_segment_table(study))
    for sentence in (study.manifest.get("change") or {}).get("sentences", ()):
        console.print(Text(sentence))
    warnings = sum(finding.severity == "warning" for finding in study.findings)
    if warnings:
        console.print(
            f"{warnings} {'thing needs' if warnings == 1 else 'things need'} a look in the data: see the report."
        )
    console.print(f"Study:  {folder}", soft_wrap=True, highlight=False)
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True, highlight=False)


def _about_the_choice(study: Study) -> list[str]:
    """How far to trust the choice, and what the user's wishes cost."""
    search = study.manifest["search"]
    trust, told = search.get("trust"), list(search.get("account", {}).get("price", ()))
    if trust is None:
        return told
    if not search.get("trust_tested", True):
        return [f"Score of this choice: {trust:.2f} of 1, an estimate outside what was tested.", *told]
    scale = "1 = such choices find the true groups exactly, 0 = no better than chance"
    below = "below " if search.get("trust_is_a_bound") else ""
    return [f"Trust in this choice: {below}{trust:.2f} of 1 ({scale}; tested on made-up customers).", *told]


def tell_json(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout, with the version of its shape."""
    json.dump({"format": 1, **document}, sys.stdout, ensure_ascii=False, indent=1, default=str, allow_nan=False)
    sys.stdout.write("\n")


def study_document(study: Study, folder: Path) -> dict[str, Any]:
    """Give verdict, segments and findings as plain data; numbers that are unknown are null."""
    from coterie.outputs import to_plain

    return {
        "study": str(folder),
        "report": str(folder / "report.html"),
        "verdict": to_plain(study.verdict),
        "method": study.manifest["search"]["method"],
        "trust": study.manifest["search"].get("trust"),
        "account": to_plain(study.manifest["search"].get("account", {})),
        "customers": study.manifest["n_customers"],
        "segments": [
            {key: value for key, value in to_plain(segment).items() if key not in ("typical", "edge")}
            for segment in study.profiled
        ],
        "change": to_plain(study.manifest.get("change")),
        "findings": to_plain(study.findings),
    }


def _longest_word(names: Iterable[str]) -> int:
    return max((len(word) for name in names for word in name.split()), default=0)


def _segment_table(study: Study) -> Table:
    with_value = any(segment.value_share == segment.value_share for segment in study.profiled)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("#", justify="right")
    # Names break between words only; below this width of a terminal nothing else could be shown beside them.
    table.add_column("Segment", style="bold", min_width=_longest_word(part.name for part in study.profiled))
    table.add_column("Customers", justify="right")
    table.add_column("Share", justify="right")
    if with_value:
        table.add_column("Revenue", justify="right")
    table.add_column("How stable", no_wrap=True)
    table.add_column("What to do", min_width=14)
    for part in study.profiled:
        cells: list[str | Text] = [str(part.segment_id), Text(part.name), f"{part.size:,}", f"{part.share:.0%}"]
        shown = f"{part.value_share:.0%}" if part.value_share == part.value_share else "not shown"
        cells += [shown] if with_value else []
        table.add_row(*cells, part.stability_badge, Text(part.play.title if part.play else ""))
    return table
