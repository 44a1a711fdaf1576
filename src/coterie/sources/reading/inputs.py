"""The room's door: any input, a file, several files or a dataframe, becomes one raw relation."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.progress import SILENT
from coterie.sources.left_out import create_left_out
from coterie.sources.raw import SOURCE_ROW, Input, RawTable
from coterie.sources.reading.contents import Content, fingerprint, recognise, unpack
from coterie.sources.reading.parts import HARMLESS, Part, Target, listed, plural
from coterie.sources.reading.paths import Files, Snapshot, find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.progress import Progress
    from coterie.vocabulary import Finding

#: Where the reader of each kind of content is; it is loaded when it is needed.
_READERS = {
    Content.TEXT: ("text", "read_text"),
    Content.JSON: ("jsonlines", "read_json"),
    Content.PARQUET: ("parquet", "read_parquet"),
    Content.EXCEL: ("excel", "read_excel"),
}
#: Row counts, with and without a header, at which spreadsheet programs cut an export.
_SPREADSHEET_LIMITS = (1_048_576, 65_536)


def read_input(
    item: Input, engine: DuckDBEngine, settings: SourcesSettings, *, number: int, progress: Progress = SILENT
) -> RawTable:
    """Read one input into the engine table `raw_<number>`.

    Parameters
    ----------
    item : Input
        A path, glob, folder or dataframe.
    engine : DuckDBEngine
        Where the rows go. Temporary files lie in its folder.
    settings : SourcesSettings
        How to read.
    number : int
        Position among the inputs; it names the relation.
    progress : Progress
        Told after each file.

    Returns
    -------
    RawTable
        `rows_read` is the number of rows in the relation plus those in `left_out`.

    Raises
    ------
    InputError, ConfigError
        Everything that makes the input unreadable or unsafe to read.
    """
    create_left_out(engine)
    relation = f"raw_{number}"
    if not isinstance(item.data, str | os.PathLike):
        from coterie.sources.reading.frames import read_frame

        name = f"table {number}"
        part = read_frame(item.data, Target(engine, settings, name, name, relation))
        return _raw_table(name, relation, part, item, engine)
    files = find_files(item.data)
    snapshots = [Snapshot.take(path, label) for path, label in zip(files.paths, files.labels, strict=True)]
    parts = _read_files(files, Target(engine, settings, files.name, files.name, relation), progress)
    part = parts[0] if len(parts) == 1 else _united(parts, files, engine, relation, settings)
    checks = tuple(
        partial(snapshot.check, path, label)
        for snapshot, path, label in zip(snapshots, files.paths, files.labels, strict=True)
    )
    return replace(_raw_table(files.name, relation, _with_notes(part, files), item, engine), checks=checks)


def _read_files(files: Files, target: Target, progress: Progress) -> list[Part]:
    parts: list[Part] = []
    offset, single = 0, len(files.paths) == 1
    for i, (path, label) in enumerate(zip(files.paths, files.labels, strict=True)):
        relation = target.relation if single else f"{target.relation}_{i}"
        part = _read_file(path, replace(target, file=label, relation=relation, offset=offset, alone=single))
        parts.append(part)
        offset += part.last_row
        progress.advance((i + 1) / len(files.paths))
    return parts


def _read_file(path: Path, target: Target) -> Part:
    """Read one file, by its content; refuse it when it changed meanwhile."""
    before = Snapshot.take(path, target.file)
    part = _by_content(path, target)
    before.check(path, target.file)
    return part


def _by_content(path: Path, target: Target) -> Part:
    content = recognise(path, target.file)
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(fingerprint, path)  # of a long file that takes seconds, and no interpreter
        part = _read_content(content, path, target)
        return replace(part, fingerprint=digest.result())


def _read_content(content: Content, path: Path, target: Target) -> Part:
    if content not in (Content.GZIP, Content.ZIP):
        return _reader(content)(path, target)
    unpacked = target.scratch("unpacked")
    inner = unpack(path, content, unpacked, target.file)
    within = recognise(unpacked, inner)
    if within in (Content.GZIP, Content.ZIP):
        raise InputError(f"'{target.file}' is packed twice.", remedy="Unpack it first.")
    part = _reader(within)(unpacked, replace(target, stays=False))
    unpacked.unlink()
    note = target.note("unpacked", f"'{target.file}' is a {content} file; the table inside was read.")
    return replace(part, findings=(note, *part.findings))


def _reader(content: Content) -> Callable[[Path, Target], Part]:
    module, name = _READERS[content]
    reader: Callable[[Path, Target], Part] = getattr(import_module(f"coterie.sources.reading.{module}"), name)
    return reader


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _check_share(rows: int, left_out: Mapping[str, int], name: str, settings: SourcesSettings) -> None:
    """Refuse several files of which too much is unreadable; in all, so that it does not depend on the split."""
    unreadable = {reason: count for reason, count in left_out.items() if reason not in HARMLESS}
    share = sum(unreadable.values()) / rows if rows else 0.0
    if share > settings.max_rejected:
        raise InputError(
            f"{sum(unreadable.values()):,} of {plural(rows, 'row')} of '{name}' cannot be read.",
            found=", ".join(f"{unreadable[reason]:,} {reason}" for reason in sorted(unreadable)) + ".",
            remedy="Check the field separator (--delimiter); to leave these rows out, raise --max-rejected "
            f"(now {settings.max_rejected:g}) above {share:.2g}.",
        )


def _united(parts: list[Part], files: Files, engine: DuckDBEngine, relation: str, settings: SourcesSettings) -> Part:
    """Put the rows of several files below each other, in the order of their names."""
    _check_same_columns(parts, files)
    rows, left_out = sum(part.rows_read for part in parts), _added(part.left_out for part in parts)
    _check_share(rows, left_out, files.name, settings)
    columns = ", ".join(engine.dialect.quote(name) for name in (SOURCE_ROW, *parts[0].columns))
    several = [f"{relation}_{i}" for i in range(len(parts))]
    union = " UNION ALL ".join(f"SELECT {columns} FROM {name}" for name in several)
    views = {row[0] for row in engine.rows("SELECT view_name FROM duckdb_views()")}
    if views.issuperset(several):
        engine.run(f"CREATE OR REPLACE VIEW {relation} AS {union}", "several files")
    else:
        engine.run(
            f"CREATE OR REPLACE TABLE {relation} AS SELECT * FROM ({union}) ORDER BY {SOURCE_ROW}", "several files"
        )
        for name in several:
            engine.run(f"DROP {'VIEW' if name in views else 'TABLE'} {name}")
    many = frozenset().union(*(part.many for part in parts))
    return Part(
        values=_united_values(engine, parts, relation, many),
        many=many,
        columns=parts[0].columns,
        rows_read=rows,
        fingerprint=_fingerprint_of(part.fingerprint for part in parts),
        last_row=sum(part.last_row for part in parts),
        formats={**parts[0].formats, "files": f"{len(parts):,}"},
        left_out=left_out,
        findings=_merged([finding for part in parts for finding in part.findings]),
    )


def _united_values(engine: DuckDBEngine, parts: list[Part], relation: str, many: frozenset[str]) -> dict[str, str]:
    """Put together the lists of different values that every file has."""
    united: dict[str, str] = {}
    for place, column in enumerate(parts[0].values):
        lists = [part.values[column] for part in parts if column in part.values]
        if len(lists) == len(parts) and column not in many:
            union = " UNION ALL ".join(f"SELECT * FROM {name}" for name in lists)
            united[column] = f"{relation}_values_{place}"
            engine.run(
                f"CREATE OR REPLACE TABLE {united[column]} AS SELECT raw, CAST(sum(n) AS BIGINT) AS n, "
                f"min(first_row) AS first_row FROM ({union}) GROUP BY raw",
                f"values of column '{column}'",
            )
    for name in {name for part in parts for name in part.values.values()}:
        engine.run(f"DROP TABLE {name}")
    return united


def _check_same_columns(parts: list[Part], files: Files) -> None:
    first = parts[0].columns
    for part, label in zip(parts, files.labels, strict=True):
        if part.columns != first and sorted(part.columns) != sorted(first):
            only_first = [name for name in first if name not in part.columns]
            only_other = [name for name in part.columns if name not in first]
            raise InputError(
                f"The files of '{files.name}' have different columns: '{files.labels[0]}' and '{label}'.",
                found=" ".join(
                    f"Only '{name}' has {listed(columns)}."
                    for name, columns in ((files.labels[0], only_first), (label, only_other))
                    if columns
                ),
                remedy="Put files of one kind into one folder, or name the tables one by one.",
            )


def _fingerprint_of(digests: object) -> str:
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()  # type: ignore[arg-type]


def _merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings of several files that say the same are one, with their counts added."""
    kept: dict[tuple[str, str], Finding] = {}
    times: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        key = (finding.code, finding.column)
        times[key] += 1
        earlier = kept.get(key)
        kept[key] = replace(earlier, count=earlier.count + finding.count) if earlier else finding
    return tuple(
        replace(
            f, message=f"{f.message[:-1]}, and likewise in {plural(times[key] - 1, 'more file')} (in all {f.count:,})."
        )
        if times[key] > 1 and f.count
        else f
        for key, f in kept.items()
    )


