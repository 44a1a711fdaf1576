"""Lists for mail and advertising tools: chosen, seen with counts and reasons, and written only after a yes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from coterie.app.acts import ask, on_page
from coterie.app.answers import FileAnswer, Redirect
from coterie.app.house import house_of
from coterie.app.pages.of_study import frame, opened
from coterie.app.received import MOST_BYTES, files_of, lay_down, make_private
from coterie.app.refusals import ConflictError, MissingError, RefusalError
from coterie.app.routing import Action, Download, Page
from coterie.app.store import plans, uploads
from coterie.app.store.edits import current_edits
from coterie.app.store.studies import find_study
from coterie.app.sweeping import sweep_previews
from coterie.app.words import Reader
from coterie.outputs import edits_to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.datastructures import FormData, QueryParams
    from starlette.requests import Request

    from coterie.app.house import House

#: Tools, what a person knows them by, and whether they need a customer file.
_TOOLS = (
    ("generic", "A plain table", "customer ids with segment and stage, for any tool or a colleague", False),
    ("klaviyo", "Klaviyo", "e-mail and text messages", True),
    ("mailchimp", "Mailchimp", "e-mail", True),
    ("braze", "Braze", "messages; ids alone are enough", False),
    ("google", "Google Ads", "Customer Match; addresses scrambled (hashed)", True),
    ("meta", "Meta", "custom audience; addresses scrambled (hashed)", True),
    ("tiktok", "TikTok", "custom audience; addresses scrambled (hashed)", True),
)
_COLUMNS = (
    ("customer_id", "Customer id"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("country", "Country"),
    ("consent", "Consent to marketing"),
)
#: Boxes that can be ticked.
_TICKS = ("own_file", "consent_elsewhere", "core_only")


def show(request: Request) -> dict[str, Any]:
    """The options, as far as the address says them already, and what was written before."""
    return _form(request, [], _typed(request.query_params))


def _form(request: Request, errors: list[str], typed: Mapping[str, Any]) -> dict[str, Any]:
    house, identity = house_of(request), str(request.path_params["study"])
    study, reader = opened(request), Reader.of(request)
    return frame(request, study, "Lists to upload") | {
        "tools": [dict(zip(("name", "title", "what", "needs"), tool, strict=True)) for tool in _TOOLS],
        "segments": [
            {
                "id": segment.segment_id,
                "name": segment.name,
                "customers": reader.count(segment.size),
                "colour": study.tints[segment.segment_id],
            }
            for segment in study.study.profiled
        ],
        "own_file": _own_name(house, identity),
        "columns": [{"role": role, "label": label} for role, label in _COLUMNS],
        "plans": [{"id": plan["id"], "name": plan["told"]["name"]} for plan in plans.plans_of(house.store, identity)],
        "written": [_listed(each, reader) for each in plans.lists_of(house.store, identity)],
        "errors": errors,
        "typed": typed,
    }


def _listed(each: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    preview = each["told"]["preview"]
    return {
        "id": each["id"],
        "title": preview["title"],
        "made": reader.moment(each["made"]),
        "people": reader.count(preview["people"]),
        "segments": [one["segment"] for one in preview["lists"]],
    }


def preview(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Make the lists without writing them, and show what they would hold."""
    house, identity = house_of(request), str(request.path_params["study"])
    opened(request)
    sweep_previews(house.settings, house.store, request.state.clock())
    token = plans.new_token()
    folder = house.settings.home / "lists" / token
    try:
        task = _task(house, identity, form, folder)
        answer = ask(house.settings, task)
    except RefusalError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return _form(request, [f"{error.what} {error.found} {error.remedy}".replace("  ", " ")], _typed(form))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    seen = answer["preview"] | {"told": _said(house, answer["preview"]["told"], str(form.get("plan", "")))}
    told = {"task": task, "preview": seen, "typed": _typed(form)}
    plans.add_preview(house.store, identity, request.state.clock(), told, token)
    return Redirect(f"/studies/{identity}/audiences/{token}")


def _said(house: House, sentences: list[str], plan: str) -> list[str]:
    """What is told of the lists, in the words of the pages."""
    found = plans.find_plan(house.store, plan) if plan else None
    named = f"the test plan “{found['told']['name']}”" if found else "'holdout.csv'"
    return [on_page(sentence).replace("'holdout.csv'", named) for sentence in sentences]


