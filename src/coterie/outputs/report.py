"""The report: one HTML file that needs no script, no network and no other file, and holds no customer's row."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coterie.outputs.page import choice, data, fairness, holdout, rules, segments, stability, strategy, trust, worth
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from coterie.outputs.study import Study

_PERCENT = re.compile(r"(?<=\d) %")
#: Where on the page each chart stands.
_PLACES = {
    "plan": ("segment_sizes", "priorities"),
    "side": (
        "segment_profiles",
        "feature_distributions",
        "category_preferences",
        "stage_by_segment",
        "value_concentration",
    ),
    "targets": ("decision",),
    "budget": ("budget",),
    "worth": ("worth",),
    "time": ("holdout",),
    "trust": ("stability", "other_numbers", "customer_map", "number_of_segments"),
}
_LARGEST = 1.45  # times its size in print that a picture may take on a screen


def render_report(study: Study) -> str:
    """Make the whole page, drawn from what stands in the study folder and nothing else."""
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            opening=trust.opening(study),
            segments=segments.describe_all(study),
            trust=trust.evidence(study),
            choice=choice.chosen(study),
            surely=stability.surely(study),
            change=trust.change(study),
            tree=rules.tree(study),
            tested=holdout.tested(study),
            strategy=strategy.strategy(study),
            worth=worth.worth(study),
            fairness=fairness.fairness(study),
            data=data.account(study),
            charts=_groups(study),
        )
    )


def render_summary(study: Study) -> str:
    """Make the short table that a notebook shows for a study."""
    template = environment().get_template("summary.html.j2")
    return template.render(opening=trust.opening(study), segments=segments.describe_all(study))


@cache
def environment() -> Environment:
    """Templates with escaping always on, in every file and string."""
    environment = Environment(
        loader=PackageLoader("coterie.outputs", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["short"] = lambda text, longest=80: shown(str(text), longest)
    return environment


def _visible(value: Any) -> Any:  # noqa: ANN401  whatever a template shows
    """Spell out control and direction marks in any text that reaches the page; keep a % with its number."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    together = _PERCENT.sub("\u00a0%", value)
    return together if together.isascii() and together.isprintable() else shown(together, len(together))


def _groups(study: Study) -> dict[str, list[dict[str, Any]]]:
    """Charts by their place on the page: in each, the wide ones first, and no gap left beside the last."""
    charts = _charts(study)
    groups = {}
    for group, names in _PLACES.items():
        here = [charts[name] for name in names if name in charts]
        narrow = [chart for chart in here if not chart["wide"]]
        if len(narrow) % 2:
            narrow[-1]["wide"] = True
        groups[group] = [chart for chart in here if chart["wide"]] + [chart for chart in here if not chart["wide"]]
    return groups


def _charts(study: Study) -> dict[str, dict[str, Any]]:
    import base64

    from coterie.outputs.charts.style import WIDTH

    charts: dict[str, dict[str, Any]] = {}
    for name in study.charts:
        picture = study.charts.picture(name)
        charts[name] = {
            "name": name,
            "title": picture.title,
            "reading": picture.reading,
            "wide": picture.width > WIDTH,
            "most": f"{picture.width * 72 * _LARGEST:.0f}px",
            "source": f"data:image/svg+xml;base64,{base64.b64encode(picture.untitled()).decode('ascii')}",
        }
    return charts
