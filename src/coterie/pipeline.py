"""The story of a study, one line a stage: tables in, named segments with plays out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from coterie import campaigns, clustering, features, holdout, preparation, profiles, sources
from coterie.beside import BesideError
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine
from coterie.memory import empty, give_back, parts
from coterie.progress import SILENT, Progress
from coterie.vocabulary import Barred

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from coterie.beside import Message, SecondProcess
    from coterie.campaigns import CustomerValue, FairnessAudit, Forecasts, OrderHistory, PlayTest, Strategy
    from coterie.clustering import Assignment, Choice, Search
    from coterie.holdout import Holdout
    from coterie.preparation import Basis, Recipe
    from coterie.profiles import Brief, Earlier, Profiles
    from coterie.sources import Input, Shop, TableReport
    from coterie.vocabulary import CustomerTable, Finding, Segment

#: Roles of columns that tell customers, orders and visits apart.
_IDS = ("customer_id", "order_id", "session_id")


@dataclass(frozen=True)
class Segmentation:
    """Everything that one run found, in memory."""

    config: Config
    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]
    left_out: pd.DataFrame  # table, source_row, reason
    customers: CustomerTable
    basis: Basis
    recipe: Recipe
    choice: Choice
    assignment: Assignment
    profiles: Profiles
    stages: pd.DataFrame
    segments: tuple[Segment, ...]
    strategy: Strategy  # the plays' money, and which segments to target
    fairness: FairnessAudit  # whom segments and offers stand for
    learned: tuple[PlayTest, ...]  # what tests of earlier plays showed
    holdout: Holdout | None  # what segments from before a day told of the time after it
    worth: CustomerValue  # what customers are expected to bring, or why that cannot be said
    map_xy: np.ndarray  # float (n_customers, 2): first two principal components of the prepared matrix
    timings: Mapping[str, float]  # seconds of wall time per stage


@dataclass(frozen=True)
class Understood:
    """What the tables say before anything is clustered: for `coterie check`."""

    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]
    customers: CustomerTable
    basis: Basis


@dataclass
class _Stages:
    """Tells the progress where the run is, and keeps the seconds of each stage."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, key: str, title: str = "") -> Iterator[None]:
        if title:
            self.progress.stage(title)
        start = time.monotonic()
        yield
        give_back()
        self.seconds[key] = round(self.seconds.get(key, 0.0) + time.monotonic() - start, 3)


def segment(
    inputs: Sequence[Input],
    config: Config | None = None,
    *,
    progress: Progress = SILENT,
    also_load: Sequence[str] = (),
    earlier: Earlier | None = None,
    second: SecondProcess | None = None,
    learned: Sequence[PlayTest] = (),
) -> Segmentation:
    """Find, judge, name and explain the segments of a shop's customers, and plan a play for each.

    Parameters
    ----------
    inputs : sequence of Input
        Tables of orders, customers, events and responses, in any mix.
    config : Config, optional
        Settings; the defaults suit an unknown shop.
    progress : Progress, optional
        Is told the stages and how far each has come.
    also_load : sequence of str, optional
        Modules that the caller needs afterwards: they are loaded while the engine reads.
    earlier : Earlier, optional
        An earlier study: segments that are the same people keep its ids and names.
    second : SecondProcess, optional
        A process that has loaded this module: it makes the test in time while this one searches.
    learned : sequence of PlayTest
        What tests of earlier plays showed: what failed with a segment is not offered to it again.

    Raises
    ------
    InputError
        The tables cannot be used; the message says what to do.
    """
    config = config or Config()
    campaigns.refuse_unreviewed(config.privacy)
    campaigns.playbook_of(config)  # what is wrong with it is told before the long work
    stage = _Stages(progress)
    with _loading(also_load, second) as rooms_loaded, DuckDBEngine(config.memory, config.threads) as engine:
        with stage("read", "Reading the tables"):
            shop = _open(inputs, engine, config, progress)
            rooms_loaded.wait()
        preparation.refuse_never(config.basis.columns, _barred(shop))
        left_out = sources.rows_left_out(engine)
        with stage("features", "Making one row per customer"):
            customers = features.build(shop, config.features, progress=progress)
        early = second is not None and len(customers.frame) <= _EARLY_CUSTOMERS
        begun = _begin(customers, config, stage) if early else None
        in_time = holdout.TimeHoldout(config)
        with stage("holdout", "Looking back to an earlier day"):
            in_time.look_back(shop)
            if second is not None:
                in_time.begin(second, __name__)
        with stage("value"):
            history = campaigns.order_history(shop)
            mail = campaigns.outreach(shop)
    with _forecasting(history, config) as forecasts:
        del history
        found = _found(begun or _begin(customers, config, stage), stage)
        del begun  # the matrices, a large part of the memory, end here
        with stage("describe", "Naming and explaining the segments"):
            described = profiles.describe(customers, found.assignment, found.choice, found.basis, earlier=earlier)
            stages = campaigns.lifecycle_stages(customers)
        with stage("value", "Forecasting what customers are worth"):
            segment_ids = described.membership["segment_id"]
            worth = campaigns.customer_value(forecasts(), segment_ids, config, currency=customers.currency)
    with stage("strategy"):
        plan = campaigns.make_strategy(described, customers, stages, config, worth=worth, contact=mail, learned=learned)
    fairness = _audit(customers, plan, segment_ids, found.basis, shop, config)
    with stage("holdout", "Holding earlier segments against later orders"):
        tested = in_time.examine(find_again)
    return Segmentation(
        config=config,
        tables=shop.tables,
        findings=(*shop.findings, *customers.notes, *in_time.findings),
        left_out=left_out,
        customers=customers,
        basis=found.basis,
        recipe=found.recipe,
        choice=found.choice,
        assignment=found.assignment,
        profiles=described,
        stages=stages,
        segments=plan.segments,
        strategy=plan,
        fairness=fairness,
        learned=tuple(learned),
        holdout=tested,
        worth=worth,
        map_xy=found.map_xy,
        timings=stage.seconds,
    )


