"""Every setting of a run with its default and unit, one table per stage; read from and written to `coterie.toml`."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from coterie.errors import ConfigError
from coterie.vocabulary import Block

if TYPE_CHECKING:
    from pathlib import Path

METHODS = (
    "auto",
    "kmeans",
    "gaussian_mixture",
    "ward",
    "genie",
    "dbscan",
    "hdbscan",
    "mode_seeking",
    "spectral",
    "latent_class",
    "kamila",
)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SourcesSettings(_Settings):
    """How tables are read and understood."""

    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Pinned roles, one table per kind: `[sources.columns.orders]` with `customer_id = "CustomerID"`."""
    encoding: str | None = None
    """Encoding of text files, such as "cp1252"; by default found per file."""
    encoding_errors: Literal["strict", "replace"] = "strict"
    """What to do with bytes that are not valid in the encoding."""
    delimiter: str | None = None
    """Field separator of text files; `"whitespace"` for columns lined up with blanks; by default found per file."""
    header: bool = True
    """Whether the first row holds column names; with `false`, `column_names` gives them."""
    column_names: tuple[str, ...] = ()
    """Names of the columns of a file without a header, in order."""
    skip_rows: int = Field(default=0, ge=0)
    """Lines to skip before the header; 0 finds a preamble by itself."""
    sheet: str | None = None
    """Excel sheet to read when a workbook has several."""
    currency: str = Field(default="", max_length=5)
    """What stands before or after money, such as "£" or "EUR"; by default found in the tables."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark of numbers; by default found per column."""
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    """Order of day, month and year in dates; by default found per column."""
    timezone: str | None = None
    """Time zone in which times with an offset are told; needed when a column mixes times with and without one."""
    work_schema: str = ""
    """Schema of the user's database in which what is kept for a while may lie; empty for temporary tables."""
    duplicate_columns: Literal["refuse", "rename"] = "refuse"
    """What to do with two columns of the same name."""
    on_duplicate: Literal["auto", "refuse", "first"] | str = "auto"
    """What to do with customers listed twice with different values: `auto` keeps the fullest row where they are few
    (under 5 %) and refuses otherwise; refuse; first; or `latest:<column>`."""
    max_rejected: float = Field(default=0.01, ge=0, le=1)
    """Largest share of rows that may be unreadable (ragged, not a number, not a date) before the run stops."""
    guest_ids: Literal["exclude", "keep"] = "exclude"
    """What to do with placeholder ids such as "guest" that gather many rows."""
    suppress: tuple[str, ...] = ()
    """Files of people who objected, by customer id or e-mail address: they are left out before anything is computed."""
    audit: tuple[str, ...] = ()
    """Columns of a customer table that only the check of fairness looks at: no segment, name or file shows them."""
    allow_special: dict[str, str] = Field(default_factory=dict)
    """Columns about specially protected matters (health, religion, …) that may be used all the same, with the reason:
    `[sources.allow_special]` with `allergy = "customers asked for offers that suit it"`."""


class FeaturesSettings(_Settings):
    """How the customer table is made."""

    ignore: tuple[str, ...] = ()
    """Columns or features to leave out altogether."""
    product_groups: bool = True
    """Derive product groups from names and co-purchase where products have no category."""
    max_categories: int = Field(default=12, ge=2, le=50)
    """Largest number of categories (or derived product groups) whose shares become features."""


class BasisSettings(_Settings):
    """What the segments are built on."""

    columns: tuple[str, ...] = ()
    """Features or columns that form the basis; empty chooses a small actionable set."""
    weights: dict[Block, float] = Field(default_factory=dict)
    """Weight of each block against the others; default weights are measured (docs/decisions)."""
    max_features: int = Field(default=12, ge=1, le=200)
    """Largest number of features in a basis that is chosen automatically."""
    screen: bool = True
    """Leave out features that have nothing to do with any other; those named in `columns` always stay."""


