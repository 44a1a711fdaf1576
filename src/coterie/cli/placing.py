"""What `coterie score` does with the segments that it finds: a file, a table, or standard output."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from coterie.config import Config
    from coterie.outputs import Placed, Study
    from coterie.progress import Progress
    from coterie.sources import Input
    from coterie.vocabulary import Finding


@dataclass(frozen=True)
class Wanted:
    """Where the segments go: a file, a table of the database, or standard output as CSV or JSON."""

    out: Path | None
    into: str
    as_json: bool

    def __post_init__(self) -> None:
        if self.out and self.into:
            raise ConfigError("--out and --into exclude each other.", remedy="Write a file or a table, one at a time.")


def place_here(study: Study, inputs: Sequence[Input], config: Config, progress: Progress, wanted: Wanted) -> None:
    """Read the customers, place them here, and write or print what was found of each."""
    from coterie.cli.console import tell_json
    from coterie.cli.running import write_scores
    from coterie.outputs import read_customers, score, score_into

    if wanted.into:
        scores = score_into(study, inputs, wanted.into, config=config, progress=progress)
        _tell_written(
            study, wanted, {int(i): int((scores["segment_id"] == i).sum()) for i in sorted(set(scores["segment_id"]))}
        )
        _tell(scores.attrs["findings"])
        return
    scores = score(study, read_customers(study, inputs, config=config, progress=progress))
    if wanted.as_json:
        tell_json({"customers": scores.reset_index().to_dict("records")})
    else:
        write_scores(scores, wanted.out)


def place_where_they_lie(
    study: Study, inputs: Sequence[Input], config: Config, progress: Progress, wanted: Wanted
) -> None:
    """Place the customers in their engine, and bring ids and segments, or leave these there as a table."""
    from coterie.cli.console import tell_json
    from coterie.outputs import differences, place_there

    with place_there(study, inputs, config=config, progress=progress) as placed:
        found = differences(study, placed.outside, len(placed))
        if wanted.into:
            placed.write(wanted.into)
            _tell_written(study, wanted, placed.counts)
        elif wanted.as_json:
            tell_json({"customers": [row for batch in placed.batches() for row in batch.to_pylist()]})
        else:
            _write(placed, wanted.out)
    _tell(found)


def _tell_written(study: Study, wanted: Wanted, counts: Mapping[int, int]) -> None:
    from coterie.cli.console import tell_json

    names = {segment.segment_id: segment.name for segment in study.profiled}
    if wanted.as_json:
        rows = [{"segment_id": int(i), "segment": names[i], "customers": int(n)} for i, n in counts.items()]
        tell_json({"into": wanted.into, "segments": rows})
    else:
        click.echo(f"{sum(counts.values()):,} customers placed: {wanted.into}", err=True)


def _write(placed: Placed, out: Path | None) -> None:
    if out is None:
        placed.write_csv(sys.stdout.buffer)
        sys.stdout.flush()
        return
    with _whole(out) as file:
        placed.write_csv(file)
    click.echo(f"{len(placed):,} customers placed: {out}", err=True)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name when everything is written."""
    making = path.with_name(f".{path.name}.part")
    try:
        with making.open("wb") as file:
            yield file
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.message} {finding.remedy}", err=True)
