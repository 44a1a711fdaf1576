"""Putting the steps of a study's SQL together, under a header that says what it is and what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.dialect import DIALECTS
from coterie.engines.steps import Step
from coterie.errors import ConfigError, CoterieError, InputError, StudyError
from coterie.outputs.sql.encoding import encode
from coterie.outputs.sql.header import commented, header
from coterie.outputs.sql.journey import journey
from coterie.outputs.sql.rules import label_steps, score_steps
from coterie.outputs.sql.stand_in import MOST_ROWS, needs_stand_in, stand_in_for
from coterie.outputs.tables import feature_column

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from coterie.clustering.rules import Rule
    from coterie.engines.dialect import Dialect
    from coterie.outputs.study import Study
    from coterie.preparation import Prepared, Recipe


def study_sql(
    study: Study,
    dialect: str = "duckdb",
    *,
    tables: Mapping[str, str] | None = None,
    customers: str | None = None,
    as_of: dt.date | None = None,
) -> str:
    """Write a study's assignment as one SQL query: `customer_id`, `segment_id`, `segment`.

    Parameters
    ----------
    study : Study
    dialect : {"duckdb", "postgres", "spark", "databricks", "bigquery", "snowflake"}
    tables : mapping of str to str, optional
        Kind of table ("orders", "customers", "events") -> its name in the database, with schema and the like as one
        writes it there; by default the name of the study's own input.
    customers : str, optional
        Name of a ready table with one row per customer and the features as columns. The query then has no feature
        steps: the short form.
    as_of : date, optional
        First day not seen; default: the study's.

    Returns
    -------
    str
        A SELECT with named steps (CTEs), without a semicolon at its end, so that it can be pasted into dbt.

    Raises
    ------
    ConfigError
        There is no such dialect.
    InputError
        The journey from the tables cannot be said in SQL, or a name cannot be one in this engine; the message says why
        and what to do.
    """
    if dialect not in DIALECTS:
        raise ConfigError(f"There is no SQL dialect '{dialect}'.", remedy=f"Use one of {', '.join(sorted(DIALECTS))}.")
    written = DIALECTS[dialect]
    recipe, assigner = study.model.restore()
    stand_in = stand_in_for(assigner.rule, _prepared(study, recipe)) if needs_stand_in(assigner.rule) else None
    if customers is not None and as_of is not None:
        raise ConfigError(
            "A ready customer table is as of the day on which it was made; the query cannot change that.",
            remedy="Leave out --as-of, or start from the orders with --table.",
        )
    if customers is None:
        start = journey(study, written, tables or {}, as_of)
        steps, notes = start.steps, start.notes
    else:
        steps, notes = (_ready(recipe, written, customers),), ()
    names = {segment.segment_id: segment.name for segment in study.profiled}
    rule = stand_in.rule if stand_in else assigner.rule
    rest = assignment_steps(recipe, rule, study.model.segment_of_label, names, written)
    return header(study, written, stand_in, notes, short=customers is not None) + chained([*steps, *rest], written)


def stored_sql(study: Study) -> str:
    """Give the query that a study folder keeps: the whole journey, else the short form, else why there is none."""
    why = ""
    for customers in (None, "customers"):
        try:
            return why + study_sql(study, customers=customers)
        except (InputError, StudyError) as cause:
            why = _reason("Short form, from a ready customer table." if customers is None else "No query.", cause)
    return why


def _reason(what: str, cause: CoterieError) -> str:
    return "".join(f"{line}\n" for line in commented(f"{what} {cause.what}"))


def assignment_steps(
    recipe: Recipe, rule: Rule, ids: Sequence[int], names: Mapping[int, str], dialect: Dialect
) -> tuple[Step, ...]:
    """Write the way from a step `customers` (customer_id and the features) to the segment of each customer."""
    encoding = encode(recipe, dialect)
    return (
        *encoding.steps,
        *score_steps(rule, encoding.columns, dialect),
        *label_steps(rule.n_segments, ids, names, dialect),
    )


def chained(steps: Sequence[Step], dialect: Dialect) -> str:
    """One query: every step a named CTE, and a SELECT of the last."""
    ctes = ",\n\n".join(f"{step.name} {dialect.named_query} (\n{step.sql}\n)" for step in steps)
    return f"WITH {ctes}\n\nSELECT * FROM {steps[-1].name}\n"


def _prepared(study: Study, recipe: Recipe) -> Prepared:
    """Prepare the study's own customers, on whom a stand-in is measured; of very many, some that lie evenly apart."""
    from coterie.pipeline import array_of

    count = len(study.customers)
    rows = np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(np.int64)
    columns = {
        feature.name: array_of(study.customers[feature_column(feature.name)].iloc[rows], numeric=feature.is_numeric)
        for feature in recipe.basis.features
    }
    return recipe.transform(columns)


def _ready(recipe: Recipe, dialect: Dialect, table: str) -> Step:
    """Read a ready table: the columns are called as in the study's own table of customers."""
    shown = [f"{dialect.string(dialect.own('customer_id'))} AS customer_id"]
    for encoder in recipe.encoders:
        column, name = dialect.own(feature_column(encoder.name)), dialect.own(encoder.name)
        shown.append(column if column == name else f"{column} AS {name}")
    comment = "-- the ready table: one row per customer, the features that the segments are built on\n"
    return Step("customers", comment + "SELECT\n    " + ",\n    ".join(shown) + f"\nFROM {table}")
