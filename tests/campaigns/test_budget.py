"""Break-even, diminishing returns, and a budget divided so that no other division brings more."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from coterie.campaigns import Costs, Economics, allocate, load_playbook, worth_spending
from coterie.campaigns.economics import economics_of
from coterie.campaigns.experiments.money import break_even_lift
from coterie.campaigns.figures import Figures
from coterie.config import BudgetSettings, CampaignsSettings, Config, MoneySettings

DEAR = Economics(100, 4.0, 2.0, 1.0, 50.0, 0.05, 0.35, 4_000.0, 2.0)
CHEAP = Economics(400, 4.0, 0.1, 0.0, 20.0, 0.0, 0.4, 900.0, 1.0)
POOR = Economics(300, 6.0, 1.5, 0.2, 30.0, 0.0, 0.3, 800.0, 3.0)
HOPELESS = Economics(200, 4.0, 5.0, 0.0, 30.0, 0.0, 0.3, 300.0, 2.0)
FLAT = Economics(150, 4.0, 1.0, 0.0, 30.0, 0.0, 0.5, 700.0, 0.0)


def net(several: list[Economics], spends: tuple[float, ...]) -> float:
    gains = [one.gain_at(spend / one.full_cost) for one, spend in zip(several, spends, strict=True)]
    return sum(gains) - sum(spends)


def test_no_division_on_a_grid_brings_more_than_the_one_that_is_given() -> None:
    several = [DEAR, CHEAP, POOR]
    for amount in (30.0, 90.0, 250.0, 2_000.0):
        found = allocate(dict(enumerate(several, start=1)), amount)
        assert found.spend <= amount + 1e-9
        grids = [np.linspace(0.0, min(one.full_cost, amount), 31) for one in several]
        best = max(net(several, spends) for spends in itertools.product(*grids) if sum(spends) <= amount)
        assert found.net >= best - 1e-9
        assert found.net == pytest.approx(net(several, tuple(share.spend for share in found.shares)))


def test_the_grid_would_have_found_a_worse_division() -> None:
    """The test above can fail: an equal split is worse than what is given."""
    several = [DEAR, CHEAP, POOR]
    found = allocate(dict(enumerate(several, start=1)), 90.0)
    assert net(several, (30.0, 30.0, 30.0)) < found.net - 1.0


def test_the_last_unit_of_money_brings_the_same_in_every_segment_that_is_not_full() -> None:
    found = allocate({1: DEAR, 2: CHEAP, 3: POOR}, 90.0)
    inside = [
        share.marginal
        for share, one in zip(found.shares, (DEAR, CHEAP, POOR), strict=True)
        if 0 < share.spend < one.full_cost * (1 - 1e-9)
    ]
    assert len(inside) >= 2
    assert inside == pytest.approx([inside[0]] * len(inside), rel=1e-6)


def test_the_marginal_gain_is_the_slope_of_the_gain() -> None:
    (share, *_) = allocate({1: DEAR, 2: POOR}, 200.0).shares
    step = 1e-4
    slope = (DEAR.gain_at((share.spend + step) / DEAR.full_cost) - DEAR.gain_at(share.spend / DEAR.full_cost)) / step
    assert share.marginal == pytest.approx(slope, rel=1e-4)


def test_money_that_would_bring_less_than_itself_is_kept() -> None:
    found = allocate({1: DEAR, 2: CHEAP, 3: POOR, 4: HOPELESS}, 1e6)
    assert found.spend == pytest.approx(worth_spending({1: DEAR, 2: CHEAP, 3: POOR, 4: HOPELESS}))
    assert found.left == pytest.approx(1e6 - found.spend)
    assert found.shares[3].spend == 0.0
    assert all(share.net >= 0 for share in found.shares)


def test_a_response_that_does_not_fall_fills_the_best_segment_first() -> None:
    better = replace(FLAT, extra_revenue=1_400.0)
    found = allocate({1: FLAT, 2: better}, 200.0)
    assert [round(share.spend, 3) for share in found.shares] == [50.0, 150.0]
    assert found.shares[1].customers == 150


def test_more_money_never_brings_less_and_each_further_unit_less() -> None:
    nets = [allocate({1: DEAR, 2: CHEAP, 3: POOR}, amount).net for amount in np.linspace(0, 600, 25)]
    steps = np.diff(nets)
    assert (steps >= -1e-9).all()
    assert (np.diff(steps) <= 1e-6).all()


def test_a_budget_of_nothing_reaches_only_those_who_cost_nothing() -> None:
    free = replace(CHEAP, message_cost=0.0)
    found = allocate({1: DEAR, 2: free}, 0.0)
    assert [share.customers for share in found.shares] == [0, 400]
    assert found.net == pytest.approx(free.full_gain)


def test_the_order_of_the_segments_does_not_matter() -> None:
    one = allocate({1: DEAR, 2: CHEAP, 3: POOR}, 90.0)
    other = allocate({3: POOR, 1: DEAR, 2: CHEAP}, 90.0)
    assert {s.segment_id: s.spend for s in one.shares} == {s.segment_id: s.spend for s in other.shares}


def test_the_range_holds_what_the_settings_allow_and_widens_with_doubt() -> None:
    one = {1: DEAR}
    sure, unsure = allocate(one, 200.0, doubt=1.0), allocate(one, 200.0, doubt=3.0)
    assert sure.net_low == pytest.approx(sure.net)
    assert sure.net_high == pytest.approx(sure.net)
    assert unsure.net_low < sure.net < unsure.net_high
    # one play alone: the ends are the gain divided and multiplied by the doubt, about its mean
    gain, sigma = unsure.shares[0].gain, math.log(3.0) / 1.959964
    low, high = (gain * math.exp(-(sigma**2) / 2) * factor - unsure.spend for factor in (1 / 3, 3))
    assert unsure.net_low == pytest.approx(low, rel=0.1)
    assert unsure.net_high == pytest.approx(high, rel=0.1)
    assert allocate(one, 200.0, doubt=3.0) == unsure
    assert 0 < allocate({1: replace(DEAR, extra_revenue=700.0)}, 200.0, doubt=3.0).loss_chance < 1


def test_gain_is_concave_and_reaches_the_whole_with_everyone() -> None:
    parts = np.linspace(0, 1, 21)
    gains = np.array([DEAR.gain_at(part) for part in parts])
    assert gains[0] == 0
    assert gains[-1] == pytest.approx(DEAR.full_gain)
    assert (np.diff(gains, 2) < 0).all()
    assert FLAT.gain_at(0.3) == pytest.approx(0.3 * FLAT.full_gain)


def test_the_cap_is_where_the_next_customer_costs_what_they_bring() -> None:
    part = POOR.best_part
    assert 0 < part < 1
    slope = (POOR.gain_at(part + 1e-6) - POOR.gain_at(part)) / (1e-6 * POOR.full_cost)
    assert slope == pytest.approx(1.0, rel=1e-4)
    assert POOR.best_net == max(POOR.gain_at(f) - f * POOR.full_cost for f in [part, *np.linspace(0, 1, 201)])


def test_break_even_is_that_of_a_planned_campaign_with_the_same_costs() -> None:
    """100 customers who place 0.5 orders of 40 in the days of the offer, at 10 % off, for 2 a message."""
    costs = Costs(margin=0.4, contact=2.0, discount=0.1)
    same = Economics(100, 1.0, 2.0, 0.1 * 40 * 0.5, 40.0, 0.1, 0.3, 0.0, 2.0)
    assert same.break_even == pytest.approx(break_even_lift(costs, 40.0, 0.5, 100))


def settings(**money: float) -> Config:
    return Config(
        campaigns=CampaignsSettings(margin=0.4), money=MoneySettings(contact_cost=0.5, **money),
        budget=BudgetSettings(days=10),
    )  # fmt: skip


FIGURES = Figures(size=200, core=150, mean_order_value=50.0, returns=0.2)


def test_a_year_of_a_campaign_in_money_by_hand() -> None:
    play = replace(load_playbook().plays["growing"], contacts=4.0, contact_factor=2.0, discount=0.05, movable=0.1)
    found = economics_of(FIGURES, play, 10_000.0, 7_300.0, settings(return_cost=0.08), reach=0.5)
    assert found is not None
    assert found.customers == 100
    assert found.message_cost == pytest.approx(4 * 2 * 0.5)
    # 7,300 a year are 20 a day; 40 days under an offer of 5 %: 40 among 200 customers
    assert found.giveaway == pytest.approx(0.05 * 20 * 40 / 200)
    assert found.margin == pytest.approx(0.4 - 0.05 - 0.08 * 0.2 / 0.8)
    assert found.extra_revenue == pytest.approx(10_000 * 0.1 * 0.5)
    assert found.expected_response == pytest.approx(500 / (100 * 40))  # a fifth of 50 comes back
    assert found.break_even == pytest.approx((4 + 0.2) / (40 * found.margin))


def test_without_a_price_of_its_own_a_play_takes_the_one_of_the_settings() -> None:
    play = replace(load_playbook().plays["lapsed"], discount=None)
    found = economics_of(FIGURES, play, 10_000.0, math.nan, settings(offer_discount=0.25))
    assert found is not None
    assert found.discount == 0.25
    assert found.customers == 200


@pytest.mark.parametrize(("yearly", "reach"), [(math.nan, 1.0), (0.0, 1.0), (100.0, 0.0)])
def test_what_is_not_known_is_not_put_into_money(yearly: float, reach: float) -> None:
    play = load_playbook().plays["lapsed"]
    assert economics_of(FIGURES, play, yearly, math.nan, settings(), reach=reach) is None


def test_an_offer_that_eats_the_margin_never_pays() -> None:
    losing = replace(DEAR, margin=-0.05)
    assert losing.break_even == math.inf
    assert losing.best_part == 0.0
    assert allocate({1: losing}, 100.0).spend == 0.0