#: From so many customers on, forecasts are made while the search goes on; with fewer a second process has that core.
_MANY_CUSTOMERS = 50_000


@contextmanager
def _forecasting(history: OrderHistory | None, config: Config) -> Iterator[Callable[[], Forecasts]]:
    """Forecast many customers in a thread of its own, few when that is asked for."""
    if history is None or len(history.frame) < _MANY_CUSTOMERS:
        yield partial(campaigns.make_forecasts, history, config)
        return
    with threadpool_limits(limits=1), ThreadPoolExecutor(1) as thread:  # one limit for both: it holds for the process
        begun = thread.submit(campaigns.make_forecasts, history, config)
        del history  # what the thread is done with leaves the memory
        yield begun.result


#: Up to so many customers the search begins before the look back, which the matrices of more would have to lie beside.
_EARLY_CUSTOMERS = 200_000


class _Begun(NamedTuple):
    """What customers are compared by, and the search that has begun."""

    basis: Basis
    recipe: Recipe
    search: Search


class _Found(NamedTuple):
    """What the search found."""

    basis: Basis
    recipe: Recipe
    choice: Choice
    assignment: Assignment
    map_xy: np.ndarray


def _begin(customers: CustomerTable, config: Config, stage: _Stages) -> _Begun:
    """Prepare, and begin the search: a second process tests for groups while this one goes on reading."""
    with stage("prepare", "Choosing what to compare customers by"):
        columns = arrays(customers)
        basis = preparation.choose_basis(tuple(customers.features.values()), columns, config.basis)
        give_back()
        recipe = preparation.fit_recipe(basis, columns)
        give_back()
        prepared = recipe.transform(columns)
    with stage("search"):
        blocks = {feature.name: feature.block for feature in basis.features}
        search = clustering.Search(prepared, config.search, seed=config.seed, progress=stage.progress, blocks=blocks)
        return _Begun(basis, recipe, search.begin())


def _found(begun: _Begun, stage: _Stages) -> _Found:
    """Search, and place every customer."""
    with stage("search", "Trying methods and numbers of segments"):
        choice = begun.search.run()
    with stage("assign"):
        prepared = begun.search.prepared
        assignment = choice.assigner.assign(prepared)
        give_back()
        return _Found(begun.basis, begun.recipe, choice, assignment, project(prepared.X))


def find_again(customers: CustomerTable, config: Config) -> Brief:
    """Go from a customer table to named segments by the same steps, without judging how real they are."""
    columns = arrays(customers)
    basis = preparation.choose_basis(tuple(customers.features.values()), columns, config.basis)
    prepared = preparation.fit_recipe(basis, columns).transform(columns)
    blocks = {feature.name: feature.block for feature in basis.features}
    choice = clustering.search(prepared, config.search, seed=config.seed, assess=False, blocks=blocks)
    return profiles.describe_briefly(customers, choice.assigner.assign(prepared), choice, basis)


def answer(header: dict[str, Any], blobs: list[bytes]) -> Message:
    """Make the test in time that another process asks for."""
    return holdout.answer_with(find_again, header, blobs)


