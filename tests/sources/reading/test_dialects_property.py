"""Whatever dialect and encoding a table is written in, the same table is read."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, example, given, settings

from coterie.config import SourcesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.raw import Input
from coterie.sources.reading import read_input

# Letters of Western text, every mark of a dialect, quotes, line ends, and characters beyond the first plane.
WESTERN = "abcXYZ019 .,;|\t\"'-_/\\éüñß€\n"
WIDE = WESTERN + "жλ中😀"
# Shrinking a failure takes minutes with an engine per example; the first failing example is small enough to read.
QUICK = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
NAMES = ("id", "Größe", "amount, net", "note")


@st.composite
def written_tables(draw):
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    letters = WESTERN if encoding == "cp1252" else WIDE
    cell = st.text(st.sampled_from(letters), max_size=12).filter(lambda text: text.strip() != "")
    row = st.tuples(*[st.one_of(cell, st.just(""))] * 3)
    rows = draw(st.lists(row, min_size=5, max_size=25))
    dialect = {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n", "\r"])),
    }
    if dialect["lineterminator"] == "\r":
        dialect["quoting"] = csv.QUOTE_ALL  # the writer leaves LF bare where rows end in CR, which nobody could read
    table = [(f"c{i}", *cells) for i, cells in enumerate(rows)]
    return table, dialect, encoding, draw(st.booleans())


def write(table, dialect, encoding, final_line_end):
    stream = io.StringIO()
    writer = csv.writer(stream, **dialect)
    writer.writerow(NAMES)
    writer.writerows(table)
    text = stream.getvalue()
    if not final_line_end:
        text = text.removesuffix(dialect["lineterminator"])
    return text.encode(encoding)


# A backslash before a quote that is doubled, at the end of a cell: the backslash escapes nothing.
ENDS_IN_BACKSLASH_AND_QUOTE = [(f"c{i}", "plain", '-\\"' if i == 2 else "a", "\\bß") for i in range(5)]


@given(written_tables(), st.integers(1, 4))
@example((ENDS_IN_BACKSLASH_AND_QUOTE, {"delimiter": "\t", "lineterminator": "\r\n"}, "cp1252", False), 1)
@settings(QUICK, max_examples=60)
def test_a_table_is_the_same_whatever_dialect_it_was_written_in(written, threads):
    table, dialect, encoding, final_line_end = written
    data = write(table, dialect, encoding, final_line_end)
    with tempfile.TemporaryDirectory() as folder, DuckDBEngine(memory="500MB", threads=threads) as engine:
        path = Path(folder) / "table.csv"
        path.write_bytes(data)
        # The separator is given, as cells hold every other one; so is an encoding that random letters do not tell.
        pinned = SourcesSettings(
            delimiter=dialect["delimiter"], encoding="cp1252" if encoding == "cp1252" else None, max_rejected=0
        )
        raw = read_input(Input(path), engine, pinned, number=1)
        rows = engine.rows("SELECT * EXCLUDE (source_row) FROM raw_1 ORDER BY source_row")
        numbers = [row[0] for row in engine.rows("SELECT source_row FROM raw_1 ORDER BY source_row")]
    assert raw.columns == NAMES
    assert rows == [tuple(cell or None for cell in row) for row in table]
    assert len(set(numbers)) == len(numbers)


PLAIN_CELL = st.text(st.sampled_from("abcXYZ019 .-_/éü€"), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)


@given(
    st.lists(st.tuples(*[PLAIN_CELL] * 3), min_size=5, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(QUICK, max_examples=25)
def test_the_separator_of_a_table_is_found(rows, delimiter, encoding):
    table = [(f"c{i}", *cells) for i, cells in enumerate(rows)]
    dialect = {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"}
    with tempfile.TemporaryDirectory() as folder, DuckDBEngine(memory="500MB", threads=1) as engine:
        path = Path(folder) / "table.csv"
        path.write_bytes(write(table, dialect, encoding, True))
        raw = read_input(Input(path), engine, SourcesSettings(), number=1)
        read = engine.rows("SELECT * EXCLUDE (source_row) FROM raw_1 ORDER BY source_row")
    assert raw.columns == NAMES
    assert read == table
