"""What all pages of a study share: which study it is, and the way from one of its pages to the next."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from coterie.app.answers import is_api
from coterie.app.house import house_of
from coterie.app.refusals import MissingError
from coterie.app.store.edits import current_edits
from coterie.app.store.studies import find_study
from coterie.app.words import Reader
from coterie.outputs import fitting_edits, with_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from coterie.app.house import House
    from coterie.app.shelf import OpenStudy
    from coterie.outputs import Study
    from coterie.vocabulary import Segment

#: Pages of a study by what somebody comes for: name of the route, end of the address, words.
_GROUPS = (
    (
        "Understand",
        (
            ("study", "", "Segments"),
            ("compare", "/compare", "Side by side"),
            ("map", "/map", "Map of customers"),
            ("stages", "/stages", "Lifecycle stages"),
            ("worth", "/worth", "Worth"),
            ("targets", "/targets", "Which to target"),
            ("customers", "/customers", "Find a customer"),
        ),
    ),
    (
        "How sure",
        (
            ("number", "/number", "How many, and why"),
            ("data", "/data", "The data"),
            ("fairness", "/fairness", "Privacy and fairness"),
        ),
    ),
    (
        "Act",
        (
            ("edit", "/edit", "Names and notes"),
            ("audiences", "/audiences", "Lists to upload"),
            ("plan", "/plan", "Test plan"),
            ("downloads", "/downloads", "Downloads"),
        ),
    ),
    (
        "Keep",
        (
            ("again", "/again", "Again on new data"),
            ("others", "/against", "Compare with another"),
            ("delete", "/delete", "Delete"),
        ),
    ),
)


def opened(request: Request) -> OpenStudy:
    """Give the study that a request names.

    Raises
    ------
    MissingError
        No study has this id.
    StudyError
        Its folder is damaged.
    """
    return open_study(house_of(request), str(request.path_params["study"]))


def open_study(house: House, identity: str) -> OpenStudy:
    """Give the study of an id as its owner sees it; raises as `opened` does."""
    if find_study(house.store, identity) is None:
        raise MissingError("There is no such study, or not any more.", remedy="Choose one from the list of studies.")
    version, edits = current_edits(house.store, identity)

    def revise(study: Study) -> Study:
        return with_edits(study, fitting_edits(study, edits))

    return house.shelf.open(house.settings.studies / identity, revise, version)


def frame(request: Request, study: OpenStudy, title: str) -> dict[str, Any]:
    """Give what every page of a study tells its template: the page's title, the study, the ways onward."""
    base = f"/studies/{request.path_params['study']}"
    groups = [
        {
            "label": label,
            "pages": [{"name": name, "href": base + end, "label": words} for name, end, words in pages],
        }
        for label, pages in _GROUPS
    ]
    return {
        "title": title,
        "study": {
            "id": request.path_params["study"],
            "base": base,
            "title": study.study.title,
            "as_of": _day(request, study),
            "groups": groups,
        },
    }


def _day(request: Request, study: OpenStudy) -> str:
    day = study.study.as_of
    return (day.isoformat() if day else "") if is_api(request) else Reader.of(request).day(day)


def to_reader(view: Callable[[Request], Mapping[str, Any]]) -> Callable[[Request], Mapping[str, Any]]:
    """Make a view whose page has its numbers as the reader writes them; its twin in JSON stays as it is."""

    @wraps(view)
    def told(request: Request) -> Mapping[str, Any]:
        model = view(request)
        return model if is_api(request) else Reader.of(request).rewrite(model)

    return told


def numbers_of(text: str) -> tuple[int, ...]:
    """Give the whole numbers of a list such as "3,5"; none where it is no such list."""
    parts = text.split(",")
    return tuple(int(part) for part in parts) if all(p.isascii() and p.isdigit() and len(p) < 9 for p in parts) else ()


def segment_of(study: OpenStudy, number: int) -> Segment:
    """Give a segment by its id.

    Raises
    ------
    MissingError
        The study has no such segment.
    """
    for segment in study.study.profiled:
        if segment.segment_id == number:
            return segment
    raise MissingError("This study has no such segment.", remedy="Choose one from the study's first page.")
