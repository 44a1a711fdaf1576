"""Product groups from names and co-purchase."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.config import FeaturesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.features import build
from coterie.features.product_words import group_name, key_words, singular, words, written_forms
from features.shops import line, shop_of

if TYPE_CHECKING:
    from features.shops import Row

#: Two kinds of customers: kitchen people and garden people.
KITCHEN = [
    f"{adjective} {thing}" for thing in ("BOWL", "MUG", "PLATE") for adjective in ("RED", "SPOTTY", "OLD", "TALL")
]
GARDEN = [
    f"{adjective} {thing}" for thing in ("TROWEL", "RAKE", "SPADE") for adjective in ("STEEL", "OAK", "LONG", "ANTIQUE")
]


def lines_of_two_crowds(seed: int = 1) -> list[Row]:
    draw = random.Random(seed)  # noqa: S311  a test's rows
    lines = []
    for number in range(40):
        goods = KITCHEN if number % 2 else GARDEN
        for name in draw.sample(goods, 5):
            product = f"P{(KITCHEN + GARDEN).index(name):02d}"
            amount = f"{draw.randint(300, 900) / 100:.2f}"
            more = {"product": product, "product_name": name, "quantity": "1"}
            lines.append(line(f"c{number:02d}", f"o{number}", "2023-12-01", amount, **more))
    return lines


def test_what_is_bought_together_becomes_a_group_named_by_its_words(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, lines_of_two_crowds()), FeaturesSettings(max_categories=3))
    kitchen = {"Bowl", "Mug", "Plate"}
    for customer, favourite in table.frame["favourite_category"].items():
        found = set(favourite.split(" & "))
        assert found <= kitchen if int(str(customer)[1:]) % 2 else found.isdisjoint(kitchen), customer
    assert [note.code for note in table.notes] == ["derived-product-groups"]
    shares = table.frame.filter(like="share_")
    assert 2 <= shares.shape[1] <= 3
    assert (shares.sum(axis=1) < 1 + 1e-9).all()


def test_groups_do_not_depend_on_the_order_of_rows(engine: DuckDBEngine) -> None:
    lines = lines_of_two_crowds()
    settings = FeaturesSettings(max_categories=3)
    before = build(shop_of(engine, lines), settings).frame
    after = build(shop_of(engine, lines[::-1]), settings).frame
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_groups_do_not_depend_on_the_number_of_threads() -> None:
    frames = []
    for threads in (1, 2):
        with DuckDBEngine(memory="500MB", threads=threads) as engine:
            frames.append(build(shop_of(engine, lines_of_two_crowds(2)), FeaturesSettings(max_categories=3)).frame)
    pd.testing.assert_frame_equal(*frames, check_exact=True)


def test_groups_are_not_derived_when_they_are_not_wanted_or_not_needed(engine: DuckDBEngine) -> None:
    lines = lines_of_two_crowds()
    unwanted = build(shop_of(engine, lines), FeaturesSettings(product_groups=False))
    assert not unwanted.frame.filter(like="share_").shape[1]
    assert not unwanted.notes
    sorted_already = [{**each, "category": f"cat {each['product'][1]}"} for each in lines]
    table = build(shop_of(engine, sorted_already), FeaturesSettings())
    assert set(table.frame["favourite_category"]) <= {"cat 0", "cat 1", "cat 2"}


def test_a_handful_of_products_are_their_own_groups(engine: DuckDBEngine) -> None:
    names = {"A1": "Mug", "A2": "Bowl", "A3": "Rake"}
    lines = [line("ann", code, "2023-12-01", product=code, product_name=name) for code, name in names.items()]
    frame = build(shop_of(engine, lines), FeaturesSettings()).frame
    assert set(frame.filter(like="share_")) >= {"share_mug", "share_bowl", "share_rake"}


def test_codes_without_words_give_no_groups(engine: DuckDBEngine) -> None:
    lines = [line("ann", str(code), "2023-12-01", product=f"{code:05d}") for code in range(40)]
    table = build(shop_of(engine, lines), FeaturesSettings())
    assert "favourite_category" not in table.frame
    assert table.frame.loc["ann", "product_count"] == 40


def test_products_outside_the_groups_are_other_products_and_no_favourite(engine: DuckDBEngine) -> None:
    odd = line("zoe", "z", "2023-12-01", product="P99", product_name="THING", quantity="1")
    table = build(shop_of(engine, [*lines_of_two_crowds(), odd]), FeaturesSettings(max_categories=3))
    assert table.frame.loc["zoe", "favourite_category"] is None
    assert table.frame.loc["zoe"].filter(like="share_").drop(["weekend_share"], errors="ignore").sum() == 0
    assert table.frame.loc["zoe", "category_count"] == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SET OF 3 LUNCH BOXES, RED RETROSPOT", ["lunch", "box", "retrospot"]),
        ("Tasse für Kinder 250ml", ["tasse", "kinder"]),
        ("85123A", []),
    ],
)
def test_words_leave_out_colours_sizes_and_numbers(name: str, expected: list[str]) -> None:
    assert words(name) == expected


def test_plurals_and_singulars_are_one_word() -> None:
    pairs = {"boxes": "box", "candles": "candle", "cherries": "cherry", "glass": "glass", "bus": "bus"}
    assert {word: singular(word) for word in pairs} == pairs


def test_the_key_word_stands_where_names_vary_least() -> None:
    english = ["pretty lunch bag", "jumbo bag", "beach bag", "tea towel", "beach towel"]
    assert key_words(english, 2) == ["bag", "bag", "bag", "towel", "towel"]
    french = ["sac isotherme", "sac plage", "sac cabas", "torchon cuisine", "torchon plage"]
    assert key_words(french, 2) == ["sac", "sac", "sac", "torchon", "torchon"]


def test_a_second_word_is_named_only_when_it_comes_near() -> None:
    forms = written_forms(["LUNCH BAGS", "BAG", "TINS", "JAR"])
    assert group_name({"bag": 10.0, "tin": 5.0}, forms) == "Bags & Tins"
    assert group_name({"bag": 10.0, "tin": 1.0}, forms) == "Bags"
    assert group_name({"tin": 5.0, "jar": 4.0}, forms) == "Tins & Jar"
