"""Studies set to work: a draft, another number of segments, a later study; each the command line with its settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.app.drafts import config_of, mark, settings_file, table_arguments, told_of_settings
from coterie.app.handed import carry_over, handed
from coterie.app.jobs.endings import LOOK
from coterie.app.jobs.look import without_missing
from coterie.app.refusals import ConflictError, MissingError
from coterie.app.store import jobs as kept_jobs
from coterie.app.store import studies, uploads
from coterie.config import make_config

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from coterie.app.house import House

#: What looks at tables, in a process of its own.
LOOK_MODULE = "coterie.app.jobs.look"
#: Customers of the sample store.
SAMPLE_CUSTOMERS = 3000


def draft_of(house: House, draft: str) -> sqlite3.Row:
    """The row of a draft.

    Raises
    ------
    MissingError
        There is no such draft.
    """
    row = uploads.find_draft(house.store, draft)
    if row is None:
        raise MissingError(
            "There is no such upload, or not any more.",
            remedy=f"Uploads are kept for {house.settings.limits.upload_days} days: hand the files over again.",
        )
    return row


def told_for_later(house: House, study: str, draft: str) -> dict[str, Any]:
    """What a draft that is to be a later study of another begins with: its settings, and the files handed over then.

    Of files that are not kept any more, `gone` gives the names.
    """
    config = make_config(house.shelf.open(house.settings.studies / study).study.manifest["config"])
    told = told_of_settings(config.model_copy(update={"as_of": None}))
    row = studies.find_study(house.store, study)
    old = uploads.find_draft(house.store, row["draft"]) if row and row["draft"] else None
    if old is not None:
        return told | carry_over(house, old["id"], draft, uploads.told_of(old))
    files = [*config.sources.suppress, *([config.playbook.file] if config.playbook.file else [])]
    return told | {"gone": [Path(each).name for each in files]}


def look_again(house: House, draft: str, told: Mapping[str, Any]) -> str:
    """Look at a draft's tables with what the person said; give the job. The same words give the same job."""
    inputs = uploads.inputs_of(house.store, draft)
    config = config_of(told, _kinds(house, draft_of(house, draft), inputs))
    asked = {
        "inputs": [{"id": row["id"], "data": data_of(house, row), "kind": row["kind"]} for row in inputs],
        "settings": config.model_dump(mode="json"),
        "earlier": _earlier_pins(told),
        "sample": _sample(house, inputs) if told.get("sample") else None,
    }
    new = {
        "key": f"look {draft} {mark(asked)}",
        "kind": "look",
        "title": draft_of(house, draft)["title"],
        "draft": draft,
        "command": [LOOK_MODULE, "{job}"],
    }
    job = house.jobs.add(new, lambda: {"request.json": json.dumps(asked).encode()})
    uploads.tell_draft(house.store, draft, told, job)
    return job


def look_of(house: House, draft: sqlite3.Row) -> dict[str, Any] | None:
    """What the last look at a draft's tables found; None while it goes on or where it failed."""
    try:
        found: dict[str, Any] = json.loads((house.jobs.folder(draft["look"]) / LOOK).read_text(encoding="utf-8"))
    except (OSError, TypeError):
        return None
    return found


