"""Campaign briefs: all that a study says about one segment, on a page ready to be edited."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import ConfigError, StudyError
from coterie.outputs import words
from coterie.outputs.page.rules import box
from coterie.outputs.tables import slugs
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coterie.campaigns import SegmentPlan
    from coterie.outputs.study import Study
    from coterie.vocabulary import Play, Segment

_FEWEST = 10  # customers behind any figure
_DAYS = 30  # how long results of a test are counted
_LONGEST = 700


@dataclass(frozen=True)
class Section:
    """A heading and the lines below it; a line may begin with a label."""

    heading: str
    lines: tuple[tuple[str, str], ...]  # (label or "", text)


@dataclass(frozen=True)
class Brief:
    """A campaign brief of one segment.

    Attributes
    ----------
    segment_id : int
    file : str, name of its file in the study folder
    title, lead : str
    sections : tuple of Section
    """

    segment_id: int
    file: str
    title: str
    lead: str
    sections: tuple[Section, ...]

    def markdown(self) -> str:
        """Give it as Markdown text."""
        parts = [f"# {self.title}", f"*{self.lead}*"]
        for section in self.sections:
            lines = [f"- **{label}:** {text}" if label else f"- {text}" for label, text in section.lines]
            parts += [f"## {section.heading}", "\n".join(lines)]
        return "\n\n".join(parts) + "\n"


def make_briefs(study: Study) -> tuple[Brief, ...]:
    """Write the brief of every segment that has a play.

    Parameters
    ----------
    study : Study
        With its customers: the size of a test follows from who would order anyway.

    Returns
    -------
    tuple of Brief, by segment id
    """
    tests, files = _tests(study), slugs(study.profiled)
    return tuple(
        _brief(study, segment, segment.play, tests.get(segment.segment_id), f"briefs/{files[segment.segment_id]}.md")
        for segment in study.profiled
        if segment.play is not None
    )


def write_briefs(briefs: Sequence[Brief], folder: Path) -> list[Path]:
    """Write briefs as Markdown files into a folder; gives the paths.

    Raises
    ------
    StudyError
        A file is there already: somebody may have edited it. Nothing is written then.
    """
    paths = [folder / Path(one.file).name for one in briefs]
    there = [path for path in paths if path.exists()]
    if there:
        raise StudyError(
            f"The briefs are not written to '{folder}': '{there[0].name}' is there already.",
            remedy="It may have been edited. Name another folder with --out, or move it away.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, one in zip(paths, briefs, strict=True):
        path.write_text(one.markdown(), encoding="utf-8")
    return paths


def _brief(study: Study, segment: Segment, play: Play, test: SegmentPlan | None, file: str) -> Brief:
    money = _row(study, "budget", segment.segment_id)
    dated = f", data before {study.as_of.day} {study.as_of:%B %Y}" if study.as_of else ""
    lead = (
        f"Draft from the study '{shown(study.title, 100)}'{dated}. Edit it freely: the numbers are those of the study, "
        "and what is assumed is called so."
    )
    sections = [_who(study, segment), *_campaign(play), _audience(study, segment, file)]
    if play.left_alone:
        sections = [sections[0], Section("Why no campaign", (("", shown(play.left_alone, _LONGEST)),)), *sections[1:]]
    else:
        sections += [] if money is None else [_money(study, money)]
        sections += [_test(segment, test)]
    sections += [_why(study, segment, play), _open_points(play)]
    return Brief(segment.segment_id, file, f"Campaign brief: {shown(segment.name, 80)}", lead, tuple(sections))


def _who(study: Study, segment: Segment) -> Section:
    size = f"{words.count(segment.size)} customers, {words.whole_percent(segment.share)} of all"
    if not math.isnan(segment.value_share):
        money = words.money(segment.value, study.currency)
        size += f"; they brought {money}, {words.whole_percent(segment.value_share)} of the whole"
    lines = [("", shown(segment.summary, 400)), ("Size", f"{size}.")]
    if segment.size >= _FEWEST:
        lines += [("", shown(fact.sentence, 300)) for fact in segment.facts if fact.feature]
        rule = box(segment)
        lines += [("In short", f"{rule['text']}. {rule['fit']}")] if rule else []
    return Section("Who they are", tuple(lines))


def _campaign(play: Play) -> list[Section]:
    featured = [("Show", f"{shown(sentence, 300)}.") for sentence in play.featured]
    offer = [("", _told(play.offer)), ("Do not", _told(play.avoid))]
    return [
        Section("What we want", (("", _told(play.goal)), ("First measure", _told(play.kpi)))),
        Section("Message", (("", _told(play.message)), *featured)),
        Section("Offer", tuple(offer)),
        Section("Channel and timing", (("Channel", _told(play.channel)), ("Timing", _told(play.timing)))),
    ]


def _audience(study: Study, segment: Segment, file: str) -> Section:
    listed = file.replace("briefs/", "audiences/").removesuffix(".md")
    mine = study.customers["segment_id"] == segment.segment_id
    core = int((study.customers["is_core"].astype(bool) & mine).sum())
    lines = [("List", f"{listed}.csv, {words.count(segment.size)} customers.")]
    if 0 < core < segment.size:
        lines.append(("Begin with", f"the {words.count(core)} who fit the segment best (`is_core` in the list)."))
    reach = _criterion(study, segment.segment_id, "reach")
    lines += [("Reach", f"{shown(reach, 200)}. Write to nobody else.")] if reach else []
    budget = _row(study, "budget", segment.segment_id)
    if budget is not None and budget.get("reached", 0) > 0:
        spend = words.money(budget["spend"], study.currency)
        lines.append(("Budget", f"{spend} in a year, which reaches {words.count(budget['reached'])} of them."))
    lines.append(("For a tool", f"`coterie audiences STUDY --for TOOL --segment {segment.segment_id}`"))
    return Section("Audience", tuple(lines))


def _money(study: Study, row: dict[str, Any]) -> Section:
    each = row["message_cost"] + row["giveaway"]
    amounts = {name: small_money(value, study.currency) for name, value in row.items() if isinstance(value, float)}
    lines = [
        ("Cost", f"{small_money(each, study.currency)} to reach a customer for a year: messages "
         f"{amounts['message_cost']}, price reductions on orders that come anyway {amounts['giveaway']}."),
    ]  # fmt: skip
    if row["break_even"] == row["break_even"]:
        lines.append(("Pays from", f"{per_hundred(row['break_even'])} in a year, beyond those that come anyway."))
    if row["expected_response"] == row["expected_response"]:
        lines.append(("Assumed", f"{per_hundred(row['expected_response'])} if all are reached; a test tells."))
    if row["cap"] > 0:
        reached = f", which reaches {words.whole_percent(row['best_part'])} of them" if row["best_part"] < 1 else ""
        left = words.money(row["best_net"], study.currency)
        lines.append(("Spend at most", f"{amounts['cap']} in a year{reached}; {left} of margin should then be left."))
    return Section("Money", tuple(lines))


def per_hundred(orders: float) -> str:
    """Tell extra orders for each customer as a number among a hundred customers."""
    told = 100 * orders
    text = "fewer than 0.1" if 0 < told < 0.1 else words.plain_number(told)
    return f"{text} extra {'order' if text == '1' else 'orders'} for every 100 customers reached"


def small_money(value: float, currency: str) -> str:
    """Tell an amount that may be a part of a cent."""
    return f"less than {words.money(0.01, currency)}" if 0 < value < 0.005 else words.money(round(value, 2), currency)


def _test(segment: Segment, test: SegmentPlan | None) -> Section:
    command = ("Draw it", f"`coterie plan STUDY --segment {segment.segment_id}`, then `coterie measure`.")
    if test is None:
        told = "Leave a part out at random and compare; say with --baseline which share buys anyway."
        return Section("Test", (("", told), command))
    share = words.whole_percent(test.n_left_out / max(test.expected.size, 1))
    lines = [
        ("Leave out", f"{words.count(test.n_left_out)} customers ({share}), drawn at random."),
        ("Would buy anyway", f"about {words.percent(test.expected.rate)} in {_DAYS} days, by the forecast."),
    ]
    if math.isfinite(test.smallest_lift):
        lines.append(
            ("Can be seen", f"a rise by {_points(test.smallest_lift)} in 100 customers or more (four times in five).")
        )
    if math.isfinite(test.break_even):
        lines.append(("Pays from", f"a rise by {_points(test.break_even)} in 100 customers in these days."))
    elif test.never_pays:
        lines.append(("Pays", "never at this price reduction: each extra order loses money."))
    if not test.is_enough:
        lines.append(("Beware", "too few customers for one campaign to prove what pays: read several together."))
    return Section("Test", (*lines, command))


def _points(share: float) -> str:
    return words.plain_number(float(f"{100 * share:.2g}"))


def _why(study: Study, segment: Segment, play: Play) -> Section:
    target = _row(study, "targeting", segment.segment_id)
    lines = [("Why this play", _told(play.evidence))] if play.evidence else []
    lines += (
        [("Among the targets", _told(str(target["sentence"])))] if target is not None and not play.left_alone else []
    )
    stake = play.value_at_stake_note
    lines += [("At stake", _told(stake))] if stake and not play.left_alone else []
    lines += [("Priority", _told(play.priority_reason))] if play.priority_reason else []
    lines += [("Doubt", _told(play.doubt))] if play.doubt else []
    return Section("The evidence", tuple(lines))


def _open_points(play: Play) -> Section:
    asked = ["Responsible: …", "Looked at again on: …"] if play.left_alone else [
        "Responsible: …", "First message on: …", "Texts and pictures by: …", "Approved by: …", "Result read on: …",
    ]  # fmt: skip
    return Section("Still to decide", tuple(("", point) for point in asked))


def _tests(study: Study) -> dict[int, SegmentPlan]:
    """Plan the test of each segment's first campaign; without those of whom nothing tells who would buy anyway."""
    from coterie.campaigns import Costs, plan_segments
    from coterie.outputs.plan import PlanOptions, expectations

    settings = study.settings
    usual = Costs(settings.campaigns.margin, settings.money.contact_cost, settings.money.offer_discount)
    try:
        expected = expectations(study, PlanOptions(usual, days=_DAYS))
    except ConfigError:
        return {}
    found = {}
    for segment_id, one in expected.items():
        row = _row(study, "budget", segment_id)
        contacts = row["contacts"] if row is not None else 0
        costs = usual if row is None or not contacts else Costs(
            settings.campaigns.margin, row["message_cost"] / contacts, min(row["discount"], 0.999)
        )  # fmt: skip
        if one.size >= 2:
            (found[segment_id],) = plan_segments([one], costs)
    return found


def _row(study: Study, name: str, segment_id: int) -> dict[str, Any] | None:
    table: pd.DataFrame | None = study.tables.get(name)
    if table is None:
        return None
    rows = table[table["segment_id"] == segment_id].to_dict("records")
    return {str(key): value for key, value in rows[0].items()} if rows else None


def _criterion(study: Study, segment_id: int, name: str) -> str:
    table = study.tables.get("targeting_criteria")
    if table is None:
        return ""
    told = table.loc[(table["segment_id"] == segment_id) & (table["name"] == name), "told"]
    return str(told.iloc[0]) if len(told) else ""


def _told(text: str) -> str:
    return shown(text, _LONGEST)
