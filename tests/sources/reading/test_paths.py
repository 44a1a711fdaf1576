"""Files, folders and globs; what is no file; what is packed or something else than its name says."""

from __future__ import annotations

import gzip
import io
import os
import time
import zipfile

import pytest

from coterie.errors import InputError
from coterie.sources.reading.paths import Snapshot

PLAIN = b"id,amount\n17,9.50\n18,3\n"
CELLS = [("17", "9.50"), ("18", "3")]


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_a_missing_file_is_refused_with_its_neighbours(refusal, tmp_path):
    (tmp_path / "orders.csv").write_bytes(PLAIN)
    assert refusal(tmp_path / "order.csv") == (
        "There is no file 'order.csv'.\nIn that folder there is 'orders.csv'.\nCheck the path."
    )


def test_a_missing_folder_is_told(refusal, tmp_path):
    assert refusal(tmp_path / "nowhere" / "orders.csv") == (
        "There is no file 'orders.csv'.\nThe folder that it should lie in is not there either."
    )


def test_a_pipe_is_refused_at_once(refusal, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    began = time.monotonic()
    assert refusal(tmp_path / "pipe.csv") == (
        "'pipe.csv' is not a regular file.\nIt is a pipe.\nSave the data to a file and name that."
    )
    assert time.monotonic() - began < 1


def test_a_device_is_refused_at_once(refusal):
    assert refusal("/dev/zero") == (
        "'zero' is not a regular file.\nIt is a device.\nSave the data to a file and name that."
    )


def test_a_link_to_nothing_is_refused(refusal, tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone.csv")
    assert refusal(tmp_path / "link.csv") == "'link.csv' is a link to a file that is not there.\nName the file itself."


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused(refusal, tmp_path):
    (tmp_path / "orders.csv").write_bytes(PLAIN)
    (tmp_path / "orders.csv").chmod(0)
    assert refusal(tmp_path / "orders.csv").startswith("The file 'orders.csv' cannot be opened.")


@pytest.mark.parametrize("name", ["", "a\0b.csv", "x" * 5_000])
def test_names_that_cannot_be_are_refused(refusal, name):
    assert "\n" in refusal(name)


@pytest.mark.parametrize("name", ["größe 😀.csv", "two\nlines.csv", "a[1]*.csv", 'it\'s "q".csv', "x.gz.csv"])
def test_odd_names_work(read, name):
    reading = read(PLAIN, name)
    assert reading.cells == CELLS
    assert reading.table.name == name


def test_a_folder_is_read_in_the_order_of_the_names(read, tmp_path):
    folder = tmp_path / "export"
    (folder / "more").mkdir(parents=True)
    (folder / "b.csv").write_bytes(b"id,amount\n2,b\n")
    (folder / "a.csv").write_bytes(b"id,amount\n1,a\n")
    (folder / "more" / "c.csv").write_bytes(b"amount,id\nc,3\n")
    (folder / "readme.md").write_bytes(b"hello")
    (folder / ".hidden.csv").write_bytes(b"x")
    reading = read(folder)
    assert reading.cells == [("1", "a"), ("2", "b"), ("3", "c")]
    assert reading.table.name == "export"
    assert reading.table.formats["files"] == "3"
    assert len({row[0] for row in reading.rows}) == 3
    assert reading.messages == {
        "several-files": "'export' stands for 3 files, read in the order of their names.",
        "ignored-files": "Ignored 1 file in 'export': 'readme.md'.",
    }


def test_a_table_split_in_many_files_is_the_same_table(read, tmp_path):
    rows = [f"{i},{i * 3 % 17}.5" for i in range(200)]
    whole = read(("id,amount\n" + "\n".join(rows) + "\n").encode())
    folder = tmp_path / "split"
    folder.mkdir()
    for part in range(37):
        text = "id,amount\n" + "".join(row + "\n" for row in rows[part * 200 // 37 : (part + 1) * 200 // 37])
        (folder / f"part-{part:02}.csv").write_text(text)
    split = read(folder)
    assert split.cells == whole.cells
    assert split.table.columns == whole.table.columns
    assert split.table.types == whole.table.types


def test_a_glob_names_its_files(read, tmp_path):
    for name in ("2024-01.csv", "2024-02.csv", "notes.csv"):
        (tmp_path / name).write_bytes(PLAIN)
    reading = read(tmp_path / "2024-*.csv")
    assert reading.cells == CELLS * 2
    assert reading.table.name == "2024-*.csv"


def test_set_aside_rows_of_several_files_add_up(read, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(PLAIN + b"Total,12.50\nTotal,\n")
    reading = read(tmp_path / "*.csv")
    assert reading.table.left_out == {"summary row": 2}
    assert reading.table.rows_read == 8


def test_unreadable_rows_are_weighed_over_all_files(read, refusal, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,amount\n" + b"1,2\n" * 18)
    (tmp_path / "b.csv").write_bytes(b"id,amount\n17,9\n18\n")
    assert read(tmp_path / "*.csv", max_rejected=0.05).table.left_out == {"too few fields": 1}
    assert refusal(tmp_path / "*.csv", max_rejected=0.04) == (
        "1 of 20 rows of '*.csv' cannot be read.\n1 too few fields.\n"
        "Check the field separator (--delimiter); to leave these rows out, raise --max-rejected (now 0.04) above 0.05."
    )


def test_a_file_with_a_header_only_among_others_is_fine(read, tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN)
    (tmp_path / "b.csv").write_bytes(b"id,amount\n")
    assert read(tmp_path / "*.csv").cells == CELLS


def test_files_of_different_columns_are_refused_with_both_names(refusal, tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN)
    (tmp_path / "b.csv").write_bytes(b"id,price\n1,2\n")
    assert refusal(tmp_path / "*.csv") == (
        "The files of '*.csv' have different columns: 'a.csv' and 'b.csv'.\n"
        "Only 'a.csv' has 'amount'. Only 'b.csv' has 'price'.\n"
        "Put files of one kind into one folder, or name the tables one by one."
    )


def test_a_folder_without_tables_is_refused(refusal, tmp_path):
    (tmp_path / "readme.md").write_bytes(b"hello")
    message = refusal(tmp_path)
    assert message.startswith(f"The folder '{tmp_path.name}' holds no table.\nIt has 'readme.md'.\nTables end in .csv,")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(PLAIN)
    before = Snapshot.take(path, "orders.csv")
    before.check(path, "orders.csv")
    path.write_bytes(PLAIN + b"19,4\n")
    with pytest.raises(InputError) as caught:
        before.check(path, "orders.csv")
    assert str(caught.value) == (
        "The file 'orders.csv' changed while it was read.\nWait until the export is complete, then try again."
    )


def test_gzip_is_unpacked(read):
    packed = gzip.compress(PLAIN)
    reading = read(packed, "orders.csv.gz")
    assert reading.cells == CELLS
    assert reading.messages == {"unpacked": "'orders.csv.gz' is a gzip file; the table inside was read."}
    assert read(packed, "orders.csv").cells == CELLS


def test_a_zip_of_one_table_is_unpacked(read):
    assert read(zipped(orders__csv=PLAIN), "orders.zip").cells == CELLS


def test_a_zip_of_several_files_is_refused(refusal):
    assert refusal(zipped(a__csv=PLAIN, b__csv=PLAIN), "orders.zip") == (
        "'orders.zip' holds 2 files, not one table.\nIt has 'a.csv', 'b.csv'.\n"
        "Unpack it and name the tables, or the folder that they lie in."
    )


def test_an_archive_member_outside_its_folder_is_written_nowhere(read, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.csv", PLAIN)
    assert read(buffer.getvalue(), "orders.zip").cells == CELLS
    assert not list(tmp_path.parent.glob("evil.csv"))


def test_a_damaged_gzip_is_refused(refusal):
    assert refusal(gzip.compress(PLAIN * 100)[:-20], "orders.csv.gz") == (
        "'orders.csv.gz' is not a readable gzip file: it is damaged or cut short.\nExport or copy it again."
    )


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (
            b"<!DOCTYPE html><html><body>Log in</body></html>",
            "orders.csv",
            "'orders.csv' looks like HTML, a web page, not like a table.\n"
            "Perhaps the download asked for a log-in. Export the table again as CSV.",
        ),
        (
            b'{"error": "not allowed"}',
            "orders.csv",
            "'orders.csv' looks like JSON, not CSV.\n"
            "Export the table again as CSV; if it holds records, give it the ending .json or .jsonl.",
        ),
        (
            b"SQLite format 3\0" + b"x" * 100,
            "shop.db",
            "'shop.db' is an SQLite database, which is not read.\nExport the table as CSV.",
        ),
        (b"%PDF-1.7", "orders.csv", "'orders.csv' is a PDF document, which is not read.\nExport the table as CSV."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
            "orders.xls",
            "'orders.xls' is an old Excel workbook (.xls) or one protected by a password, which is not read.\n"
            "Save it as .xlsx without a password.",
        ),
        (
            b"PK\x03\x04 nothing",
            "orders.csv",
            "'orders.csv' is not a readable zip archive: it is damaged or cut short.\nExport or copy it again.",
        ),
    ],
)
def test_what_is_no_table_is_refused_by_its_true_name(refusal, data, name, message):
    assert refusal(data, name) == message


@pytest.mark.parametrize(
    ("member", "words"),
    [("xl/workbook.bin", "an Excel binary workbook (.xlsb)"), ("word/document.xml", "a Word document")],
)
def test_other_office_documents_are_refused_by_their_names(refusal, member, words):
    data = zipped(**{"[Content_Types].xml": b"", member: b""})
    assert refusal(data, "orders.xlsx") == f"'orders.xlsx' is {words}, which is not read.\nSave it as .xlsx or CSV."
