"""From the store's own tables to one row per customer: the mapping of columns, then the feature steps that ran."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from coterie.engines.steps import Step
from coterie.errors import InputError
from coterie.features import CATALOG, columns_for, columns_of, plan
from coterie.outputs.sql.mapping import given_customers, order_lines, site_events
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from coterie.engines.dialect import Dialect
    from coterie.features import Definition
    from coterie.outputs.sql.mapping import Mapped
    from coterie.outputs.study import Study
    from coterie.vocabulary import Feature

#: Steps over the mapped tables that the feature steps read.
_BEFORE = ("lines", "orders", "customer_categories")
#: Kinds of tables that a query reads.
_KINDS = (TableKind.ORDERS, TableKind.EVENTS, TableKind.CUSTOMERS)


class Journey(NamedTuple):
    """Steps that end in `customers`, and sentences on what differs from the study."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Wanted:
    """A feature of the basis and its entry in the catalogue; None where it is a column of the customer table."""

    feature: Feature
    entry: Definition | None


def journey(study: Study, dialect: Dialect, tables: Mapping[str, str], as_of: dt.date | None = None) -> Journey:
    """Write the way from the tables to the features that the segments are built on.

    Parameters
    ----------
    study : Study
    dialect : Dialect
    tables : mapping of str to str
        Kind of table -> its name in the database.
    as_of : date, optional
        First day not seen; default: the study's.

    Raises
    ------
    InputError
        A feature of the basis cannot be made in SQL from these tables.
    """
    mapped = {kind: _mapped(study, kind, dialect, tables) for kind in _KINDS if _inputs(study, kind)}
    wanted = _wanted(study)
    _refuse_derived_groups(study, wanted)
    given = [each.feature for each in wanted if each.entry is None]
    if TableKind.CUSTOMERS in mapped:
        mapped[TableKind.CUSTOMERS] = given_customers(_inputs(study, TableKind.CUSTOMERS), dialect, tables, given)
    has = {kind: each.has for kind, each in mapped.items()}
    made = _feature_steps(wanted, dialect, _parameters(study, dialect, has, as_of or study.as_of), has)
    steps = [step for each in mapped.values() for step in each.steps]
    notes = tuple(note for each in mapped.values() for note in each.notes)
    return Journey((*steps, *made), (*_of_day(study, as_of), *notes))


def over_mapped(
    study: Study, dialect: Dialect, has: Mapping[TableKind, frozenset[str]], as_of: dt.date | None
) -> list[Step]:
    """Write the steps to the features that the segments are built on, over tables that have our names already.

    Parameters
    ----------
    study : Study
    dialect : Dialect
    has : mapping of TableKind to frozenset of str
        Which tables there are, and which of our columns hold values in each.
    as_of : date or None
        First day not seen.

    Raises
    ------
    InputError
        A feature of the basis cannot be made in SQL: it comes out of a customer table.

    Notes
    -----
    Where product groups were derived, a step `customer_products` comes first, and the others read a table
    `product_groups` (product, category).
    """
    wanted = _wanted(study)
    for each in wanted:
        if each.entry is None:
            raise _cannot(f"'{each.feature.label}' of the customer table")
    parameters = _parameters(study, dialect, has, as_of)
    if not _needs_derived_groups(study, wanted):
        return _feature_steps(wanted, dialect, parameters, has)
    parameters |= {"grouped": True, "category": "product_groups.category"}
    products = plan.step("customer_products", dialect, parameters)
    return [products, *_feature_steps(wanted, dialect, parameters, has)]


def _needs_derived_groups(study: Study, wanted: Sequence[_Wanted]) -> bool:
    groups = study.model.families.product_groups
    return bool(groups) and any(each.entry and "categories" in each.entry.needs for each in wanted)


def _refuse_derived_groups(study: Study, wanted: Sequence[_Wanted]) -> None:
    if _needs_derived_groups(study, wanted):
        raise _cannot("product groups that were derived from the words of product names")


def _inputs(study: Study, kind: TableKind) -> list[Mapping[str, Any]]:
    return [table for table in study.manifest["inputs"] if table["kind"] == kind]


def _mapped(study: Study, kind: TableKind, dialect: Dialect, tables: Mapping[str, str]) -> Mapped:
    inputs = _inputs(study, kind)
    if kind is TableKind.CUSTOMERS:
        return given_customers(inputs, dialect, tables, ())
    if kind is TableKind.EVENTS:
        return site_events(inputs, dialect, tables)
    return order_lines(inputs, dialect, tables, {finding.code for finding in study.findings})


