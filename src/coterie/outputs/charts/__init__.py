"""The charts of a study, one idea a file; each drawn from the study's tables and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coterie.outputs.charts.picture import Picture
    from coterie.outputs.charts.style import Drawing
    from coterie.outputs.study import Study

#: Names of the charts, in the order of a reader's questions.
NAMES = (
    "segment_sizes",
    "segment_profiles",
    "feature_distributions",
    "category_preferences",
    "stage_by_segment",
    "value_concentration",
    "priorities",
    "customer_map",
    "number_of_segments",
    "stability",
    "other_numbers",
    "holdout",
    "worth",
    "decision",
    "budget",
)

#: Those that are drawn from the customers themselves, not from tables about the segments.
OF_CUSTOMERS = ("feature_distributions", "stage_by_segment", "value_concentration", "customer_map")


class Charts(Mapping[str, "Figure"]):
    """The charts that a study's data allow, by name; each is drawn when first asked for, then kept.

    A chart whose ingredients are missing (no orders, no categories) is not in the mapping.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._drawn: dict[str, Drawing | None] = {}
        self._pictures: dict[str, Picture | None] = {}
        self._pngs: dict[str, bytes] = {}

    def drawing(self, name: str) -> Drawing:
        """Give a chart with its title and caption.

        Raises
        ------
        KeyError
            There is no such chart in this study; the message lists those there are.
        """
        drawing = self._draw(name) if name in NAMES else None
        if drawing is None:
            raise KeyError(f"This study has no chart '{name}'. It has: {', '.join(self)}.")
        return drawing

    def picture(self, name: str) -> Picture:
        """Give a chart as an SVG file with its words, drawn once.

        Raises
        ------
        KeyError
            There is no such chart in this study.
        """
        picture = self._pictures.get(name)
        if picture is None:
            from coterie.outputs.charts.picture import Picture

            picture = self._pictures[name] = Picture.of(self.drawing(name))
        return picture

    def png(self, name: str) -> bytes:
        """Give a chart as a PNG file, drawn once; raises as `picture` does."""
        if name not in self._pngs:
            from coterie.outputs.charts.picture import png_of

            self._pngs[name] = png_of(self.drawing(name))
        return self._pngs[name]

    def take(self, name: str, picture: Picture | None, png: bytes) -> None:
        """Keep a chart that another process has drawn; None says that there is none of this name."""
        self._pictures[name] = picture
        self._pngs[name] = png

    def __getitem__(self, name: str) -> Figure:
        return self.drawing(name).figure

    def __iter__(self) -> Iterator[str]:
        return (name for name in NAMES if self._has(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in NAMES and self._has(name)

    def _has(self, name: str) -> bool:
        return (self._pictures if name in self._pictures else {name: self._draw(name)})[name] is not None

    def _draw(self, name: str) -> Drawing | None:
        if name not in self._drawn:
            from coterie.outputs.charts.style import look

            with look():
                self._drawn[name] = _settled(painters()[name](self._study))
        return self._drawn[name]


def _settled(drawing: Drawing | None) -> Drawing | None:
    """Lay a chart out once and for all, so that each saving gives the same picture.

    The solver behind the layout may give places that differ in their last bits from one run to the next; they are
    rounded to a millionth of the figure.
    """
    engine = drawing.figure.get_layout_engine() if drawing is not None else None
    if drawing is not None and engine is not None:
        engine.execute(drawing.figure)
        drawing.figure.set_layout_engine(None)  # with any engine left, each saving would draw twice
        for axes in drawing.figure.axes:
            left, bottom, width, height = (round(float(at), 6) for at in axes.get_position(original=True).bounds)
            axes.set_position((left, bottom, width, height))
    return drawing


def painters() -> dict[str, Callable[[Study], Drawing | None]]:
    """Give what draws each chart; None where the study's data do not allow it."""
    from coterie.outputs.charts import (
        budget,
        category_preferences,
        customer_map,
        decision,
        feature_distributions,
        holdout,
        number_of_segments,
        other_numbers,
        priorities,
        segment_profiles,
        segment_sizes,
        stability,
        stage_by_segment,
        value_concentration,
        worth,
    )

    modules = (
        segment_sizes, segment_profiles, feature_distributions, category_preferences, stage_by_segment,
        value_concentration, priorities, customer_map, number_of_segments, stability,
        other_numbers, holdout, worth, decision, budget,
    )  # fmt: skip
    return dict(zip(NAMES, (module.draw for module in modules), strict=True))
