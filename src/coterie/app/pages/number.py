"""How many segments, and why: what was tried, what came second, and what another number would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.answers import Redirect
from coterie.app.house import house_of
from coterie.app.making import run_with_number
from coterie.app.pages.of_study import frame, numbers_of, opened, to_reader
from coterie.app.refusals import RefusalError
from coterie.app.routing import Action, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

_FEWEST, _MOST = 2, 50  # segments that one can ask for


def number_page(request: Request) -> Mapping[str, Any]:
    """The account of the choice, its alternatives, the tests, and how surely each segment comes back."""
    study = opened(request)
    model = frame(request, study, "How many, and why")
    base, choice = model["study"]["base"], study.part("choice")
    numbers = choice["numbers"] if choice else []
    return model | {
        "opening": study.part("opening"),
        "choice": choice,
        "evidence": study.part("evidence"),
        "surely": study.part("surely"),
        "tree": study.part("tree"),
        "tested": study.part("tested"),
        "change": study.part("change"),
        "chart": f"{base}/charts/numbers" if len(numbers) > 1 else "",
        "instead": [row["n"] for row in numbers if not row["chosen"]],
    }


def show_another(request: Request, form: FormData) -> Redirect:
    """Make the study again with another number of segments, as a later study of this one.

    Raises
    ------
    RefusalError
        No number of segments that can be made.
    """
    opened(request)
    wished = numbers_of(str(form.get("segments", "")).strip())
    if len(wished) != 1 or not _FEWEST <= wished[0] <= _MOST:
        raise RefusalError(
            "That is no number of segments.", remedy=f"Choose a whole number from {_FEWEST} to {_MOST} and try again."
        )
    job = run_with_number(house_of(request), str(request.path_params["study"]), wished[0])
    return Redirect(f"/jobs/{job}")


ROUTES = (
    Page("number", "/studies/{study}/number", to_reader(number_page), "number.html.j2"),
    Action("another_number", "/studies/{study}/number", show_another),
)
