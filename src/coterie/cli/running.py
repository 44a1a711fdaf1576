"""What the commands that run a study share: where it goes, and how it is run and written."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.api import Tables
    from coterie.config import Config
    from coterie.outputs import Study
    from coterie.progress import Progress

STUDIES = Path("studies")


def run_study(tables: Tables, config: Config, out: Path | None, progress: Progress) -> tuple[Study, Path]:
    """Run a study and write its folder, which must not hold anything yet."""
    from coterie.outputs import Study, claim_folder
    from coterie.pipeline import segment

    inputs = tables.inputs()
    folder = claim_folder(out or STUDIES / f"{time.strftime('%Y%m%d-%H%M%S')}-{_slug(inputs[0].data)}")
    study = Study.from_segmentation(segment(inputs, config, progress=progress))
    progress.stage("Drawing the charts and writing the study")
    return study, study.write(folder, progress=progress)


def save_settings(study: Study, path: Path) -> None:
    """Write the settings that a run used, its roles pinned, so that the next run guesses nothing."""
    from coterie.config import dump_config

    path.write_text(dump_config(study.settings), encoding="utf-8")


def _slug(data: object) -> str:
    name = Path(str(data)).name.split(".")[0] if isinstance(data, (str, Path)) else "dataframe"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "study"
