"""Customers placed where they lie: the study's SQL runs in their engine, and only ids and segments travel."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from coterie.clustering.rules import PrototypeRule
from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.published import Target, publish
from coterie.engines.steps import chain
from coterie.errors import InputError
from coterie.features import product_groups
from coterie.outputs.spreadsheet import csv_cells, write_header, write_rows
from coterie.outputs.sql.journey import over_mapped
from coterie.outputs.sql.writing import assignment_steps, chained
from coterie.progress import SILENT
from coterie.sources import database_file, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

    from coterie.config import Config
    from coterie.engines.base import Engine
    from coterie.engines.dialect import Dialect
    from coterie.engines.steps import Step
    from coterie.outputs.study import Study
    from coterie.progress import Progress
    from coterie.sources import Input

#: Names of ours in the engine: the features of each customer, and the segment of each.
_CUSTOMERS, _PLACED = "customers", "coterie_placed"
#: Steps that are tables of their own, because several others read them, and the step that they are made from.
_KEPT = ("customer_products", "orders", "customer_categories")
_LINES = "lines"


class Outside(NamedTuple):
    """Of how many customers a feature is known, and for how many it is not what the study knew."""

    known: int
    outside: int


@dataclass(frozen=True)
class Placed:
    """The segment of each customer, in the engine where their orders lie, for as long as `place_there` is open.

    Attributes
    ----------
    counts : mapping of int to int
        Customers of each segment, by its id.
    outside : mapping of str to Outside
        For each feature of the basis, the customers who differ from those of the study.
    """

    engine: Engine
    counts: Mapping[int, int]
    outside: Mapping[str, Outside]
    file: str = ""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give `customer_id`, `segment_id` and `segment`, by id, some ten thousand customers at a time."""
        yield from self.engine.batches(f"{_SELECT} ORDER BY customer_id", "placed customers")

    def write_csv(self, file: BinaryIO) -> None:
        """Write the same as CSV, safe to open in a spreadsheet; no more than a part of it is held at a time."""
        write_header(("customer_id", "segment_id", "segment"), file)
        for batch in self.batches():
            frame = batch.to_pandas()
            cells = csv_cells(frame)
            write_rows([cells[name] for name in frame.columns], file)

    def write(self, table: str) -> None:
        """Write the same as a table SCHEMA.TABLE of the database; see `coterie.engines.published.publish`."""
        publish(self.engine, _SELECT, Target.parse(table, self.file))


_SELECT = f"SELECT customer_id, segment_id, segment FROM {_PLACED}"


def why_not_there(study: Study) -> str:
    """Say why a study's customers cannot be placed by SQL; empty where they can."""
    rule = study.model.restore()[1].rule
    if isinstance(rule, PrototypeRule):
        return "The study places customers by the most similar ones, which SQL can only approximate."
    try:
        over_mapped(study, DuckDBEngine.dialect, {}, study.as_of)
    except InputError as cause:
        return cause.what
    return ""


@contextmanager
def place_there(
    study: Study, inputs: Sequence[Input], *, config: Config | None = None, progress: Progress = SILENT
) -> Iterator[Placed]:
    """Place the customers of other orders, where these lie.

    Parameters
    ----------
    study : Study
        One of which `why_not_there` says nothing.
    inputs : sequence of Input
        Addresses of a database or tables of a Spark session: the same kinds of tables as the study's.
    config : Config, optional
        How to read them; by default as the study did, `as_of` being the day after the last order.
    progress : Progress

    Yields
    ------
    Placed
        Gone with the block, as is everything else of ours in the engine.

    Raises
    ------
    InputError
        The tables cannot be used, or a feature that the segments are built on is unknown for every customer.

    Notes
    -----
    A customer's feature may differ from the one that is computed here beyond the tenth digit: who lies exactly between
    two segments may fall to the other one.
    """
    settings = config or study.settings_anew
    with DuckDBEngine(settings.memory, settings.threads) as local:
        progress.stage("Reading the tables")
        sources = settings.sources.model_copy(update={"audit": ()})  # nobody is checked here; the column may be missing
        shop = open_shop(inputs, local, sources, as_of=settings.as_of, min_customers=0, progress=progress)
        progress.stage("Making one row per customer")
        steps = over_mapped(study, shop.engine.dialect, shop.roles, shop.as_of)
        _keep_customers(shop.engine, steps, study.model.families.product_groups)
        outside = _outside(study, shop.engine)
        progress.stage("Placing the customers")
        shop.engine.keep(_PLACED, _assignment(study, shop.engine.dialect), "placing the customers")
        rows = shop.engine.rows(f"SELECT segment_id, COUNT(*) FROM {_PLACED} GROUP BY segment_id", "segments")
        counts = {int(identity): int(n) for identity, n in sorted(rows)}
        yield Placed(shop.engine, counts, outside, _file(inputs))


def _file(inputs: Sequence[Input]) -> str:
    """The DuckDB file that the orders came from, if they came from one."""
    return next((path for path in (database_file(item.data) for item in inputs) if path), "")


def _keep_customers(engine: Engine, steps: Sequence[Step], groups: Mapping[str, str]) -> None:
    """Make the features of each customer, a table of one row each; `groups` are derived ones of products."""
    named = {step.name: step for step in steps}
    for name in _KEPT:
        if name in named:
            engine.keep(name, chain([named[_LINES], named[name]]), name)
            if name == "customer_products":
                product_groups.store_product_groups(engine, groups)
    rest = [step for step in steps if step.name not in _KEPT]
    if not any("FROM lines" in step.sql for step in rest):
        rest = [step for step in rest if step.name != _LINES]
    engine.keep(_CUSTOMERS, chain(rest), "customers")


def _assignment(study: Study, dialect: Dialect) -> str:
    recipe, assigner = study.model.restore()
    names = {segment.segment_id: segment.name for segment in study.profiled}
    steps = assignment_steps(recipe, assigner.rule, study.model.segment_of_label, names, dialect)
    return chained(steps, dialect)


def _outside(study: Study, engine: Engine) -> dict[str, Outside]:
    """Count who differs from the study's customers, feature by feature, in one scan.

    Raises
    ------
    InputError
        No customer has a value of a feature.
    """
    dialect, model = engine.dialect, study.model
    asked = ["COUNT(*)"]
    for name in model.features:
        x = dialect.own(name)
        differs = _differs(study, name, x, dialect)
        asked += [f"COUNT({x})", f"COUNT(CASE WHEN {x} IS NOT NULL AND {differs} THEN 1 END)"]
    total, *found = (int(n) for n in engine.row(f"SELECT {', '.join(asked)} FROM {_CUSTOMERS}", "features"))
    counted = dict(zip(model.features, map(Outside, found[::2], found[1::2]), strict=True))
    unknown = [name for name, (known, _) in counted.items() if total and not known]
    if unknown:
        raise InputError(
            f"These customers cannot be placed: nothing is known of {len(unknown)} of the {len(model.features)} "
            "features that the study's segments are built on.",
            found=f"Unknown: {', '.join(unknown)}.",
            remedy="Give the same kinds of tables, with the same columns, that the study was made of.",
        )
    return counted


def _differs(study: Study, name: str, x: str, dialect: Dialect) -> str:
    if name in study.model.ranges:
        low, high = (dialect.number(bound) for bound in study.model.ranges[name])
        return f"({x} < {low} OR {x} > {high})"
    levels = study.model.levels.get(name, ())
    return f"{dialect.string(x)} NOT IN ({', '.join(map(dialect.text, levels))})" if levels else "TRUE"
