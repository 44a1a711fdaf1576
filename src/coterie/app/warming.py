"""What the first visitor would wait for, done at the start in the background: templates, the reader's words, charts."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from coterie.app.answers import environment
from coterie.app.look import chart_library
from coterie.app.pages.of_study import open_study
from coterie.app.shelf import PARTS
from coterie.app.store.studies import list_studies
from coterie.app.words import Reader, reader_of

if TYPE_CHECKING:
    from coterie.app.house import House

_log = logging.getLogger("coterie.app")


def begin_to_warm(house: House) -> threading.Thread:
    """Start `warm` in a thread of its own; trouble with it only means that the first pages are slower."""

    def work() -> None:
        try:
            warm(house)
        except Exception as error:  # noqa: BLE001  pages that need what is missing will say so
            _log.error("%s while preparing the pages", type(error).__name__)

    thread = threading.Thread(target=work, name="warming", daemon=True)
    thread.start()
    return thread


def warm(house: House) -> None:
    """Make the templates, open the newest study, and make the library that draws charts where it is not kept yet."""
    templates = environment()
    for name in templates.list_templates():
        templates.get_template(name)
    _speak(reader_of(""))
    for row in list_studies(house.store, 1):
        study = open_study(house, row["id"])
        for part in PARTS:
            study.part(part)
    chart_library(house.settings.home)


def _speak(reader: Reader) -> None:
    """Write a number of each kind, which loads the tables of the language."""
    reader.count(1234)
    reader.decimal(1.5)
    reader.percent(0.5)
    reader.moment(0.0)
