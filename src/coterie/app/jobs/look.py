"""A look at tables in a process of its own: what is understood of them, and what each column holds.

Run as `python -m coterie.app.jobs.look FOLDER`; reads `request.json` there and leaves `look.json`. A table that crashes
a reader ends this process, not the app.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.config import Config, make_config
from coterie.errors import CoterieError
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.pipeline import Understood
    from coterie.sources import Input, RawTable, TableReport

_HEAD = 256 << 10  # bytes of a text file from which the sample values are taken
_SAMPLES = 3
_LONGEST = 60  # letters of a sample value
_TEXT = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson")


def main(folder: Path) -> None:
    """Look at the tables of `request.json` and leave `look.json`, whole or not at all."""
    asked = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    found = look(asked)
    part = folder / "look.part"
    part.write_text(json.dumps(found, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    part.replace(folder / "look.json")


def look(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Say what is understood of tables.

    Parameters
    ----------
    asked : mapping
        `inputs`: list of `{"id", "data", "kind"}`; `settings`: nested settings; `earlier`: roles in them (kind -> role
        -> column) that come from an earlier study and count only where the tables still have the column; `sample`:
        None, or the folder in which the sample store is to be made first, with the number of its customers.

    Returns
    -------
    dict
        `tables` (each with its columns, their roles and sample values), `findings`, `customers`, `as_of`, `features`,
        and `error` (`what`, `found`, `remedy`) where the tables cannot be used as they are.
    """
    from coterie.sources import Input

    _make_sample(asked.get("sample"))
    config = make_config(asked["settings"])
    inputs = [Input(each["data"], TableKind(each["kind"]) if each["kind"] else None) for each in asked["inputs"]]
    previews = [_preview(each, config) for each in inputs]
    found: dict[str, Any] = {"error": None, "findings": [], "customers": 0, "as_of": None, "features": []}
    reports: Sequence[TableReport | None] = [None] * len(inputs)
    config = _with_columns_there(config, asked.get("earlier") or {}, previews)
    try:
        from coterie.pipeline import understand

        understood = understand(inputs, config)
    except CoterieError as error:
        found["error"] = {"what": error.what, "found": error.found, "remedy": error.remedy}
    else:
        found |= _understood(understood)
        reports = understood.tables if len(understood.tables) == len(inputs) else reports
    found["tables"] = [
        _table(each, preview, report) for each, preview, report in zip(asked["inputs"], previews, reports, strict=True)
    ]
    return found