def _typed(form: FormData | QueryParams) -> dict[str, Any]:
    """What was chosen, of a form or of an address; files cannot be kept."""
    return {
        "tool": str(form.get("tool", "generic"))[:20],
        "country": str(form.get("country", ""))[:60],
        "segments": [int(text) for text in map(str, form.getlist("segment")) if text.isdecimal() and len(text) < 9],
        "plan": str(form.get("plan", "?"))[:40],
        "columns": {role: str(form.get(f"column-{role}", ""))[:200] for role, _ in _COLUMNS},
        **{name: str(form.get(name, "")) not in ("", "false") for name in _TICKS},
        "hashed": form.get("hashed") == "no",  # the box asks for what is left readable
    }


def _address(typed: Mapping[str, Any]) -> str:
    """The end of the address at which the form is filled in as it was."""
    pairs = [("tool", typed["tool"]), ("plan", typed["plan"]), ("country", typed["country"])]
    pairs += [("segment", str(number)) for number in typed["segments"]]
    pairs += [(f"column-{role}", name) for role, name in typed["columns"].items()]
    pairs += [(name, "yes") for name in _TICKS if typed[name]] + [("hashed", "no")] * typed["hashed"]
    return urlencode([(name, value) for name, value in pairs if value or name == "plan"])


def _task(house: House, study: str, form: FormData, folder: Path) -> dict[str, Any]:
    """What the process is asked: the same options as those of the command line."""
    _, edits = current_edits(house.store, study)
    typed = _typed(form)
    options: dict[str, Any] = {
        "segment": typed["segments"],
        "customers": _customers(house, study, form, folder),
        "columns": {role: name for role, name in typed["columns"].items() if name},
        "suppress": _people(house, form, "suppress", folder),
        "exclude": _people(house, form, "exclude", folder),
        "country": typed["country"],
        "core_only": typed["core_only"],
        "consent_elsewhere": typed["consent_elsewhere"],
        "holdout": _holdout(house, study, str(form.get("plan", ""))),
    }
    if typed["hashed"]:
        options["hashed"] = False
    return {
        "do": "lists",
        "study": str(house.settings.studies / study),
        "edits": edits_to_plain(edits),
        "destination": typed["tool"],
        "options": options,
    }


def _customers(house: House, study: str, form: FormData, folder: Path) -> str | None:
    files = files_of(form, "customers")
    if files:
        return str(lay_down(files[0], folder / "in", "customers", house.settings)[0])
    own = _own_file(house, study)
    return str(own) if own and form.get("own_file") else None


def _people(house: House, form: FormData, field: str, folder: Path) -> list[str]:
    return [
        str(lay_down(file, folder / "in", f"{field}-{number}", house.settings)[0])
        for number, file in enumerate(files_of(form, field), start=1)
    ]


def _own_file(house: House, study: str) -> Path | None:
    """The customer file that the study was made of, where it is still kept."""
    row = find_study(house.store, study)
    if row is None or not row["draft"]:
        return None
    manifest = house.shelf.open(house.settings.studies / study).study.manifest
    names = {table["name"] for table in manifest["inputs"] if table["kind"] == "customers"}
    for each in uploads.inputs_of(house.store, row["draft"]):
        path = house.settings.uploads / str(each["stored"]) if each["stored"] else None
        if path and (each["shown"] in names or path.name in names) and path.is_file():
            return path
    return None


def _own_name(house: House, study: str) -> str:
    found = _own_file(house, study)
    return found.name if found else ""


def _holdout(house: House, study: str, plan: str) -> str:
    """File of the groups of a test plan; "none" where no plan is to leave anybody out."""
    if not plan:
        return "none"
    found = plans.find_plan(house.store, plan)
    if found is None or found["study"] != study:
        raise MissingError("There is no such test plan, or not any more.", remedy="Choose one from the list.")
    return str(house.settings.plans / plan / "holdout.csv")


def _found(request: Request, token: str) -> dict[str, Any]:
    found = plans.find_lists(house_of(request).store, token)
    if found is None or found["study"] != request.path_params["study"]:
        raise MissingError("There are no such lists, or not any more.", remedy="Make them again.")
    return found


def show_lists(request: Request) -> dict[str, Any]:
    """What lists would hold, or hold."""
    study = opened(request)
    found = _found(request, str(request.path_params["lists"]))
    seen, reader = found["told"]["preview"], Reader.of(request)
    files = [
        {"number": number, "name": each["name"], "size": f"{reader.decimal(each['bytes'] / 1000, 1)} KB"}
        for number, each in enumerate(found["told"].get("files", ()))
    ]
    return frame(request, study, "Lists to upload") | {
        "lists": found["id"],
        "is_written": found["state"] == "written",
        "change": _address(found["told"]["typed"]) if "typed" in found["told"] else "",
        "seen": seen | {"lists": [_one(each, study.tints, reader) for each in seen["lists"]]},
        "people": reader.count(seen["people"]),
        "files": files,
    }


