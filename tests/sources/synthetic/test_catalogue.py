from __future__ import annotations

from coterie.sources.synthetic.catalogue import products
from coterie.sources.synthetic.segments import CATEGORIES, PLANTED


def test_every_category_has_thirty_products_of_rising_price():
    for number in range(len(CATEGORIES)):
        prices = [product.price for product in products() if product.category == number]
        assert len(prices) == 30
        assert prices == sorted(prices)
        assert prices[0] > 0


def test_codes_and_names_are_unique():
    assert len({product.code for product in products()}) == 240
    assert len({product.name for product in products()}) == 240


def test_the_planted_shares_sum_to_one():
    assert abs(sum(segment.share for segment in PLANTED) - 1) < 1e-9
    assert all(len(segment.tastes) == len(CATEGORIES) for segment in PLANTED)
