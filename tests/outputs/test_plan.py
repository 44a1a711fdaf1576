"""A plan drawn on a study, written, read again, and measured with what came back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from coterie.campaigns import KEEP, Costs
from coterie.cli.main import main
from coterie.config import SourcesSettings
from coterie.errors import ConfigError, InputError, StudyError, UnsafeGuessError
from coterie.outputs.plan import HELD_OUT, TREAT, Plan, PlanOptions, load_plan, make_plan, write_plan
from coterie.outputs.results import Arms, measure_plan, measure_table, results_table, write_results

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.outputs import Study

COSTS = Costs(margin=0.4, contact=0.02)
READ = SourcesSettings()


@pytest.fixture(scope="module")
def plan(study: Study) -> Plan:
    return make_plan(study, PlanOptions(COSTS, baseline=0.2, order_value=40.0, share=0.3))


def answers(plan: Plan, rate: float, rise: float) -> pd.DataFrame:
    """What customers of a plan bought: everybody is listed."""
    rng = np.random.default_rng(8)
    treated = (plan.customers["treatment"] == TREAT).to_numpy()
    bought = rng.random(len(treated)) < rate + rise * treated
    return pd.DataFrame(
        {"customer_id": plan.customers["customer_id"], "converted": bought, "revenue": np.where(bought, 40.0, 0.0)}
    )


def test_every_customer_of_the_study_has_a_group_and_the_shares_are_met(study: Study, plan: Plan) -> None:
    assert sorted(plan.customers["customer_id"]) == sorted(study.customers.index)
    for one in plan.segments:
        mine = plan.customers[plan.customers["segment_id"] == one.expected.segment_id]
        held = int((mine["treatment"] == HELD_OUT).sum())
        assert len(mine) == one.expected.size
        assert held == pytest.approx(one.n_left_out, abs=4)


def test_the_draw_is_the_same_again_and_another_with_another_salt(study: Study, plan: Plan) -> None:
    again = make_plan(study, plan.options)
    assert again.customers.equals(plan.customers)
    other = make_plan(study, PlanOptions(COSTS, baseline=0.2, share=0.3, salt="other"))
    assert (other.customers["treatment"] != plan.customers["treatment"]).any()


def test_a_plan_is_read_as_it_was_written_and_not_when_changed(plan: Plan, tmp_path: Path) -> None:
    folder = write_plan(plan, tmp_path / "plan")
    read = load_plan(folder)
    assert read.options == plan.options
    assert read.segments == plan.segments
    assert read.cap == plan.cap
    pd.testing.assert_frame_equal(read.customers, plan.customers, check_dtype=False)
    lists = pd.concat(pd.read_csv(path) for path in (folder / "treated").glob("*.csv"))
    assert set(lists["customer_id"]) == set(plan.customers.loc[plan.customers["treatment"] == TREAT, "customer_id"])
    (folder / "plan.json").write_text(json.dumps({"changed": True}))
    with pytest.raises(StudyError, match="damaged"):
        load_plan(folder)


def test_the_page_of_a_plan_names_its_segments_and_holds_no_customer(plan: Plan, tmp_path: Path) -> None:
    page = (write_plan(plan, tmp_path / "plan") / "plan.html").read_text("utf-8")
    for one in plan.segments:
        assert one.expected.name.replace("&", "&amp;") in page
    assert not any(f">{one}<" in page for one in plan.customers["customer_id"])


def test_without_a_forecast_somebody_has_to_say_who_buys_anyway(study: Study) -> None:
    bare = type(study)(
        study.manifest,
        study.profiled,
        study.customers.drop(columns=["expected_orders_12m"], errors="ignore"),
        study.tables,
        study.model,
    )
    with pytest.raises(ConfigError, match="no order history"):
        make_plan(bare, PlanOptions(COSTS))


def test_a_strong_campaign_is_kept(plan: Plan) -> None:
    results = measure_plan(plan, answers(plan, 0.1, 0.5), READ, {})
    assert results.measured.total.verdict == KEEP
    assert results.measured.total.money.profit.estimate > 0
    assert results.measured.total.n_treated == int((plan.customers["treatment"] == TREAT).sum())


def test_customers_who_are_not_in_the_results_bought_nothing(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    whole = measure_plan(plan, listed, READ, {})
    buyers = measure_plan(plan, listed[listed["converted"]], READ, {})
    assert buyers.measured.total.lift == whole.measured.total.lift
    assert "the others count as having bought nothing" in buyers.sentences[0]


def test_one_row_an_order_is_summed_for_each_customer(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    orders = pd.concat([listed.assign(revenue=listed["revenue"] / 2)] * 2).drop(columns=["converted"])
    whole = measure_plan(plan, listed, READ, {})
    summed = measure_plan(plan, orders, READ, {})
    assert summed.measured.total.lift == whole.measured.total.lift
    assert summed.measured.total.money.revenue == whole.measured.total.money.revenue


def test_customers_lost_from_one_group_stop_the_reading(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.0)
    held = plan.customers["treatment"] == HELD_OUT
    lost = held & (np.arange(len(held)) % 2 == 0)
    with pytest.raises(InputError, match="sizes that were planned"):
        measure_plan(plan, listed[~lost.to_numpy()], READ, {})


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (pd.DataFrame({"customer_id": ["nobody", "else"], "revenue": [1, 2]}), "belongs to the plan"),
        (pd.DataFrame({"customer_id": ["a", "b"], "mood": ["good", "bad"]}), "responded or revenue"),
        (pd.DataFrame({"who": ["a", "b"], "revenue": [1, 2]}), "customer_id"),
        (pd.DataFrame({"customer_id": ["a", "b"], "spend": [1, 2], "revenue": [1, 2]}), "Two columns"),
        (pd.DataFrame({"customer_id": ["a", "b"], "revenue": ["1", "much"]}), "plain numbers"),
        (pd.DataFrame({"customer_id": ["a", "b"], "revenue": ["1", "inf"]}), "1 of 2 rows"),
        (pd.DataFrame({"customer_id": ["a", "b"], "responded": ["yes", "maybe"]}), r"say yes or no.\n1 of 2"),
    ],
)
def test_results_that_cannot_be_read_say_what_to_do(plan: Plan, table: pd.DataFrame, match: str) -> None:
    with pytest.raises((InputError, UnsafeGuessError), match=match):
        measure_plan(plan, table, READ, {})


def test_an_experiment_planned_elsewhere_needs_its_groups_named() -> None:
    rng = np.random.default_rng(0)
    arm = rng.choice(["a", "b", "none"], 3_000)
    table = pd.DataFrame({"arm": arm, "bought": (rng.random(3_000) < np.where(arm == "a", 0.3, 0.1)).astype(int)})
    with pytest.raises(UnsafeGuessError, match="more than two groups"):
        measure_table(table, READ, {}, arms=Arms("none"), costs=COSTS)
    with pytest.raises(InputError, match="No row"):
        measure_table(table, READ, {}, arms=Arms("nobody"), costs=COSTS)
    found = measure_table(table, READ, {}, arms=Arms("none", "a"), costs=COSTS)
    assert found.measured.total.verdict == KEEP
    with pytest.raises(InputError, match="sizes that were planned"):
        measure_table(table, READ, {}, arms=Arms("none", "a", control_share=0.2), costs=COSTS)


def test_results_are_written_whole_with_a_page(plan: Plan, tmp_path: Path) -> None:
    results = measure_plan(plan, answers(plan, 0.1, 0.5), READ, {})
    folder = write_results(results, tmp_path / "measured")
    table = pd.read_csv(folder / "results.csv")
    assert list(table["segment"]) == list(results_table(results.measured)["segment"])
    page = (folder / "results.html").read_text("utf-8")
    assert "Keep it" in page
    assert "<script" not in page


def test_plan_and_measure_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    told = CliRunner().invoke(main, ["plan", str(folder), "--baseline", "0.2", "--leave-out", "0.3", "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "Plan:" in told.output
    made = load_plan(out)
    table = tmp_path / "results.csv"
    answers(made, 0.1, 0.5).to_csv(table, index=False)
    told = CliRunner().invoke(main, ["measure", str(out), str(table), "--out", str(tmp_path / "measured"), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["segments"][-1]["verdict"] == KEEP
    told = CliRunner().invoke(main, ["measure", str(table)])
    assert told.exit_code == 2
    assert "--control" in told.output
