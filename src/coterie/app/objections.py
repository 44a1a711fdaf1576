"""Lists of people who objected, handed over with the choices of a study: kept beside its uploads, gone with them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from coterie.app.received import lay_down
from coterie.app.store import new_id
from coterie.app.uploads import safe_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from starlette.datastructures import UploadFile

    from coterie.app.house import House

#: Folders of such lists begin so, within the folder of a draft's uploads.
_FOLDER = "objected-"


def keep_lists(house: House, draft: str, files: Sequence[UploadFile]) -> list[dict[str, str]]:
    """Lay lists down below a draft's uploads; the same list twice is one.

    Returns
    -------
    list of dict
        `folder` (named by the content) and `name` (as the person knows it, of harmless letters) of each.

    Raises
    ------
    RefusalError
        A file is no table, or there is too little room for it.
    """
    kept = [_keep(house, draft, file) for file in files]
    return list({each["folder"]: each for each in kept}.values())


def _keep(house: House, draft: str, file: UploadFile) -> dict[str, str]:
    name = safe_name(file.filename or "")
    home = house.settings.uploads / draft
    arriving = home / f"{_FOLDER}{new_id()}"
    path, digest = lay_down(file, arriving, "list", house.settings)
    path.rename(arriving / name)
    folder = f"{_FOLDER}{digest[:24]}"
    shutil.rmtree(home / folder, ignore_errors=True)
    arriving.rename(home / folder)
    return {"folder": folder, "name": name}


def paths_of(house: House, draft: str, told: Mapping[str, Any]) -> tuple[Path, ...]:
    """Where the lists lie that were handed over with a draft's choices."""
    home = house.settings.uploads / draft
    return tuple(home / each["folder"] / each["name"] for each in told.get("suppress", ()))