def without_missing(
    pins: Mapping[str, Mapping[str, str]], tables: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """Pinned roles (kind -> role -> column) of columns that the tables have; all where a table could not be read."""
    there = {column["name"] for table in tables for column in table["columns"]}
    unread = not tables or any(not table["columns"] for table in tables)
    return {
        kind: {role: name for role, name in columns.items() if unread or name in there}
        for kind, columns in pins.items()
    }


def _with_columns_there(
    config: Config, earlier: Mapping[str, Mapping[str, str]], previews: Sequence[Mapping[str, Any]]
) -> Config:
    kept = without_missing(earlier, previews)
    columns = {
        kind: {
            role: name
            for role, name in pinned.items()
            if earlier.get(kind, {}).get(role) != name or role in kept.get(kind, {})
        }
        for kind, pinned in config.sources.columns.items()
    }
    return config.model_copy(update={"sources": config.sources.model_copy(update={"columns": columns})})


def _make_sample(sample: Mapping[str, Any] | None) -> None:
    if sample is None or (Path(sample["folder"]) / "orders.csv").exists():
        return
    from coterie.sources.synthetic import write_store

    target = Path(sample["folder"])
    part = target / "part"  # within: no other folder can be written to here
    shutil.rmtree(part, ignore_errors=True)
    write_store(part, customers=int(sample["customers"]), seed=0)
    for path in sorted(part.iterdir(), key=lambda path: path.name == "orders.csv"):  # last: it tells that all are there
        path.replace(target / path.name)
    part.rmdir()


def _preview(each: Input, config: Config) -> dict[str, Any]:
    """Columns of a table with some of their values and the formats that were found; empty where it cannot be read."""
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources import read_input

    with tempfile.TemporaryDirectory() as scratch, DuckDBEngine("512MB", 1) as engine:
        try:
            raw = read_input(_head_of(each, Path(scratch)), engine, config.sources, number=0)
            columns = [{"name": column, "samples": _samples(engine, raw, column)} for column in raw.columns]
        except CoterieError:
            return {"columns": [], "formats": {}}
        return {"columns": columns, "formats": dict(raw.formats)}


def _head_of(each: Input, scratch: Path) -> Input:
    """The first rows of a large text file as a file of the same name; another input as it is."""
    from coterie.sources import Input

    path = Path(str(each.data))
    if path.suffix.lower() not in _TEXT or not path.is_file() or path.stat().st_size <= 2 * _HEAD:
        return each
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # a line's end in two bytes: rather the whole file
        return each
    (scratch / path.name).write_bytes(head[: head.rfind(b"\n") + 1])
    return Input(str(scratch / path.name), each.kind)


def _samples(engine: Any, raw: RawTable, column: str) -> list[str]:  # noqa: ANN401  the embedded engine
    x = engine.dialect.quote(column)
    rows = engine.rows(
        f"SELECT CAST({x} AS VARCHAR) AS shown, min(source_row) AS first FROM {raw.relation} WHERE {x} IS NOT NULL "
        f"GROUP BY {x} ORDER BY first, shown LIMIT {_SAMPLES}"
    )
    return [masked(str(value)) for value, _ in rows]


def masked(value: str) -> str:
    """A value as a preview shows it: short, and of an address or a phone number only what tells that it is one.

    Examples
    --------
    >>> masked("ada@example.com"), masked("+44 20 7946 0958")
    ('a…@example.com', '+44…')
    """
    value = re.sub(r"\b([\w.+-])[\w.+-]*@", r"\1…@", value)
    if re.fullmatch(r"\+\d[\d ()/.-]{6,}", value):
        value = f"{value[:3]}…"
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _table(asked: Mapping[str, Any], preview: Mapping[str, Any], report: TableReport | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        **preview,
        "input": asked["id"],
        "kind": asked["kind"] or "",
        "kind_evidence": "",
        "rows": None,
    }
    if report is None:
        return {**told, "columns": [{**column, "role": "", "sure": 0.0, "why": ""} for column in preview["columns"]]}
    guesses = {guess.column: guess for guess in report.guesses}
    names = [column["name"] for column in preview["columns"]] or [*guesses, *report.unused]
    samples = {column["name"]: column["samples"] for column in preview["columns"]}
    columns = [
        {
            "name": name,
            "samples": samples.get(name, []),
            "role": guesses[name].role if name in guesses else "",
            "sure": guesses[name].confidence if name in guesses else 0.0,
            "why": guesses[name].evidence if name in guesses else "",
        }
        for name in names
    ]
    return told | {
        "columns": columns,
        "formats": dict(report.formats),
        "kind": report.kind.value,
        "kind_evidence": report.kind_evidence,
        "rows": {"read": report.rows_read, "kept": report.rows_kept, "left_out": dict(report.rows_left_out)},
    }


def _understood(understood: Understood) -> dict[str, Any]:
    basis = {feature.name for feature in understood.basis.features}
    customers = understood.customers
    return {
        "customers": len(customers),
        "as_of": customers.as_of.isoformat() if customers.as_of else None,
        "findings": [
            {
                "code": each.code, "severity": each.severity.value, "message": each.message, "remedy": each.remedy,
                "table": each.table, "column": each.column, "count": each.count,
            }
            for each in understood.findings
        ],
        "features": [
            {
                "name": each.name, "label": each.label, "meaning": each.meaning, "unit": each.unit,
                "block": each.block.value, "in_basis": each.name in basis,
                "barred": each.barred.value if each.barred else "", "origin": each.origin,
            }
            for each in customers.features.values()
        ],
        "sentences": list(understood.basis.sentences),
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
