"""Names, notes, colours and plays of the segments, as their owner wants them; each change can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.answers import Redirect
from coterie.app.house import house_of
from coterie.app.pages.of_study import frame, opened
from coterie.app.refusals import ConflictError
from coterie.app.routing import Action, Page
from coterie.app.store.edits import can_undo, current_edits, keep_edits, undo_edits
from coterie.errors import ConfigError
from coterie.outputs import COLOUR_NAMES, PLAY_FIELDS, SegmentEdit, check_edits, cleaned, fitting_edits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from coterie.outputs import Study
    from coterie.vocabulary import Segment

#: Parts of a play as a person calls them.
_WORDS = {
    "title": "What to do",
    "goal": "Goal",
    "offer": "Offer",
    "channel": "Channel",
    "timing": "Timing",
    "message": "Message",
    "avoid": "Do not",
    "kpi": "First measure",
}
_DONE = {
    "saved": "Saved. Pages, lists, the report, Excel and SQL use the new words from now on.",
    "undone": "The last change was taken back.",
}


def show(request: Request) -> dict[str, Any]:
    """All segments with what can be changed of them."""
    _, edits = current_edits(house_of(request).store, request.path_params["study"])
    return _model(request, fitting_edits(_as_made(request), edits), [])


def save(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Keep what was typed: all of it, or nothing where something cannot be."""
    store, identity = house_of(request).store, str(request.path_params["study"])
    study = _as_made(request)
    version, now = current_edits(store, identity)
    typed = {segment.segment_id: _typed(form, segment) for segment in study.profiled}
    try:
        check_edits(study, typed)
    except ConfigError as error:
        told = f"{error.what} {error.found} {error.remedy}".replace("  ", " ")
        return _model(request, typed, [told.strip()])
    wanted = {identity: edit for identity, edit in typed.items() if edit}
    here = {segment.segment_id for segment in study.profiled}
    hidden = {identity: edit for identity, edit in now.items() if identity not in here}
    seen = str(form.get("version", version))
    as_seen = seen == str(version) and keep_edits(store, identity, wanted | hidden, after=version) is not None
    if not as_seen and wanted | hidden != now:
        raise ConflictError(
            "The names were changed in another window after this page was loaded.",
            remedy="Go back, load the page again, and make your changes there.",
        )
    return Redirect(f"/studies/{identity}/edit?done=saved")


def undo(request: Request, form: FormData) -> Redirect:
    """Take the last change back; sent twice, it takes back one."""
    identity, version = str(request.path_params["study"]), str(form.get("version", ""))
    opened(request)
    known = version.isdecimal() and len(version) < 19
    done = undo_edits(house_of(request).store, identity, int(version) if known else -1)
    return Redirect(f"/studies/{identity}/edit{'?done=undone' if done else ''}")


def _as_made(request: Request) -> Study:
    """The study with the names that it gave itself."""
    house = house_of(request)
    opened(request)
    return house.shelf.open(house.settings.studies / request.path_params["study"]).study


def _typed(form: FormData, segment: Segment) -> SegmentEdit:
    """What a form says of one segment; what the study says anyway is no edit, and a field that is not sent neither."""
    number = segment.segment_id

    def text(field: str, own: str, *, lines: bool = False) -> str:
        said = cleaned(str(form.get(f"{field}-{number}", own)), lines=lines)
        return "" if said == cleaned(own, lines=lines) else said

    play = {} if segment.play is None else {part: text(part, getattr(segment.play, part)) for part in PLAY_FIELDS}
    return SegmentEdit(
        name=text("name", segment.name),
        note=text("note", "", lines=True),
        colour=str(form.get(f"colour-{number}", "")),
        play={part: said for part, said in play.items() if said},
    )


def _model(request: Request, edits: Mapping[int, SegmentEdit], errors: list[str]) -> dict[str, Any]:
    store, identity = house_of(request).store, str(request.path_params["study"])
    study = opened(request)
    version, _ = current_edits(store, identity)
    made = _as_made(request)
    return frame(request, study, "Names and notes") | {
        "segments": [_segment(segment, edits.get(segment.segment_id), study.tints) for segment in made.profiled],
        "colours": [{"value": value, "name": name} for value, name in COLOUR_NAMES.items()],
        "version": version,
        "can_undo": can_undo(store, identity),
        "errors": errors,
        "done": "" if errors else _DONE.get(request.query_params.get("done", ""), ""),
    }


def _segment(segment: Segment, edit: SegmentEdit | None, tints: Mapping[int, str]) -> dict[str, Any]:
    edit = edit or SegmentEdit()
    play = segment.play
    return {
        "id": segment.segment_id,
        "own_name": segment.name,
        "name": edit.name or segment.name,
        "renamed": bool(edit.name),
        "note": edit.note,
        "colour": edit.colour,
        "tint": tints[segment.segment_id],
        "customers": f"{segment.size:,}",
        "play_edited": bool(edit.play),
        "play": []
        if play is None
        else [
            {
                "part": part,
                "label": _WORDS[part],
                "own": getattr(play, part),
                "text": edit.play.get(part) or getattr(play, part),
                "long": part not in ("title", "channel"),
            }
            for part in PLAY_FIELDS
        ],
    }


ROUTES = (
    Page("edit", "/studies/{study}/edit", show, "edit.html.j2"),
    Action("save-edits", "/studies/{study}/edit", save, "edit.html.j2", most_bytes=4 << 20),
    Action("undo-edits", "/studies/{study}/edit/undo", undo),
)
