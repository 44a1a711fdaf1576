from __future__ import annotations

import numpy as np
import pytest

from coterie.config import BasisSettings
from coterie.errors import ConfigError, NotEnoughDataError
from coterie.preparation import choose_basis
from coterie.preparation.relevance import relevance
from coterie.vocabulary import Barred, Block, Kind

N = 300


@pytest.fixture
def store(make_feature):
    """Features of every block, with values that differ."""
    random = np.random.default_rng(3)
    plan = {
        "net_revenue": (Kind.MONEY, Block.VALUE),
        "average_order_value": (Kind.MONEY, Block.VALUE),
        "recency_days": (Kind.DAYS, Block.RHYTHM),
        "order_count": (Kind.COUNT, Block.RHYTHM),
        "units_per_order": (Kind.COUNT, Block.BASKET),
        **{f"share_{name}": (Kind.SHARE, Block.INTERESTS) for name in "abcdefghijkl"},
        "visit_count": (Kind.COUNT, Block.BROWSING),
        "age": (Kind.NUMBER, Block.DEMOGRAPHICS),
    }
    features = [make_feature(name, kind, block) for name, (kind, block) in plan.items()]
    return features, {feature.name: random.gamma(2, 10, N) for feature in features}


def names(basis):
    return [feature.name for feature in basis.features]


def test_small_basis_is_balanced_over_what_customers_do(store):
    basis = choose_basis(*store, BasisSettings())
    chosen = names(basis)
    assert chosen[:5] == ["net_revenue", "average_order_value", "recency_days", "order_count", "units_per_order"]
    assert sum(name.startswith("share_") for name in chosen) == 5
    assert chosen[-1] == "visit_count"
    assert "age" not in chosen
    assert set(chosen) | set(basis.left_out) == {feature.name for feature in store[0]}
    assert basis.left_out["age"] == "describes the segments: who customers are, where what they do is known"
    assert basis.sentences[1] == (
        "They show 5 sides of a customer (value, rhythm, basket, interests and browsing), balanced against each other."
    )


def test_fewer_features_keep_the_core_of_each_block(store):
    basis = choose_basis(*store, BasisSettings(max_features=6))
    assert len(basis.features) == 6
    assert {"net_revenue", "recency_days", "order_count"} <= set(names(basis))


def test_category_shares_that_differ_most_come_first(store):
    features, columns = store
    columns["share_l"] = np.where(np.arange(N) % 2, 900.0, 0.0)
    assert "share_l" in names(choose_basis(features, columns, BasisSettings()))


def test_constant_empty_one_sided_and_wide_features_are_left_out_with_the_reason(make_feature, store):
    features, columns = store
    odd = {
        "constant": (make_feature("constant"), np.ones(N)),
        "nothing": (make_feature("nothing"), np.full(N, np.nan)),
        "sparse": (make_feature("sparse"), np.where(np.arange(N) < 90, np.arange(N), np.nan)),
        "rare": (make_feature("rare"), (np.arange(N) < 6).astype(float)),
        "wide": (make_feature("wide", Kind.CATEGORY), np.array([f"v{i % 60}" for i in range(N)], dtype=object)),
        "born": (make_feature("born", Kind.DATE), np.full(N, np.datetime64("1990-01-01"))),
    }
    basis = choose_basis(
        [*features, *(feature for feature, _ in odd.values())],
        columns | {name: values for name, (_, values) in odd.items()},
        BasisSettings(),
    )
    assert {name: basis.left_out[name] for name in odd} == {
        "constant": "every customer has the same value",
        "nothing": "no customer has a value",
        "sparse": "70% of the customers have no value",
        "rare": "98% of the customers have the same value",
        "wide": "60 different values, too many to compare",
        "born": "a date; the days since then can be used instead",
    }


