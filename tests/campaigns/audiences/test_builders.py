from __future__ import annotations

import math

import pytest

from coterie.campaigns.audiences.builders import (
    KLAVIYO,
    SHOPIFY,
    SQL,
    SegmentRule,
    as_conditions,
    klaviyo_condition,
    shopify_condition,
    sql_condition,
)
from coterie.vocabulary import Rule

RULE = Rule("words", (("order_count", ">", 5.5), ("recency_days", "<=", 40.0)), 0.9, 0.7)


def test_a_rule_is_said_in_each_builders_words() -> None:
    assert as_conditions(RULE, 1, "A", SQL).text == '"order_count" > 5.5\n  AND "recency_days" <= 40'
    assert as_conditions(RULE, 1, "A", SHOPIFY).text == "number_of_orders >= 6\nAND last_order_date >= -40d"
    assert as_conditions(RULE, 1, "A", KLAVIYO).text == (
        "What someone has done: Placed Order | at least 6 times | over all time\n"
        "AND What someone has done: Placed Order | at least once | in the last 40 days"
    )


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("order_count", "<=", 2.0), "number_of_orders <= 2"),
        (("net_revenue", ">", 100.5), "amount_spent > 100.5"),
        (("recency_days", ">", 90.0), "last_order_date < -90d"),
        (("tenure_days", "<=", 30.0), "first_order_date >= -30d"),
        (("country=Germany", ">", 0.5), "customer_countries CONTAINS 'DE'"),
        (("country=Germany", "<=", 0.5), "customer_countries NOT CONTAINS 'DE'"),
        (("country=Atlantis", ">", 0.5), None),
        (("share_toys", ">", 0.5), None),
    ],
)
def test_shopify_hears_what_it_knows_and_nothing_else(condition: tuple[str, str, float], words: str | None) -> None:
    assert shopify_condition(*condition) == words


def test_klaviyo_hears_what_it_knows_and_nothing_else() -> None:
    assert klaviyo_condition("order_count", "<=", 1.0) == (
        "What someone has done: Placed Order | at most 1 times | over all time"
    )
    assert klaviyo_condition("country=France", "<=", 0.5) == "Properties about someone: Country | doesn't equal | FR"
    assert klaviyo_condition("tenure_days", ">", 3.0) is None


def test_a_rule_with_one_condition_too_many_is_not_said_in_half() -> None:
    beyond = Rule("words", (*RULE.conditions, ("share_toys", ">", 0.5)), 0.9, 0.7)
    said = as_conditions(beyond, 1, "A", SHOPIFY)
    assert said.text == ""
    assert "upload the list instead" in said.advice
    assert as_conditions(None, 1, "A", SQL).text == ""


def test_names_and_values_cannot_break_out_of_the_sql() -> None:
    assert sql_condition("a\"b=c'd; --", ">", 0.5) == "\"a\"\"b\" = 'c''d; --'"
    assert sql_condition("age", "<=", math.inf) == '"age" IS NOT NULL'
    assert sql_condition("age", ">", math.inf) == '"age" IS NULL'


@pytest.mark.parametrize(("fit", "advice"), [(0.4, "fits badly"), (0.7, "fits roughly"), (0.9, "fits well")])
def test_a_bad_fit_is_said(fit: float, advice: str) -> None:
    assert advice in SegmentRule(1, "A", "shopify", "x > 1", 0.9, fit).advice
