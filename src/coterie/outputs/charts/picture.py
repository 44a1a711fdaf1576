"""A chart as it leaves: its file and the words that go with it, wherever it was drawn."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.outputs.charts.style import cropped, look

if TYPE_CHECKING:
    from coterie.outputs.charts.style import Drawing


@dataclass(frozen=True)
class Picture:
    """A chart without the figure that it was drawn from.

    Attributes
    ----------
    title, reading : str
        The finding in one sentence, and how to read the picture.
    width, header : float
        Inches of the whole picture, and of its top that the title takes.
    svg : bytes
        The file, with its title.
    """

    title: str
    reading: str
    width: float
    header: float
    svg: bytes

    @classmethod
    def of(cls, drawing: Drawing) -> Picture:
        """Make the file of a drawing."""
        return cls(drawing.title, drawing.reading, drawing.figure.get_figwidth(), drawing.header, drawing.svg())

    def untitled(self) -> bytes:
        """Give the file without its title, for a page that shows it as a heading."""
        return cropped(self.svg.decode("utf-8"), 72 * self.header).encode("utf-8")


def png_of(drawing: Drawing) -> bytes:
    """Make the PNG file of a drawing, the same bytes each time."""
    buffer = io.BytesIO()
    with look():
        drawing.figure.savefig(buffer, format="png", dpi=120, metadata={"Software": None})
    return buffer.getvalue()
