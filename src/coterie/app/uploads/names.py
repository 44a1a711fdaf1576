"""Names of uploaded files: what a person recognises, with nothing in it that could be more than a name."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from coterie.app.refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Endings of tables that can be read.
ENDINGS = (
    ".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".tsv.gz", ".tab.gz", ".txt.gz", ".xlsx", ".xlsm",
    ".parquet", ".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz",
)  # fmt: skip
#: Names that mean a device on some systems.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(told: str, endings: Sequence[str] = ENDINGS) -> str:
    r"""A file name of at most 80 letters made of what the client told: letters, digits, spaces, and `. _ - ( )`.

    `endings` are those that it may have.

    The client's folders are left away; what follows the last slash, of either kind, is its own name for the file.

    Raises
    ------
    RefusalError
        It does not end like a table that can be read.

    Examples
    --------
    >>> safe_name("C:\\exports\\orders 2026 <new>.csv")
    'orders 2026 new.csv'
    """
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", told)[-1])
    ending = next((each for each in sorted(endings, key=len, reverse=True) if name.lower().endswith(each)), "")
    if not ending:
        raise RefusalError(
            "One of the files is no table that can be read.",
            remedy="Hand over CSV, Excel, Parquet or JSON lines files; out of a zip archive, take the files first.",
        )
    stem = re.sub(r"[^\w .()-]+", "", name[: -len(ending)]).strip(". ")[: 80 - len(ending)].strip()
    if not stem or _DEVICES.match(stem):
        stem = f"table {stem}".strip()
    return stem + ending
