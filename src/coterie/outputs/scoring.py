"""Placing other customers with a study's model: pinned parameters, nothing fitted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.published import Target, publish
from coterie.errors import ConfigError, InputError
from coterie.features import build
from coterie.outputs.sql.there import Outside, place_there, why_not_there
from coterie.pipeline import array_of
from coterie.progress import SILENT
from coterie.sources import database_file, is_distant, open_shop
from coterie.vocabulary import CustomerTable, Feature, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.config import Config
    from coterie.outputs.study import Study
    from coterie.progress import Progress
    from coterie.sources import Input, Shop

_SCORES = "coterie_scores"
_DRIFT = 0.05  # share of customers outside the range of 99 % that is worth a warning


def score(study: Study, customers: CustomerTable) -> pd.DataFrame:
    """Give each customer the segment of the study that fits best.

    Parameters
    ----------
    study : Study
        Its recipe and assigner are used as they were fitted.
    customers : CustomerTable
        Must have every feature of the study's basis.

    Returns
    -------
    DataFrame
        Index `customer_id`; `segment_id`, `segment`, `confidence` (0 to 1), `is_core`, `second_segment_id`.
        `attrs["findings"]` holds what `drift` found.

    Raises
    ------
    InputError
        Features of the basis are missing; the message names them.
    """
    columns = _columns(study, customers)
    recipe, assigner = study.model.restore()
    assignment = assigner.assign(recipe.transform(columns))
    segment_of_label = np.asarray(study.model.segment_of_label)
    names = {segment.segment_id: segment.name for segment in study.profiled}
    placed = segment_of_label[assignment.labels]
    scores = pd.DataFrame(
        {
            "segment_id": placed,
            "segment": pd.Series([names[int(identity)] for identity in placed], dtype=object).to_numpy(),
            "confidence": assignment.confidence,
            "is_core": assignment.is_core,
            "second_segment_id": segment_of_label[assignment.second],
        },
        index=customers.frame.index.rename("customer_id"),
    )
    scores.attrs["findings"] = drift(study, customers)
    return scores


def read_customers(
    study: Study, inputs: Sequence[Input], *, config: Config | None = None, progress: Progress = SILENT
) -> CustomerTable:
    """Make the customer table of other tables with the columns, roles and categories of a study.

    Parameters
    ----------
    study : Study
    inputs : sequence of Input
        Tables of the same kinds, with the same columns, as the study's.
    config : Config, optional
        How to read them; by default as the study did, `as_of` being the day after the new tables' last order.
    progress : Progress

    Raises
    ------
    InputError
        The tables cannot be used, or lack a column that the study used.

    Notes
    -----
    A feature that compares with the shop, such as the price level, compares with the orders handed over here: give
    all the orders of a period rather than those of single customers.
    """
    settings = config or study.settings_anew
    with DuckDBEngine(settings.memory, settings.threads) as engine:
        return _read(study, inputs, engine, settings, progress)[0]


def _read(
    study: Study, inputs: Sequence[Input], engine: DuckDBEngine, settings: Config, progress: Progress
) -> tuple[CustomerTable, Shop]:
    progress.stage("Reading the tables")
    sources = settings.sources.model_copy(update={"audit": ()})  # nobody is checked here; the column may be missing
    shop = open_shop(inputs, engine, sources, as_of=settings.as_of, min_customers=0, progress=progress)
    progress.stage("Making one row per customer")
    return build(shop, settings.features, families=study.model.families, progress=progress), shop


def placed_where_they_lie(study: Study, inputs: Sequence[Input], *, confidence: bool = False) -> bool:
    """Whether the customers are placed by SQL in the engine where their orders lie.

    Not where the rule is none that SQL can say, nor where it must be said how sure each segment is.
    """
    return not confidence and any(is_distant(item.data) for item in inputs) and not why_not_there(study)


def score_there(study: Study, inputs: Sequence[Input], into: str = "") -> pd.DataFrame:
    """Place customers where their orders lie and bring their ids and segments.

    Parameters
    ----------
    study, inputs
        As for `coterie.outputs.sql.there.place_there`.
    into : str, optional
        SCHEMA.TABLE to write to; then one row a segment comes back.
    """
    with place_there(study, inputs) as placed:
        findings = differences(study, placed.outside, len(placed))
        if into:
            placed.write(into)
            scores = counted(study, placed.counts)
        else:
            parts = [batch.to_pandas() for batch in placed.batches()]
            scores = pd.concat(parts) if parts else pd.DataFrame(columns=["customer_id", "segment_id", "segment"])
            scores = scores.astype({"segment_id": np.int64}).set_index("customer_id")
    scores.attrs["findings"] = findings
    return scores


def counted(study: Study, counts: Mapping[int, int]) -> pd.DataFrame:
    """One row a segment that got customers: its name and their number."""
    names = {segment.segment_id: segment.name for segment in study.profiled}
    rows = [(identity, names[identity], n) for identity, n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["segment_id", "segment", "customers"]).set_index("segment_id")


def score_into(
    study: Study, inputs: Sequence[Input], into: str, *, config: Config | None = None, progress: Progress = SILENT
) -> pd.DataFrame:
    """Place customers here and write what is known of each as a table where their orders lie.

    One row of features a customer comes here, and one row of scores goes back: for rules that SQL cannot say, and for
    how sure each segment is. Gives what `score` gives.

    Raises
    ------
    ConfigError
        The orders lie in no database.
    """
    target = Target.parse(into, next((path for path in (database_file(item.data) for item in inputs) if path), ""))
    if not any(is_distant(item.data) for item in inputs):
        raise ConfigError(
            f"The segments cannot be written to '{into}': the tables are no database.",
            remedy="Write a file instead: --out scored.csv.",
        )
    settings = config or study.settings_anew
    with DuckDBEngine(settings.memory, settings.threads) as engine:
        customers, shop = _read(study, inputs, engine, settings, progress)
        scores = score(study, customers)
        shop.engine.upload(_SCORES, pa.Table.from_pandas(scores.reset_index(), preserve_index=False))
        publish(shop.engine, f"SELECT * FROM {_SCORES}", target)
    return scores


def drift(study: Study, customers: CustomerTable) -> tuple[Finding, ...]:
    """Tell where these customers differ from those that the study was made of.

    A numeric feature is reported when more than 5 % of the customers lie outside the range that held 99 % of the
    study's customers; a category when values occur that the study did not have at least ten times.
    """
    columns = _columns(study, customers)
    counted = {name: _counted(study, name, columns[name]) for name in study.model.features}
    return differences(study, counted, len(customers))


def differences(study: Study, counted: Mapping[str, Outside], n_customers: int) -> tuple[Finding, ...]:
    """Say the same from counts: for each feature, of how many customers it is known and how many differ."""
    found = [_range_finding(study, name, counted[name]) for name in study.model.ranges]
    found += [_level_finding(study, name, counted[name], n_customers) for name in study.model.levels]
    return tuple(finding for finding in found if finding)


def _counted(study: Study, name: str, values: np.ndarray) -> Outside:
    if name in study.model.ranges:
        low, high = study.model.ranges[name]
        known = values[~np.isnan(values)]
        return Outside(len(known), int(((known < low) | (known > high)).sum()))
    levels = set(study.model.levels.get(name, ()))
    seen = [str(value) for value in values if value is not None]
    return Outside(len(seen), sum(1 for value in seen if value not in levels))


def _columns(study: Study, customers: CustomerTable) -> dict[str, np.ndarray]:
    missing = [name for name in study.model.features if name not in customers.frame]
    if missing:
        raise InputError(
            f"These customers cannot be scored: {len(missing)} of the {len(study.model.features)} features that the "
            "study's segments are built on are missing.",
            found=f"Missing: {', '.join(missing)}.",
            remedy="Give the same kinds of tables, with the same columns, that the study was made of.",
        )
    return {name: _array(customers.frame[name], study.features.get(name)) for name in study.model.features}


def _array(column: pd.Series, feature: Feature | None) -> np.ndarray:
    try:
        return array_of(column, numeric=feature is None or feature.is_numeric)
    except (TypeError, ValueError) as cause:
        raise InputError(
            f"Column '{column.name}' holds text, but was a number when the study was made.",
            remedy="Map another column to it with --map, or make a new study.",
        ) from cause


def _range_finding(study: Study, name: str, count: Outside) -> Finding | None:
    if not count.known or count.outside / count.known <= _DRIFT:
        return None
    return Finding(
        "drift-range",
        Severity.WARNING,
        f"{count.outside:,} of {count.known:,} customers have a {_label(study, name)} outside the range that held 99 % "
        "of the study's customers.",
        "If this lasts, make a new study with `coterie segment`.",
        column=name,
        count=count.outside,
    )


def _level_finding(study: Study, name: str, count: Outside, n_customers: int) -> Finding | None:
    if not count.outside:
        return None
    severe = count.outside / n_customers > _DRIFT
    return Finding(
        "drift-category",
        Severity.WARNING if severe else Severity.NOTE,
        f"{count.outside:,} of {n_customers:,} customers have a {_label(study, name)} that the study did not know.",
        "They are placed by their other features." + (" Consider a new study." if severe else ""),
        column=name,
        count=count.outside,
    )


def _label(study: Study, name: str) -> str:
    features: Mapping[str, Feature] = study.features
    return features[name].label if name in features else name