def _one(each: Mapping[str, Any], tints: Mapping[int, str], reader: Reader) -> dict[str, Any]:
    return {
        **each,
        "colour": tints.get(each["segment_id"], ""),
        "people": reader.count(each["people"]),
        "customers": reader.count(each["customers"]),
        "left_out": [{"why": why, "count": reader.count(count)} for why, count in each["left_out"].items()],
        "used": [
            {"field": name, "told": ", ".join(f"{reader.count(count)} {word}" for word, count in counts.items())}
            for name, counts in each["fields"].items()
        ],
    }


def write(request: Request, form: FormData) -> Redirect:
    """Write lists that were seen; sent twice, they are written once.

    Raises
    ------
    ConflictError
        No preview was seen, or what would be written is not what was seen.
    """
    house, identity, token = house_of(request), str(request.path_params["study"]), str(form.get("token", ""))
    opened(request)
    found = plans.find_lists(house.store, token) if token else None
    if found is None or found["study"] != identity:
        raise ConflictError(
            "Nothing was written: lists leave only after their preview was seen.",
            remedy="Make the preview, look at it, then say yes to it.",
        )
    if plans.begin_writing(house.store, token, request.state.clock()):
        _write(house, found, request.state.clock())
    elif (plans.find_lists(house.store, token) or found)["state"] != "written":
        raise ConflictError("These lists are being written just now.", remedy="Load the page again in a moment.")
    return Redirect(f"/studies/{identity}/audiences/{token}")


def _write(house: House, found: Mapping[str, Any], now: float) -> None:
    folder = house.settings.home / "lists" / found["id"]
    seen, task = found["told"]["preview"], dict(found["told"]["task"])
    _, edits = current_edits(house.store, found["study"])
    expected = [[one["segment_id"], one["segment"], one["people"], one["columns"]] for one in seen["lists"]]
    make_private(folder, house.settings)
    task |= {"edits": edits_to_plain(edits), "out": str(folder / "files"), "expected": expected}
    try:
        answer = ask(house.settings, task)
    except BaseException as error:
        plans.stop_writing(house.store, found["id"])
        if isinstance(error, RefusalError) and error.what.startswith("The lists would not be"):
            raise ConflictError(error.what, found=error.found, remedy=error.remedy) from error
        raise
    shutil.rmtree(folder / "in", ignore_errors=True)
    if not plans.mark_written(house.store, found["id"], now, {"preview": seen, "files": answer["files"]}):
        shutil.rmtree(folder, ignore_errors=True)
        raise MissingError("These lists were removed while they were being written.", remedy="Make them again.")


def hand_out(request: Request) -> FileAnswer:
    """One file of lists that were written."""
    house = house_of(request)
    opened(request)
    found = _found(request, str(request.path_params["lists"]))
    files, number = found["told"].get("files", []), int(request.path_params["number"])
    path = house.settings.home / "lists" / found["id"] / "files"
    if found["state"] != "written" or number >= len(files) or not (path / files[number]["name"]).is_file():
        raise MissingError("There is no such file, or not any more.", remedy="Make the lists again.")
    return FileAnswer(files[number]["name"], "text/csv; charset=utf-8", path=path / files[number]["name"])


def remove(request: Request, _form: FormData) -> Redirect:
    """Remove lists, as after they were uploaded; the record that they were made stays in the study."""
    house, identity, token = house_of(request), str(request.path_params["study"]), str(request.path_params["lists"])
    opened(request)
    found = plans.find_lists(house.store, token)
    if found is not None and found["study"] == identity:
        shutil.rmtree(house.settings.home / "lists" / token, ignore_errors=True)
        plans.remove_lists(house.store, token)
    return Redirect(f"/studies/{identity}/audiences")


ROUTES = (
    Page("audiences", "/studies/{study}/audiences", show, "audiences.html.j2"),
    Action("preview-lists", "/studies/{study}/audiences", preview, "audiences.html.j2", most_bytes=MOST_BYTES),
    Action("write-lists", "/studies/{study}/audiences/write", write),
    Page("lists", "/studies/{study}/audiences/{lists}", show_lists, "lists.html.j2"),
    Action("remove-lists", "/studies/{study}/audiences/{lists}/delete", remove),
    Download("list-file", "/studies/{study}/audiences/{lists}/files/{number:int}", hand_out),
)
