"""Whom segments stand for and whom offers reach."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from coterie.campaigns.fairness.audit import audit_fairness, offers_of
from coterie.campaigns.fairness.groups import Attribute, attributes
from coterie.campaigns.fairness.offers import audit_offers, selection_ratio
from coterie.campaigns.fairness.proxies import audit_proxies, strength_of
from coterie.campaigns.fairness.purpose import refuse_unreviewed, told_purpose
from coterie.config import Config, PrivacySettings
from coterie.errors import ConfigError
from coterie.vocabulary import Barred, Block, CustomerTable, Feature, Kind, Play, Segment


def gender(codes, groups=("female", "male")):
    return Attribute("gender", "gender", groups, np.asarray(codes), 0, 0, "described")


def feature(name, kind=Kind.CATEGORY, **more):
    return Feature(name, name.replace("_", " "), "", kind, Block.DEMOGRAPHICS, "", **{"origin": name, **more})


def table(**columns):
    frame = pd.DataFrame({name: values for name, (values, _) in columns.items()})
    frame.index = pd.Index([f"C{i:04d}" for i in range(len(frame))], name="customer_id")
    return CustomerTable(frame, {name: made for name, (_, made) in columns.items()}, None, None)


def segment(identity, key, *, alone=""):
    play = Play("t", "", "", "", "", "", "", "", "", math.nan, "", identity, key=key, left_alone=alone)
    unknown = (math.nan,) * 4
    return Segment(identity, f"Segment {identity}", 500, 0.5, *unknown, "", "", (), (), None, play)


def drawn(n, shares, seed=0):
    """Segments of two equal halves, in which the given shares are of the second group."""
    rng = np.random.default_rng(seed)
    ids = np.repeat([1, 2], n // 2)
    return ids, (rng.random(n) < np.where(ids == 1, *shares)).astype(int)


def test_the_strength_is_that_of_published_formulas():
    counts = np.array([[30, 10, 5], [20, 40, 15]])
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import association

    strength, p_value = strength_of(counts)
    found = chi2_contingency(counts, correction=False)
    assert p_value == pytest.approx(found.pvalue)
    n, (r, c) = counts.sum(), counts.shape
    phi = max(0, found.statistic / n - (r - 1) * (c - 1) / (n - 1))
    corrected = math.sqrt(phi / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))
    assert strength.estimate == pytest.approx(corrected)
    assert strength.low < association(counts, method="cramer", correction=False) < strength.high


@pytest.mark.parametrize("strength", [0.1, 0.3, 0.6])
def test_the_interval_of_the_strength_covers_the_truth(strength):
    shares = (0.5 - strength / 2, 0.5 + strength / 2)
    covered = 0
    for seed in range(200):
        ids, codes = drawn(600, shares, seed)
        found, _ = strength_of(np.array([np.bincount(codes[ids == one], minlength=2) for one in (1, 2)]))
        covered += found.low <= strength <= found.high
    assert covered >= 182, "19 times in 20, less what chance allows over 200 draws"


def test_a_leak_is_flagged_with_the_group_and_the_segment_and_noise_is_not():
    ids, codes = drawn(2000, (0.35, 0.65), seed=1)
    (found,) = audit_proxies([gender(codes)], ids)
    assert found.is_flagged
    assert found.strength.low < 0.3 < found.strength.high
    most = max(found.standings, key=lambda one: one.difference.estimate)
    assert (most.segment_id, most.group) in ((1, "female"), (2, "male"))
    flagged = [audit_proxies([gender(drawn(400, (0.5, 0.5), seed)[1])], ids[::5])[0].is_flagged for seed in range(100)]
    assert sum(flagged) <= 5


def test_rows_in_another_order_change_nothing():
    ids, codes = drawn(1000, (0.4, 0.6))
    order = np.random.default_rng(1).permutation(len(ids))
    assert audit_proxies([gender(codes)], ids) == audit_proxies([gender(codes[order])], ids[order])


def test_shares_of_fewer_than_ten_customers_are_hidden_with_what_gives_them_away():
    ids = np.repeat([1, 2], 300)
    codes = np.where(np.arange(600) < 5, 1, np.where((np.arange(600) >= 300) & (np.arange(600) < 400), 1, 0))
    (found,) = audit_proxies([gender(codes)], ids)
    assert all(one.is_hidden for one in found.standings), "two by two: every cell follows from one"


def test_the_published_example_of_the_four_fifths_rule():
    ratio = selection_ratio(42, 100, 60, 100)
    assert ratio.estimate == pytest.approx(0.70)
    assert (ratio.low, ratio.high) == pytest.approx((0.529, 0.927), abs=0.001)


def test_a_group_chosen_less_often_raises_the_alarm_and_a_small_one_is_left_to_chance():
    ids = np.repeat([1, 2], 500)
    codes = np.concatenate([np.repeat([0, 1], [300, 200]), np.repeat([0, 1], [200, 300])])
    found = {one.group: one for one in audit_offers([gender(codes)], ids, {"a price reduction": {1}})}
    assert found["male"].ratio.estimate == pytest.approx(0.4 / 0.6)
    assert found["male"].is_alarm
    assert not found["female"].is_low
    few = audit_offers([gender(np.tile([0, 0, 1, 0, 1], 10))], np.tile([1, 2, 2, 1, 1], 10), {"a campaign": {1}})
    assert [one.is_low and not one.is_alarm for one in few] == [False, True]


def test_an_offer_to_everybody_or_nobody_chooses_no_one():
    ids, codes = drawn(200, (0.5, 0.5))
    assert audit_offers([gender(codes)], ids, {"a campaign": {1, 2}, "a price reduction": set()}) == ()


def test_numbers_that_would_give_a_small_cell_away_are_not_told():
    ids = np.concatenate([np.repeat([1, 2, 3], 200)])
    codes = np.concatenate([np.repeat([0, 1], [195, 5]), np.repeat([0, 1], [100, 100]), np.repeat([0, 1], [100, 100])])
    found = audit_offers([gender(codes)], ids, {"a campaign": {1, 3}})
    assert all(one.is_hidden for one in found), "105 less the 100 that are shown for segment 3 would be the 5"
    whole = audit_offers([gender(codes)], ids, {"a campaign": {1, 2}})
    assert not any(one.is_hidden for one in whole), "the hidden cells together follow from the totals anyway"


def test_ages_become_bands_and_small_groups_are_not_judged():
    ages = [20.0] * 40 + [30.0] * 40 + [70.0] * 10 + [math.nan] * 10
    (found,) = attributes(table(age=(ages, feature("age", Kind.NUMBER))), (), {})
    assert found.groups == ("under 25", "25 to 34")
    assert (found.left_out, found.unknown) == (10, 10)
    assert np.bincount(found.codes + 1).tolist() == [20, 40, 40]


def test_gender_one_place_and_what_was_named_are_looked_at():
    halves = ["x", "y"] * 50
    customers = table(
        city=([f"Town {i}" for i in range(100)], feature("city")),
        country=(["UK"] * 100, feature("country")),
        region=(halves, feature("region")),
        sex=(halves, feature("sex")),
        religion=(halves, feature("religion", barred=Barred.AUDIT)),
        hobby=(halves, feature("hobby")),
    )
    found = attributes(customers, ("sex",), {"sex": "gender"})
    assert [(one.label, one.origin) for one in found] == [
        ("sex", "basis"),
        ("region", "described"),
        ("religion", "audit"),
    ]


def test_offers_follow_the_plays():
    segments = [segment(1, "champions"), segment(2, "growing"), segment(3, "growing", alone="they buy anyway")]
    assert offers_of(segments, Config()) == {"a price reduction": {2}, "a campaign": {1, 2}}


def test_the_audit_speaks_in_sentences():
    ids, codes = drawn(2000, (0.3, 0.7))
    customers = table(gender=(np.where(codes, "male", "female"), feature("gender")))
    segments = [segment(1, "champions"), segment(2, "growing")]
    found = audit_fairness(customers, segments, ids, (), {"gender": "gender"}, Config())
    first, second = found.proxy_sentences
    assert first.startswith("Gender: the segments largely follow it (strength 0.4")
    assert "“Segment 2” holds 7" in second
    assert found.offer_sentences[0].startswith("Screening alarm, not a legal finding: gender “female” would get")
    nothing = audit_fairness(table(hobby=(["x"] * 40, feature("hobby"))), segments, ids[:40], (), {}, Config())
    assert "--audit COLUMN" in nothing.reason


def test_prices_and_eligibility_need_a_reviewer():
    with pytest.raises(ConfigError, match="--human-review"):
        refuse_unreviewed(PrivacySettings(purpose_class="price-or-eligibility"))
    reviewed = PrivacySettings(
        purpose_class="price-or-eligibility", human_review="Ada Example", purpose="credit limits"
    )
    refuse_unreviewed(reviewed)
    assert told_purpose(reviewed) == (
        "These segments are for prices, or who may have something. In the words of whoever made the study: "
        "“credit limits”. Ada Example reviews what is decided about a customer with them."
    )
    assert "Nobody stated a narrower purpose" in told_purpose(PrivacySettings())
