"""Files handed over with the choices of a study: lists of people who objected, and a playbook of one's own.

They lie beside the study's uploads, in folders named by their content, and go with them.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from coterie.app.acts import ask
from coterie.app.drafts import Handed
from coterie.app.received import lay_down
from coterie.app.refusals import RefusalError, TooLargeError
from coterie.app.store import new_id
from coterie.app.uploads import ENDINGS, safe_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from starlette.datastructures import UploadFile

    from coterie.app.house import House

_OBJECTED, _PLAYBOOK = "objected", "playbook"
#: Largest playbook; the bundled one has a twentieth of it.
_PLAYBOOK_BYTES = 512 << 10
_TOML = ".toml"


def keep_lists(house: House, draft: str, files: Sequence[UploadFile]) -> list[dict[str, str]]:
    """Lay lists of people down below a draft's uploads; the same list twice is one.

    Returns
    -------
    list of dict
        `folder` (named by the content) and `name` (as the person knows it, of harmless letters) of each.

    Raises
    ------
    RefusalError
        A file is no table, or there is too little room for it.
    """
    kept = [_keep(house, draft, file, _OBJECTED) for file in files]
    return list({each["folder"]: each for each in kept}.values())


def keep_playbook(house: House, draft: str, file: UploadFile) -> dict[str, str]:
    """Lay a playbook down below a draft's uploads, once it is known that it can be used.

    Returns
    -------
    dict
        `folder`, `name`, and `plays`, the number of plays that it makes with ours.

    Raises
    ------
    RefusalError
        It is no text file of this kind, or too large.
    TaskError
        What is wrong with it, as the check of the command line says.
    """
    if not (file.filename or "").lower().endswith(_TOML):
        raise RefusalError(
            "This file is no playbook.",
            found="A playbook is a text file whose name ends with .toml.",
            remedy="Begin with ours, which stands beside the field, and change what you want to.",
        )
    if (file.size or 0) > _PLAYBOOK_BYTES:
        raise TooLargeError("This is too large for a playbook.", found=f"At most {_PLAYBOOK_BYTES >> 10} KiB are read.")
    kept = _keep(house, draft, file, _PLAYBOOK, (_TOML,))
    place = house.settings.uploads / draft / kept["folder"]
    try:
        plays = ask(house.settings, {"do": "playbook", "path": str(place / kept["name"])})["plays"]
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return {**kept, "plays": str(plays)}


def _keep(house: House, draft: str, file: UploadFile, kind: str, endings: Sequence[str] = ENDINGS) -> dict[str, str]:
    name = safe_name(file.filename or "", endings)
    home = house.settings.uploads / draft
    arriving = home / f"{kind}-{new_id()}"
    path, digest = lay_down(file, arriving, "list", house.settings)
    path.rename(arriving / name)
    folder = f"{kind}-{digest[:24]}"
    shutil.rmtree(home / folder, ignore_errors=True)
    arriving.rename(home / folder)
    return {"folder": folder, "name": name}


def handed(house: House, draft: str, told: Mapping[str, Any]) -> Handed:
    """Where the files lie that were handed over with a draft's choices."""
    home = house.settings.uploads / draft

    def place(each: Mapping[str, str]) -> Path:
        return home / each["folder"] / each["name"]

    own = told.get("playbook")
    return Handed(tuple(place(each) for each in told.get("suppress", ())), place(own) if own else None)


def carry_over(house: House, old: str, new: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Copy what was handed over with the choices of one draft to another; what is gone is said as `gone`.

    Returns
    -------
    dict
        `suppress`, `playbook` where there are such, and `gone`, the names of those that are not kept any more.
    """
    own = [told["playbook"]] if told.get("playbook") else []
    gone, there = [], []
    for each in (*told.get("suppress", ()), *own):
        source = house.settings.uploads / old / each["folder"]
        if (source / each["name"]).is_file():
            shutil.copytree(source, house.settings.uploads / new / each["folder"], dirs_exist_ok=True)
            there.append(each)
        else:
            gone.append(each["name"])
    lists = [each for each in there if each["folder"].startswith(_OBJECTED)]
    book = [each for each in there if each["folder"].startswith(_PLAYBOOK)]
    return {"suppress": lists, "gone": gone} | ({"playbook": book[0]} if book else {})