def understand(inputs: Sequence[Input], config: Config | None = None, *, progress: Progress = SILENT) -> Understood:
    """Read and check the tables and list the features that they give; nothing is clustered."""
    config = config or Config()
    stage = _Stages(progress)
    with DuckDBEngine(config.memory, config.threads) as engine:
        with stage("read", "Reading the tables"):
            shop = _open(inputs, engine, config, progress)
            preparation.refuse_never(config.basis.columns, _barred(shop))
        with stage("features", "Making one row per customer"):
            customers = features.build(shop, config.features, progress=progress)
    basis = preparation.choose_basis(tuple(customers.features.values()), arrays(customers), config.basis)
    return Understood(shop.tables, (*shop.findings, *customers.notes), customers, basis)


def arrays(customers: CustomerTable) -> dict[str, np.ndarray]:
    """Columns of a customer table as preparation takes them: float64 with NaN, or object with None."""
    return {
        name: array_of(customers.frame[name], numeric=feature.is_numeric)
        for name, feature in customers.features.items()
    }


def array_of(column: pd.Series, *, numeric: bool) -> np.ndarray:
    """One column as preparation takes it.

    Raises
    ------
    ValueError, TypeError
        Text stands in a numeric column.
    """
    if numeric and column.dtype == np.float64:
        return column.to_numpy()  # as it lies in the table: a copy of all features would be a large part of the memory
    if numeric:
        return column.to_numpy(dtype=float, na_value=np.nan)
    if column.dtype.kind == "M":  # of a date, nothing but its being there is looked at
        return column.to_numpy()
    values: np.ndarray = column.astype(object).to_numpy(copy=True)
    values[column.isna().to_numpy()] = None
    return values


def project(X: np.ndarray) -> np.ndarray:
    """First two principal components of a prepared matrix, for the map of customers.

    Parameters
    ----------
    X : float array of shape (n_customers, n_columns)

    Returns
    -------
    float array of shape (n_customers, 2)
        The sign of each component is fixed by its largest loading; a missing second component is 0.
    """
    mean, products = X.mean(axis=0), np.zeros((X.shape[1], X.shape[1]))
    with threadpool_limits(limits=1):  # sums of products depend on how threads share them out
        for rows in parts(len(X)):
            centred = X[rows] - mean
            products += centred.T @ centred
        values, vectors = np.linalg.eigh(products)
        axes = vectors[:, np.argsort(values)[::-1][:2]]
        axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
        xy = empty((len(X), 2))
        xy[:, axes.shape[1] :] = 0.0
        for rows in parts(len(X)):
            xy[rows, : axes.shape[1]] = (X[rows] - mean) @ axes
    return xy


_FIRST_ROOMS = ("coterie.sources.anywhere", "coterie.sources.reading.text", "coterie.sources.left_out")
_LATER_ROOMS = tuple(
    f"coterie.{room}"
    for room in (
        "features.table",
        "preparation.recipe",
        "clustering.segment_search",
        "profiles.description",
        "campaigns.strategy",
        "campaigns.value.worth",
    )
)


@contextmanager
def _loading(also: Sequence[str], second: SecondProcess | None) -> Iterator[Event]:
    """Import later rooms, then other modules, while the engine, which needs no interpreter, is at work.

    One thread imports them all, one after the other: two threads inside one package can find it half made. So nobody
    enters a later room before the event that is given, and all is loaded when the body ends. The second process, which
    is needed later still, loads after the rooms.
    """
    rooms_loaded = Event()

    def load(modules: Sequence[str]) -> None:
        for module in modules:
            with suppress(ImportError):  # whoever needs the module meets the error again, where it can be told
                import_module(module)

    def load_all() -> None:
        load(_LATER_ROOMS)
        rooms_loaded.set()
        if second is not None:
            with suppress(OSError, BesideError):  # whoever asks it does the work itself
                second.start()
        load(also)

    load(_FIRST_ROOMS)
    thread = Thread(target=load_all, daemon=True)
    thread.start()
    try:
        yield rooms_loaded
    finally:
        thread.join()


def _open(inputs: Sequence[Input], engine: DuckDBEngine, config: Config, progress: Progress) -> Shop:
    return sources.open_shop(
        inputs, engine, config.sources, as_of=config.as_of, ignore=config.features.ignore, progress=progress
    )


def _audit(
    customers: CustomerTable, strategy: Strategy, segment_ids: pd.Series, basis: Basis, shop: Shop, config: Config
) -> FairnessAudit:
    """Check whom the segments stand for and whom their plays would reach."""
    ids = segment_ids.reindex(customers.frame.index).to_numpy()
    roles = {column.source: column.role for column in shop.given if column.role}
    names = {feature.name for feature in basis.features}
    return campaigns.audit_fairness(customers, strategy.segments, ids, names, roles, config)


def _barred(shop: Shop) -> dict[str, Barred | None]:
    """Why columns may not be part of a basis, by their header."""
    ids = {guess.column: Barred.IDENTIFIER for table in shop.tables for guess in table.guesses if guess.role in _IDS}
    return {column.source: column.barred for column in shop.given} | ids
