from __future__ import annotations

import io

import pytest
from rich.console import Console

from coterie.cli.console import _segment_table
from coterie.outputs import Study
from outputs.factories import NAMES, make_segmentation


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_of_segments_breaks_no_word_of_a_name_or_a_play(width: int) -> None:
    names = ("Big-basket wide-ranging regulars", "Lapsed single-interest toys & games shoppers", *NAMES[2:])
    study = Study.from_segmentation(make_segmentation(names=names))
    screen = io.StringIO()
    Console(file=screen, width=width).print(_segment_table(study))
    shown = screen.getvalue()
    assert max(len(line) for line in shown.splitlines()) <= width
    words = {word for part in study.profiled for word in f"{part.name} {part.play.title}".split()}
    assert not [word for word in words if word not in shown.split()]
