"""A study as an Excel workbook: verdict, segments, what to do, profiles, charts and customers, one sheet each.

Cells are written as what they are, text as text, so nothing in them runs as a formula. Rows go to disk as they are
written: memory does not grow with the number of customers.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import ConfigError, StudyError
from coterie.outputs import tables
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from coterie.outputs.study import Study

#: Rows that a sheet of Excel holds, the header included.
SHEET_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_WIDTHS = {"customer_id": 16, "segment": 34, "name": 34, "reason": 60, "summary": 60, "rule": 50, "feature": 28}
_WRAPPED = ("summary", "rule", "goal", "offer", "message", "avoid", "evidence", "timing", "kpi", "channel", "doubt")
#: Columns of customers that every workbook has, before the features.
_CUSTOMER = ("segment_id", "segment", "confidence", "is_core", "stage", "rfm_code", "reason")
_PERCENT = ("share", "value_share", "rule_precision", "rule_recall", "confidence")
_MONEY = ("value", "value_per_customer", "value_at_stake")
#: Features that stand beside those of the basis; customers.parquet has all.
_ASKED_FOR = ("order_count", "recency_days", "tenure_days", "average_order_value", "p_alive", "expected_value_12m")
_BLOCK = 50_000


@dataclass(frozen=True)
class Written:
    """A workbook that was written.

    Attributes
    ----------
    path : Path
    customers : int
        Rows on the sheet of customers.
    left_out : int
        Customers for whom the sheet had no room.
    """

    path: Path
    customers: int
    left_out: int


def write_workbook(study: Study, path: Path | str, *, rows: int | None = None) -> Written:
    """Write a study as an `.xlsx` file, whole or not at all, readable by its owner alone.

    Parameters
    ----------
    study : Study
    path : path
        Replaced where it exists.
    rows : int, optional
        Most customers on the sheet of customers, by customer id; default as many as a sheet holds (1,048,575).
        0 leaves the sheet out: then nobody's row is in the workbook.

    Returns
    -------
    Written

    Raises
    ------
    ConfigError
        `rows` is out of range, or the file's name does not end in .xlsx.
    StudyError
        The disk refuses.

    Notes
    -----
    About 0.4 s a thousand customers. The bytes depend on the study alone.
    """
    target = Path(path)
    most = SHEET_ROWS - 1
    if rows is not None and not 0 <= rows <= most:
        raise ConfigError(f"A sheet of Excel cannot hold {rows:,} customers.", remedy=f"Use --rows 0 to {most:,}.")
    if target.suffix.lower() != ".xlsx":
        raise ConfigError(f"'{target.name}' is not the name of an Excel workbook.", remedy="Let it end in .xlsx.")
    n = min(len(study.customers), most if rows is None else rows)
    with _replacing(target) as hidden:
        _fill(study, hidden, n)
    return Written(target, n, len(study.customers) - n)


def _fill(study: Study, path: Path, n: int) -> None:
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": study.title, "created": _made_at(study), "comments": "Made by Coterie"})
        sheets = _Sheets(book, study.currency)
        sheets.lines("Overview", _overview(study, n))
        sheets.table("Segments", _segments(study))
        if len(study.campaigns):
            sheets.table("What to do", study.campaigns)
        sheets.table("Profiles", _with_labels(study))
        sheets.charts("Charts", study)
        sheets.table("Methods tried", study.candidates)
        if n:
            sheets.customers("Customers", study, n)


class _Sheets:
    """Writes one sheet after the other; every row once, from the top."""

    def __init__(self, book: Any, currency: str) -> None:  # noqa: ANN401  an XlsxWriter workbook
        self.book = book
        self.currency = currency
        self.head = book.add_format(
            {"bold": True, "bg_color": "#E8EDF2", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.formats = {
            "text": book.add_format({"valign": "top"}),
            "percent": book.add_format({"num_format": "0.0%", "valign": "top"}),
            "money": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0.00##", "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        }

    def lines(self, name: str, lines: Sequence[tuple[str, str]]) -> None:
        """Write pairs of a heading and a text, one a row."""
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 110)
        for row, (heading, text) in enumerate(lines):
            sheet.write_string(row, 0, heading, self.bold)
            sheet.write_string(row, 1, _short(text), self.wrap)

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table with a frozen, filtered header."""
        sheet = self._begin(name, list(frame.columns), len(frame))
        kinds = [_style(column, frame[column]) for column in frame.columns]
        self._rows(sheet, frame, kinds, 1)

    def customers(self, name: str, study: Study, n: int) -> None:
        """Write the first customers by id, in blocks."""
        names = [*(c for c in _CUSTOMER if c in study.customers), *_feature_columns(study)]
        labels = {tables.feature_column(key): f"{feature.label}" for key, feature in study.features.items()}
        sheet = self._begin(name, ["customer_id", *(labels.get(column, column) for column in names)], n)
        styles = {tables.feature_column(key): _STYLES.get(f.kind, "number") for key, f in study.features.items()}
        kinds = ["text", *(styles.get(column) or _style(column, study.customers[column]) for column in names)]
        for start in range(0, n, _BLOCK):
            block = study.customers[names].iloc[start : min(start + _BLOCK, n)].reset_index()
            self._rows(sheet, block, kinds, start + 1)

    def charts(self, name: str, study: Study) -> None:
        """Put the study's charts below each other, and a chart of sizes that Excel draws from the sheet of segments."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.insert_chart(0, 0, self._sizes(study), {"object_position": 3})
        row = 22
        for chart, png in _pictures(study):
            sheet.insert_image(row, 0, f"{chart}.png", {"image_data": io.BytesIO(png), "x_scale": 0.6, "y_scale": 0.6,
                                                        "description": chart.replace("_", " ")})  # fmt: skip
            row += 4 + _height(png) * 6 // 10 // 20

    def _sizes(self, study: Study) -> Any:  # noqa: ANN401  an XlsxWriter chart
        columns = list(_segments(study).columns)
        last = len(study.segments)
        chart = self.book.add_chart({"type": "bar"})
        for title, column in (("Share of customers", "share"), ("Share of revenue", "value_share")):
            if study.segments[column].notna().any():
                place = columns.index(column)
                chart.add_series(
                    {
                        "name": title,
                        "categories": ["Segments", 1, columns.index("name"), last, columns.index("name")],
                        "values": ["Segments", 1, place, last, place],
                    }
                )
        chart.set_title({"name": "Size and value of the segments"})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 860, "height": 420})
        return chart

    def _begin(self, name: str, columns: Sequence[str], n: int) -> Any:  # noqa: ANN401  an XlsxWriter sheet
        sheet = self.book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS.get(column, 40 if column in _WRAPPED else 14))
        sheet.freeze_panes(1, 2)
        if n:
            sheet.autofilter(0, 0, n, len(columns) - 1)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, _short(str(column).replace("_", " ")), self.head)
        return sheet

    def _rows(self, sheet: Any, frame: pd.DataFrame, kinds: Sequence[str], first: int) -> None:  # noqa: ANN401
        columns = [frame[column].tolist() for column in frame.columns]
        formats = [self.formats[kind] for kind in kinds]
        texts = [self.wrap if column in _WRAPPED else self.formats["text"] for column in frame.columns]
        for row, cells in enumerate(zip(*columns, strict=True), start=first):
            for place, value in enumerate(cells):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(row, place, _short(value), texts[place])
                elif value is not None and value == value:
                    self._other(sheet, (row, place), value, formats[place])

    def _other(self, sheet: Any, at: tuple[int, int], value: Any, style: Any) -> None:  # noqa: ANN401
        """Write a number, an answer or a day; infinity has no cell."""
        if isinstance(value, bool):
            sheet.write_boolean(*at, value)
        elif isinstance(value, (int, float)):
            if abs(value) != float("inf"):
                sheet.write_number(*at, value, style)
        elif isinstance(value, (dt.date, dt.datetime)):
            sheet.write_datetime(*at, _naive(value), self.formats["date"])
        else:
            sheet.write_string(*at, _short(str(value)), self.formats["text"])


_STYLES = {
    Kind.MONEY: "money", Kind.COUNT: "whole", Kind.DAYS: "whole", Kind.SHARE: "percent", Kind.NUMBER: "number",
    Kind.ORDERED: "whole", Kind.CATEGORY: "text", Kind.FLAG: "whole", Kind.DATE: "date",
}  # fmt: skip


def _overview(study: Study, n: int) -> list[tuple[str, str]]:
    total = len(study.customers)
    shown = f"{n:,} of {total:,} customers are on the sheet Customers"
    short = "; a sheet holds no more, or fewer were asked for: customers.csv has all."
    return [
        (study.title, ""),
        ("How real they are", str(study.verdict.sentence)),
        *(("", detail) for detail in study.verdict.details),
        ("Customers", f"{study.manifest['n_customers']:,}"),
        ("Segments", f"{len(study.profiled)}"),
        ("First day not seen", str(study.as_of or "unknown")),
        ("Money", f"in {study.currency}" if study.currency else "in the shop's own currency"),
        ("Rows", shown + ("." if n == total else short)),
        ("Personal data", "The sheet Customers holds customer ids and what they bought: personal data." if n else
         "No customer's row is in this workbook."),
        *(("To look at" if place == 0 else "", finding.message) for place, finding in enumerate(study.findings[:10])),
    ]  # fmt: skip


def _segments(study: Study) -> pd.DataFrame:
    wanted = [
        "segment_id", "name", "size", "share", "value", "value_share", "value_per_customer", "stability",
        "stability_badge", "summary", "rule", "rule_precision", "rule_recall", "play", "value_at_stake", "priority",
        "note",
    ]  # fmt: skip
    return study.segments[[name for name in wanted if name in study.segments]]


def _with_labels(study: Study) -> pd.DataFrame:
    """Profiles with the features' plain names."""
    labels = {name: feature.label for name, feature in study.features.items()}
    names = {segment.segment_id: segment.name for segment in study.profiled}
    frame = study.profiles.copy()
    frame["feature"] = [labels.get(name, name) for name in frame["feature"]]
    frame.insert(1, "segment", [names.get(identity, "") for identity in frame["segment_id"]])
    return frame.drop(columns=[name for name in frame if name in ("label", "kind", "block", "in_basis")])


