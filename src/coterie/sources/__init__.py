"""What the shop knows: tables read, their columns understood, values cast, and everything odd told."""

from __future__ import annotations

from coterie.sources.checks import CheckReport, check_report
from coterie.sources.connect import open_shop
from coterie.sources.left_out import rows_left_out
from coterie.sources.names import match
from coterie.sources.opening import open_raw
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
    "match",
    "open_raw",
    "open_shop",
    "read_input",
    "rows_left_out",
]
