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
from coterie.outputs.page.experiment import result_lines
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


def codes(plan: Plan, table: pd.DataFrame) -> dict[str, int]:
    return {one.code: one.count for one in measure_plan(plan, table, READ, {}).findings}


def test_results_without_doubts_are_told_none(plan: Plan) -> None:
    assert codes(plan, answers(plan, 0.1, 0.5)) == {}


def test_revenue_of_those_who_did_not_respond_is_told(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    silent = listed.index[~listed["converted"]][:7]
    listed.loc[silent, "revenue"] = 25.0
    results = measure_plan(plan, listed, READ, {})
    (found,) = results.findings
    assert (found.code, found.count) == ("revenue-without-response", 7)
    assert "7 customers have revenue though the results say that they did not respond" in found.message
    assert found.message in result_lines(results)[0]


def test_answers_that_are_no_purchases_are_told(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    listed.loc[listed.index % 2 == 0, "revenue"] = 0.0
    assert "response-without-revenue" in codes(plan, listed)


def test_a_list_that_lacks_most_of_the_plan_is_told_unless_it_is_one_of_buyers(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    third = listed[np.arange(len(listed)) % 3 == 0]
    assert codes(plan, third) == {"few-of-the-plan": len(listed) - len(third)}
    assert codes(plan, listed[listed["converted"]]) == {}


def test_fewer_buyers_than_anybody_would_expect_are_told(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    assert "few-buyers" in codes(plan, listed[listed["converted"]].iloc[:5])


def test_results_that_are_mostly_of_others_are_told(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    others = listed.assign(customer_id="x" + listed["customer_id"])
    assert codes(plan, pd.concat([listed, others, others.assign(customer_id="y")])) == {
        "mostly-others": len(listed) + 1, "repeated-rows": len(listed) - 2, "two-answers": 1,
    }  # fmt: skip


def test_rows_that_stand_twice_are_told_and_rows_that_differ_are_orders(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    assert codes(plan, pd.concat([listed, listed.iloc[:9]])) == {"repeated-rows": 9}
    numbered = pd.concat([listed, listed.iloc[:9]]).assign(order=lambda rows: range(len(rows)))
    assert codes(plan, numbered) == {}


def test_negative_revenue_is_told_and_many_of_it_asks_to_be_looked_at(plan: Plan) -> None:
    listed = answers(plan, 0.3, 0.3).drop(columns="converted")
    listed.loc[listed.index[listed["revenue"] > 0][:1], "revenue"] = -5.0
    (found,) = measure_plan(plan, listed, READ, {}).findings
    assert (found.code, found.severity, found.count) == ("negative-revenue", "note", 1)
    listed["revenue"] = np.where(listed["revenue"] > 0, -listed["revenue"], 30.0)
    (found,) = measure_plan(plan, listed, READ, {}).findings
    assert found.severity == "warning"
    assert "orders from before the campaign" in found.remedy


def test_customers_with_another_group_than_planned_are_told_and_count_as_planned(plan: Plan) -> None:
    listed = answers(plan, 0.1, 0.5)
    group = plan.customers["treatment"].to_numpy().copy()
    whole = measure_plan(plan, listed.assign(group=group), READ, {})
    assert whole.findings == ()
    group[:6] = np.where(group[:6] == TREAT, HELD_OUT, TREAT)
    found = measure_plan(plan, listed.assign(group=group), READ, {})
    assert [(one.code, one.count) for one in found.findings] == [("other-group", 6)]
    assert found.measured == whole.measured
    swapped = np.where(plan.customers["treatment"] == TREAT, "control", "treated")
    with pytest.raises(InputError, match="other group for most customers"):
        measure_plan(plan, listed.assign(group=swapped), READ, {})


def test_customers_twice_in_an_experiment_planned_elsewhere_are_told() -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"customer": [f"c{n}" for n in range(2_000)], "arm": rng.choice(["a", "none"], 2_000)})
    table["bought"] = (rng.random(2_000) < 0.2).astype(int)
    assert measure_table(table, READ, {}, arms=Arms("none"), costs=COSTS).findings == ()
    again = table.iloc[:50].assign(arm="a")
    found = measure_table(pd.concat([table, again]), READ, {}, arms=Arms("none"), costs=COSTS).findings
    assert [(one.code, one.count) for one in found] == [("customers-twice", 50)]
    both = int((table["arm"].iloc[:50] == "none").sum())
    assert f"{both:,} of them in both groups" in found[0].message


def test_what_is_doubtful_stands_before_the_numbers_on_the_page(plan: Plan, tmp_path: Path) -> None:
    listed = answers(plan, 0.1, 0.5)
    listed.loc[~listed["converted"], "revenue"] = 25.0
    folder = write_results(measure_plan(plan, listed, READ, {}), tmp_path / "measured")
    page = (folder / "results.html").read_text("utf-8")
    assert page.index("Look at this first") < page.index("Segment by segment")
    told = json.loads((folder / "results.json").read_text("utf-8"))
    assert [one["code"] for one in told["findings"]] == ["revenue-without-response"]


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


def test_a_plan_tells_of_as_many_left_out_as_were_drawn(study: Study) -> None:
    plan = make_plan(study, PlanOptions(COSTS, baseline=0.1, share=0.37))
    drawn = plan.customers[plan.customers["treatment"] == "holdout"].groupby("segment_id").size().to_dict()
    assert {one.expected.segment_id: one.n_left_out for one in plan.segments} == drawn
    assert all(one.n_left_out + one.n_treated == one.expected.size for one in plan.segments)
