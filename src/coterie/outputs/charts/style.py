"""One look for every chart: colours, type, the title that tells the finding, and files that never differ by chance."""

from __future__ import annotations

import io
import re
import textwrap
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#6b7785"
RULE = "#d9dee4"
FAINT = "#eef1f4"
ACCENT = "#0b5c8a"
WARNING = "#b4540a"

#: Shade of index heat maps: below average, average, above.
DIVERGING = ("#b35806", "#f7f7f7", "#2166ac")

WIDTH = 6.5  # inches
PNG_DPI = 120
_LINE = 0.235  # inches of one title line
_PAD = 0.17
_LOCK = threading.RLock()  # matplotlib's settings are global

_RC: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "text.usetex": False,
    "text.hinting": "none",  # on a screen of any size letters stand as evenly, and are drawn in less time
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titley": 1.0,  # a title that looks for its place measures every label in each drawing
    "axes.facecolor": "white",
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.bottom": False,
    "ytick.left": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.9,
    "figure.facecolor": "white",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "coterie",
    "path.simplify": True,
}

#: Fonts that the reader's machine has, instead of the one that measured the text.
_SCREEN_FONTS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Drawing:
    """A chart with its finding and the words that go with it.

    Attributes
    ----------
    title : str
        The finding in one sentence.
    reading : str
        How to read the picture, for the caption and for those who cannot see it.
    header : float
        Inches at the top that the title takes.
    """

    figure: Figure
    title: str
    reading: str
    header: float

    def svg(self) -> bytes:
        """Give the picture as SVG, the same bytes each time."""
        with look():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="svg", dpi=130, metadata={"Date": None, "Creator": None})
        text = buffer.getvalue().decode("utf-8")
        return re.sub(r"'DejaVu Sans'(, sans-serif)?", _SCREEN_FONTS, text).encode("utf-8")


@contextmanager
def look() -> Iterator[None]:
    """Apply the settings of every chart, and take them back afterwards."""
    import matplotlib as mpl  # pages import charts for their words, and draw nothing

    with _LOCK, mpl.rc_context(_RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        yield


def canvas(
    title: str,
    height: float,
    width: float = WIDTH,
    **subplots: Any,  # noqa: ANN401  matplotlib's options
) -> tuple[Figure, Any, float]:
    """Make a figure with its title, and the axes below it.

    Returns
    -------
    figure, axes, header
        `axes` as `Figure.subplots` gives them; `header` the inches that the title takes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = textwrap.wrap(title, int(9.4 * width), max_lines=2, placeholder=" …") or [""]
    header = _PAD + _LINE * len(lines) + 0.09
    total = height + header
    figure = Figure(figsize=(width, total), dpi=PNG_DPI, layout="constrained")
    FigureCanvasAgg(figure)  # with one canvas for layout and file, each text is measured once
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0.012, 0.02, 0.976, 1 - header / total - 0.02), w_pad=0.05, h_pad=0.04)
    figure.text(
        0.018, 1 - _PAD / total, "\n".join(lines), ha="left", va="top", fontsize=12, fontweight="bold", linespacing=1.25
    )
    return figure, figure.subplots(**subplots), header


def bare(axes: Axes, *, x: bool = True, y: bool = True) -> None:
    """Take away what direct labels make needless: spines, and the ticks of the named axes."""
    axes.spines[:].set_visible(False)
    if x:
        axes.set_xticks([])
    if y:
        axes.set_yticks([])


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Break a label into at most `lines` lines."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder="…", break_long_words=True)) or text


def cropped(svg: str, points: float) -> str:
    """Move the top edge of an SVG down."""
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt" viewBox="0 0 [\d.]+ [\d.]+"', svg)
    if found is None:
        return svg
    width, height = float(found[1]), float(found[2]) - points
    box = f'width="{width:g}pt" height="{height:g}pt" viewBox="0 {points:g} {width:g} {height:g}"'
    return svg.replace(found[0], box, 1)
