"""The studies that there are: their list, two held against each other, one made again on new data, one deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from coterie.app.acts import ask
from coterie.app.answers import Redirect
from coterie.app.house import house_of
from coterie.app.made import kept_file
from coterie.app.pages.of_study import frame, opened
from coterie.app.refusals import ConflictError, MissingError
from coterie.app.removing import remove_whole_study
from coterie.app.routing import Action, Page
from coterie.app.store import plans, uploads
from coterie.app.store.edits import current_edits
from coterie.app.store.studies import find_study, list_studies
from coterie.app.words import Reader
from coterie.outputs import edits_to_plain

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from coterie.app.house import House

_VERDICTS = {
    "natural": ("good", "natural groups"),
    "reproducible": ("good", "reproducible"),
    "constructive": ("fair", "a useful division"),
    "none": ("", "no segments"),
}


#: What can go with a study: the name of its count in the address, and the word for one.
_COUNTED = (("plans", "test plan"), ("results", "result"), ("lists", "list"), ("uploads", "uploaded file"))


def show_list(request: Request) -> dict[str, Any]:
    """All studies, the newest first."""
    rows = list_studies(house_of(request).store)
    titles = {row["id"]: row["title"] for row in rows}
    reader = Reader.of(request)
    return {"title": "Studies", "studies": [_entry(row, titles, reader) for row in rows], "gone": _gone(request)}


def _entry(row: sqlite3.Row, titles: dict[str, str], reader: Reader) -> dict[str, Any]:
    tone, word = _VERDICTS.get(row["verdict"], ("", row["verdict"]))
    parent = row["parent"] if row["parent"] in titles else None
    return {
        "id": row["id"],
        "title": row["title"],
        "made": reader.moment(row["made_at"]),
        "customers": reader.count(row["customers"]),
        "segments": reader.count(row["segments"]),
        "tone": tone,
        "word": word,
        "parent": parent,
        "parent_title": titles.get(parent or "", ""),
    }


def _gone(request: Request) -> str:
    """What was removed a moment ago, in words; the address carries counts alone."""
    if not request.query_params.get("deleted"):
        return ""
    told = [(request.query_params.get(name, ""), one) for name, one in _COUNTED]
    counts = [
        f"{number} {one}{'' if number == '1' else 's'}"
        for number, one in told
        if number.isdigit() and len(number) < 6 and number != "0"
    ]
    also = f" With it went: {', '.join(counts)}." if counts else ""
    return f"The study was deleted: its folder, names and notes, and all that was made of it.{also}"


def show_others(request: Request) -> dict[str, Any]:
    """The studies that this one can be held against."""
    study = opened(request)
    rows = list_studies(house_of(request).store)
    titles = {row["id"]: row["title"] for row in rows}
    reader = Reader.of(request)
    others = [_entry(row, titles, reader) for row in rows if row["id"] != request.path_params["study"]]
    return frame(request, study, "Compare with another study") | {"others": others}


def show_against(request: Request) -> dict[str, Any]:
    """Two studies: who moved, what drifted, keep the model or not. The earlier one by its day is the earlier one."""
    house, identity, other = house_of(request), str(request.path_params["study"]), str(request.path_params["other"])
    study = opened(request)
    if identity == other or find_study(house.store, other) is None:
        raise MissingError("There is no such other study, or not any more.", remedy="Choose one from the list.")
    new, old = _in_order(house, identity, other)
    found = json.loads(_compared(house, old, new).read_text(encoding="utf-8"))
    return frame(request, study, "Compared with another study") | {
        "page": found["page"],
        "document": found["document"],
        "old_base": f"/studies/{old}",
        "new_base": f"/studies/{new}",
        "newer_is_this": new == identity,
    }


def _in_order(house: House, one: str, other: str) -> tuple[str, str]:
    """The newer study of two and the earlier one: by the first day not seen, by when they were made, by descent."""

    def age(study: str, beside: str) -> tuple[str, str, bool, str]:
        row = find_study(house.store, study)
        day = house.shelf.open(house.settings.studies / study).study.manifest["as_of"]
        return (day or "", row["made_at"] if row else "", bool(row and row["parent"] == beside), study)

    return (one, other) if age(one, other) >= age(other, one) else (other, one)


def _compared(house: House, old: str, new: str) -> Path:
    version, edits = current_edits(house.store, new)
    old_version, old_edits = current_edits(house.store, old)

    def make(path: Path) -> None:
        task = {
            "do": "compare",
            "study": str(house.settings.studies / new),
            "edits": edits_to_plain(edits),
            "old": str(house.settings.studies / old),
            "old_edits": edits_to_plain(old_edits),
        }
        path.write_text(json.dumps(ask(house.settings, task), ensure_ascii=False), encoding="utf-8")

    return kept_file(house.settings, new, version, f"against-{old}-{old_version}.json", make)


def show_again(request: Request) -> dict[str, Any]:
    """What making the study again on new data means, and the way to hand it over."""
    study = opened(request)
    inputs = [
        {"name": table["name"], "kind": table["kind"], "rows": Reader.of(request).count(table["rows_read"])}
        for table in study.study.manifest["inputs"]
    ]
    return frame(request, study, "Again on new data") | {"inputs": inputs}


def show_delete(request: Request) -> dict[str, Any]:
    """What goes when the study goes."""
    house, identity = house_of(request), str(request.path_params["study"])
    study = opened(request)
    return frame(request, study, "Delete this study") | {"goes": _what_goes(house, identity), "errors": []}


def _what_goes(house: House, study: str) -> dict[str, Any]:
    of_it = plans.all_of(house.store, study)
    draft = _own_draft(house, study)
    return {
        "plans": len(of_it["plans"]),
        "results": len(of_it["results"]),
        "lists": sum(
            1 for one in of_it["lists"] if (plans.find_lists(house.store, one) or {}).get("state") == "written"
        ),
        "uploads": len(uploads.inputs_of(house.store, draft)) if draft else 0,
        "edited": bool(current_edits(house.store, study)[1]),
        "later": sum(1 for row in list_studies(house.store) if row["parent"] == study),
    }


def _own_draft(house: House, study: str) -> str | None:
    """The upload that only this study was made of, and nothing is being made of."""
    row = find_study(house.store, study)
    if row is None or not row["draft"]:
        return None
    shared: list[Any] = [
        other for other in list_studies(house.store) if other["draft"] == row["draft"] and other["id"] != study
    ]
    shared += [job for job in house.jobs.going_on() if job["draft"] == row["draft"]]
    return None if shared else str(row["draft"])


def delete(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Remove a study with all that was kept for it; said twice, it was gone already."""
    house, identity = house_of(request), str(request.path_params["study"])
    if find_study(house.store, identity) is None:
        return Redirect("/studies?deleted=1")
    if form.get("sure") != "yes":
        return show_delete(request) | {"errors": ["Tick the box first: a deleted study cannot be brought back."]}
    if any(row["parent"] == identity for row in house.jobs.going_on()):
        raise ConflictError(
            "A later study is being made from this one just now.", remedy="Wait until it is done, or cancel it."
        )
    goes, draft = _what_goes(house, identity), _own_draft(house, identity)
    remove_whole_study(house.settings, house.store, house.shelf, identity, draft)
    counts = "&".join(f"{name}={goes[name]}" for name in ("plans", "results", "lists", "uploads"))
    return Redirect(f"/studies?deleted=1&{counts}")


ROUTES = (
    Page("studies", "/studies", show_list, "studies.html.j2"),
    Page("others", "/studies/{study}/against", show_others, "others.html.j2"),
    Page("against", "/studies/{study}/against/{other}", show_against, "against.html.j2"),
    Page("again", "/studies/{study}/again", show_again, "again.html.j2"),
    Page("delete", "/studies/{study}/delete", show_delete, "delete.html.j2"),
    Action("delete-study", "/studies/{study}/delete", delete, "delete.html.j2"),
)
