"""Which files a study folder holds, and what stands in each."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from coterie.memory import let_go
from coterie.outputs import tables
from coterie.outputs.charts import NAMES as CHARTS
from coterie.outputs.folder import FolderWriter, whole_or_absent
from coterie.outputs.model import model_parts
from coterie.outputs.plain import dump_json
from coterie.outputs.spreadsheet import CHUNK, column_kinds, csv_cells, write_csv, write_header, write_rows
from coterie.outputs.sql import stored_sql
from coterie.outputs.study import SOMETIMES, TABLES, Study
from coterie.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from coterie.beside import SecondProcess
    from coterie.progress import Progress

#: Customers in one piece of customers.parquet: who looks for one customer reads one piece, not all.
ROW_GROUP = 16_384
#: Customers made ready for it at once.
_AT_ONCE = 16 * ROW_GROUP
#: Number formats of customers.csv and the audience files.
_CONFIDENCE = {"confidence": ".4f"}


def write_study(
    study: Study, folder: Path, second: SecondProcess | None = None, *, progress: Progress = SILENT
) -> Path:
    """Write a study folder, whole or not at all; a second process may draw some of the charts meanwhile."""
    from coterie.outputs.charts.beside import WITHOUT, drawing_beside

    names = ("segments", *TABLES, *(name for name in SOMETIMES if name in study.tables))
    manifest = dict(study.manifest) | {"columns": {name: column_kinds(study.tables[name]) for name in names}}
    with whole_or_absent(folder, manifest) as writer:
        _put_tables(writer, study, [name for name in names if name not in WITHOUT])
        writer.put("segments.json", dump_json(study.profiled))
        _put_model(writer, study)
        _put_parquet(writer, study.customers)
        so_far = dump_json(manifest | {"files": writer.files})
        with drawing_beside(second, study, writer.folder, so_far, _Counted(progress, len(CHARTS))):
            writer.put("assign.sql", stored_sql(study).encode("utf-8"))
            _put_tables(writer, study, WITHOUT)
            _put_lists(writer, study)
            _put_briefs(writer, study)
        _put_charts(writer, study)
        _put_report(writer, study)
    return folder


class _Counted:
    """Tells the progress of each chart, from whichever thread has it."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._lock = Lock()

    def __call__(self) -> None:
        """Count one more."""
        with self._lock:
            self._done += 1
            self._progress.advance(self._done / (self._total + 1))  # the report comes after the charts


def _put_tables(writer: FolderWriter, study: Study, names: Sequence[str]) -> None:
    for name in names:
        _put_csv(writer, f"{name}.csv", study.tables[name])


def _put_csv(writer: FolderWriter, name: str, frame: pd.DataFrame, formats: dict[str, str] | None = None) -> None:
    with writer.open(name) as file:
        write_csv(frame, file, formats)


def _put_parquet(writer: FolderWriter, customers: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(customers)
    with (
        writer.open("customers.parquet") as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            use_dictionary=[field.name for field in schema if not pa.types.is_floating(field.type)],  # they repeat
            write_statistics=["customer_id"],  # by which one customer's piece is found; of the rest nobody asks
        ) as parquet,
    ):
        for piece in _pieces(customers):
            parquet.write_table(pa.Table.from_pandas(piece, schema, preserve_index=False), ROW_GROUP)
            let_go()


def _schema(customers: pd.DataFrame) -> pa.Schema:
    """Types of the columns of customers.parquet; those of Python objects by all rows, since some may have none."""
    import pyarrow as pa

    pieces = _pieces(customers)
    schema = pa.Table.from_pandas(next(pieces), preserve_index=False).schema
    if next(pieces, None) is None:
        return schema
    for place, field in enumerate(schema):
        column = customers.index if field.name == customers.index.name else customers[field.name]
        if column.dtype == object and not pa.types.is_string(field.type) and not pa.types.is_large_string(field.type):
            schema = schema.set(place, field.with_type(pa.array(column.to_numpy(), from_pandas=True).type))
    return schema


def _pieces(customers: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give some row groups of customers at a time: a copy of all of them would be as large as they are."""
    for start in range(0, max(len(customers), 1), _AT_ONCE):
        yield customers.iloc[start : start + _AT_ONCE].reset_index()


def _put_lists(writer: FolderWriter, study: Study) -> None:
    """Write who is in which segment: everyone in one file, and each segment in a file of its own, in one pass."""
    wanted = list(dict.fromkeys((*tables.CUSTOMER_CSV, *tables.AUDIENCE_SOURCE)))[1:]
    customers = study.customers[wanted]
    with ExitStack() as stack:
        everyone = stack.enter_context(writer.open("customers.csv"))
        write_header(tables.CUSTOMER_CSV, everyone)
        lists = {
            segment_id: stack.enter_context(writer.open(f"audiences/{slug}.csv"))
            for segment_id, slug in tables.slugs(study.profiled).items()
        }
        for file in lists.values():
            write_header(tables.AUDIENCE, file)
        for start in range(0, len(customers), CHUNK):
            part = customers.iloc[start : start + CHUNK].reset_index()
            cells = csv_cells(part, _CONFIDENCE)
            write_rows([cells[name] for name in tables.CUSTOMER_CSV], everyone)
            for segment_id, file in lists.items():
                inside = np.flatnonzero(part["segment_id"].to_numpy() == segment_id)
                write_rows([cells[name].take(inside) for name in tables.AUDIENCE_SOURCE], file)


def _put_model(writer: FolderWriter, study: Study) -> None:
    description, files = model_parts(study.model)
    for name, content in files.items():
        writer.put(f"model/{name}", content)
    writer.put("model/model.json", dump_json(description))


def _put_briefs(writer: FolderWriter, study: Study) -> None:
    from coterie.outputs.briefs import make_briefs

    for brief in make_briefs(study):
        writer.put(brief.file, brief.markdown().encode("utf-8"))


def _put_charts(writer: FolderWriter, study: Study) -> None:
    for name in study.charts:
        writer.put(f"charts/{name}.svg", study.charts.picture(name).svg)
        writer.put(f"charts/{name}.png", study.charts.png(name))


def _put_report(writer: FolderWriter, study: Study) -> None:
    from coterie.outputs.report import render_report

    writer.put("report.html", render_report(study).encode("utf-8"))
