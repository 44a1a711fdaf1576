from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, NotEnoughDataError, StudyError
from coterie.preparation import Basis, Recipe, fit_recipe
from coterie.vocabulary import Block, Kind


def basis_of(*features):
    return Basis(tuple(features), {f.name: 1.0 for f in features}, {}, ())


@pytest.fixture
def recipe(shop_features, shop_columns):
    return fit_recipe(basis_of(*shop_features), shop_columns)


def test_matrix_is_complete_numbers_come_first_and_shapes_fit_together(recipe, shop_columns):
    prepared = recipe.transform(shop_columns)
    assert prepared.names == (
        "net_revenue", "recency_days", "order_count", "median_gap_days", "share_toys", "discount", "age_band",
        "discount: any", "uses_app", "country: FR", "country: DE", "country: other",
    )  # fmt: skip
    assert prepared.sources[-4:] == ("uses_app", "country", "country", "country")
    assert prepared.X.shape == (400, 12)
    assert prepared.numeric.shape == (400, 7)
    assert prepared.codes.shape == (400, 3)
    assert prepared.n_levels == (2, 2, 3)
    assert np.isfinite(prepared.X).all()
    assert len(prepared) == 400


def test_missing_values_stay_missing_for_methods_that_can_skip_them(recipe, shop_columns):
    prepared = recipe.transform(shop_columns)
    np.testing.assert_array_equal(np.isnan(prepared.numeric[:, 3]), np.isnan(shop_columns["median_gap_days"]))
    np.testing.assert_array_equal(np.isnan(prepared.numeric[:, 5]), shop_columns["discount"] == 0)
    np.testing.assert_array_equal(prepared.codes[:, 2] == -1, [c is None for c in shop_columns["country"]])


def test_standardised_columns_have_mean_zero_and_deviation_one(recipe, shop_columns):
    X = recipe.transform(shop_columns).X
    np.testing.assert_allclose(X[:, :3].mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(X[:, :3].std(axis=0), 1, atol=0.02)  # the limit of four deviations may move one value


def test_inverse_gives_the_persons_units_back(recipe, shop_columns):
    values = recipe.inverse(recipe.transform(shop_columns).X)
    assert "country" not in values
    for name in ("net_revenue", "recency_days", "order_count", "share_toys", "discount", "uses_app", "age_band"):
        np.testing.assert_allclose(values[name], shop_columns[name], rtol=1e-9, atol=1e-9)
    known = np.isfinite(shop_columns["median_gap_days"])
    np.testing.assert_allclose(values["median_gap_days"][known], shop_columns["median_gap_days"][known], rtol=1e-9)


def test_centre_of_customers_lies_between_them_in_the_persons_units(recipe, shop_columns):
    centre = recipe.inverse(recipe.transform(shop_columns).X.mean(axis=0))
    assert 30 < centre["net_revenue"][0] < 90
    assert centre["uses_app"][0] == pytest.approx(shop_columns["uses_app"].mean())
    assert centre["discount"][0] == 0  # fewer than half have any


def test_row_order_changes_no_parameter(shop_features, shop_columns, recipe):
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(400)
        again = fit_recipe(basis_of(*shop_features), {name: v[order] for name, v in shop_columns.items()})
        assert json.dumps(again.to_dict()) == json.dumps(recipe.to_dict())


def test_one_customer_alone_gets_the_row_it_has_among_the_others(recipe, shop_columns):
    together = recipe.transform(shop_columns).X
    for row in (0, 7, 399):
        alone = recipe.transform({name: values[row : row + 1] for name, values in shop_columns.items()}).X
        np.testing.assert_array_equal(alone[0], together[row])


def test_many_customers_are_prepared_a_few_at_a_time_to_the_same_bits(recipe, shop_columns, monkeypatch):
    whole = recipe.transform(shop_columns)
    monkeypatch.setattr("coterie.preparation.recipe._FEW", 64)
    parts = recipe.transform(shop_columns)
    assert len(whole) > 2 * 64
    for name in ("X", "numeric", "codes"):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes()


def test_equal_customers_get_equal_rows_wherever_they_stand(recipe, shop_columns):
    doubled = recipe.transform({name: np.concatenate([v, v[::-1]]) for name, v in shop_columns.items()}).X
    np.testing.assert_array_equal(doubled[:400], doubled[400:][::-1])


def test_reloaded_recipe_gives_the_same_bits(recipe, shop_columns):
    again = Recipe.from_dict(json.loads(json.dumps(recipe.to_dict(), allow_nan=False)))
    assert again == recipe
    assert again.sentences == recipe.sentences
    np.testing.assert_array_equal(again.transform(shop_columns).X, recipe.transform(shop_columns).X)


def test_stored_numbers_have_at_most_twelve_significant_digits(recipe):
    text = json.dumps(recipe.to_dict()["encoders"])
    for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text):
        assert len(number.split("e")[0].replace("-", "").replace(".", "").strip("0")) <= 12


