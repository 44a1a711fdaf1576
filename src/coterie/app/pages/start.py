"""The first page: hand over files, or take the sample store; what runs, and the newest studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from coterie.app.answers import Redirect, is_api
from coterie.app.house import house_of
from coterie.app.making import SAMPLE_CUSTOMERS, look_again, told_for_later
from coterie.app.refusals import MissingError, RefusalError
from coterie.app.routing import Action, Page, Stream
from coterie.app.store import new_id, studies, uploads
from coterie.app.uploads import receive
from coterie.app.words import Reader
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request

    from coterie.app.house import House
    from coterie.app.uploads import Received

_NEWEST = 6
_SAMPLE = tuple((kind.value, f"{kind.value}.csv") for kind in (TableKind.ORDERS, TableKind.CUSTOMERS, TableKind.EVENTS))


def show(request: Request) -> dict[str, Any]:
    """What a person can begin with, what goes on, and what there is."""
    house = house_of(request)
    limits = house.settings.limits
    like = _known(house, request.query_params.get("like", ""))
    return {
        "title": "New study",
        "sources": sorted(house.settings.sources),
        "jobs": house.jobs.going_on(),
        "studies": [_entry(request, row) for row in studies.list_studies(house.store, _NEWEST)],
        "like": {"id": like["id"], "title": like["title"]} if like else None,
        "limits": {
            "files": limits.files,
            "file_gib": limits.file_bytes / 2**30,
            "file_bytes": limits.file_bytes,
            "days": limits.upload_days,
        },
        "sample_customers": SAMPLE_CUSTOMERS,
    }


def _entry(request: Request, row: Any) -> dict[str, Any]:  # noqa: ANN401  a row
    told = dict(row)
    return told if is_api(request) else {**told, "made_at": Reader.of(request).moment(told["made_at"])}


async def take(request: Request) -> Redirect:
    """Take files, and begin to look at them."""
    house = house_of(request)
    with house.room.share() as share:
        received = await receive(request, house.settings, share)
        return await run_in_threadpool(_keep, request, house, received)


def _keep(request: Request, house: House, received: Received) -> Redirect:
    if not received.inputs:
        raise RefusalError("No file was chosen.", remedy="Choose at least one: orders, customers, or both.")
    like = _known(house, received.fields.get("like", ""))
    first = received.inputs[0]["shown"].partition(".")[0]
    title = like["title"] if like else _title(first)
    parent = like["id"] if like else None
    draft = uploads.add_draft(
        house.store, request.state.clock(), title, received.inputs, parent=parent, draft=received.folder
    )
    look_again(house, draft, told_for_later(house, parent, draft) if parent else {})
    return Redirect(f"/new/{draft}/check")


def _title(name: str) -> str:
    """A file's name as the title of a study: "our_shop" becomes "Our shop", "OnlineRetail" stays."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def sample(request: Request, _form: FormData) -> Redirect:
    """Take the sample store: a made-up shop with orders, customers and visits."""
    house = house_of(request)
    folder = new_id()
    inputs = [{"shown": name, "stored": f"{folder}/{name}", "kind": kind} for kind, name in _SAMPLE]
    draft = uploads.add_draft(house.store, request.state.clock(), "Sample store", inputs, draft=folder)
    look_again(house, draft, {"sample": True, "reading": {"currency": "£"}})
    return Redirect(f"/new/{draft}/check")


def source(request: Request, form: FormData) -> Redirect:
    """Take a source by the name that the owner gave it in the settings."""
    house, name = house_of(request), str(form.get("source", ""))
    if name not in house.settings.sources:
        raise MissingError("There is no source of that name.", remedy="Choose one from the list of the start page.")
    like = _known(house, str(form.get("like", "")))
    parent = like["id"] if like else None
    inputs = [{"shown": name, "source": name}]
    draft = uploads.add_draft(house.store, request.state.clock(), name.capitalize(), inputs, parent=parent)
    look_again(house, draft, told_for_later(house, parent, draft) if parent else {})
    return Redirect(f"/new/{draft}/check")


def _known(house: House, study: str) -> Any:  # noqa: ANN401  a row or None
    return studies.find_study(house.store, study) if study else None


ROUTES = (
    Page("start", "/", show, "start.html.j2"),
    Stream("upload", "/uploads", take),
    Action("sample", "/sample", sample),
    Action("source", "/source", source),
)
