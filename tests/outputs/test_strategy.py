"""Targets, money and briefs as they leave: tables, the chapter of the report, files and commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from coterie.cli.main import main
from coterie.config import Config
from coterie.errors import ConfigError, StudyError
from coterie.outputs import PlanOptions, Study, divide_budget, load, make_briefs, make_plan, write_briefs
from coterie.outputs.briefs import per_hundred, small_money
from coterie.outputs.page.strategy import strategy
from coterie.outputs.report import environment
from coterie.outputs.strategy import within_budget
from outputs.factories import make_segmentation
from outputs.hostile import HOSTILE_CATEGORIES, HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def poor() -> Study:
    """A study that knows neither orders nor money."""
    return Study.from_segmentation(make_segmentation(categories=(), orders=False))


def test_targets_and_money_come_back_from_the_folder_as_they_were(study: Study, folder: Path) -> None:
    again = load(folder)
    for name in ("targeting", "targeting_criteria", "budget"):
        assert again.tables[name].equals(study.tables[name]), name
    assert divide_budget(again, 200.0) == divide_budget(study, 200.0)


def test_every_segment_has_a_brief_in_the_folder_that_says_all_it_should(study: Study, folder: Path) -> None:
    briefs = make_briefs(study)
    assert len(briefs) == len(study.profiled)
    for one, segment in zip(briefs, study.profiled, strict=True):
        text = (folder / one.file).read_text(encoding="utf-8")
        assert text == one.markdown()
        headings = [line for line in text.splitlines() if line.startswith("## ")]
        assert headings[0] == "## Who they are"
        for heading in ("What we want", "Message", "Offer", "Channel and timing", "Audience", "Still to decide"):
            assert f"## {heading}" in headings
        assert segment.play is not None
        assert segment.play.goal in text
        assert f"**First measure:** {segment.play.kpi}" in text
        assert f"--segment {segment.segment_id}`" in text
        assert (folder / f"audiences/{one.file.removeprefix('briefs/').removesuffix('.md')}.csv").is_file()


def test_a_brief_tells_the_test_and_the_money_of_its_own_play(study: Study) -> None:
    text = make_briefs(study)[0].markdown()
    row = study.tables["budget"].iloc[0]
    assert f"**Cost:** {small_money(row['message_cost'] + row['giveaway'], '£')} to reach a customer for a year" in text
    assert f"**Pays from:** {per_hundred(row['break_even'])}" in text
    assert "**Leave out:** " in text
    assert "**Can be seen:** a rise by " in text


def test_a_brief_of_those_left_alone_says_why_and_plans_no_test(study: Study) -> None:
    segment = study.profiled[1]
    assert segment.play is not None
    alone = replace(segment, play=replace(segment.play, left_alone="They buy anyway."))
    changed = replace(study, profiled=(study.profiled[0], alone, *study.profiled[2:]))
    text = make_briefs(changed)[1].markdown()
    assert "## Why no campaign\n\n- They buy anyway." in text
    assert "## Test" not in text
    assert "First message on" not in text


def test_no_brief_holds_a_customer_and_hostile_names_stay_names(study: Study) -> None:
    hostile = Study.from_segmentation(make_segmentation(names=HOSTILE_NAMES, categories=HOSTILE_CATEGORIES))
    for one in make_briefs(hostile):
        assert "\u202e" not in one.markdown()
        assert ".." not in one.file
    everything = "".join(one.markdown() for one in make_briefs(study))
    assert not [name for name in study.customers.index if str(name) in everything]


def test_a_brief_without_orders_still_stands(poor: Study) -> None:
    texts = [one.markdown() for one in make_briefs(poor)]
    assert all("say with --baseline which share buys anyway" in text for text in texts)
    assert not any("## Money" in text for text in texts)


def test_edited_briefs_are_not_written_over(study: Study, tmp_path: Path) -> None:
    briefs = make_briefs(study)
    paths = write_briefs(briefs, tmp_path / "mine")
    assert [path.read_text(encoding="utf-8") for path in paths] == [one.markdown() for one in briefs]
    paths[1].write_text("edited", encoding="utf-8")
    paths[0].unlink()
    with pytest.raises(StudyError, match="is there already"):
        write_briefs(briefs, tmp_path / "mine")
    assert not paths[0].exists()
    assert paths[1].read_text(encoding="utf-8") == "edited"


def test_the_chapter_tells_ranks_reasons_and_assumptions(study: Study) -> None:
    page = strategy(study)
    assert page is not None
    assert [row["rank"] for row in page["rows"]] == [1, 2, 3, 4, 5]
    assert page["lead"].startswith(f"Begin with {page['rows'][0]['name']}.")
    assert all(row["sentence"] for row in page["rows"])
    assert page["budget"]["is_given"] is False
    assert len(page["budget"]["assumptions"]) == 4
    template = environment().get_template("targeting.html.j2")
    text = template.render(strategy=page, charts={"targets": [], "budget": []})
    for word in ("Spend at most", "Campaign briefs, ready to edit", "targeting_criteria.csv"):
        assert word in text


def test_the_chapter_of_a_study_without_money_has_targets_and_no_budget(poor: Study) -> None:
    page = strategy(poor)
    assert page is not None
    assert page["money"] == []
    assert page["budget"] is None
    assert strategy(replace(poor, tables={k: v for k, v in poor.tables.items() if k != "targeting"})) is None


def with_budget(study: Study, amount: float) -> Study:
    """The study as it would have been made with a budget."""
    config = Config.model_validate({"budget": {"amount": amount}}).model_dump(mode="json")
    return replace(
        study, manifest={**study.manifest, "config": {**study.manifest["config"], "budget": config["budget"]}}
    )


def test_a_budget_is_told_with_what_is_better_kept(study: Study) -> None:
    page = strategy(with_budget(study, 1e6))
    assert page is not None
    assert page["budget"]["is_given"]
    assert any("is better kept" in sentence for sentence in page["budget"]["sentences"])
    short = strategy(with_budget(study, 20.0))
    assert short is not None
    assert any("One more £1 would bring about" in sentence for sentence in short["budget"]["sentences"])


def test_one_more_pound_brings_what_it_brings_where_customers_are_left_to_reach(study: Study) -> None:
    page = strategy(with_budget(study, 20.0))
    assert page is not None
    (told,) = [sentence for sentence in page["budget"]["sentences"] if sentence.startswith("One more £1")]
    before, after = divide_budget(study, 20.0), divide_budget(study, 21.0)
    more = (after.net + after.spend) - (before.net + before.spend)
    said = float(told.partition("about £")[2].split()[0].replace(",", ""))
    assert said == pytest.approx(more, rel=0.1)


def test_a_budget_keeps_those_who_fit_best_and_no_others(study: Study) -> None:
    found = divide_budget(study, 60.0)
    kept, told = within_budget(study, 60.0)
    sizes = study.tables["budget"].set_index("segment_id")["customers"]
    for share in found.shares:
        mine = study.customers["segment_id"] == share.segment_id
        reached = kept.customers["segment_id"] == share.segment_id
        wanted = round(share.customers / sizes[share.segment_id] * int(mine.sum()))
        assert int(reached.sum()) == wanted
        if 0 < wanted < mine.sum():
            left = study.customers.loc[mine & ~study.customers.index.isin(kept.customers.index), "confidence"]
            assert kept.customers.loc[reached, "confidence"].min() >= left.max()
    assert "A budget of £60 for a year reaches those who fit their segment best" in told[0]


def test_a_plan_within_a_budget_draws_among_those_it_reaches(study: Study) -> None:
    from coterie.campaigns import Costs

    options = PlanOptions(Costs(0.4), budget=60.0)
    made = make_plan(study, options)
    kept, _ = within_budget(study, 60.0)
    assert set(made.customers["customer_id"]) == set(kept.customers.index)
    assert made.sentences[0].startswith("A budget of £60")
    alone = make_plan(study, replace(options, segments=(2,)))
    assert set(alone.customers["segment_id"]) == {2}


@pytest.mark.parametrize("amount", [0.0, 1e-6])
def test_a_budget_that_reaches_nobody_is_an_error_that_says_so(study: Study, amount: float) -> None:
    with pytest.raises(ConfigError, match="reaches nobody"):
        within_budget(study, amount)


def test_there_is_no_budget_without_money(poor: Study) -> None:
    with pytest.raises(ConfigError, match="does not know what customers spend"):
        divide_budget(poor, 100.0)


def test_small_amounts_keep_their_first_digits() -> None:
    assert small_money(0.004, "£") == "less than £0.01"
    assert small_money(0.0, "£") == "£0"
    assert small_money(0.126, "£") == "£0.13"
    assert per_hundred(0.0004) == "fewer than 0.1 extra orders for every 100 customers reached"
    assert per_hundred(0.01) == "1 extra order for every 100 customers reached"


def test_the_commands_print_the_playbook_check_it_and_print_briefs(folder: Path, tmp_path: Path) -> None:
    printed = run("playbook")
    assert printed.exit_code == 0
    own = tmp_path / "playbook.toml"
    own.write_text(printed.stdout, encoding="utf-8")
    checked = run("playbook", "--check", own)
    assert "The playbook can be used" in checked.stdout
    own.write_text("[plays.new]\nmesage = 'x'\n", encoding="utf-8")
    refused = run("playbook", "--check", own)
    assert refused.exit_code == 2
    assert "unknown key 'mesage'" in refused.output
    one = run("brief", folder, "--segment", "2")
    assert one.stdout.count("# Campaign brief:") == 1
    every = run("brief", folder, "--out", tmp_path / "briefs")
    assert every.exit_code == 0
    assert len(list((tmp_path / "briefs").glob("*.md"))) == 5


def test_charts_of_targets_and_budget_say_what_they_show(study: Study) -> None:
    best = study.tables["targeting"].set_index("rank")["segment"][1]
    assert study.charts.drawing("decision").title == f"Target first: {best}"
    drawing = study.charts.drawing("budget")
    assert "should leave" in drawing.title
    curve = drawing.figure.axes[1].lines[0].get_ydata()
    assert np.all(np.diff(np.asarray(curve, dtype=float)) >= -1e-6)
