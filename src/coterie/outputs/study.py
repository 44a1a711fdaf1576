"""A study: one run, kept. In memory it is what stands in its folder, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import StudyError
from coterie.outputs import fairness, small_cells, strategy, tables, worth
from coterie.outputs import manifest as manifests
from coterie.outputs.model import Model, make_model, read_model
from coterie.progress import SILENT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    import pandas as pd
    from seaborn import PairGrid

    from coterie.beside import SecondProcess
    from coterie.config import Config
    from coterie.outputs.charts import Charts
    from coterie.outputs.exporting import Export
    from coterie.outputs.folder import FolderReader
    from coterie.pipeline import Segmentation
    from coterie.profiles import Earlier
    from coterie.progress import Progress
    from coterie.vocabulary import Feature, Finding, Segment, Verdict

#: Tables kept as CSV files under these names; segments.csv and customers are handled apart.
TABLES = ("profiles", "candidates", "campaigns", "descriptors", "stability", "left_out", "rejected_rows")
#: Table that only a study with an earlier one has: who went from which segment to which.
MOVED = "moved"
#: Tables of what customers are worth: of segments, of lifecycle stages, of moves between these, of the test in time.
WORTH_TABLES = ("expected_value", "value_stages", "value_moves", "value_tenths")
#: Tables of the choice of targets, its criteria, and the money of the campaigns.
STRATEGY_TABLES = ("targeting", "targeting_criteria", "budget")
#: Tables that only some studies have: earlier segments held against later orders; segments draw by draw, and followed
#: through other numbers of segments; what each number of segments would be worth (missing in the oldest studies); the
#: worth of customers.
SOMETIMES = (
    MOVED,
    "holdout",
    "holdout_explained",
    "segment_stability",
    "solutions",
    "numbers",
    *WORTH_TABLES,
    *STRATEGY_TABLES,
    *fairness.TABLES,
)


@dataclass(frozen=True, eq=False)
class Study:
    """The segments of a shop's customers, with the evidence for them and the plans.

    Attributes
    ----------
    manifest : mapping
        How the study came about: settings, inputs, versions, verdict, findings.
    profiled : tuple of Segment
        The segments with all that was found about them, by id.
    customers : DataFrame
        Index `customer_id`; segment, confidence, reason, lifecycle stage, place on the map, and the features.
    tables : mapping of str to DataFrame
        The other tables of the folder, by the names in `TABLES`, `segments`, and `moved` after an earlier study.
    model : Model
        What it takes to place other customers.
    folder : Path or None
        Where the study was read from or written to.
    """

    manifest: Mapping[str, Any]
    profiled: tuple[Segment, ...]
    customers: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    model: Model
    folder: Path | None = None

    @classmethod
    def from_segmentation(cls, segmentation: Segmentation) -> Study:
        """Make a study of what a run of the pipeline found."""
        in_order = sorted(segmentation.segments, key=lambda segment: segment.segment_id)
        segments = small_cells.without_stakes(in_order)
        kept = {
            "segments": worth.with_forecast(tables.segments_table(segments), segmentation.worth),
            "profiles": tables.profiles_table(segmentation),
            "candidates": tables.candidates_table(segmentation),
            "campaigns": tables.campaigns_table(segments),
            "descriptors": tables.descriptors_table(segmentation),
            "stability": tables.stability_table(segmentation),
            "segment_stability": tables.segment_stability_table(segmentation),
            "solutions": tables.solutions_table(segmentation),
            "numbers": tables.numbers_table(segmentation),
            "left_out": tables.left_out_table(segmentation),
            "rejected_rows": tables.rejected_rows_table(segmentation),
        }
        if segmentation.profiles.change is not None:
            kept[MOVED] = tables.moved_table(segmentation.profiles.change)
        if segmentation.holdout is not None:
            kept["holdout"] = tables.holdout_table(segmentation.holdout)
            kept["holdout_explained"] = tables.holdout_explained_table(segmentation.holdout)
        kept |= worth.tables(segmentation.worth)
        kept |= strategy.tables(segmentation.strategy)
        kept |= fairness.tables(segmentation.fairness)
        kept = small_cells.protected(kept, segments)
        customers = tables.customers_table(segmentation)
        return cls(manifests.describe_run(segmentation), segments, customers, kept, make_model(segmentation))

    @classmethod
    def load(cls, folder: Path | str, *, customers: bool = True) -> Study:
        """Open a study folder.

        Parameters
        ----------
        folder : path
        customers : bool, default True
            Whether to read the customers; without them `Study.customers` has its columns and no row, and all that
            rests on the other tables works.

        Raises
        ------
        StudyError
            The folder is missing, damaged (the message names the part), or of a newer version.
        """
        from coterie.outputs.folder import FolderReader

        reader = FolderReader(Path(folder))
        try:
            return cls.read(reader, without=() if customers else ("customers",))
        except (KeyError, TypeError, AttributeError, IndexError) as cause:
            raise reader.damaged("manifest.json", f"an entry is missing or has another form ({cause})") from cause

    @classmethod
    def read(cls, reader: FolderReader, *, without: Collection[str] = ()) -> Study:
        """Read the files of a study, but for some of its tables; `customers` is one of them."""
        listed = ("segments", *TABLES, *(name for name in SOMETIMES if name in reader.manifest["columns"]))
        kept = {name: _read_table(reader, name) for name in listed if name not in without}
        segments = tuple(manifests.read_segment(entry) for entry in reader.json("segments.json"))
        read = _columns_alone if "customers" in without else _read_parquet
        customers = read(reader, "customers.parquet").set_index("customer_id")
        model = read_model(reader.json("model/model.json"), lambda name: reader.read(f"model/{name}"))
        manifest = {name: value for name, value in reader.manifest.items() if name not in ("files", "columns")}
        return cls(manifest, segments, customers, kept, model, reader.folder)

    def write(self, folder: Path | str, *, second: SecondProcess | None = None, progress: Progress = SILENT) -> Path:
        """Write the study folder: tables, charts, report, audiences and model; all of it or nothing.

        Parameters
        ----------
        folder : path
        second : SecondProcess, optional
            A process that draws some of the charts; the files are the same with and without it.
        progress : Progress, optional
            Is told how many of the charts have been drawn.

        Returns
        -------
        Path
            The folder. The study then knows it as `study.folder`.

        Raises
        ------
        StudyError
            The folder holds something already, or the disk refuses.
        """
        from coterie.outputs.writing import write_study

        path = write_study(self, Path(folder), second, progress=progress)
        object.__setattr__(self, "folder", path)
        return path

    def report(self, path: Path | str | None = None) -> Path:
        """Write the report, one HTML file that needs nothing else; without a path, give the one in the folder.

        Raises
        ------
        StudyError
            No path was given and the study has no folder yet.
        """
        if path is None:
            if self.folder is None:
                raise StudyError(
                    "The study has no folder yet.", remedy='Name a file, as in study.report("report.html").'
                )
            return self.folder / "report.html"
        from coterie.outputs.report import render_report

        target = Path(path)
        target.write_text(render_report(self), encoding="utf-8")
        return target

    def score(self, *tables: object, into: str = "", confidence: bool = False) -> pd.DataFrame:
        """Place other customers in this study's segments.

        Parameters
        ----------
        *tables : path, glob, folder, dataframe, address of a database, or one CustomerTable
            Tables of the same kinds, with the same columns, as the study's.
        into : str, optional
            SCHEMA.TABLE of the database or cluster where the orders lie, to write to instead of bringing rows here.
        confidence : bool
            Say of each customer how sure the segment is, also where their orders lie in a database: one row of features
            a customer comes here for that.

        Returns
        -------
        DataFrame
            See `coterie.outputs.scoring.score`; of customers who are placed in a database `segment_id` and `segment`
            alone, and with `into` one row a segment with its number of customers.
        """
        from coterie.outputs import scoring
        from coterie.sources import Input
        from coterie.vocabulary import CustomerTable

        if len(tables) == 1 and isinstance(tables[0], CustomerTable):
            return scoring.score(self, tables[0])
        inputs = [Input(table) for table in tables]
        if scoring.placed_where_they_lie(self, inputs, confidence=confidence):
            return scoring.score_there(self, inputs, into)
        if into:
            return scoring.score_into(self, inputs, into)
        return scoring.score(self, scoring.read_customers(self, inputs))

    def sql(
        self,
        dialect: str = "duckdb",
        *,
        tables: Mapping[str, str] | None = None,
        customers: str | None = None,
        as_of: dt.date | None = None,
    ) -> str:
        """Write the assignment as SQL, from the store's own tables to the segment of each customer.

        Parameters
        ----------
        dialect : {"duckdb", "postgres", "spark", "databricks", "bigquery", "snowflake"}
        tables : mapping of str to str, optional
            Kind of table ("orders", "customers", "events") -> its name in the database.
        customers : str, optional
            Name of a ready table, one row per customer with the features as columns: the short form.
        as_of : date, optional
            First day not seen; default: the study's.

        Returns
        -------
        str
            One SELECT with named steps; see `coterie.outputs.sql.study_sql` for what is raised.
        """
        from coterie.outputs.sql import study_sql

        return study_sql(self, dialect, tables=tables, customers=customers, as_of=as_of)

    def audience(self, destination: str, *, segment: Any = None, **options: Any) -> Export:  # noqa: ANN401
        """Make the list of a segment for a tool, as its upload wants it; nothing is written yet.

        Parameters
        ----------
        destination : {"generic", "google", "meta", "tiktok", "klaviyo", "mailchimp", "braze"}
        segment : str, int, or a list of them, optional
            Name or id; all segments where it is not given.
        **options
            `customers`, `suppress`, `exclude`, … as in `coterie.outputs.exporting.AudienceOptions`.

        Returns
        -------
        Export
            `print(found.preview)`, `found.frame`, and `found.write("lists")`.

        Examples
        --------
        >>> study.audience("klaviyo", segment="Champions", customers="customers.csv")  # doctest: +SKIP
        """
        from coterie.outputs.exporting import AudienceOptions, export

        chosen = segment if isinstance(segment, (list, tuple)) else () if segment is None else (segment,)
        return export(self, destination, AudienceOptions.of(chosen, options))

    @cached_property
    def settings(self) -> Config:
        """The settings of the run, with the roles that were guessed pinned: the next run guesses nothing."""
        from coterie.config import make_config

        config = make_config(self.manifest["config"], origin="the study's settings")
        roles: dict[str, dict[str, str]] = {}
        for table in self.manifest["inputs"]:
            roles.setdefault(table["kind"], {}).update({guess["role"]: guess["column"] for guess in table["guesses"]})
        sources = config.sources.model_copy(update={"columns": roles})
        return config.model_copy(update={"sources": sources})

    @property
    def settings_anew(self) -> Config:
        """The settings for a later study of the same shop: all but the first day not seen."""
        return self.settings.model_copy(update={"as_of": None})

    def as_earlier(self) -> Earlier:
        """Give what a later study needs so that its segments keep the ids and names of this one."""
        from coterie.profiles import Earlier

        own = {tables.feature_column(name): name for name in self.features if name != "segment_id"}
        customers = self.customers[["segment_id", *own]]
        return Earlier(
            title=self.title,
            customers=customers.set_axis(["segment_id", *own.values()], axis=1),
            names={segment.segment_id: segment.name for segment in self.profiled},
            basis=tuple(self.manifest["basis"]["features"]),
            unusual=frozenset(segment.segment_id for segment in self.profiled if segment.is_unusual),
            retired=frozenset((self.manifest.get("change") or {}).get("retired", ())),
        )

    def settings_toml(self) -> str:
        """Give `settings` as the text of a `coterie.toml`."""
        from coterie.config import dump_config

        return dump_config(self.settings)

    @property
    def title(self) -> str:
        """Title of the report."""
        return str(self.manifest["title"])

    @property
    def currency(self) -> str:
        """What stands before or after money; "" when unknown."""
        return str(self.manifest["currency"])

    @cached_property
    def as_of(self) -> dt.date | None:
        """First day not seen."""
        import datetime as dt

        text = self.manifest["as_of"]
        return dt.date.fromisoformat(text) if text else None

    @cached_property
    def verdict(self) -> Verdict:
        """How real the segments are; `str(study.verdict)` is the sentence."""
        return manifests.read_verdict(self.manifest["verdict"])

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with the data, the gravest first."""
        found = [manifests.read_finding(entry) for entry in self.manifest["findings"]]
        rank = {"stop": 0, "warning": 1, "note": 2}
        return tuple(sorted(found, key=lambda finding: rank[finding.severity]))

    @cached_property
    def features(self) -> dict[str, Feature]:
        """The features of `customers`, by name."""
        return {entry["name"]: manifests.read_feature(entry) for entry in self.manifest["features"]}

    @property
    def segments(self) -> pd.DataFrame:
        """One row a segment."""
        return self.tables["segments"]

    @property
    def profiles(self) -> pd.DataFrame:
        """One row a segment and feature."""
        return self.tables["profiles"]

    @property
    def candidates(self) -> pd.DataFrame:
        """One row a method and number of segments tried."""
        return self.tables["candidates"]

    @property
    def campaigns(self) -> pd.DataFrame:
        """One row a segment: what to do."""
        return self.tables["campaigns"]

    @cached_property
    def charts(self) -> Charts:
        """The charts by name, each drawn when first asked for."""
        from coterie.outputs.charts import Charts

        return Charts(self)

    def pairs(self, *features: str, customers: int = 2000) -> PairGrid:
        """Draw customers by each pair of features in the colours of their segments; for a look of one's own.

        Parameters
        ----------
        *features : str
            One to eight numeric features; by default the four that tell the segments apart best. Money, counts and days
            are drawn on a logarithmic scale.
        customers : int, default 2000
            As many are drawn, the same at each call.

        Returns
        -------
        seaborn.PairGrid
            `study.pairs().savefig("pairs.png")`, or the last line of a notebook cell.

        Raises
        ------
        ConfigError
            A feature is not there or no number.
        """
        from coterie.outputs.charts.pairs import draw_pairs

        return draw_pairs(self, features, customers=customers)

    def __repr__(self) -> str:
        customers = self.manifest["n_customers"]
        return (
            f"<Study '{self.title[:60]}': {len(self.profiled)} segments of {customers} customers, {self.verdict.word}>"
        )

    def _repr_html_(self) -> str:
        from coterie.outputs.report import render_summary

        return render_summary(self)


def load(folder: Path | str) -> Study:
    """Open a study folder; see `Study.load`."""
    return Study.load(folder)


def _read_table(reader: FolderReader, name: str) -> pd.DataFrame:
    from coterie.outputs.spreadsheet import read_csv

    file = f"{name}.csv"
    try:
        return read_csv(reader.read(file), reader.manifest["columns"][name])
    except ValueError as cause:
        if isinstance(cause, StudyError):
            raise
        raise reader.damaged(file, str(cause)) from cause


def _columns_alone(reader: FolderReader, name: str) -> pd.DataFrame:
    """Read the names and types of a table's columns, from its last bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_schema(reader.folder / name).empty_table().to_pandas()
    except (pa.ArrowException, OSError) as cause:
        raise reader.damaged(name, "it is not valid Parquet") from cause
    return frame


def _read_parquet(reader: FolderReader, name: str) -> pd.DataFrame:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(reader.read(name)))
    except pa.ArrowException as cause:
        raise reader.damaged(name, "it is not valid Parquet") from cause
    frame: pd.DataFrame = table.to_pandas()
    texts = {column: object for column in frame.columns if column != "customer_id" and frame[column].dtype == "str"}
    return frame.astype(texts) if texts else frame
