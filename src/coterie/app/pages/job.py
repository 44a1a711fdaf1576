"""A study in the making: its stage, how far it is, what is left; and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.answers import Redirect
from coterie.app.flow_words import error_for_page
from coterie.app.house import house_of
from coterie.app.jobs import log_of
from coterie.app.making import run_with_number
from coterie.app.refusals import RefusalError
from coterie.app.routing import Action, Page

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request


def show(request: Request) -> dict[str, Any]:
    """Where a job is; with `?log=1` also what its process wrote."""
    house = house_of(request)
    row = house.jobs.find(request.path_params["job"])
    told = house.jobs.tell(row)
    if told["error"]:
        told["error"] = error_for_page(told["error"])
    told["percent"] = round(100 * told["share"])
    told["study"] = f"/studies/{row['id']}" if row["kind"] == "study" and row["state"] == "done" else ""
    wanted = bool(request.query_params.get("log"))
    return {"title": told["title"], "job": told, "log": log_of(house.jobs.folder(row["id"])) if wanted else ""}


def cancel(request: Request, _form: FormData) -> Redirect:
    """Stop a job."""
    job = request.path_params["job"]
    house_of(request).jobs.cancel(job)
    return Redirect(f"/jobs/{job}")


def again(request: Request, _form: FormData) -> Redirect:
    """Run a job that did not end well once more."""
    return Redirect(f"/jobs/{house_of(request).jobs.again(request.path_params['job'])}")


def another(request: Request, form: FormData) -> Redirect:
    """Make a study like another one with so many segments."""
    told = str(form.get("segments", ""))
    if not told.isascii() or not told.isdigit() or not 2 <= int(told) <= 50:
        raise RefusalError("The number of segments has no meaning.", remedy="Choose a whole number from 2 to 50.")
    return Redirect(f"/jobs/{run_with_number(house_of(request), request.path_params['study'], int(told))}")


ROUTES = (
    Page("job", "/jobs/{job}", show, "job.html.j2"),
    Action("cancel", "/jobs/{job}/cancel", cancel),
    Action("run-again", "/jobs/{job}/again", again),
    Action("another-number", "/studies/{study}/another", another),
)