def _earlier_pins(told: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Roles that were pinned for an earlier study: kind -> role -> column."""
    pins: dict[str, dict[str, str]] = told.get("base", {}).get("sources", {}).get("columns", {})
    return pins


def _settled(told: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a person told, without roles of an earlier study for columns that the tables do not have any more."""
    pins = _earlier_pins(told)
    if not pins:
        return told
    base = {**told["base"], "sources": {**told["base"]["sources"], "columns": without_missing(pins, found["tables"])}}
    return {**told, "base": base}


def run_draft(house: House, draft: str, told: Mapping[str, Any]) -> str:
    """Make a study of a draft; the same draft with the same choices is one study, however often it is asked for.

    Raises
    ------
    ConflictError
        The tables are not understood well enough to go on.
    """
    row = draft_of(house, draft)
    found = look_of(house, row)
    if found is None or found["error"]:
        raise ConflictError(
            "The tables are not understood yet.",
            remedy="Go back to the check: it says what is missing.",
        )
    inputs = uploads.inputs_of(house.store, draft)
    kinds = _kinds(house, row, inputs)
    config = config_of(_settled(told, found), kinds, handed(house, draft, told))
    uploads.tell_draft(house.store, draft, told, row["look"])
    tables = table_arguments([(data_of(house, each), kinds.get(each["id"])) for each in inputs])
    like = _like(house, row["parent"])
    new = {
        "key": f"study {draft} {mark(config.model_dump(mode='json'), tables)}",
        "kind": "study",
        "title": config.title or row["title"],
        "draft": draft,
        "parent": row["parent"],
        "command": [*_SEGMENT, *like, *tables],
    }
    return house.jobs.add(new, lambda: {"settings.toml": settings_file(config)})


_SEGMENT = ("coterie", "segment", "--config", "{job}/settings.toml", "--out", "{study}",
            "--progress-file", "{job}/progress.jsonl")  # fmt: skip


def run_with_number(house: House, study: str, n_segments: int) -> str:
    """Make a study of the same tables and settings as another, with so many segments; give the job.

    The new study is a later one of the other: segments that are the same people keep their ids, names and colours.

    Raises
    ------
    ConflictError
        The tables of the study are not kept any more.
    """
    row = studies.find_study(house.store, study)
    made_by = kept_jobs.find_job(house.store, study)
    draft = uploads.find_draft(house.store, row["draft"]) if row and row["draft"] else None
    if row is None or made_by is None or draft is None:
        raise ConflictError(
            "The tables of this study are not kept any more.",
            remedy="Start a new study from the files, and choose the number of segments there.",
        )
    inputs = uploads.inputs_of(house.store, draft["id"])
    kinds = _kinds(house, draft, inputs)
    told = {**uploads.told_of(draft), "segments": str(n_segments)}
    config = config_of(_settled(told, look_of(house, draft) or {"tables": []}), kinds, handed(house, draft["id"], told))
    tables = table_arguments([(data_of(house, each), kinds.get(each["id"])) for each in inputs])
    new = {
        "key": f"study {study} with {n_segments} {mark(config.model_dump(mode='json'), tables)}",
        "kind": "study",
        "title": f"{row['title']}, {n_segments} segments",
        "draft": draft["id"],
        "parent": study,
        "command": [*_SEGMENT, *_like(house, study), *tables],
    }
    titled = config.model_copy(update={"title": new["title"]})
    return house.jobs.add(new, lambda: {"settings.toml": settings_file(titled)})


def data_of(house: House, row: sqlite3.Row) -> str:
    """Where the data of an input lie: a file that we named, or the address of a source that the owner named."""
    if row["stored"]:
        return str(house.settings.uploads / row["stored"])
    address = house.settings.sources.get(row["source"])
    if address is None:
        raise MissingError(
            f"There is no source '{row['source']}' any more.", remedy="Name it in [sources] of app.toml, or start anew."
        )
    return address


def _kinds(house: House, draft: sqlite3.Row, inputs: list[sqlite3.Row]) -> dict[str, str]:
    """Kind of each input: as the person said, or as the last look found it."""
    found = look_of(house, draft) or {"tables": []}
    guessed = {table["input"]: table["kind"] for table in found["tables"] if table["kind"]}
    return guessed | {row["id"]: row["kind"] for row in inputs if row["kind"]}


def _sample(house: House, inputs: list[sqlite3.Row]) -> dict[str, Any]:
    folder = str(inputs[0]["stored"]).partition("/")[0]
    return {"folder": str(house.settings.uploads / folder), "customers": SAMPLE_CUSTOMERS}


def _like(house: House, parent: str | None) -> list[str]:
    """Options of a later study: those of the study that it is a later one of, if that is still there."""
    if parent is None or studies.find_study(house.store, parent) is None:
        return []
    return ["--like", str(house.settings.studies / parent)]