def test_another_currency_gives_the_same_matrix(shop_features, shop_columns, recipe):
    cents = shop_columns | {name: shop_columns[name] * 100 for name in ("net_revenue", "discount")}
    again = fit_recipe(basis_of(*shop_features), cents)
    np.testing.assert_allclose(again.transform(cents).X, recipe.transform(shop_columns).X, atol=1e-9)


def test_new_customers_with_unseen_missing_and_infinite_values_get_a_complete_row(recipe, shop_columns):
    new = {name: values[:3].copy() for name, values in shop_columns.items()}
    new["country"] = np.array(["Atlantis", None, float("nan")], dtype=object)
    new["net_revenue"] = np.array([np.inf, -np.inf, np.nan])
    new["order_count"] = np.array([1e12, 0.0, -5.0])
    prepared = recipe.transform(new)
    assert np.isfinite(prepared.X).all()
    assert np.abs(prepared.X).max() <= 4
    np.testing.assert_array_equal(prepared.codes[:, 2], [2, -1, -1])
    np.testing.assert_array_equal(np.isnan(prepared.numeric[:, 0]), [True, True, True])
    assert len(set(prepared.X[:, 0])) == 1


def test_unseen_level_without_a_pool_of_rare_ones_counts_as_missing(make_feature):
    gender = make_feature("gender", Kind.CATEGORY)
    recipe = fit_recipe(basis_of(gender), {"gender": np.array(["f", "m", "f"], dtype=object)})
    prepared = recipe.transform({"gender": np.array(["x", "f"], dtype=object)})
    np.testing.assert_array_equal(prepared.codes[:, 0], [-1, 0])
    np.testing.assert_array_equal(prepared.X, [[0, 0], [1, 0]])


def test_missing_numbers_take_the_value_in_the_middle(make_feature):
    age = make_feature("age", Kind.ORDERED)
    recipe = fit_recipe(basis_of(age), {"age": np.array([1.0, 2.0, 9.0, np.nan])})
    X = recipe.transform({"age": np.array([2.0, np.nan])}).X
    assert X[0, 0] == X[1, 0]
    assert (
        recipe.sentences[0]
        == "For 1 customer 'age' is not known; 2 stands in, the value of the customer in the middle."
    )


def test_a_customer_with_one_order_is_given_a_long_gap(make_feature):
    gap = make_feature("median_gap_days", Kind.DAYS, Block.RHYTHM)
    values = np.array([*range(1, 12), np.nan], dtype=float)
    recipe = fit_recipe(basis_of(gap), {"median_gap_days": values})
    assert recipe.encoders[0].fill.value == 10.0
    assert recipe.sentences[0] == (
        "For 1 customer 'median gap days' is not known; 10 stands in, a long gap, because a customer with one order "
        "has not come back yet."
    )


def test_often_zero_becomes_whether_and_how_much(make_feature):
    discount = make_feature("discount", Kind.MONEY)
    values = np.array([0.0, 0.0, 0.0, 1.0, 2.0, 4.0])
    recipe = fit_recipe(basis_of(discount), {"discount": values})
    X = recipe.transform({"discount": values}).X
    np.testing.assert_allclose(X[:, 1], np.sqrt(2) * np.array([-0.5, -0.5, -0.5, 0.5, 0.5, 0.5]), rtol=1e-11)
    np.testing.assert_array_equal(X[:3, 0], 0.0)
    np.testing.assert_allclose(X[3:, 0].mean(), 0.0, atol=1e-11)
    assert "50% of the customers have 0 in 'discount'" in recipe.sentences[-1]


def test_a_category_has_no_more_variance_than_one_number(recipe, shop_columns):
    X = recipe.transform(shop_columns).X
    assert X[:, 9:].var(axis=0).sum() <= 1.0


def test_only_twenty_levels_stand_alone_and_rare_ones_are_pooled(make_feature):
    city = make_feature("city", Kind.CATEGORY)
    cities = np.array([f"city {i:02d}" for i in range(30) for _ in range(10)] + ["hamlet"] * 2, dtype=object)
    recipe = fit_recipe(basis_of(city), {"city": cities})
    assert recipe.names[0] == "city: city 00"
    assert len(recipe.names) == 21
    assert recipe.sentences == (
        "'city' counts as yes or no for each of 20 levels; 11 rare ones share 'other'; together they count like one "
        "number at most.",
    )


