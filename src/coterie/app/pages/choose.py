"""What the segments are to be built on, and how many there are to be: one page, with defaults that suit most shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.answers import Redirect
from coterie.app.flow_words import BLOCKS, WEIGHTS
from coterie.app.house import house_of
from coterie.app.making import draft_of, look_of, run_draft
from coterie.app.objections import keep_lists
from coterie.app.received import MOST_BYTES, files_of
from coterie.app.refusals import ConflictError
from coterie.app.routing import MOST_FIELDS, Action, Page
from coterie.app.store import uploads
from coterie.errors import CoterieError
from coterie.vocabulary import Block

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from coterie.app.house import House

_NUMBERS = ("2..12", *(str(number) for number in range(2, 13)))
_SMALLEST = (("0.01", "1 %"), ("0.02", "2 %"), ("0.05", "5 %"), ("0.1", "10 %"))
_DIFFER = (
    ("", "No: any difference that is found"),
    ("value", "Yes, in what customers are worth"),
    ("behaviour", "Yes, in what customers do"),
)


def show(request: Request) -> dict[str, Any]:
    """What can be chosen, and what is chosen where nothing is said."""
    return _model(request, None, {})


def _model(request: Request, problem: CoterieError | None, typed: Mapping[str, Any]) -> dict[str, Any]:
    house = house_of(request)
    draft = draft_of(house, request.path_params["draft"])
    found = look_of(house, draft)
    if found is None or found["error"]:
        raise ConflictError(
            "The tables are not understood yet.", remedy="Go back to the check: it says what is missing."
        )
    told = {**uploads.told_of(draft), **typed}
    return {
        "title": "Choose",
        "draft": {"id": draft["id"], "title": draft["title"], "like": draft["parent"]},
        "name": told.get("title") or draft["title"],
        "customers": found["customers"],
        "as_of": told.get("as_of", ""),
        "as_of_found": found["as_of"] or "",
        "blocks": _blocks(found["features"], told),
        "weights": [{"value": value, "label": label} for value, label in WEIGHTS],
        "numbers": [{"value": value, "label": _number_words(value)} for value in _NUMBERS],
        "segments": told.get("segments", "2..12"),
        "smallest": [{"value": value, "label": label} for value, label in _SMALLEST],
        "smallest_share": str(told.get("smallest_share", "0.02")),
        "differ": [{"value": value, "label": label} for value, label in _DIFFER],
        "must_differ": told.get("must_differ", ""),
        "purpose": told.get("purpose", ""),
        "budget": told.get("budget", ""),
        "suppress": [each["name"] for each in told.get("suppress", ())],
        "errors": [{"what": problem.what, "found": problem.found, "remedy": problem.remedy}] if problem else [],
    }


def _number_words(value: str) -> str:
    return "Find out (2 to 12)" if ".." in value else f"{value} segments"


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
        job = run_draft(house, draft["id"], told)
    except ConflictError:
        raise
    except ValueError as error:
        if not isinstance(error, CoterieError):
            raise
        good = {name: told[name] for name in ("title", "suppress")}
        uploads.tell_draft(house.store, draft["id"], {**before, **good}, draft["look"])
        return _model(request, error, told)
    return Redirect(f"/jobs/{job}")


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
        "budget": str(form.get("budget", "")).strip()[:40],
    }


ROUTES = (
    Page("choose", "/new/{draft}/choose", show, "choose.html.j2"),
    Action("run", "/new/{draft}/choose", start, "choose.html.j2", most_bytes=MOST_BYTES, most_fields=MOST_FIELDS),
)
