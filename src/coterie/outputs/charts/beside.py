"""Charts drawn by a second process, from the files of the study that this one has just written."""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from coterie.beside import BesideError
from coterie.outputs.charts import NAMES, OF_CUSTOMERS
from coterie.outputs.charts.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from coterie.beside import SecondProcess
    from coterie.outputs.charts import Charts
    from coterie.outputs.study import Study

#: Tables that no chart is drawn from, or that need not be there when drawing begins.
WITHOUT = ("left_out", "rejected_rows")
#: Customers above which both processes together would hold too much: charts of customers are then all drawn here.
MOST_CUSTOMERS = 200_000

#: Charts that take as long as loading a plotting library: as few are left to the process that has it.
_WORTH_LOADING = 4
_THERE = "coterie.outputs.charts.drawing"


@contextmanager
def drawing_beside(
    second: SecondProcess | None, study: Study, folder: Path, manifest: bytes, note: Callable[[], None]
) -> Iterator[None]:
    """Draw there while the body runs; afterwards go on here from the other end until both have met.

    Of very many customers, charts that need every one of them are drawn here, where they are in memory.

    Parameters
    ----------
    second : SecondProcess or None
        None where everything is to be drawn here.
    study : Study
        Its `charts` take the pictures; what no process has drawn is drawn when it is asked for.
    folder : Path
        Holds the files that `manifest` lists: the tables but for `WITHOUT`, the customers, segments and model.
    manifest : bytes
        As `manifest.json` will be, with the files so far.
    note : callable
        Is told of each chart that has been looked at, one at a time but not always in the same thread.
    """
    if second is None:
        yield
        for name in NAMES:
            _draw_here(study.charts, name, note)
        return
    mine = OF_CUSTOMERS if len(study.customers) > MOST_CUSTOMERS else ()
    left = deque(name for name in NAMES if name not in mine)
    header = {"folder": str(folder), "without": [*WITHOUT, *(["customers"] if mine else [])]}
    with ThreadPoolExecutor(1) as waiting:
        there = waiting.submit(_draw_there, second, study.charts, left, header, manifest, note)
        try:
            yield
        except BaseException:
            left.clear()
            raise
        for name in mine:
            _draw_here(study.charts, name, note)
        _draw_from_the_end(study.charts, left, note)
        there.result()
        while left:
            _draw_here(study.charts, left.popleft(), note)


def _draw_from_the_end(charts: Charts, left: deque[str], note: Callable[[], None]) -> None:
    """Draw here too until both have met, where enough is left to be worth loading what draws."""
    with suppress(IndexError):  # the other has taken the last
        while len(left) > (0 if "matplotlib.figure" in sys.modules else _WORTH_LOADING):
            _draw_here(charts, left.pop(), note)


def _draw_here(charts: Charts, name: str, note: Callable[[], None]) -> None:
    if name in charts:
        charts.picture(name)
        charts.png(name)
    note()


def _draw_there(
    second: SecondProcess,
    charts: Charts,
    left: deque[str],
    header: dict[str, Any],
    manifest: bytes,
    note: Callable[[], None],
) -> None:
    blobs = [manifest]
    with suppress(BesideError, IndexError):
        while True:
            name = left.popleft()
            words, files = second.call(_THERE, header | {"name": name}, blobs).result()
            charts.take(name, *((Picture(**words, svg=files[0]), files[1]) if files else (None, b"")))
            note()
            blobs = []
