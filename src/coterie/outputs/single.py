"""One file of a study by itself, as its folder would hold it: for those who want no folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import ConfigError
from coterie.outputs import tables
from coterie.outputs.plain import dump_json
from coterie.outputs.spreadsheet import write_csv

if TYPE_CHECKING:
    from coterie.outputs.study import Study

#: Tables that can be had by themselves.
SINGLE_FILES = ("segments.csv", "segments.json", "campaigns.csv", "profiles.csv", "customers.csv")


def write_single(study: Study, name: str, path: Path | str) -> Path:
    """Write one of `SINGLE_FILES` of a study.

    Raises
    ------
    ConfigError
        There is no such file.
    """
    target = Path(path)
    if name not in SINGLE_FILES:
        raise ConfigError(f"A study has no file '{name}' by itself.", remedy=f"It has: {', '.join(SINGLE_FILES)}.")
    if name == "segments.json":
        target.write_bytes(dump_json(study.profiled))
        return target
    with target.open("wb") as file:
        if name == "customers.csv":
            frame = study.customers[list(tables.CUSTOMER_CSV[1:])].reset_index()
            write_csv(frame, file, {"confidence": ".4f"})
        else:
            write_csv(study.tables[name.removesuffix(".csv")], file)
    return target
