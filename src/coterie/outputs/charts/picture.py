"""A chart as it leaves: its file and the words that go with it, wherever it was drawn."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.outputs.charts.style import cropped, look

if TYPE_CHECKING:
    from coterie.outputs.charts.style import Drawing


#: How hard a PNG file is packed, 1 to 9.
_PACKED = 3


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
    """Make the PNG file of a drawing, the same bytes each time.

    Drawn on the canvas that the layout has measured; without the channel of transparency, since charts have a ground,
    and packed less hard, the file takes half the time and no more room.
    """
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    with look():
        canvas = drawing.figure.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            canvas = FigureCanvasAgg(drawing.figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        image = Image.fromarray(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3]))  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    image.save(buffer, format="png", dpi=(drawing.figure.dpi,) * 2, compress_level=_PACKED)
    return buffer.getvalue()
