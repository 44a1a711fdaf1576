"""What the second process does: it draws charts from a study folder that another process is still writing.

All that it takes to draw is loaded with this module, so that it is there before the first chart is asked for.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib.figure  # noqa: F401
import PIL.PngImagePlugin  # noqa: F401

from coterie.outputs.charts import painters
from coterie.outputs.folder import FolderReader
from coterie.outputs.study import Study

if TYPE_CHECKING:
    from coterie.beside import Message

painters()
_opened: dict[str, Study] = {}


def answer(header: dict[str, Any], blobs: list[bytes]) -> Message:
    """Draw one chart; without files where the study's data do not allow it. The first call brings the manifest."""
    folder = header["folder"]
    if blobs:
        _opened[folder] = Study.read(FolderReader(Path(folder), json.loads(blobs[0])), without=header["without"])
    charts = _opened[folder].charts
    if header["name"] not in charts:
        return {}, []
    picture = charts.picture(header["name"])
    words = {name: value for name, value in asdict(picture).items() if name != "svg"}
    return words, [picture.svg, charts.png(header["name"])]
