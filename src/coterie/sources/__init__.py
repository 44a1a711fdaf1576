"""What the shop knows: tables read, their columns understood, values cast, and everything odd told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.sources.anywhere import open_shop
    from coterie.sources.checks import CheckReport, check_report
    from coterie.sources.connect import database_file, is_distant, table
    from coterie.sources.left_out import rows_left_out
    from coterie.sources.names import match
    from coterie.sources.opening import open_raw
    from coterie.sources.phones import country_code, e164
    from coterie.sources.raw import Input, RawTable
    from coterie.sources.reading import read_input
    from coterie.sources.shop import RELATIONS, ColumnGuess, GivenColumn, Shop, TableReport

__all__ = [
    "RELATIONS",
    "CheckReport",
    "ColumnGuess",
    "GivenColumn",
    "Input",
    "RawTable",
    "Shop",
    "TableReport",
    "check_report",
    "country_code",
    "database_file",
    "e164",
    "is_distant",
    "match",
    "open_raw",
    "open_shop",
    "read_input",
    "rows_left_out",
    "table",
]

_HOMES = {
    "RELATIONS": "coterie.sources.shop",
    "CheckReport": "coterie.sources.checks",
    "ColumnGuess": "coterie.sources.shop",
    "GivenColumn": "coterie.sources.shop",
    "Input": "coterie.sources.raw",
    "RawTable": "coterie.sources.raw",
    "Shop": "coterie.sources.shop",
    "TableReport": "coterie.sources.shop",
    "check_report": "coterie.sources.checks",
    "country_code": "coterie.sources.phones",
    "database_file": "coterie.sources.connect",
    "e164": "coterie.sources.phones",
    "is_distant": "coterie.sources.connect",
    "match": "coterie.sources.names",
    "open_raw": "coterie.sources.opening",
    "open_shop": "coterie.sources.anywhere",
    "read_input": "coterie.sources.reading",
    "rows_left_out": "coterie.sources.left_out",
    "table": "coterie.sources.connect",
}

# Load the door's names when they are used: a process that reads no tables loads no readers.
__getattr__ = lazily(__name__, _HOMES)