def _with_notes(part: Part, files: Files) -> Part:
    from coterie.vocabulary import Finding, Severity

    findings = list(part.findings)
    if len(files.paths) > 1:
        message = f"'{files.name}' stands for {len(files.paths):,} files, read in the order of their names."
        findings.append(Finding("several-files", Severity.NOTE, message, table=files.name, count=len(files.paths)))
    if files.ignored:
        message = f"Ignored {plural(len(files.ignored), 'file')} in '{files.name}': {listed(files.ignored, 5)}."
        findings.append(Finding("ignored-files", Severity.NOTE, message, table=files.name, count=len(files.ignored)))
    if part.rows_read in _SPREADSHEET_LIMITS or part.rows_read + 1 in _SPREADSHEET_LIMITS:
        findings.append(
            Finding(
                "spreadsheet-limit",
                Severity.WARNING,
                f"'{files.name}' has {part.rows_read:,} rows, as many as a spreadsheet can hold: it was probably cut.",
                "Export it again without opening it in a spreadsheet.",
                table=files.name,
                count=part.rows_read,
            )
        )
    return replace(part, findings=tuple(findings))


def _raw_table(name: str, relation: str, part: Part, item: Input, engine: DuckDBEngine) -> RawTable:
    if part.rows_read == sum(part.left_out.values()):
        raise InputError(
            f"'{name}' has no row that can be used.",
            found=", ".join(f"{count:,} {reason}" for reason, count in sorted(part.left_out.items())),
            remedy="Export it again with its rows.",
        )
    types = {column: type_ for column, type_ in engine.columns(relation).items() if column in part.columns}
    return RawTable(
        name=name,
        relation=relation,
        columns=part.columns,
        types=types,
        rows_read=part.rows_read,
        fingerprint=part.fingerprint,
        formats=part.formats,
        left_out=part.left_out,
        findings=part.findings,
        kind=item.kind,
        values=part.values,
        many=part.many,
    )
