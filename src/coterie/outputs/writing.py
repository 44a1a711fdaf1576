"""Which files a study folder holds, and what stands in each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from coterie.outputs import tables
from coterie.outputs.folder import FolderWriter, whole_or_absent
from coterie.outputs.model import model_parts
from coterie.outputs.plain import dump_json
from coterie.outputs.spreadsheet import column_kinds, write_csv
from coterie.outputs.study import SOMETIMES, TABLES, Study

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

#: Number formats of customers.csv and the audience files.
_CONFIDENCE = {"confidence": ".4f"}


def write_study(study: Study, folder: Path) -> Path:
    """Write a study folder, whole or not at all."""
    names = ("segments", *TABLES, *(name for name in SOMETIMES if name in study.tables))
    manifest = dict(study.manifest) | {"columns": {name: column_kinds(study.tables[name]) for name in names}}
    with whole_or_absent(folder, manifest) as writer:
        for name in names:
            _put_csv(writer, f"{name}.csv", study.tables[name])
        writer.put("segments.json", dump_json(study.profiled))
        _put_customers(writer, study.customers)
        _put_audiences(writer, study)
        _put_model(writer, study)
        _put_charts(writer, study)
        _put_report(writer, study)
    return folder


def _put_csv(writer: FolderWriter, name: str, frame: pd.DataFrame, formats: dict[str, str] | None = None) -> None:
    with writer.open(name) as file:
        write_csv(frame, file, formats)


def _put_customers(writer: FolderWriter, customers: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = customers.reset_index()
    _put_csv(writer, "customers.csv", frame[list(tables.CUSTOMER_CSV)], _CONFIDENCE)
    with writer.open("customers.parquet") as file:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")


def _put_audiences(writer: FolderWriter, study: Study) -> None:
    for segment_id, slug in tables.slugs(study.profiled).items():
        audience = tables.audience_table(study.customers, segment_id)
        _put_csv(writer, f"audiences/{slug}.csv", audience, _CONFIDENCE)


def _put_model(writer: FolderWriter, study: Study) -> None:
    description, files = model_parts(study.model)
    for name, content in files.items():
        writer.put(f"model/{name}", content)
    writer.put("model/model.json", dump_json(description))


def _put_charts(writer: FolderWriter, study: Study) -> None:
    for name in study.charts:
        drawing = study.charts.drawing(name)
        writer.put(f"charts/{name}.svg", drawing.svg())
        writer.put(f"charts/{name}.png", _png(drawing.figure))


def _put_report(writer: FolderWriter, study: Study) -> None:
    from coterie.outputs.report import render_report

    writer.put("report.html", render_report(study).encode("utf-8"))


def _png(figure: Any) -> bytes:  # noqa: ANN401  a matplotlib figure
    from coterie.outputs.charts.style import look

    buffer = io.BytesIO()
    with look():
        figure.savefig(buffer, format="png", dpi=120, metadata={"Software": None})
    return buffer.getvalue()