class SearchSettings(_Settings):
    """How the segments are found."""

    method: Literal[METHODS] = "auto"  # type: ignore[valid-type]
    """Which method; `auto` tries the portfolio."""
    min_segments: int = Field(default=2, ge=1, le=50)
    """Smallest number of segments tried."""
    max_segments: int = Field(default=12, ge=1, le=50)
    """Largest number of segments tried."""
    smallest_share: float = Field(default=0.02, ge=0, le=0.5)
    """Smallest share of customers that a segment may have."""
    rare_share: float = Field(default=0.004, ge=0, le=0.1)
    """Smallest share of customers that a group which stands apart may have: among more customers than `sample`, a
    second look finds such groups, and each becomes a segment below `smallest_share`. 0 looks for none."""
    must_differ: Literal["", "value", "behaviour"] = ""
    """What any two segments must differ in by at least half a standard deviation, in one column of the basis or more:
    `value` (what customers are worth) or `behaviour` (rhythm, basket, interests, visits); empty asks for neither."""
    sample: int = Field(default=4_000, ge=200, le=100_000)
    """Customers on which candidates are tried."""
    fit_sample: int = Field(default=20_000, ge=200, le=1_000_000)
    """Customers on which the chosen centroid or mixture method is fitted again."""
    null_draws: int = Field(default=39, ge=19, le=999)
    """Reference data sets of the structure test."""
    bootstraps: int = Field(default=20, ge=2, le=500)
    """Bootstrap pairs of the stability measure."""

    @field_validator("max_segments")
    @classmethod
    def _in_order(cls, value: int, info: Any) -> int:  # noqa: ANN401  pydantic's validation info
        if value < info.data.get("min_segments", 1):
            raise ValueError("must not be smaller than min_segments")
        return value


class HoldoutSettings(_Settings):
    """How segments are tested against later orders."""

    enabled: Literal["auto", "on", "off"] = "auto"
    """Whether segments from the data before a day are held against what came after it; `auto`: where the history
    allows it, `on`: stop where it does not."""
    days: int | None = Field(default=None, ge=7, le=730)
    """Days held back; default: a quarter of the history, at least 30 and at most 365."""
    sample: int = Field(default=20_000, ge=200, le=1_000_000)
    """Customers looked at, drawn at random where there are more."""
    search_sample: int = Field(default=1_000, ge=200, le=100_000)
    """Customers on which candidates are tried here, at most as many as `search.sample`."""

    @field_validator("enabled", mode="before")
    @classmethod
    def _in_words(cls, value: object) -> object:
        return ("on" if value else "off") if isinstance(value, bool) else value


class CampaignsSettings(_Settings):
    """What is assumed when plays are chosen and valued."""

    margin: float = Field(default=0.4, gt=0, le=1)
    """Gross margin, share of net revenue."""


class MoneySettings(_Settings):
    """What is assumed of money when the value of customers is forecast; the gross margin is `campaigns.margin`."""

    returns: float | None = Field(default=None, ge=0, le=1)
    """Share of what is paid that goes back for returns; default: the share in the orders."""
    contact_cost: float = Field(default=0.01, ge=0)
    """Cost of one message to one customer, in the shop's currency; the default is that of an e-mail."""
    contacts_per_year: float = Field(default=24, ge=0, le=1000)
    """Messages to each customer in a year."""
    offer_discount: float = Field(default=0.1, ge=0, le=1)
    """Discount of an offer, share of the order's value."""
    offer_share: float = Field(default=0, ge=0, le=1)
    """Share of orders that will use such an offer beyond the discounts that past orders hold already."""
    interest: float = Field(default=0.1, ge=0, le=1)
    """By how much money that comes in a year is worth less than today's, as a yearly rate."""
    return_cost: float = Field(default=0.1, ge=0, le=1)
    """Cost of taking goods back, as a share of their price; it counts in what a campaign brings, not in forecasts."""


class PlaybookSettings(_Settings):
    """Where the plays come from."""

    file: str = ""
    """A playbook of your own: TOML in the form that `coterie playbook` prints, whole or only what differs."""


