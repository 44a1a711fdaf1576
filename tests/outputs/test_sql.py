"""What a study's SQL says, for six engines, whatever the merchant's columns are called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines.dialect import DIALECTS
from coterie.errors import ConfigError, InputError
from coterie.features.product_words import OTHER_PRODUCTS
from coterie.outputs.sql import study_sql
from coterie.outputs.sql.header import commented
from coterie.outputs.sql.mapping import order_lines
from coterie.outputs.sql.stand_in import stand_in_for
from coterie.outputs.sql.writing import assignment_steps, chained, stored_sql
from outputs import sql_cases, sql_study

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


@pytest.fixture(scope="module")
def study() -> SimpleNamespace:
    return sql_study.study(sql_study.orders())


def _inputs(columns: dict[str, str]) -> list[dict[str, object]]:
    return [{"name": "orders.csv", "guesses": [{"role": role, "column": name} for role, name in columns.items()]}]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_mapping_reads_as_approved(dialect: str, snapshot: SnapshotAssertion) -> None:
    roles = {"customer_id": "Kunde", "ordered_at": "Datum", "quantity": "n", "unit_price": "Preis", "discount": "it's"}
    mapped = order_lines(_inputs(roles), DIALECTS[dialect], {"orders": "shop.lines"}, {"charges"})
    assert chained(mapped.steps, DIALECTS[dialect]) == snapshot


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_assignment_reads_as_approved(dialect: str, snapshot: SnapshotAssertion) -> None:
    recipe = sql_cases.fitted_recipe()
    rule = sql_cases.rules(recipe)["centres"]
    steps = assignment_steps(recipe, rule, sql_cases.SEGMENT_OF_LABEL, sql_cases.SEGMENT_NAMES, DIALECTS[dialect])
    assert chained(steps, DIALECTS[dialect]) == snapshot


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("customers", [None, "dwh.customers"])
def test_the_query_is_one_select_in_every_dialect(study: SimpleNamespace, dialect: str, customers: str | None) -> None:
    parsed = sqlglot.parse(study_sql(study, dialect, customers=customers), read=dialect)
    assert len(parsed) == 1
    assert isinstance(parsed[0], sqlglot.exp.Select)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["gaussians", "latent_classes", "student", "kamila"])
def test_every_rule_can_be_parsed_in_every_dialect(dialect: str, name: str) -> None:
    recipe = sql_cases.fitted_recipe()
    rule = sql_cases.rules(recipe)[name]
    steps = assignment_steps(recipe, rule, sql_cases.SEGMENT_OF_LABEL, sql_cases.SEGMENT_NAMES, DIALECTS[dialect])
    for step in steps:
        assert len(sqlglot.parse(step.sql, read=dialect)) == 1


@given(name=st.text(min_size=1, max_size=20), dialect=st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=60, deadline=None)
def test_a_column_of_any_name_stays_one_column_or_is_refused(name: str, dialect: str) -> None:
    roles = {"customer_id": name, "ordered_at": "Datum", "amount": "Betrag"}
    try:
        mapped = order_lines(_inputs(roles), DIALECTS[dialect], {"orders": "lines"}, set())
    except (InputError, UnicodeEncodeError):
        return
    parsed = sqlglot.parse_one(mapped.steps[0].sql, read=dialect)
    assert {column.name for column in parsed.find_all(sqlglot.exp.Column)} == {name, "Datum", "Betrag"}


@given(text=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_text_ends_a_comment(text: str) -> None:
    assert all(line.startswith("-- ") and len(line.splitlines()) == 1 for line in commented(text))


def test_the_header_says_what_is_approximated_and_how_well() -> None:
    study = sql_study.study(sql_study.orders(), prototypes=True)
    recipe, assigner = study.model.restore()
    found = stand_in_for(assigner.rule, recipe.transform({
        name: study.customers[name].to_numpy() for name in study.model.features
    }))  # fmt: skip
    assert found is not None
    assert found.agreement >= 0.9
    assert f"{found.agreement:.1%} get the same segment" in study_sql(study).replace("\n-- ", " ")


def test_groups_of_products_that_were_derived_are_refused_with_a_remedy(study: SimpleNamespace) -> None:
    families = SimpleNamespace(**{**vars(study.model.families), "product_groups": {"p1": OTHER_PRODUCTS}})
    derived = SimpleNamespace(
        **{**vars(study), "model": SimpleNamespace(**{**vars(study.model), "families": families})}
    )
    with pytest.raises(InputError, match="--customers TABLE"):
        study_sql(derived)
    assert stored_sql(derived).startswith("-- Short form, from a ready customer table.")


def test_an_unknown_dialect_is_told(study: SimpleNamespace) -> None:
    with pytest.raises(ConfigError, match="oracle"):
        study_sql(study, "oracle")
