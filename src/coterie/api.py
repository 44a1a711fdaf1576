"""The doors for Python: `segment`, `check`, `load`, and the options that they and the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.config import Config, load_config, override, segment_range
from coterie.errors import ConfigError
from coterie.progress import SILENT, Progress
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.outputs import Study
    from coterie.pipeline import Understood
    from coterie.sources import Input

#: Option of `segment` and `check` -> key in the settings.
OPTIONS: Mapping[str, str] = {
    "as_of": "as_of",
    "seed": "seed",
    "memory": "memory",
    "threads": "threads",
    "title": "title",
    "method": "search.method",
    "smallest_share": "search.smallest_share",
    "must_differ": "search.must_differ",
    "holdout": "holdout.enabled",
    "basis": "basis.columns",
    "weights": "basis.weights",
    "playbook": "playbook.file",
    "budget": "budget.amount",
    "ignore": "features.ignore",
    "columns": "sources.column_names",
    "header": "sources.header",
    "skip_rows": "sources.skip_rows",
    "sheet": "sources.sheet",
    "encoding": "sources.encoding",
    "encoding_errors": "sources.encoding_errors",
    "delimiter": "sources.delimiter",
    "currency": "sources.currency",
    "decimal": "sources.decimal",
    "date_order": "sources.date_order",
    "timezone": "sources.timezone",
    "schema": "sources.work_schema",
    "duplicate_columns": "sources.duplicate_columns",
    "on_duplicate": "sources.on_duplicate",
    "max_rejected": "sources.max_rejected",
    "guest_ids": "sources.guest_ids",
    "suppress": "sources.suppress",
    "audit": "sources.audit",
    "allow_special": "sources.allow_special",
    "purpose": "privacy.purpose",
    "purpose_class": "privacy.purpose_class",
    "human_review": "privacy.human_review",
}


@dataclass(frozen=True)
class Tables:
    """The tables of a shop as a person hands them over: paths, globs, folders or dataframes.

    `guessed` are those whose kind is to be found out; the others were named.
    """

    guessed: tuple[object, ...] = ()
    orders: tuple[object, ...] = ()
    customers: tuple[object, ...] = ()
    events: tuple[object, ...] = ()
    responses: tuple[object, ...] = ()

    def inputs(self) -> list[Input]:
        """Give every table with its kind, in a fixed order."""
        from coterie.sources import Input

        named = {
            None: self.guessed,
            TableKind.ORDERS: self.orders,
            TableKind.CUSTOMERS: self.customers,
            TableKind.EVENTS: self.events,
            TableKind.RESPONSES: self.responses,
        }
        inputs = [Input(data, kind) for kind, tables in named.items() for data in tables]
        if not inputs:
            raise ConfigError("No table was given.", remedy="Name at least one file, as in: coterie segment orders.csv")
        return inputs


def segment(
    *tables: object,
    orders: object = None,
    customers: object = None,
    events: object = None,
    responses: object = None,
    config: Config | str | Path | None = None,
    like: Study | str | Path | None = None,
    progress: Progress = SILENT,
    **options: Any,  # noqa: ANN401  the names and types are those of OPTIONS
) -> Study:
    """Find, judge, name and explain the segments of a shop's customers, with a plan for each.

    Parameters
    ----------
    *tables : path, glob, folder or dataframe
        What each table holds is found out from its columns. pandas, Polars and Arrow tables and DuckDB relations work.
    orders, customers, events, responses : path, glob, folder, dataframe, or a list of them, optional
        Tables whose kind you say.
    config : Config or path, optional
        Settings, or a `coterie.toml`.
    like : Study or path, optional
        An earlier study. The segments are found anew; those that are the same people keep its ids, names and colours,
        and `study.tables["moved"]` tells who went where. Its settings hold where `config` is not given.
    progress : Progress, optional
        Is told the stages of the work.
    **options
        Single settings by the names of the command line's options, with underscores: `as_of`, `segments` (5, "3..8" or
        (3, 8)), `method`, `basis`, `ignore`, `weights`, `seed`, `map` ({"customer_id": "CustomerID"}), `decimal`, … And
        `learned`, one or more folders of measured campaigns: a play that failed with a segment gives way to the next
        best; campaigns whose plans lie beside the folder of `like` are known anyway.

    Returns
    -------
    Study
        Frozen; see `study.segments`, `study.customers`, `study.verdict`, `study.report("report.html")`.

    Raises
    ------
    InputError
        The tables cannot be used; the message says why and what to do.
    ConfigError
        An option is unknown or has no meaning.
    """
    from coterie.outputs import Study, learned_for
    from coterie.pipeline import segment as run

    named = Tables(tables, _several(orders), _several(customers), _several(events), _several(responses))
    named_results = _several(options.pop("learned", ()))
    before = load(like) if isinstance(like, (str, Path)) else like
    settings = configure(config or (before.settings_anew if before else None), **options)
    earlier = before.as_earlier() if before else None
    tests = learned_for(before, [Path(str(path)) for path in named_results])
    found = run(named.inputs(), settings, progress=progress, earlier=earlier, learned=tests)
    return Study.from_segmentation(found)


def check(
    *tables: object,
    orders: object = None,
    customers: object = None,
    events: object = None,
    responses: object = None,
    config: Config | str | Path | None = None,
    progress: Progress = SILENT,
    **options: Any,  # noqa: ANN401  as in `segment`
) -> Understood:
    """Say what is understood of the tables and what is wrong with them; nothing is clustered.

    Takes the same tables and options as `segment`.
    """
    from coterie.pipeline import understand

    named = Tables(tables, _several(orders), _several(customers), _several(events), _several(responses))
    return understand(named.inputs(), configure(config, **options), progress=progress)


def load(folder: str | Path) -> Study:
    """Open a study folder.

    Raises
    ------
    StudyError
        The folder is missing, damaged, or was written by a newer version.
    """
    from coterie.outputs import load as load_folder

    return load_folder(Path(folder))


def configure(config: Config | str | Path | None = None, **options: Any) -> Config:  # noqa: ANN401
    """Settings from a `Config` or a TOML file, changed by single options.

    Raises
    ------
    ConfigError
        An option is unknown (with the nearest known one) or has no meaning.
    """
    base = load_config(Path(config)) if isinstance(config, (str, Path)) else (config or Config())
    changes: dict[str, Any] = {}
    for name, value in options.items():
        if value is None:
            continue
        if name == "segments":
            changes["search.min_segments"], changes["search.max_segments"] = segment_range(value)
        elif name == "map":
            changes["sources.columns"] = _pinned(base, value)
        else:
            changes[_key(name)] = value
    return override(base, changes)


def _key(option: str) -> str:
    if option not in OPTIONS:
        import difflib

        known = sorted([*OPTIONS, "segments", "map"])
        near = difflib.get_close_matches(option, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known options: {', '.join(known)}."
        raise ConfigError(f"There is no option '{option}'.", remedy=hint)
    return OPTIONS[option]


def _pinned(base: Config, roles: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Pinned roles by table kind; `customer_id` alone pins it in every table that has such a column."""
    pinned = {kind: dict(columns) for kind, columns in base.sources.columns.items()}
    for key, column in roles.items():
        kind, _, role = key.rpartition(".")
        pinned.setdefault(kind or "any", {})[role] = column
    return pinned


def _several(tables: object) -> tuple[object, ...]:
    if tables is None:
        return ()
    return tuple(tables) if isinstance(tables, (list, tuple)) else (tables,)