def test_of_two_features_that_say_the_same_the_more_useful_one_stays(store):
    features, columns = store
    columns["average_order_value"] = columns["net_revenue"] ** 2
    basis = choose_basis(features, columns, BasisSettings())
    assert "average_order_value" not in names(basis)
    assert basis.left_out["average_order_value"] == "says nearly the same as net revenue (rank correlation 1.00)"
    assert "1 feature left out because another one says nearly the same: average_order_value." in basis.sentences


def test_recency_frequency_and_money_stay_even_where_they_go_together(store):
    features, columns = store
    columns["order_count"] = columns["net_revenue"] / 10
    assert {"net_revenue", "order_count"} <= set(names(choose_basis(features, columns, BasisSettings())))


def test_gaps_that_many_customers_lack_give_way_to_complete_features(make_feature, store):
    features, columns = store
    gap = make_feature("median_gap_days", Kind.DAYS, Block.RHYTHM)
    values = np.random.default_rng(1).gamma(2, 10, N)
    few, many = values.copy(), values.copy()
    few[: N // 10], many[: N // 2] = np.nan, np.nan
    assert "median_gap_days" in names(choose_basis([*features, gap], columns | {gap.name: few}, BasisSettings()))
    assert "median_gap_days" not in names(choose_basis([*features, gap], columns | {gap.name: many}, BasisSettings()))


def test_habits_of_few_orders_only_describe(make_feature, store):
    features, columns = store
    habit = make_feature("weekend_share", Kind.SHARE, Block.RHYTHM)
    basis = choose_basis([*features, habit], columns | {habit.name: np.linspace(0, 1, N)}, BasisSettings())
    assert basis.left_out["weekend_share"] == "describes the segments: over a few orders a habit is mostly chance"


def test_barred_columns_never_enter_a_basis_that_is_chosen(make_feature, store):
    features, columns = store
    for barred in Barred:
        features.append(make_feature(f"x_{barred.name}", barred=barred))
        columns[f"x_{barred.name}"] = np.arange(N, dtype=float)
    basis = choose_basis(features, columns, BasisSettings(max_features=50))
    assert not [name for name in names(basis) if name.startswith("x_")]
    assert basis.left_out["x_OUTCOME"] == "outcome"
    assert not [
        n for n in names(choose_basis(features, columns, BasisSettings(columns=("all",)))) if n.startswith("x_")
    ]


def test_who_customers_are_counts_where_little_is_known_of_what_they_do(make_feature):
    random = np.random.default_rng(0)
    features = [
        make_feature("gender", Kind.CATEGORY, Block.DEMOGRAPHICS, actionable=False),
        make_feature("age", Kind.NUMBER, Block.DEMOGRAPHICS, actionable=False),
        make_feature("annual_income", Kind.MONEY, Block.DEMOGRAPHICS),
        make_feature("spending_score", Kind.NUMBER, Block.OTHER),
    ]
    columns = {
        "gender": random.choice(np.array(["Male", "Female"], dtype=object), 200),
        **{name: random.uniform(1, 99, 200) for name in ("age", "annual_income", "spending_score")},
    }
    basis = choose_basis(features, columns, BasisSettings())
    assert set(names(basis)) == set(columns)
    assert set(basis.weights.values()) == {1.0}
    assert "The table says little about what customers do, so who they are counts too." in basis.sentences


@pytest.fixture
def groups(make_feature):
    """600 customers in three groups that show in four features, and a fifth that has nothing to do with them."""
    random = np.random.default_rng(4)
    group = np.arange(600) % 3
    columns = {f"f{number}": 4.0 * ((group + number) % 3) + random.normal(size=600) for number in range(4)}
    columns["luck"] = random.normal(size=600)
    return [make_feature(name, Kind.NUMBER, Block.OTHER) for name in columns], columns


def test_features_that_have_nothing_to_do_with_the_others_are_screened_out(groups):
    basis = choose_basis(*groups, BasisSettings(columns=("all",)))
    assert names(basis) == ["f0", "f1", "f2", "f3"]
    assert basis.left_out["luck"] == "has nothing to do with any other feature, so it cannot mark a segment"


def test_named_features_and_a_screen_switched_off_keep_everything(groups):
    assert "luck" in names(choose_basis(*groups, BasisSettings(columns=("all",), screen=False)))
    assert "luck" in names(choose_basis(*groups, BasisSettings(columns=tuple(groups[1]))))


def test_two_features_that_part_customers_crosswise_are_relevant():
    random = np.random.default_rng(0)
    near = random.choice([-1.0, 1.0], size=(600, 2)) * 2 + random.normal(size=(600, 2)) * 0.2
    middle = random.normal(size=(200, 2)) * 0.2
    crosswise = np.vstack([near, middle])
    assert (relevance([crosswise[:, :1], crosswise[:, 1:]]) > 0.3).all()
    alone = random.normal(size=(800, 1))
    assert relevance([crosswise[:, :1], crosswise[:, 1:], alone])[2] < 0


def test_row_order_changes_nothing(store):
    features, columns = store
    order = np.random.default_rng(9).permutation(N)
    shuffled = {name: values[order] for name, values in columns.items()}
    assert choose_basis(features, shuffled, BasisSettings()) == choose_basis(features, columns, BasisSettings())


@pytest.mark.parametrize("asked", ["annual_income_k", "Annual Income (k$)", "ANNUAL-INCOME_K", "annual income k"])
def test_columns_are_found_by_their_header_whatever_case_and_marks(make_feature, asked):
    feature = make_feature("annual_income_k", origin="Annual Income (k$)")
    basis = choose_basis([feature], {"annual_income_k": np.arange(9.0)}, BasisSettings(columns=(asked,)))
    assert names(basis) == ["annual_income_k"]


def test_a_step_that_makes_many_features_is_no_column(make_feature):
    features = [make_feature("net_revenue", origin="rfm"), make_feature("order_count", origin="rfm")]
    columns = {"net_revenue": np.arange(9.0), "order_count": np.arange(9.0)}
    with pytest.raises(ConfigError, match="There is no feature or column 'rfm'"):
        choose_basis(features, columns, BasisSettings(columns=("rfm",)))


def test_named_columns_are_the_basis_in_that_order_and_count_alike(store):
    basis = choose_basis(*store, BasisSettings(columns=("age", "net_revenue")))
    assert names(basis) == ["age", "net_revenue"]
    assert basis.weights == {"age": 1.0, "net_revenue": 1.0}
    assert basis.left_out["recency_days"] == "not asked for"
    assert basis.sentences == (
        "The segments are built on age and net revenue.",
        "The basis is the one that was asked for.",
    )


def test_all_takes_every_usable_feature_and_who_customers_are_counts_less(store):
    basis = choose_basis(*store, BasisSettings(columns=("all",)))
    assert len(basis.features) == len(store[0])
    assert basis.weights["age"] == 0.5
    assert basis.sentences[1:] == ("As asked, every usable feature counts.",)


def test_unknown_name_is_answered_with_near_ones_and_the_list(make_feature):
    features = [make_feature("annual_income"), make_feature("age"), make_feature("email", barred=Barred.PERSONAL)]
    columns = {feature.name: np.arange(5.0) for feature in features}
    with pytest.raises(ConfigError) as caught:
        choose_basis(features, columns, BasisSettings(columns=("income",)))
    assert str(caught.value) == (
        "There is no feature or column 'income' to build segments on.\n"
        "There are: annual_income, age.\n"
        "Did you mean 'annual_income'? Name features in --basis ([basis] columns), or 'all' for every usable one."
    )


@pytest.mark.parametrize(
    ("barred", "told"), [(Barred.PERSONAL, "personal data"), (Barred.IDENTIFIER, "an identifier")]
)  # fmt: skip
def test_personal_data_and_identifiers_are_refused_even_when_asked_for(make_feature, barred, told):
    features = [make_feature("contact", barred=barred), make_feature("age")]
    columns = {"contact": np.arange(5.0), "age": np.arange(5.0)}
    with pytest.raises(ConfigError) as caught:
        choose_basis(features, columns, BasisSettings(columns=("Contact",)))
    assert str(caught.value) == (
        "Column 'Contact' cannot be part of the basis.\n"
        f"It holds {told}, which says who a customer is, not what kind of customer.\n"
        "Take 'Contact' out of --basis ([basis] columns)."
    )


def test_outcomes_are_used_when_asked_for_with_a_caution(make_feature):
    features = [make_feature("conversion", Kind.FLAG, barred=Barred.OUTCOME), make_feature("age")]
    columns = {"conversion": np.array([0.0, 1, 0, 1]), "age": np.arange(4.0)}
    basis = choose_basis(features, columns, BasisSettings(columns=("conversion",)))
    assert names(basis) == ["conversion"]
    assert basis.sentences[-1] == (
        "Used because it was asked for: 'conversion' is an outcome: segments built on it describe who answered, they "
        "cannot foretell it."
    )


def test_a_named_column_without_differences_is_told_not_silently_dropped(store):
    features, columns = store
    columns["age"] = np.full(N, 40.0)
    basis = choose_basis(features, columns, BasisSettings(columns=("age", "net_revenue")))
    assert names(basis) == ["net_revenue"]
    assert basis.left_out["age"] == "every customer has the same value"
    assert "'age' was asked for, but does not count: every customer has the same value." in basis.sentences


def test_nothing_to_build_on_is_an_error_that_lists_the_reasons(make_feature):
    features = [make_feature("shop"), make_feature("email", barred=Barred.PERSONAL)]
    with pytest.raises(NotEnoughDataError) as caught:
        choose_basis(features, {"shop": np.ones(5), "email": np.ones(5)}, BasisSettings())
    assert str(caught.value) == (
        "No feature tells the customers apart, so there is nothing to build segments on.\n"
        "shop: every customer has the same value\n"
        "Give a table with orders, or customers with more columns; --basis names the columns to use."
    )


def test_a_block_of_many_features_does_not_drown_the_others(store):
    basis = choose_basis(*store, BasisSettings(columns=("all",)))
    counts = dict.fromkeys(Block, 0.0)
    for feature in basis.features:
        counts[feature.block] += basis.weights[feature.name] ** 2
    assert counts[Block.INTERESTS] == pytest.approx(3 * (12 / 3) ** 0.25)
    assert counts[Block.RHYTHM] == 2.0


def test_block_weights_of_the_settings_count_in_squared_distances(store):
    settings = BasisSettings(columns=("net_revenue", "recency_days"), weights={Block.VALUE: 2.0})
    basis = choose_basis(*store, settings)
    assert basis.weights["net_revenue"] ** 2 == pytest.approx(2.0)
    assert basis.weights["recency_days"] == 1.0
    assert basis.sentences[-1] == "As asked, value counts 2 times as much as usual."


def test_a_block_of_weight_zero_is_left_out(store):
    basis = choose_basis(*store, BasisSettings(weights={Block.INTERESTS: 0.0}))
    assert not [name for name in names(basis) if name.startswith("share_")]
    assert basis.left_out["share_a"] == "the weight of its block 'interests' is 0"


def test_weights_without_meaning_are_refused(store):
    with pytest.raises(ConfigError, match=r"The weight of block 'value' in \[basis.weights\] is -1\.0\."):
        choose_basis(*store, BasisSettings(weights={Block.VALUE: -1.0}))
    with pytest.raises(ConfigError) as caught:
        choose_basis(*store, BasisSettings(columns=("age",), weights={Block.DEMOGRAPHICS: 0.0}))
    assert str(caught.value) == (
        "No feature of the basis counts.\n"
        "[basis.weights] is 0 for demographics, and there is no other block in the basis.\n"
        "Give at least one of these blocks a weight above 0."
    )
