"""Test plans: who is left out of a campaign so that it can be measured; and what it brought, when results are in."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

from coterie.app.acts import ask
from coterie.app.answers import FileAnswer, Redirect
from coterie.app.house import house_of
from coterie.app.pages.of_study import frame, opened
from coterie.app.received import MOST_BYTES, files_of, lay_down
from coterie.app.refusals import MissingError, RefusalError
from coterie.app.routing import Action, Download, Page
from coterie.app.store import plans
from coterie.app.store.edits import current_edits
from coterie.app.words import Reader
from coterie.outputs import cleaned, edits_to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.datastructures import FormData
    from starlette.requests import Request

#: Numbers of the form: name, label, unit and meaning, and what the number in the form is divided by.
_NUMBERS = (
    ("days", "How long results are counted", "days", 1.0, "30"),
    (
        "discount",
        "Price reduction of the offer",
        "% of the price; empty: as the settings of the study assume",
        100.0,
        "",
    ),
    (
        "contact",
        "Cost of one message to one customer",
        "in the shop's currency; empty: as the settings assume",
        1.0,
        "",
    ),
    ("fixed", "Cost of the campaign as a whole", "in the shop's currency", 1.0, ""),
    ("margin", "Part of revenue that is left after costs", "%; empty: as the settings assume", 100.0, ""),
    ("baseline", "How many would buy anyway", "% of customers in these days; empty: from the forecast", 100.0, ""),
    ("share", "Part of each segment to leave out", "%; empty: as little as shows what pays", 100.0, ""),
    ("order_value", "Average order", "in the shop's currency; empty: from their orders", 1.0, ""),
)
#: What a number may be, in its own unit: from, to.
_BOUNDS = {
    "days": (1, 730), "discount": (0, 1), "contact": (0, 1e6), "fixed": (0, 1e12), "margin": (1e-6, 1),
    "baseline": (1e-6, 0.999999), "share": (1e-6, 0.999999), "order_value": (1e-6, 1e9),
}  # fmt: skip
#: "25,000" is twenty-five thousand to some and twenty-five to others.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_ROLES = (("customer_id", "Customer id"), ("responded", "Bought (yes or no)"), ("revenue", "Revenue"))


def show(request: Request) -> dict[str, Any]:
    """The form of a new plan, and the plans there are."""
    return _form(request, [], {})


def _form(request: Request, errors: list[str], typed: Mapping[str, str]) -> dict[str, Any]:
    study, reader = opened(request), Reader.of(request)
    made = plans.plans_of(house_of(request).store, request.path_params["study"])
    return frame(request, study, "Test plan") | {
        "segments": [
            {
                "id": segment.segment_id,
                "name": segment.name,
                "customers": reader.count(segment.size),
                "colour": study.tints[segment.segment_id],
                "chosen": not typed or f"segment-{segment.segment_id}" in typed,
            }
            for segment in study.study.profiled
        ],
        "numbers": [
            {"name": name, "label": label, "unit": unit, "value": typed.get(name, start)}
            for name, label, unit, _, start in _NUMBERS
        ],
        "name": typed.get("name", f"Campaign {len(made) + 1}"),
        "plans": [
            {"id": plan["id"], "name": plan["told"]["name"], "made": reader.moment(plan["made"])}
            | {name: plan["told"]["page"][name] for name in ("n", "left", "days")}
            for plan in made
        ],
        "errors": errors,
    }


def make(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Draw a plan; the same plan sent again is the one that was drawn."""
    house, identity = house_of(request), str(request.path_params["study"])
    study = opened(request)
    typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    chosen = [s.segment_id for s in study.study.profiled if form.get(f"segment-{s.segment_id}")]
    options, errors = _options(typed)
    name = cleaned(typed.get("name", ""))[:80]
    if not name:
        errors.append("Give the campaign a name: it also decides who is drawn.")
    if not chosen:
        errors.append("Tick at least one segment.")
    if errors:
        return _form(request, errors, typed)
    options |= {"segments": chosen, "salt": name}
    version, edits = current_edits(house.store, identity)
    key = hashlib.sha256(json.dumps([identity, version, options], sort_keys=True).encode()).hexdigest()
    plan = plans.plan_of_key(house.store, key)
    if plan is None:
        plan = plans.new_token()
        task = {"do": "plan", "study": str(house.settings.studies / identity), "edits": edits_to_plain(edits)}
        try:
            drawn = ask(house.settings, task | {"options": options, "out": str(house.settings.plans / plan)})
        except RefusalError as error:
            return _form(request, [f"{error.what} {error.found} {error.remedy}".replace("  ", " ")], typed)
        told = {"name": name, "page": drawn, "options": options}
        kept = plans.add_plan(house.store, key, identity, request.state.clock(), told, plan)
        if kept != plan:  # another request drew the same plan in the same moment
            shutil.rmtree(house.settings.plans / plan, ignore_errors=True)
            plan = kept
    return Redirect(f"/studies/{identity}/plans/{plan}")


