"""Everything that can be carried away from a study, each file made when it is first asked for."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from coterie.app.acts import ask
from coterie.app.answers import FileAnswer
from coterie.app.house import house_of
from coterie.app.made import kept_file
from coterie.app.pages.of_study import frame, opened
from coterie.app.printing import browser_for_print, print_page
from coterie.app.refusals import MissingError
from coterie.app.routing import Download, Page
from coterie.app.store.edits import current_edits
from coterie.outputs import SINGLE_FILES, edits_to_plain

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

#: Engines that the way to a segment can be written for, and what people call them.
_DIALECTS = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "spark": "Spark",
    "databricks": "Databricks",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "sql": "text/plain; charset=utf-8",
    "xlsx": _XLSX,
}
_SINGLE_WORDS = {
    "segments.csv": "One row a segment: size, value, how surely it is there, rule, what to do.",
    "segments.json": "The same for programs, with everything that was found.",
    "campaigns.csv": "One row a segment: what to do, with offer, channel and timing.",
    "profiles.csv": "Each segment in each feature, beside all customers.",
    "customers.csv": "One row a customer: segment, how sure, why.",
}


def show(request: Request) -> dict[str, Any]:
    """What there is to carry away."""
    return frame(request, opened(request), "Downloads") | {
        "can_print": browser_for_print() is not None,
        "dialects": [{"name": name, "title": title} for name, title in _DIALECTS.items()],
        "tables": [
            {"name": name, "what": what, "personal": name == "customers.csv"} for name, what in _SINGLE_WORDS.items()
        ],
    }


def report(request: Request) -> FileAnswer:
    """The report, shown in the browser, closed off from the app."""
    return FileAnswer("report.html", _TYPES["html"], path=_made(request, "report.html"), inline=True)


def hand_out(request: Request) -> FileAnswer:
    """A file of a study, by its name."""
    name = str(request.path_params["file"])
    path = _made(request, name)
    title = opened(request).study.title
    return FileAnswer(f"{_slug(title)}-{name}", _TYPES[name.rpartition(".")[2]], path=path)


def _made(request: Request, name: str) -> Path:
    """A file in the words of the owner, from the study's folder where nothing was changed."""
    house, identity = house_of(request), str(request.path_params["study"])
    opened(request)
    version, edits = current_edits(house.store, identity)
    folder = house.settings.studies / identity
    ready = folder / name
    if not edits and name in ("report.html", *SINGLE_FILES) and ready.is_file():
        return ready
    task = _task(name) | {"study": str(folder), "edits": edits_to_plain(edits)}
    if name == "report.pdf":
        page = _made(request, "report.html")
        return kept_file(house.settings, identity, version, name, lambda path: print_page(page, path))
    return kept_file(house.settings, identity, version, name, lambda path: _asked(request, task | {"out": str(path)}))


def _asked(request: Request, task: dict[str, Any]) -> None:
    ask(house_of(request).settings, task)


def _task(name: str) -> dict[str, Any]:
    """What makes a file.

    Raises
    ------
    MissingError
        There is no such file.
    """
    stem, _, kind = name.rpartition(".")
    if name in ("report.html", "report.pdf"):
        return {"do": "report"}
    if name in SINGLE_FILES:
        return {"do": "single", "name": name}
    if name in ("segments.xlsx", "segments-without-customers.xlsx"):
        return {"do": "workbook", "rows": 0 if "without" in name else None}
    if kind == "sql" and stem in _DIALECTS:
        return {"do": "sql", "dialect": stem}
    raise MissingError("There is no such file to download.", remedy="Choose one from the page of downloads.")


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "study"


ROUTES = (
    Page("downloads", "/studies/{study}/downloads", show, "downloads.html.j2"),
    Download("report", "/studies/{study}/report", report),
    Download("download", "/studies/{study}/files/{file}", hand_out),
)
