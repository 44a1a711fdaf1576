"""What the segments are to be built on, and how many there are to be: one page, with defaults that suit most shops."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from coterie.app.answers import FileAnswer, Redirect, is_api
from coterie.app.drafts import LEAVE_OUT
from coterie.app.flow_words import BLOCKS, PURPOSES, WEIGHTS, error_for_page
from coterie.app.handed import keep_lists, keep_playbook
from coterie.app.house import house_of
from coterie.app.making import draft_of, look_of, run_draft
from coterie.app.received import MOST_BYTES, files_of
from coterie.app.refusals import ConflictError, RefusalError, told_error
from coterie.app.routing import MOST_FIELDS, Action, Download, Page
from coterie.app.store import uploads
from coterie.app.words import Reader
from coterie.campaigns import bundled_text
from coterie.errors import CoterieError
from coterie.vocabulary import Block, TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from coterie.app.house import House

_NUMBERS = ("2..12", *(str(number) for number in range(2, 13)))
_SMALLEST = ("0.01", "0.02", "0.05", "0.1")
#: Choices that are folded away until one of them is made.
_MORE = ("suppress", "playbook", "gone", "audit", "budget", "purpose", "as_of", "must_differ", "human_review")
_DIFFER = (
    ("", "No: any difference that is found"),
    ("value", "Yes, in what customers are worth"),
    ("behaviour", "Yes, in what customers do"),
)


#: Columns that say who somebody is: no group of customers can be made of them.
_WHO = frozenset({"customer_id", "email", "phone", "person_name"})
_MOST_COLUMNS = 200  # of which the check of fairness is offered


def show(request: Request) -> dict[str, Any]:
    """What can be chosen, and what is chosen where nothing is said."""
    return _model(request, None, {})


def _model(request: Request, problem: CoterieError | None, typed: Mapping[str, Any], field: str = "") -> dict[str, Any]:
    house = house_of(request)
    draft = draft_of(house, request.path_params["draft"])
    found = look_of(house, draft)
    if found is None or found["error"]:
        raise ConflictError(
            "The tables are not understood yet.", remedy="Go back to the check: it says what is missing."
        )
    told = {**uploads.told_of(draft), **typed}
    segments, smallest = str(told.get("segments") or "2..12"), str(told.get("smallest_share") or "0.02")
    return {
        "title": "Choose",
        "draft": {"id": draft["id"], "title": draft["title"], "like": draft["parent"]},
        "name": told.get("title") or draft["title"],
        "customers": found["customers"],
        "as_of": told.get("as_of", ""),
        "as_of_found": _day(request, found["as_of"]),
        "blocks": _blocks(found["features"], told),
        "audit": _audit(found["tables"], told),
        "weights": [{"value": value, "label": label} for value, label in WEIGHTS],
        "numbers": [{"value": value, "label": _number_words(value)} for value in _with(_NUMBERS, segments)],
        "segments": segments,
        "smallest": [{"value": value, "label": f"{100 * float(value):g} %"} for value in _with(_SMALLEST, smallest)],
        "smallest_share": smallest,
        "differ": [{"value": value, "label": label} for value, label in _DIFFER],
        "purposes": [{"value": value, "label": label} for value, label in PURPOSES],
        "purpose_class": told.get("purpose_class") or "marketing",
        **{name: told.get(name, "") for name in ("must_differ", "purpose", "human_review", "budget", "margin")},
        "suppress": [each["name"] for each in told.get("suppress", ())],
        "playbook": told["playbook"] if told.get("playbook") else None,
        "gone": list(told.get("gone", ())),
        "more": any(told.get(name) for name in _MORE) or told.get("purpose_class", "marketing") != "marketing",
        "errors": [error_for_page(told_error(problem)) | {"field": field}] if problem else [],
    }


def _day(request: Request, day: str | None) -> str:
    """A day as the reader writes days."""
    if not day or is_api(request):
        return day or ""
    return Reader.of(request).day(dt.date.fromisoformat(day))


def _with(values: tuple[str, ...], chosen: str) -> tuple[str, ...]:
    """The values of a list, with the chosen one where an earlier study brought another."""
    return values if chosen in values else (*values, chosen)


def _audit(tables: list[dict[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Columns of customer tables that the check of fairness can look at."""
    roles: Mapping[str, Mapping[str, str]] = told.get("roles", {})
    own = {
        column["name"]: column["name"] in told.get("audit", ())
        for table in tables
        if table["kind"] == TableKind.CUSTOMERS.value
        for column in table["columns"]
        if column["role"] not in _WHO and roles.get(table["input"], {}).get(column["name"]) != LEAVE_OUT
    }
    return [{"name": name, "chosen": chosen} for name, chosen in list(own.items())[:_MOST_COLUMNS]]