class AttractivenessSettings(_Settings):
    """Weights of what makes a segment worth having; 0 leaves a criterion out."""

    value: float = Field(default=3, ge=0)
    """What a customer is expected to bring in a year (without a forecast: has brought), against all customers."""
    size: float = Field(default=1, ge=0)
    """Number of customers, against segments of equal size."""
    alive: float = Field(default=2, ge=0)
    """Chance that a customer will order again."""
    margin: float = Field(default=1, ge=0)
    """Part of the gross margin that is left after messages, offers and returns."""
    gain: float = Field(default=2, ge=0)
    """What the segment's campaign is expected to leave for each customer in a year, against all customers."""


class StrengthSettings(_Settings):
    """Weights of how well the shop can serve and reach a segment; 0 leaves a criterion out."""

    stability: float = Field(default=2, ge=0)
    """How surely the segment is found again."""
    rule: float = Field(default=1, ge=0)
    """How many of those whom its short rule describes belong to it."""
    reach: float = Field(default=2, ge=0)
    """Part of the customers who may be written to (consent, e-mail)."""
    fit: float = Field(default=1, ge=0)
    """How far its favourite category stands out, which an offer can lead with."""
    response: float = Field(default=2, ge=0)
    """How it answered earlier campaigns, against all customers."""


class TargetingSettings(_Settings):
    """By what segments are chosen as targets."""

    attractiveness: AttractivenessSettings = AttractivenessSettings()
    strength: StrengthSettings = StrengthSettings()


class BudgetSettings(_Settings):
    """What is assumed when money is divided among the segments."""

    amount: float | None = Field(default=None, ge=0)
    """Money for the campaigns of a year, in the shop's currency; divided where it is given."""
    days: int = Field(default=14, ge=1, le=365)
    """Days after each message in which every order takes the offer, also those that would have come anyway."""
    falling_response: float = Field(default=2, ge=0, le=20)
    """How fast the response falls from the customers who fit best to the others: with 2, the first customer brings
    7 times as much as the last; 0 is no fall."""
    doubt: float = Field(default=2, ge=1, le=20)
    """How many times too high or too low the assumed effect of a play may be, 19 times in 20."""


class PrivacySettings(_Settings):
    """What the segments are for; it stands in the manifest and on the report."""

    purpose: str = Field(default="", max_length=500)
    """What the segments are for, in your own words."""
    purpose_class: Literal["service", "marketing", "price-or-eligibility"] = "marketing"
    """Kind of purpose; where prices, credit or who may have something depend on the segments
    (`price-or-eligibility`), `human_review` must name who reviews each decision."""
    human_review: str = Field(default="", max_length=200)
    """Name of the person who reviews what is decided about a customer with these segments."""