def test_columns_that_say_the_same_share_their_weight(make_feature):
    random = np.random.default_rng(2)
    spend = random.lognormal(3, 1, 300)
    columns = {"spend": spend, "gross": spend * 1.2, "net": spend * 0.8, "age": random.uniform(20, 60, 300)}
    recipe = fit_recipe(basis_of(*(make_feature(name) for name in columns)), columns)
    np.testing.assert_allclose(recipe.factors, [3**-0.5, 3**-0.5, 3**-0.5, 1.0], rtol=1e-11)
    assert recipe.sentences[-1] == (
        "Spend, gross and net largely say the same thing (correlation above 0.85), so each of them counts less; "
        "together they do not drown the others."
    )


def test_weights_of_the_basis_multiply_the_columns(make_feature):
    features = (make_feature("a", Kind.ORDERED), make_feature("b", Kind.ORDERED))
    columns = {"a": np.array([0.0, 1.0, 2.0]), "b": np.array([5.0, 5.0, 6.0])}
    heavy = fit_recipe(Basis(features, {"a": 2.0, "b": 1.0}, {}, ()), columns).transform(columns).X
    plain = fit_recipe(basis_of(*features), columns).transform(columns).X
    np.testing.assert_allclose(heavy, plain * [2.0, 1.0])


def test_a_recipe_can_be_fitted_on_some_rows(make_feature):
    a = make_feature("a", Kind.ORDERED)
    recipe = fit_recipe(basis_of(a), {"a": np.array([1.0, 2.0, 3.0, 1000.0])}, rows=np.array([0, 1, 2]))
    assert recipe.n_fitted == 3
    assert recipe.transform({"a": np.array([2.0])}).X[0, 0] == 0.0


def test_input_is_left_as_it_was(shop_features, shop_columns):
    before = {name: values.copy() for name, values in shop_columns.items()}
    for values in shop_columns.values():
        values.setflags(write=False)
    fit_recipe(basis_of(*shop_features), shop_columns).transform(shop_columns)
    for name, values in before.items():
        np.testing.assert_array_equal(values, shop_columns[name])


def test_take_gives_customers_in_the_order_asked_for(recipe, shop_columns):
    prepared = recipe.transform(shop_columns)
    some = prepared.take(np.array([5, 2]))
    np.testing.assert_array_equal(some.X, prepared.X[[5, 2]])
    assert some.names == prepared.names


def test_absent_feature_is_named(recipe, shop_columns):
    columns = {name: values for name, values in shop_columns.items() if name in ("country", "discount")}
    with pytest.raises(InputError) as caught:
        recipe.transform(columns)
    assert str(caught.value) == (
        "The customers lack 'net_revenue', 'recency_days', 'order_count', 'median_gap_days', 'share_toys', 'uses_app', "
        "'age_band', which the segments are built on.\n"
        "There are: discount, country.\n"
        "Give tables with the same columns as those that the segments were found in, or find new segments."
    )


def test_text_where_numbers_are_wanted_is_refused_without_showing_it(recipe, shop_columns):
    with pytest.raises(InputError) as caught:
        recipe.transform(shop_columns | {"net_revenue": np.array(["secret"] * 400, dtype=object)})
    assert str(caught.value) == (
        "Feature 'net_revenue' must hold numbers.\n"
        "Its values are of type object.\n"
        "Give it as float64 with NaN for unknown, or leave it out with --ignore net_revenue."
    )


def test_features_of_different_length_are_refused(recipe, shop_columns):
    with pytest.raises(InputError, match=r"differ in length\.\nLengths: 1, 400\."):
        recipe.transform(shop_columns | {"net_revenue": np.array([1.0])})


def test_one_customer_is_not_enough_to_fit(make_feature):
    with pytest.raises(NotEnoughDataError) as caught:
        fit_recipe(basis_of(make_feature("a")), {"a": np.array([1.0])})
    assert str(caught.value) == (
        "The preparation needs customers that differ.\n"
        "There is 1 customer.\n"
        "Give a table with at least two customers, better a hundred."
    )


def test_unknown_format_and_damage_are_told(recipe):
    with pytest.raises(StudyError, match=r"Format 99; this version reads 1\."):
        Recipe.from_dict(recipe.to_dict() | {"format": 99})
    damaged = recipe.to_dict()
    del damaged["encoders"][0]["scale"]
    with pytest.raises(StudyError, match="The stored preparation is damaged"):
        Recipe.from_dict(damaged)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 5)), min_size=2, max_size=30))
def test_whatever_the_numbers_the_matrix_is_finite_and_limited(values):
    from coterie.vocabulary import Feature

    feature = Feature("a", "a", "", Kind.MONEY, Block.VALUE, "Meaning.")
    columns = {"a": np.array(values, dtype=float)}
    recipe = fit_recipe(basis_of(feature), columns)
    X = recipe.transform(columns).X
    assert np.isfinite(X).all()
    assert np.abs(X).max() <= 4
    json.dumps(recipe.to_dict(), allow_nan=False)
