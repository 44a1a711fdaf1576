"""What takes long, much memory, or a file from outside, done by a process of its own: a task in, an answer out.

`python -m coterie.app.acting` reads one task as JSON from its standard input and writes its answer as JSON. It never
runs inside the server, so that neither a hostile file nor a million customers can take the server with it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.engines.duckdb import ONLY_FOLDERS
from coterie.errors import CoterieError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.outputs import Export, Study

Task = dict[str, Any]


def perform(task: Task) -> dict[str, Any]:
    """Do a task.

    Parameters
    ----------
    task : dict
        `do`, one of the names in `_TASKS`; `study`, its folder; `edits`, by segment id; and what the task needs.

    Returns
    -------
    dict
        Plain data.

    Raises
    ------
    CoterieError
    """
    return _TASKS[task["do"]](task)


def main() -> None:
    """Read a task, do it, and tell the answer or what was wrong."""
    task = json.load(sys.stdin)
    _limit(int(task.get("memory", 0)))
    os.environ[ONLY_FOLDERS] = task.get("only", "")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing but the answer may stand on the output
    try:
        answer = {"answer": perform(task)}
    except CoterieError as error:
        answer = {"error": {"what": error.what, "found": error.found, "remedy": error.remedy}}
    except MemoryError:
        answer = {"error": {"what": "There was not enough memory for this.", "found": "", "remedy": _LESS}}
    with out:
        json.dump(answer, out, ensure_ascii=False)


_LESS = "Use a smaller file, or raise limits.run_memory in the app's settings file."


def _limit(memory: int) -> None:
    """Let the system refuse more address space than told, and let it end this process first."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _study(task: Task, key: str = "study", edits: str = "edits") -> Study:
    """The study as its owner sees it, customers and all."""
    from coterie.outputs import Study, edits_from_plain, fitting_edits, with_edits

    study = Study.load(task[key])
    return with_edits(study, fitting_edits(study, edits_from_plain(task.get(edits, {}))))


def _lists(task: Task) -> dict[str, Any]:
    """Preview lists for a tool, and write them where a folder is named and they are still as they were seen."""
    made = _export(task)
    seen = _preview(made)
    if "out" not in task:
        return {"preview": seen}
    if _counts(seen) != task["expected"]:
        raise InputError(
            "The lists would not be those that you saw.",
            found="The study, its test plan or its names changed in between.",
            remedy="Look at the new preview, then say yes again.",
        )
    files = made.write(task["out"])
    return {"preview": seen, "files": [{"name": path.name, "bytes": path.stat().st_size} for path in files]}


def _export(task: Task) -> Export:
    from coterie.config import SourcesSettings

    asked = dict(task["options"])
    reading = SourcesSettings(**asked.pop("reading", {}))
    return _study(task).audience(task["destination"], reading=reading, **asked)


def _preview(made: Export) -> dict[str, Any]:
    from coterie.campaigns import audiences as lists

    return {
        "title": made.destination.title,
        "notes": list(made.destination.notes),
        "hashed": made.form.hashed,
        "people": made.size,
        "lists": lists.preview_document(made.audiences),
        "too_small": dict(made.too_small),
        "told": list(made.told),
    }


def _counts(preview: Mapping[str, Any]) -> list[list[Any]]:
    """What a yes was said to: who, how many, and what leaves."""
    return [[one["segment_id"], one["segment"], one["people"], one["columns"]] for one in preview["lists"]]


def _plan(task: Task) -> dict[str, Any]:
    """Draw a test plan into a new folder."""
    from coterie.campaigns import Costs
    from coterie.outputs import PlanOptions, make_plan, plan_page, write_plan

    study, asked = _study(task), task["options"]
    settings = study.settings
    costs = Costs(
        margin=_said(asked, "margin", settings.campaigns.margin),
        contact=_said(asked, "contact", settings.money.contact_cost),
        discount=_said(asked, "discount", settings.money.offer_discount),
        fixed=_said(asked, "fixed", 0.0),
    )
    same = ("days", "baseline", "order_value", "share", "salt")
    given = {name: asked[name] for name in same if asked.get(name) is not None}
    made = make_plan(study, PlanOptions(costs, segments=tuple(asked.get("segments", ())), **given))
    write_plan(made, Path(task["out"]))
    return plan_page(made) | {"parts": [[one.expected.segment_id, one.expected.name] for one in made.segments]}


def _said(asked: Mapping[str, Any], name: str, otherwise: float) -> float:
    return float(otherwise if asked.get(name) is None else asked[name])


def _results(task: Task) -> dict[str, Any]:
    """Measure a plan with a file of results, into a new folder."""
    from coterie.config import SourcesSettings
    from coterie.outputs import hand_on, load_plan, measure_plan, results_page, write_results

    roles = {role: column for role, column in task.get("roles", {}).items() if column}
    found = measure_plan(load_plan(task["plan"]), task["data"], SourcesSettings(), roles)
    write_results(found, Path(task["out"]))
    hand_on(Path(task["plan"]), Path(task["study"]))
    return results_page(found) | {
        "drawn": [_drawn(uplift) for uplift in (*found.measured.segments, found.measured.total)]
    }


def _drawn(uplift: Any) -> list[float]:  # noqa: ANN401  an Uplift
    """The lift with its range, in buyers of 100."""
    return [round(100 * value, 4) for value in (uplift.lift.low, uplift.lift.estimate, uplift.lift.high)]


def _compare(task: Task) -> dict[str, Any]:
    from coterie.outputs import compare_studies, comparison_document, comparison_page

    found = compare_studies(_study(task, "old", "old_edits"), _study(task))
    return {"page": comparison_page(found), "document": comparison_document(found)}


def _workbook(task: Task) -> dict[str, Any]:
    from coterie.outputs import write_workbook

    written = write_workbook(_study(task), Path(task["out"]), rows=task.get("rows"))
    return {"customers": written.customers, "left_out": written.left_out}


def _report(task: Task) -> dict[str, Any]:
    _study(task).report(task["out"])
    return {}


def _single(task: Task) -> dict[str, Any]:
    from coterie.outputs import write_single

    write_single(_study(task), task["name"], task["out"])
    return {}


def _sql(task: Task) -> dict[str, Any]:
    Path(task["out"]).write_text(_study(task).sql(task["dialect"]), encoding="utf-8")
    return {}


def _playbook(task: Task) -> dict[str, Any]:
    """Check a playbook of somebody's own."""
    from coterie.campaigns import load_playbook

    return {"plays": len(load_playbook(Path(task["path"])).plays)}


_TASKS: dict[str, Callable[[Task], dict[str, Any]]] = {
    "compare": _compare,
    "lists": _lists,
    "plan": _plan,
    "playbook": _playbook,
    "report": _report,
    "results": _results,
    "single": _single,
    "sql": _sql,
    "workbook": _workbook,
}

if __name__ == "__main__":
    main()