def _number_words(value: str) -> str:
    least, between, most = value.partition("..")
    return f"Find out ({least} to {most})" if between else f"{value} segments"


def _blocks(features: list[dict[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sides of a customer of which the tables tell something, each with its columns."""
    left_out, blocks = set(told.get("ignore", [])), []
    for block, (name, meaning) in BLOCKS.items():
        own = [
            {**feature, "left_out": feature["name"] in left_out}
            for feature in features
            if feature["block"] == block.value and not feature["barred"]
        ]
        if own:
            weight = str(told.get("weights", {}).get(block.value, ""))
            used = sum(feature["in_basis"] for feature in own)
            blocks.append(
                {
                    "block": block.value,
                    "name": name,
                    "meaning": meaning,
                    "features": own,
                    "used": used,
                    "weight": weight,
                }
            )
    return blocks


def start(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Make the study."""
    house = house_of(request)
    draft = draft_of(house, request.path_params["draft"])
    before = uploads.told_of(draft)
    told = {**before, **_said(form), "suppress": _objected(house, draft["id"], form, before)}
    try:
        told["playbook"] = _playbook(house, draft["id"], form, before)
    except RefusalError as error:
        _keep_good(house, draft, before, told)
        return _model(request, error, {**told, "playbook": before.get("playbook")}, "playbook")
    try:
        job = run_draft(house, draft["id"], told)
    except ConflictError:
        raise
    except ValueError as error:
        if not isinstance(error, CoterieError):
            raise
        _keep_good(house, draft, before, told)
        return _model(request, error, told)
    return Redirect(f"/jobs/{job}")


def _keep_good(house: House, draft: Any, before: Mapping[str, Any], told: Mapping[str, Any]) -> None:  # noqa: ANN401  a row
    """Keep what was good of choices that cannot be used: a browser does not send a file twice by itself."""
    good = {name: told[name] for name in ("title", "suppress", "playbook") if name in told}
    uploads.tell_draft(house.store, draft["id"], {**before, **good}, draft["look"])


def _playbook(house: House, draft: str, form: FormData, before: Mapping[str, Any]) -> dict[str, str] | None:
    """The playbook that came now, or else the one that came before and is to stay."""
    files = files_of(form, "playbook")
    if files:
        return keep_playbook(house, draft, files[0])
    return None if form.get("no_playbook") else before.get("playbook")


def _objected(house: House, draft: str, form: FormData, before: Mapping[str, Any]) -> list[dict[str, str]]:
    """The lists of people who objected: those that came now, or else those that came before and are to stay."""
    files = files_of(form, "suppress")
    if files:
        return keep_lists(house, draft, files)
    return [] if form.get("no_suppress") else list(before.get("suppress", ()))


def _said(form: FormData) -> dict[str, Any]:
    weights = {block.value: str(form.get(f"weight:{block.value}", "")) for block in Block}
    allowed = {value for value, _ in WEIGHTS if value}
    return {
        "title": " ".join(str(form.get("title", "")).split())[:120],
        "segments": str(form.get("segments", "")) or "2..12",
        "weights": {block: weight for block, weight in weights.items() if weight in allowed},
        "ignore": [str(name) for name in form.getlist("ignore")],
        "as_of": str(form.get("as_of", "")).strip(),
        "smallest_share": str(form.get("smallest_share", "")) or "0.02",
        "must_differ": str(form.get("must_differ", "")),
        "purpose": " ".join(str(form.get("purpose", "")).split())[:500],
        "purpose_class": str(form.get("purpose_class", "")),
        "human_review": " ".join(str(form.get("human_review", "")).split())[:200],
        "audit": [str(name) for name in form.getlist("audit")],
        "budget": str(form.get("budget", "")).strip()[:40],
        "margin": str(form.get("margin", "")).strip().removesuffix("%").strip()[:40],
        "gone": [],
    }


def ours(_request: Request) -> FileAnswer:
    """The playbook that a playbook of one's own begins with."""
    return FileAnswer("playbook.toml", "application/toml", content=bundled_text().encode())


ROUTES = (
    Download("our-playbook", "/playbook.toml", ours),
    Page("choose", "/new/{draft}/choose", show, "choose.html.j2"),
    Action("run", "/new/{draft}/choose", start, "choose.html.j2", most_bytes=MOST_BYTES, most_fields=MOST_FIELDS),
)