class Config(_Settings):
    """All the settings of a run."""

    as_of: dt.date | None = None
    """First day not seen; default: the day after the last order."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Seed of everything random."""
    memory: str = Field(default="2GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    """Memory limit of the embedded engine."""
    threads: int | None = Field(default=None, ge=1)
    """Threads; default: all cores. The result does not depend on it."""
    title: str = ""
    """Title of the report; default: from the names of the tables."""
    sources: SourcesSettings = SourcesSettings()
    features: FeaturesSettings = FeaturesSettings()
    basis: BasisSettings = BasisSettings()
    search: SearchSettings = SearchSettings()
    holdout: HoldoutSettings = HoldoutSettings()
    campaigns: CampaignsSettings = CampaignsSettings()
    money: MoneySettings = MoneySettings()
    playbook: PlaybookSettings = PlaybookSettings()
    targeting: TargetingSettings = TargetingSettings()
    budget: BudgetSettings = BudgetSettings()
    privacy: PrivacySettings = PrivacySettings()


def load_config(path: Path) -> Config:
    """Read a `coterie.toml`.

    Raises
    ------
    ConfigError
        Naming the line or key, what was found, and the nearest known key.
    """
    import tomllib

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise ConfigError(f"The settings file '{path}' cannot be read.", found=cause.strerror or "") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise ConfigError(f"The settings file '{path}' is not valid TOML.", found=str(cause)) from cause
    return make_config(data, origin=f"the settings file '{path}'")


def make_config(data: dict[str, Any], *, origin: str = "the settings") -> Config:
    """Check settings given as nested dictionaries.

    Raises
    ------
    ConfigError
        One line per fault: the key, what was found, what is allowed, and a near match for an unknown key.
    """
    try:
        return Config.model_validate(data)
    except ValidationError as cause:
        faults = [_fault(error) for error in cause.errors()]
        raise ConfigError(f"Something in {origin} has no meaning.", found="\n".join(faults)) from cause


def known_keys(model: type[BaseModel] = Config, prefix: str = "") -> list[str]:
    """Every key with its tables, such as `search.max_segments`."""
    keys = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys += known_keys(kind, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


#: What may stand at a key, where the checking library says it for programmers only.
_ALLOWED = {
    "as_of": "write the date as 2026-01-31",
    "memory": "write a number and MB or GB, as in 2GB",
}


def _fault(error: Any) -> str:  # noqa: ANN401  pydantic's error dictionary
    import difflib

    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = known_keys()
        near = difflib.get_close_matches(
            key, [*known, *{k.rsplit(".", 1)[0] for k in known if "." in k}], n=1, cutoff=0.5
        )
        return f"Unknown key '{key}'." + (
            f" Did you mean '{near[0]}'?" if near else f" Known keys: {', '.join(known)}."
        )
    allowed = _ALLOWED.get(key) or f"{error['msg'][0].lower()}{error['msg'][1:]}"
    return f"Key '{key.removesuffix('.[key]')}' is {error['input']!r}: {allowed}."


def dump_config(config: Config) -> str:
    """Write settings as TOML, each key with its meaning as a comment above it.

    Keys that hold no value are written as comments, so that the file shows all there is to set.
    """
    import tomlkit

    document = tomlkit.document()
    _dump(document, config)
    return tomlkit.dumps(document)


def _dump(container: Any, settings: BaseModel) -> None:  # noqa: ANN401  a tomlkit container
    import tomlkit

    nested = {}
    meanings = _meanings(type(settings))
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, (BaseModel, dict)):  # TOML wants a table's own keys before the tables inside it
            nested[name] = value
            continue
        for line in meanings[name].splitlines():
            container.add(tomlkit.comment(line.strip()))
        if value is None:
            container.add(tomlkit.comment(f"{name} = (not set)"))
        else:
            container[name] = list(value) if isinstance(value, tuple) else value
    for name, value in nested.items():
        table = tomlkit.table()
        if isinstance(value, BaseModel):
            _dump(table, value)
        else:
            table.add(tomlkit.comment(meanings[name]))
            table.update({str(key): inner for key, inner in value.items()})
        container[name] = table


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Read the text below each field in the source, only when it is wanted: parsing takes longer than all the rest."""
    import ast
    import inspect
    import textwrap

    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: text.value.value
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    } | {
        name: name
        for name, info in model.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
    }


def override(config: Config, changes: dict[str, Any], *, origin: str = "the options") -> Config:
    """Change settings by dotted key; a value of None leaves the key as it is.

    Examples
    --------
    >>> override(Config(), {"search.method": "kmeans", "seed": None}).search.method
    'kmeans'
    """
    data = config.model_dump()
    for key, value in changes.items():
        if value is None:
            continue
        *tables, name = key.split(".")
        place = data
        for table in tables:
            place = place[table]
        place[name] = value
    return make_config(data, origin=origin)


def segment_range(wanted: int | str | tuple[int, int]) -> tuple[int, int]:
    """Smallest and largest number of segments from `5`, `"5"`, `"3..8"` or `(3, 8)`.

    Raises
    ------
    ConfigError
        Unless both are whole numbers from 2 to 50, the smaller first.
    """
    parts = str(wanted).split("..") if isinstance(wanted, (str, int)) else [str(part) for part in wanted]
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise ConfigError(
            f"The range of numbers of segments is the wrong way round: {wanted!r}.",
            remedy=f"Put the smaller number first: --segments {numbers[1]}..{numbers[0]}.",
        )
    if len(numbers) not in (1, 2) or not 2 <= numbers[0] <= numbers[-1] <= 50:
        raise ConfigError(
            f"The number of segments is {wanted!r}.",
            remedy="Give one whole number from 2 to 50, as in --segments 5, or a range, as in --segments 3..8.",
        )
    return numbers[0], numbers[-1]
