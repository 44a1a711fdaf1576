"""What was understood of the tables: every guess can be changed here, and nothing goes on from an unsafe one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from coterie.app.answers import Redirect, is_api
from coterie.app.drafts import LEAVE_OUT, READING
from coterie.app.flow_words import KINDS, ROLES, error_for_page, for_page
from coterie.app.house import house_of
from coterie.app.making import draft_of, look_again, look_of
from coterie.app.refusals import ConflictError, told_error
from coterie.app.routing import Action, Page
from coterie.app.store import jobs, uploads
from coterie.app.words import Reader
from coterie.errors import ConfigError
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request

_SEVERITIES = ("stop", "warning", "note")
_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "encoding": (("", "As found"), ("utf-8", "UTF-8"), ("cp1252", "Western (Windows-1252)"), ("latin-1", "Latin-1"),
                 ("cp1250", "Central European (Windows-1250)"), ("cp1251", "Cyrillic (Windows-1251)"),
                 ("utf-16", "UTF-16"), ("shift_jis", "Japanese (Shift JIS)"), ("gb18030", "Chinese (GB 18030)")),
    "delimiter": (("", "As found"), (",", "Comma ,"), (";", "Semicolon ;"), ("\t", "Tab"), ("|", "Bar |"),
                  ("whitespace", "Blanks")),
    "decimal": (("", "As found"), (".", "Point: 1,234.50"), (",", "Comma: 1.234,50")),
    "date_order": (("", "As found"), ("dmy", "Day first: 31/12/2026"), ("mdy", "Month first: 12/31/2026"),
                   ("ymd", "Year first: 2026-12-31")),
    "on_duplicate": (("", "Keep the fullest row where they are few"), ("first", "Keep the first row"),
                     ("refuse", "Stop")),
    "encoding_errors": (("", "Stop"), ("replace", "Put a mark in place of each")),
    "duplicate_columns": (("", "Stop"), ("rename", "Number them")),
    "max_rejected": (("", "Stop where more than 1 % are"), ("0.05", "Stop where more than 5 % are"),
                     ("0.2", "Stop where more than 20 % are"), ("1", "Never stop: leave them out")),
    "guest_ids": (("", "Leave them out"), ("keep", "They are real customers: keep them")),
}  # fmt: skip
#: What of the way a file was read is worth a word beside it.
_FORMATS = {
    "sheet": "sheet",
    "files": "files",
    "encoding": "letters",
    "delimiter": "between fields",
    "decimal": "decimal mark",
    "date_order": "dates",
}
_PERSONAL = ("person_name", "phone", "email")
_LABELS = {
    "encoding": "Encoding of letters",
    "delimiter": "What stands between fields",
    "decimal": "Decimal mark",
    "date_order": "Dates",
    "on_duplicate": "Customers listed twice with different values",
    "encoding_errors": "Damaged letters",
    "currency": "Currency sign",
    "sheet": "Sheet of a workbook",
    "skip_rows": "Lines above the header",
    "column_names": "Names of the columns, where the first row is data",
    "duplicate_columns": "Two columns of one name",
    "max_rejected": "Rows that cannot be read",
    "guest_ids": "Ids that stand for many, such as “guest”",
    "timezone": "Time zone, as Europe/Berlin",
}


def show(request: Request) -> dict[str, Any]:
    """The tables as they were understood, or that they are being looked at."""
    return _model(request, None, {})


def _model(request: Request, wrong: ConfigError | None, typed: Mapping[str, Any]) -> dict[str, Any]:
    house = house_of(request)
    draft = draft_of(house, request.path_params["draft"])
    job = jobs.find_job(house.store, draft["look"]) if draft["look"] else None
    found = look_of(house, draft)
    told = {**uploads.told_of(draft), **typed}
    model: dict[str, Any] = {
        "title": "Check the tables",
        "draft": {"id": draft["id"], "title": draft["title"], "like": draft["parent"]},
        "state": _state(found, job),
        "problem": _problem(found, job),
        "tables": [],
        "findings": [],
        "customers": 0,
        "as_of": None,
        "last_day": "",
        "reading": _reading(told),
        "errors": [error_for_page(told_error(wrong))] if wrong else [],
    }
    if found is None:
        return model
    inputs = {row["id"]: row for row in uploads.inputs_of(house.store, draft["id"])}
    return model | {
        "tables": [
            _table(table, inputs[table["input"]], told) for table in found["tables"] if table["input"] in inputs
        ],
        "findings": _findings(found["findings"]),
        "customers": found["customers"],
        "as_of": found["as_of"],
        "last_day": _last_day(request, found["as_of"]),
    }


def _last_day(request: Request, as_of: str | None) -> str:
    """The last day that was seen, as the reader writes days."""
    if not as_of:
        return ""
    day = dt.date.fromisoformat(as_of) - dt.timedelta(days=1)
    return day.isoformat() if is_api(request) else Reader.of(request).day(day)


def _state(found: Mapping[str, Any] | None, job: Any) -> str:  # noqa: ANN401  a row or None
    if found is not None:
        return "problem" if found["error"] else "ready"
    return "looking" if job is not None and job["state"] in ("queued", "running") else "problem"


def _problem(found: Mapping[str, Any] | None, job: Any) -> dict[str, str] | None:  # noqa: ANN401  a row or None
    if found is not None:
        error: dict[str, str] | None = found["error"]
    else:
        error = jobs.error_of(job) if job is not None else None
    return error_for_page(error) if error else None


def _findings(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    told = [{**each, "remedy": for_page(each["remedy"])} for each in found]
    return sorted(told, key=lambda each: _SEVERITIES.index(each["severity"]))


def _table(table: Mapping[str, Any], row: Any, told: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401  a row
    pinned = told.get("roles", {}).get(row["id"], {})
    words = ROLES.get(TableKind(table["kind"]), {}) if table["kind"] else {}
    options = [{"value": role, "label": label} for role, label in words.items()]
    columns = [
        {
            **column,
            "samples": [_veiled(value, column["role"]) for value in column["samples"]],
            "field": f"role:{row['id']}:{place}",
            "chosen": pinned.get(column["name"], ""),
            "role_words": words.get(column["role"], column["role"].replace("_", " ")),
            "unsure": bool(column["role"]) and column["sure"] < 0.75,
        }
        for place, column in enumerate(table["columns"])
    ]
    return {
        "id": row["id"],
        "name": row["shown"],
        "bytes": row["bytes"],
        "kind": table["kind"],
        "kind_words": KINDS[TableKind(table["kind"])] if table["kind"] else "",
        "kind_chosen": row["kind"] or "",
        "kind_evidence": table["kind_evidence"],
        "kinds": [{"value": kind.value, "label": label} for kind, label in KINDS.items()],
        "own": table["kind"] == TableKind.CUSTOMERS.value,
        "columns": columns,
        "roles": options,
        "leave_out": LEAVE_OUT,
        "formats": {name.replace("_", " "): value for name, value in table["formats"].items()},
        "shown_formats": {_FORMATS[name]: value for name, value in table["formats"].items() if name in _FORMATS},
        "rows": table["rows"],
    }


def _veiled(value: str, role: str) -> str:
    """A sample value; of what tells who somebody is, no more than how it begins."""
    return f"{value[:1]}…" if role in _PERSONAL else value


def _reading(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    chosen = told.get("reading", {})
    return [
        {
            "name": name,
            "label": _LABELS[name],
            "chosen": chosen.get(name, ""),
            "options": [{"value": value, "label": label} for value, label in _options(name, chosen.get(name, ""))],
        }
        for name in READING
    ]


def _options(name: str, chosen: str) -> tuple[tuple[str, str], ...]:
    """What can be chosen, with what an earlier study brought along; nothing where words are typed."""
    offered = _CHOICES.get(name, ())
    return offered if not offered or chosen in dict(offered) else (*offered, (chosen, chosen))


def change(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Keep what the person said about the tables; look at them again, or go on where nothing changed."""
    house = house_of(request)
    draft = draft_of(house, request.path_params["draft"])
    found, before = look_of(house, draft), uploads.told_of(draft)
    roles, kinds = _said(form, found or {"tables": []})
    reading = {name: str(form.get(f"reading:{name}", "")).strip("" if name == "delimiter" else " ") for name in READING}
    told = {**before, "roles": roles, "reading": {name: value for name, value in reading.items() if value}}
    stored = {row["id"]: row["kind"] for row in uploads.inputs_of(house.store, draft["id"])}
    changed = {each: kind or None for each, kind in kinds.items() if each in stored and (kind or None) != stored[each]}
    came_to_nothing = found is None and _state(found, jobs.find_job(house.store, draft["look"])) == "problem"
    if changed or came_to_nothing or _asked(told) != _asked(before):
        uploads.set_kinds(house.store, changed)
        try:
            look_again(house, draft["id"], told)
        except ConfigError as wrong:
            return _model(request, wrong, told)
        return Redirect(f"/new/{draft['id']}/check")
    if form.get("go") == "on":
        if found is None or found["error"]:
            raise ConflictError("The tables cannot be used yet.", remedy="Change what the page says first.")
        return Redirect(f"/new/{draft['id']}/choose")
    return Redirect(f"/new/{draft['id']}/check")


def _asked(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a look at the tables depends on; columns of which nothing was said do not count."""
    roles = {each: columns for each, columns in told.get("roles", {}).items() if columns}
    return roles, told.get("reading", {})


def _said(form: FormData, found: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Roles by input and column, and kinds by input, as the form has them."""
    roles: dict[str, dict[str, str]] = {}
    kinds: dict[str, str] = {}
    for table in found["tables"]:
        each = table["input"]
        kind = str(form.get(f"kind:{each}", ""))
        kinds[each] = kind if kind in set(TableKind) else ""
        known = {*ROLES.get(TableKind(table["kind"]), {}), LEAVE_OUT} if table["kind"] else {LEAVE_OUT}
        chosen = {
            column["name"]: str(form.get(f"role:{each}:{place}", "")) for place, column in enumerate(table["columns"])
        }
        roles[each] = {column: role for column, role in chosen.items() if role in known}
    return {each: columns for each, columns in roles.items() if columns}, kinds


ROUTES = (
    Page("check", "/new/{draft}/check", show, "check.html.j2"),
    Action("change", "/new/{draft}/check", change, "check.html.j2"),
)