def _wanted(study: Study) -> list[_Wanted]:
    """Find the entry of each feature of the basis: by its own name, or as a member of a family."""
    members: dict[str, Definition] = {}
    for family, values in study.model.families.chosen.items():
        members |= dict.fromkeys(columns_of(CATALOG[family], values), CATALOG[family])
    computed = _computed(study)
    return [
        _Wanted(study.features[name], (members.get(name) or CATALOG.get(name)) if name in computed else None)
        for name in study.model.features
    ]


def _computed(study: Study) -> set[str]:
    """Features of the basis that came out of the steps, not of a column of the customer table."""
    sources = {
        name
        for table in _inputs(study, TableKind.CUSTOMERS)
        for name in (*(guess["column"] for guess in table["guesses"]), *table["unused"])
    }
    return {name for name in study.model.features if not _from(study.features[name].origin, sources)}


def _from(origin: str, sources: set[str]) -> bool:
    return origin in sources or bool(sources.intersection(origin.split(", ")))


def _parameters(
    study: Study, dialect: Dialect, there: Mapping[TableKind, frozenset[str]], day: dt.date | None
) -> dict[str, object]:
    """Everything that the feature steps may ask for, as the study had it."""
    families, days = study.model.families, dialect.days_between
    printed: Any = SimpleNamespace(dialect=dialect)
    shares = {family: columns_for(printed, family, values) for family, values in families.chosen.items()}
    as_of = dialect.date(day) if day else "CAST(NULL AS DATE)"
    weight = dialect.f64("weight")
    has, visits = (there.get(kind, frozenset()) for kind in (TableKind.ORDERS, TableKind.EVENTS))
    kinds = {
        "orders": TableKind.ORDERS in there,
        "given_customers": TableKind.CUSTOMERS in there,
        "site_events": set(there) == {TableKind.EVENTS},
    }
    return {
        "as_of": as_of,
        "dated": day is not None,
        "grouped": False,
        "category": "bought.category",
        "recent": f"2 * {days('first_on', 'ordered_on')} >= {days('first_on', as_of)}",
        "weight_log": dialect.decimal(f"CASE WHEN weight > 0 THEN {weight} * LN({weight}) ELSE 0 END", 38, 12),
        "amount": True,
        "channels": "channel" in has,
        "countries": "country" in has,
        "sessions": "session_id" in visits,
        "sources": [name for name, there in kinds.items() if there],
        "category_shares": shares.get("share_<category>", ()),
        "channel_shares": shares.get("channel_share_<channel>", ()),
        "browse_shares": shares.get("browse_share_<category>", ()),
        "log_categories": repr(math.log(max(families.n_categories, 2))),
    }


def _feature_steps(
    wanted: Sequence[_Wanted], dialect: Dialect, parameters: Mapping[str, object], there: Collection[TableKind]
) -> list[Step]:
    origins = {each.entry.feature.origin for each in wanted if each.entry}
    later = [step for step in plan.steps({"everyone", *origins}, dialect, parameters) if step.name not in _BEFORE]
    read = " ".join(step.sql for step in later)
    needed = [name for name in _BEFORE if TableKind.ORDERS in there and (name != "customer_categories" or name in read)]
    before = [plan.step(name, dialect, parameters) for name in needed]
    joined = [step.name for step in later if step.name in origins]
    given = any(each.entry is None for each in wanted)
    columns = [_column(each, dialect) for each in wanted]
    last = plan.step("customers", dialect, {"columns": columns, "joined": [*joined, *["given_customers"] * given]})
    return [*before, *later, Step("customers", last.sql.replace("\nORDER BY everyone.customer_id", ""))]


def _column(wanted: _Wanted, dialect: Dialect) -> str:
    feature, entry = wanted.feature, wanted.entry
    if entry is None:
        return f"given_customers.{dialect.own(feature.name)} AS {dialect.own(feature.name)}"
    value = f"{entry.feature.origin}.{dialect.own(feature.name)}"
    if entry.absent_is_zero:
        value = f"COALESCE({value}, 0)"
    if feature.is_numeric:
        value = dialect.f64(value)
    return f"{value} AS {dialect.own(feature.name)}"


def _of_day(study: Study, as_of: dt.date | None) -> tuple[str, ...]:
    if as_of and as_of != study.as_of:
        return (f"everything is told as it was before {as_of}; the study's first day not seen is {study.as_of}.",)
    if study.as_of is None:
        return ()
    return (
        f"everything is told as it was before {study.as_of}, the study's first day not seen. To place customers as of "
        "another day: coterie sql STUDY --as-of DATE.",
    )


def _cannot(what: str) -> InputError:
    return InputError(
        f"The way from the store's tables to the segments cannot be written in SQL: they rest on {what}.",
        remedy="Write the short form, which starts from a ready customer table: coterie sql STUDY --customers TABLE. "
        "Or place customers with: coterie score STUDY TABLE.",
    )