def _feature_columns(study: Study) -> list[str]:
    """Columns of the features that the segments are built on, and of those that most people ask for."""
    wanted = {*study.manifest["basis"]["features"], *_ASKED_FOR, study.manifest["value"]}
    columns = (tables.feature_column(name) for name in study.features if name in wanted)
    return [column for column in columns if column in study.customers]


def _style(name: str, column: pd.Series) -> str:
    import pandas as pd

    if name in _PERCENT:
        return "percent"
    if name in _MONEY:
        return "money"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "whole"
    return "number" if pd.api.types.is_float_dtype(column.dtype) else "text"


def _pictures(study: Study) -> Iterator[tuple[str, bytes]]:
    """Charts as PNG, those in the study's folder where they show the study as it is: they need not be drawn again."""
    folder = study.folder / "charts" if study.folder and not study.manifest.get("edited") else None
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.png")):
            yield path.stem, path.read_bytes()
        return
    for name in study.charts:
        yield name, study.charts.png(name)


def _height(png: bytes) -> int:
    """Height of a PNG in pixels, from its header."""
    return int.from_bytes(png[20:24], "big")


def _short(text: str) -> str:
    """Give what a cell can hold, without characters that a workbook cannot."""
    if not text.isprintable():
        text = "".join(mark for mark in text if mark in "\t\n" or mark.isprintable() or (mark.isspace() and mark > " "))
    return text[:_LONGEST_TEXT]


def _naive(value: dt.date | dt.datetime) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  a day has no zone


def _made_at(study: Study) -> dt.datetime:
    return dt.datetime.fromisoformat(study.manifest["made_at"]).replace(tzinfo=None)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a hidden file that takes the name `path` when it is written."""
    hidden = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield hidden
        hidden.replace(path)
    except OSError as cause:
        raise StudyError(
            f"The workbook cannot be written to '{path}'; nothing was left there.",
            found=cause.strerror or type(cause).__name__,
            remedy="Make room, close the workbook where it is open, or name another file with --out.",
        ) from cause
    finally:
        hidden.unlink(missing_ok=True)
