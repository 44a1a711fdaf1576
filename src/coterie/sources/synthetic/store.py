"""The synthetic store's door: made inside an engine, or written as files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

from coterie.engines.duckdb import DuckDBEngine
from coterie.errors import ConfigError
from coterie.sources.synthetic.generate import CHUNK, Generator
from coterie.sources.synthetic.plan import StoreOptions, StorePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tables that a shop would have; `truth` and `effects` are for tests and never among a study's inputs.
SHOP_TABLES = ("orders", "customers", "events", "responses")


@dataclass(frozen=True)
class SyntheticStore:
    """A store inside an engine; every attribute but the plan names a relation there.

    Attributes
    ----------
    orders : str
        One row an order line (returns have a row of their own with a negative quantity): customer_id, order_id,
        ordered_at, product, product_name, category, quantity, unit_price, amount, discount, channel, country, status.
    customers : str
        One row a customer: customer_id, name, birth_date, gender, income, country, city, signed_up_on, email, phone,
        consent.
    events : str
        One row a visit: customer_id, happened_at, event_type, category, session_id, duration_seconds, device.
    responses : str
        One row a customer: customer_id, campaign, treated, responded, spend.
    truth : str
        customer_id, segment: the planted segment. Never an input of a study.
    effects : str
        segment, share, response, effect: what treatment truly adds to the chance of a response.
    dirt : mapping of str to int
        Kind of damage -> damaged order lines; empty for a clean store.
    """

    plan: StorePlan
    orders: str = "synthetic_orders"
    customers: str = "synthetic_customers"
    events: str = "synthetic_events"
    responses: str = "synthetic_responses"
    truth: str = "synthetic_truth"
    effects: str = "synthetic_effects"
    dirt: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenStore:
    """A store as files: each shop table a file, or a folder of parts where it is large.

    What was planted (`segments`), the campaign's true effects and, of a dirty store, what was damaged (`dirt`) lie in
    the sub-folder `truth`, apart from what a study reads.
    """

    plan: StorePlan
    folder: Path
    orders: Path
    customers: Path
    events: Path
    responses: Path
    truth: Path
    effects: Path

    @property
    def inputs(self) -> tuple[Path, Path, Path, Path]:
        """The four tables that a shop would hand over, without the truth."""
        return (self.orders, self.customers, self.events, self.responses)


def make_store(engine: DuckDBEngine, **options: Unpack[StoreOptions]) -> SyntheticStore:
    """Make a seeded store with planted segments as tables of an engine.

    Parameters
    ----------
    engine : DuckDBEngine
        Gets the tables `synthetic_orders`, `synthetic_customers`, …, replacing earlier ones.
    **options
        `customers`, `seed`, `difficulty`, `months`, `structure`, `dirt`, as in `StorePlan`.

    Returns
    -------
    SyntheticStore
        The names of the tables.

    Raises
    ------
    ConfigError
        An option is out of its range.

    Notes
    -----
    The engine makes every row from digests of seed and row number: the same store for a seed, whatever the threads.
    """
    store = SyntheticStore(StorePlan(**options))
    generator = Generator(engine, store.plan)
    for number, queries in enumerate(generator.chunks()):
        for table, query in queries.items():
            how = f"CREATE OR REPLACE TABLE synthetic_{table} AS" if number == 0 else f"INSERT INTO synthetic_{table}"
            engine.run(f"{how} {query}", f"synthetic {table}")
    engine.run(f"CREATE OR REPLACE TABLE {store.effects} AS {generator.effects()}", "synthetic effects")
    return replace(store, dirt=_damage(engine)) if store.plan.dirt else store


def _damage(engine: DuckDBEngine) -> dict[str, int]:
    counts = engine.rows("SELECT damage, sum(lines) FROM synthetic_dirt WHERE damage <> 'none' GROUP BY 1 ORDER BY 1")
    return {kind: int(lines) for kind, lines in counts}


def write_store(
    folder: str | Path,
    *,
    format: Literal["csv", "parquet"] = "csv",
    engine: DuckDBEngine | None = None,
    **options: Unpack[StoreOptions],
) -> WrittenStore:
    """Write a seeded store with planted segments as files.

    Parameters
    ----------
    folder : path
        Made when absent; must be empty.
    format : {"csv", "parquet"}
    engine : DuckDBEngine, optional
        Whose memory and threads to use; by default one of its own with 2 GB.
    **options
        `customers`, `seed`, `difficulty`, `months`, `structure`, `dirt`, as in `StorePlan`.

    Returns
    -------
    WrittenStore
        Where the tables lie. Above 50,000 customers each is a folder of parts, 50,000 customers a part.

    Raises
    ------
    ConfigError
        An option is out of its range, or the folder holds something.

    Notes
    -----
    Rows stream from the engine to disk; memory is bounded by one part, whatever the size of the store.
    """
    plan = StorePlan(**options)
    target = _empty_folder(Path(folder))
    if format not in ("csv", "parquet"):
        raise ConfigError(f"The synthetic store is not written as '{format}'.", remedy="Use csv or parquet.")
    if engine is None:
        with DuckDBEngine() as own:
            return _write(own, plan, target, format)
    return _write(engine, plan, target, format)


def _empty_folder(folder: Path) -> Path:
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError(f"The folder '{folder.name}' for the synthetic store is not empty.", remedy="Name a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truth").mkdir()
    return folder


def _write(engine: DuckDBEngine, plan: StorePlan, folder: Path, ending: str) -> WrittenStore:
    generator = Generator(engine, plan)
    in_parts = plan.customers > CHUNK
    paths = {table: folder / (table if in_parts else f"{table}.{ending}") for table in SHOP_TABLES}
    for table, name in (("truth", "segments"), ("dirt", "dirt")):
        paths[table] = folder / "truth" / (name if in_parts else f"{name}.{ending}")
    for number, queries in enumerate(generator.chunks()):
        for table, query in queries.items():
            path = paths[table]
            if in_parts:
                path.mkdir(exist_ok=True)
                path = path / f"part-{number:04d}.{ending}"
            _copy(engine, query, path)
            if plan.dirt and table == "customers" and ending == "csv":
                _write_as_latin(path)
    effects = folder / "truth" / f"effects.{ending}"
    _copy(engine, generator.effects(), effects)
    paths.pop("dirt")
    return WrittenStore(plan, folder, effects=effects, **paths)


def _write_as_latin(path: Path) -> None:
    """Re-encode a UTF-8 file to Windows-1252, as many shop systems export; line by line, so memory stays small."""
    partial = path.with_suffix(".part")
    with path.open(encoding="utf-8", newline="") as source, partial.open("w", encoding="cp1252", newline="") as target:
        target.writelines(source)
    partial.replace(path)


def _copy(engine: DuckDBEngine, query: str, path: Path) -> None:
    style = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet"
    engine.run(f"COPY ({query}) TO {engine.dialect.text(str(path))} ({style})", f"synthetic {path.stem}")