def _options(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The numbers of the form in their own units, and what is wrong with them."""
    options: dict[str, Any] = {}
    errors = []
    for name, label, _, scale, _ in _NUMBERS:
        text = typed.get(name, "").strip().removesuffix("%").strip()
        if not text:
            continue
        low, high = _BOUNDS[name]
        try:
            value = _number(text) / scale
        except ValueError as cause:
            errors.append(f"“{label}” {cause}")
            continue
        if not low <= value <= high:
            errors.append(f"“{label}” must be between {low * scale:,.6g} and {high * scale:,.6g}.")
            continue
        options[name] = int(value) if name == "days" else value
    return options, errors


def _number(text: str) -> float:
    """A number as people of any country write it; what could be a thousand or a thousandth is asked for again."""
    if _EITHER.fullmatch(text):
        raise ValueError(
            "can be read in two ways: write thousands without a mark (25000), and other than three decimals (2.5)."
        )
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ValueError("is not a number.") from None


def _found(request: Request) -> dict[str, Any]:
    found = plans.find_plan(house_of(request).store, str(request.path_params["plan"]))
    if found is None or found["study"] != request.path_params["study"]:
        raise MissingError("There is no such test plan, or not any more.", remedy="Choose one from the list.")
    return found


def show_plan(request: Request) -> dict[str, Any]:
    """A plan: who is left out, what each segment can teach, the files, and the results that came in."""
    study, reader = opened(request), Reader.of(request)
    return _plan_model(request, study, reader, [])


def _plan_model(request: Request, study: Any, reader: Reader, errors: list[str]) -> dict[str, Any]:  # noqa: ANN401
    found = _found(request)
    came = plans.results_of(house_of(request).store, found["id"])
    return frame(request, study, "Test plan") | {
        "plan": found["id"],
        "name": found["told"]["name"],
        "drawn": found["told"]["page"],
        "drawn_at": reader.moment(found["made"]),
        "roles": [{"role": role, "label": label} for role, label in _ROLES],
        "came": [
            {"id": one["id"], "made": reader.moment(one["made"]), "words": one["told"]["page"]["total"]["words"]}
            for one in came
        ],
        "errors": errors,
    }


def take_results(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Measure a plan with a file of results; the same file again gives the same results."""
    house, study, found = house_of(request), opened(request), _found(request)
    files = files_of(form, "results")
    if not files:
        return _plan_model(request, study, Reader.of(request), ["Choose the file with the results first."])
    results = plans.new_token()
    folder = house.settings.plans / results
    roles = {role: str(form.get(f"column-{role}", "")) for role, _ in _ROLES}
    try:
        path, digest = lay_down(files[0], folder / "in", "results", house.settings)
        key = hashlib.sha256(json.dumps([found["id"], digest, roles], sort_keys=True).encode()).hexdigest()
        known = plans.results_of_key(house.store, key)
        if known is None:
            task = {"do": "results", "plan": str(house.settings.plans / found["id"]), "data": str(path), "roles": roles}
            task["study"] = str(house.settings.studies / str(request.path_params["study"]))
            page = ask(house.settings, task | {"out": str(folder / "out")})
            known = plans.add_results(house.store, key, found["id"], request.state.clock(), {"page": page}, results)
    except RefusalError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return _plan_model(
            request, study, Reader.of(request), [f"{error.what} {error.found} {error.remedy}".replace("  ", " ")]
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder / "in" if known == results else folder, ignore_errors=True)
    return Redirect(f"/studies/{request.path_params['study']}/plans/{found['id']}/results/{known}")


def _came(request: Request) -> dict[str, Any]:
    found = plans.find_results(house_of(request).store, str(request.path_params["results"]))
    if found is None or found["plan"] != _found(request)["id"]:
        raise MissingError("There are no such results, or not any more.", remedy="Upload them again.")
    return found


def show_results(request: Request) -> dict[str, Any]:
    """What a campaign brought, segment by segment."""
    study, plan, found = opened(request), _found(request), _came(request)
    page = found["told"]["page"]
    return frame(request, study, "Results of a campaign") | {
        "plan": plan["id"],
        "name": plan["told"]["name"],
        "results": found["id"],
        "total": page["total"],
        "rows": [{**row, "reach": reach} for row, reach in zip(
            [*page["rows"], page["total"]], _places(page["drawn"]), strict=True)],
        "differ": page["differ"],
        "warnings": page.get("warnings", []),  # results of before the day when doubts were told apart have none
        "notes": page["notes"],
    }  # fmt: skip


def _places(drawn: list[list[float | None]]) -> list[dict[str, str] | None]:
    """Where each lift and its range lie on one scale of 0 to 100, with nought on it."""
    known = [value for each in drawn for value in each if value is not None]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    wide = (high - low) or 1.0

    def place(value: float) -> str:
        return f"{4 + 92 * (value - low) / wide:.2f}"

    return [
        None
        if any(value is None for value in each)
        else dict(
            zip(("low", "middle", "high", "nought"), [place(value or 0.0) for value in (*each, 0.0)], strict=True)
        )
        for each in drawn
    ]


def hand_out_plan(request: Request) -> FileAnswer:
    """Everyone with their group, or who gets the campaign of one segment."""
    opened(request)
    found, what = _found(request), str(request.path_params["what"])
    parts = {str(identity) for identity, _ in found["told"]["page"]["parts"]}
    folder = house_of(request).settings.plans / found["id"]
    if what == "holdout":
        return _file(folder / "holdout.csv", "who-is-in-which-group.csv")
    if what == "page":
        return _file(folder / "plan.html", "plan.html", "text/html; charset=utf-8")
    if what in parts:
        return _file(folder / "treated" / f"segment_{what}.csv", f"gets-the-campaign-{what}.csv")
    raise MissingError("A plan has no such file.")


def hand_out_results(request: Request) -> FileAnswer:
    """The results as a page for the archive, with its picture."""
    opened(request)
    found = _came(request)
    path = house_of(request).settings.plans / found["id"] / "out" / "results.html"
    return _file(path, "results.html", "text/html; charset=utf-8")


def _file(path: Path, name: str, kind: str = "text/csv; charset=utf-8") -> FileAnswer:
    if not path.is_file():
        raise MissingError("There is no such file, or not any more.")
    return FileAnswer(name, kind, path=path)


_PLAN = "/studies/{study}/plans/{plan}"
ROUTES = (
    Page("plan", "/studies/{study}/plan", show, "plan.html.j2"),
    Action("make-plan", "/studies/{study}/plan", make, "plan.html.j2"),
    Page("one-plan", _PLAN, show_plan, "one_plan.html.j2"),
    Action("take-results", f"{_PLAN}/results", take_results, "one_plan.html.j2", most_bytes=MOST_BYTES),
    Page("results", f"{_PLAN}/results/{{results}}", show_results, "uplift.html.j2"),
    Download("plan-file", f"{_PLAN}/files/{{what}}", hand_out_plan),
    Download("results-file", f"{_PLAN}/results/{{results}}/page", hand_out_results),
)
