"""Which column plays which role, guessed from headers and contents with evidence, and what a table's rows stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, UnsafeGuessError
from coterie.sources.columns import duplicate_of
from coterie.sources.names import listing, match, near
from coterie.sources.role_words import CONTENT, NEEDED, STRONG, WEAK
from coterie.sources.shop import ColumnGuess
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues, Group

#: Where `settings.columns` keeps roles that were pinned without saying in which kind of table.
ANY = "any"

#: A table with more than this share of the columns pinned for a kind is of that kind.
PINNED_ENOUGH = 0.6

#: Two scores nearer than this are equally good.
TIE = 0.03


@dataclass(frozen=True)
class Understanding:
    """A table understood: its kind and which column plays which role."""

    kind: TableKind
    kind_evidence: str
    guesses: tuple[ColumnGuess, ...]

    def column(self, role: str) -> str | None:
        """Give the column of a role, if it has one."""
        return next((guess.column for guess in self.guesses if guess.role == role), None)

    @property
    def roles(self) -> dict[str, str]:
        """Role -> column."""
        return {guess.role: guess.column for guess in self.guesses}


def understand(
    engine: DuckDBEngine, group: Group, values: Mapping[str, ColumnValues], settings: SourcesSettings
) -> Understanding:
    """Decide what the rows of a table stand for and which column plays which role.

    Raises
    ------
    UnsafeGuessError
        Where a needed role has no column, or two equally good ones.
    ConfigError
        Where a pinned column or role does not exist.
    """
    settings = _pins_for(group, settings)
    kind, evidence = (group.kind, "as said") if group.kind else _guess_kind(values, settings)
    guesses = guess_roles(engine, group, values, settings, kind)
    if kind is TableKind.CUSTOMERS and not group.kind and not guesses:
        _refuse_products(group, values)
    _require(group, values, kind, guesses)
    return Understanding(kind, evidence, guesses)


def _refuse_products(group: Group, values: Mapping[str, ColumnValues]) -> None:
    """Ask about a table that says nothing known of customers and names a different product in nearly every row.

    Raises
    ------
    UnsafeGuessError
        It may be a list of products or of stock.
    """
    for column, looked in values.items():
        named = max(_name_score(role, TableKind.ORDERS, column)[0] for role in ("product", "product_name"))
        if named >= 0.9 and looked.filled and looked.distinct >= 0.95 * looked.filled:
            raise UnsafeGuessError(
                f"Table '{group.name}' looks like a list of products: each row has another '{column}', and no column "
                "says who a customer is.",
                found=listing(group.columns),
                remedy="Leave it out. If each row is a customer all the same, hand it over with --customers.",
            )


def refuse_unmatched_pins(groups: Sequence[Group], settings: SourcesSettings) -> None:
    """Refuse a role pinned without a kind (`--map customer_id=Id`) when no table has such a column.

    Raises
    ------
    ConfigError
        Naming the nearest column.
    """
    kinds = [ANY, *TableKind]
    for kind in settings.columns:
        if kind not in kinds:
            hint = near(kind, list(TableKind))[:1]
            raise ConfigError(
                f"There is no kind of table '{kind}'.",
                remedy=f"Did you mean {hint[0]}?" if hint else f"The kinds are {', '.join(TableKind)}.",
            )
    columns = list(dict.fromkeys(column for group in groups for column in group.columns))
    for role, column in settings.columns.get(ANY, {}).items():
        if column not in columns:
            hint = [f"--map {role}={_quoted(name)}" for name in near(column, columns)[:1]]
            raise ConfigError(
                f"No table has a column '{column}', which should be its {role}.",
                found=listing(columns),
                remedy=f"Did you mean {hint[0]}?" if hint else "",
            )


def _pins_for(group: Group, settings: SourcesSettings) -> SourcesSettings:
    """Turn roles pinned without a kind into pins of every kind that knows them, where the table has the column."""
    there = {role: column for role, column in settings.columns.get(ANY, {}).items() if column in group.columns}
    pinned = {
        kind.value: {role: column for role, column in there.items() if role in STRONG[kind]}
        | settings.columns.get(kind.value, {})
        for kind in TableKind
    }
    unknown = [role for role in there if not any(role in STRONG[kind] for kind in TableKind)]
    if unknown:
        roles = sorted({role for kind in TableKind for role in STRONG[kind]})
        close = near(unknown[0], roles)[:1]
        raise ConfigError(
            f"There is no role '{unknown[0]}'.",
            remedy=f"Did you mean {close[0]}?" if close else f"The roles are {', '.join(roles)}.",
        )
    return settings.model_copy(update={"columns": pinned})


def _guess_kind(values: Mapping[str, ColumnValues], settings: SourcesSettings) -> tuple[TableKind, str]:
    """Choose the kind whose typical columns are there; a plain list of customers is the rest."""
    there = {kind: _pinned_share(kind, values, settings) for kind in TableKind}
    likely = max(TableKind, key=lambda kind: there[kind])
    if there[likely] > PINNED_ENOUGH:
        return likely, f"it has the columns that are set for {likely.value}"
    best = {kind: {role: _best_score(role, kind, values, settings) for role in STRONG[kind]} for kind in TableKind}
    orders, events, responses = best[TableKind.ORDERS], best[TableKind.EVENTS], best[TableKind.RESPONSES]
    repeats = _ids_repeat(values, settings)
    money = orders["amount"] >= 0.75 or (orders["quantity"] >= 0.75 and orders["unit_price"] >= 0.75)
    if responses["campaign"] >= 0.9 and max(responses["treated"], responses["responded"]) >= 0.9:
        return TableKind.RESPONSES, "it has a campaign and what came of it"
    if orders["ordered_at"] >= 0.75 and money and (repeats or orders["ordered_at"] >= 0.9 or orders["order_id"] >= 0.9):
        why = "the same customers come back" if repeats else "named like orders"
        return TableKind.ORDERS, f"it has dates and amounts of purchases, and {why}"
    visit = max(events["event_type"], events["page"], events["session_id"], events["device"])
    if events["happened_at"] >= 0.75 and visit >= 0.75:
        return TableKind.EVENTS, "it has times and what was done on the site"
    if (
        repeats
        and orders["order_id"] >= 0.9
        and max(orders["amount"], orders["unit_price"], orders["quantity"]) >= 0.75
    ):
        return TableKind.ORDERS, "it has order numbers and amounts"
    return TableKind.CUSTOMERS, "each row is a customer: " + (
        "no dated purchases in it" if repeats else "ids do not repeat"
    )


def _pinned_share(kind: TableKind, values: Mapping[str, ColumnValues], settings: SourcesSettings) -> float:
    """Share of the columns pinned for a kind that a table has; one column alone proves nothing."""
    pinned = settings.columns.get(kind.value, {})
    return sum(column in values for column in pinned.values()) / len(pinned) if len(pinned) > 1 else 0.0


def _best_score(role: str, kind: TableKind, values: Mapping[str, ColumnValues], settings: SourcesSettings) -> float:
    if settings.columns.get(kind.value, {}).get(role) in values:
        return 1.0
    return max((_score(role, kind, column)[0] for column in values.values()), default=0.0)


def _ids_repeat(values: Mapping[str, ColumnValues], settings: SourcesSettings) -> bool:
    pinned = settings.columns.get("orders", {}).get("customer_id")
    scored = [(_score("customer_id", TableKind.ORDERS, v)[0], v) for v in values.values()]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))[1]
    column = values.get(pinned, best) if pinned else best
    return column is not None and column.distinct < 0.95 * column.filled


def guess_roles(
    engine: DuckDBEngine,
    group: Group,
    values: Mapping[str, ColumnValues],
    settings: SourcesSettings,
    kind: TableKind,
) -> tuple[ColumnGuess, ...]:
    """Give each role of a kind at most one column and each column at most one role; pinned ones first."""
    guesses = _pinned(group, settings, kind)
    taken = {guess.column for guess in guesses}
    pinned_roles = {guess.role for guess in guesses}
    scores = [
        (score, role, column, evidence)
        for role in STRONG[kind]
        if role not in pinned_roles
        for column, looked in values.items()
        if column not in taken
        for score, evidence in [_score(role, kind, looked)]
        if score >= 0.5
    ]
    order = list(STRONG[kind])
    scores.sort(key=lambda s: (-s[0], order.index(s[1]), group.columns.index(s[2])))
    for score, role, column, evidence in scores:
        if role in {g.role for g in guesses} or column in {g.column for g in guesses}:
            continue
        rivals = [s[2] for s in scores if s[1] == role and s[2] != column and score - s[0] < TIE and s[2] not in taken]
        _refuse_tie(engine, group, kind, role, (column, *rivals))
        guesses.append(ColumnGuess(role, column, round(min(score, 0.99), 2), evidence))
        taken.add(column)
    guesses += _by_contents(group, values, kind, guesses)
    return tuple(sorted(guesses, key=lambda guess: order.index(guess.role)))


def _pinned(group: Group, settings: SourcesSettings, kind: TableKind) -> list[ColumnGuess]:
    guesses = []
    for role, column in settings.columns.get(kind.value, {}).items():
        if role not in STRONG[kind]:
            near_roles = near(role, STRONG[kind]) or list(STRONG[kind])
            raise ConfigError(
                f"There is no role '{role}' in a table of {kind.value}.",
                remedy=f"Did you mean {' or '.join(near_roles)}?",
            )
        if column not in group.columns:
            guess = near(column, group.columns)
            hint = f"Did you mean --map {role}={_quoted(guess[0])}?" if guess else ""
            raise ConfigError(
                f"Table '{group.name}' has no column '{column}', which should be its {role}.",
                found=listing(group.columns),
                remedy=hint,
            )
        guesses.append(ColumnGuess(role, column, 1.0, "as set"))
    return guesses


def _score(role: str, kind: TableKind, values: ColumnValues) -> tuple[float, str]:
    """How well a column fits a role, 0 to 1, and why: 0.8 for the name, 0.2 for the contents."""
    named, language, name = _name_score(role, kind, values.column)
    if not named:
        return 0.0, ""
    fits = _content_score(role, values)
    if fits < 0.5:
        return 0.0, ""
    return 0.8 * named + 0.2 * fits, f"named like '{name}' ({language}); {describe(role, values)}"


def _name_score(role: str, kind: TableKind, column: str) -> tuple[float, str, str]:
    best = (0.0, "", "")
    for strength, book in ((1.0, STRONG), (0.75, WEAK)):
        for language, names in book[kind].get(role, {}).items():
            for name in filter(None, names.split(", ")):
                found = match(column, [name])
                if found * strength > best[0] and (found == 1.0 or strength == 1.0):
                    best = (found * strength, language, name)
    return best


def _content_score(role: str, values: ColumnValues) -> float:
    """How far the contents look like the role, 0 to 1; a pinned or well-named column of nothing else passes."""
    wanted = CONTENT.get(role)
    if role == "product" and values.mean_length > 30:
        return 0.0
    if not values.filled or wanted is None:
        return 1.0 if values.filled else 0.5
    if wanted == "number":
        return values.number_share
    if wanted == "date":
        serials = max(values.whole_share, values.serial_share) if role in ("ordered_at", "happened_at") else 0.0
        return max(values.date_share, 0.9 * serials)
    return 0.0 if values.date_share > 0.5 and values.whole_share < 0.5 else 1.0


def describe(role: str, values: ColumnValues) -> str:
    """Say what the contents of a column look like, in counts."""
    wanted = CONTENT.get(role)
    if wanted == "date":
        return f"{values.date_share:.0%} of its values look like dates"
    if wanted == "number":
        return f"{values.number_share:.0%} of its values are numbers"
    return f"{_about(values)} different values in {values.filled:,} rows"


def _about(values: ColumnValues) -> str:
    """Count of a column's values; an estimated one is told to three digits."""
    if not values.estimated:
        return f"{values.distinct:,}"
    return f"about {round(values.distinct, 3 - len(str(values.distinct))):,}"


def _by_contents(
    group: Group, values: Mapping[str, ColumnValues], kind: TableKind, guesses: Sequence[ColumnGuess]
) -> list[ColumnGuess]:
    """Guess the time of an order or event where just one free column holds dates."""
    role = {TableKind.ORDERS: "ordered_at", TableKind.EVENTS: "happened_at"}.get(kind)
    taken = {guess.column for guess in guesses}
    if role is None or role in {guess.role for guess in guesses}:
        return []
    dated = [c for c in group.columns if c not in taken and values[c].date_share >= 0.95 and values[c].filled]
    if len(dated) != 1:
        return []
    return [ColumnGuess(role, dated[0], 0.6, f"the only column of dates; {describe(role, values[dated[0]])}")]


def _refuse_tie(engine: DuckDBEngine, group: Group, kind: TableKind, role: str, columns: tuple[str, ...]) -> None:
    """Refuse two equally good columns of a needed role, unless they say the same in every row."""
    needed = (*NEEDED[kind], "customer_id", *(("amount",) if kind is TableKind.ORDERS else ()))
    if len(columns) < 2 or role not in needed:
        return
    if all(duplicate_of(engine, group, columns[0], other) for other in columns[1:]):
        return
    raise UnsafeGuessError(
        f"Table '{group.name}' has {len(columns)} columns that could be its {role}: {', '.join(columns)}.",
        remedy="Say which: " + " or ".join(f"--map {role}={_quoted(column)}" for column in columns[:3]) + ".",
    )


def _require(group: Group, values: Mapping[str, ColumnValues], kind: TableKind, guesses: Sequence[ColumnGuess]) -> None:
    roles = {guess.role for guess in guesses}
    taken = {guess.column for guess in guesses}
    missing = [role for role in NEEDED[kind] if role not in roles]
    if kind is TableKind.ORDERS and "amount" not in roles and not {"quantity", "unit_price"} <= roles:
        missing.append("amount")
    if not missing:
        return
    options = [f"--map {role}={_quoted(_suggestion(role, group, values, taken))}" for role in missing]
    also = " (or quantity and unit_price)" if "amount" in missing else ""
    raise UnsafeGuessError(
        f"Table '{group.name}' was taken for {kind.value}, but no column is its {' and its '.join(missing)}{also}.",
        found=listing(group.columns),
        remedy=f"Say which column it is: {' '.join(options)}",
    )


def _suggestion(role: str, group: Group, values: Mapping[str, ColumnValues], taken: Collection[str]) -> str:
    """Name the column that might play a missing role: by its name, then by its contents."""
    names = [name for words in STRONG[TableKind.ORDERS].get(role, {}).values() for name in words.split(", ")]
    close = [column for column in group.columns if near(column, names)]
    fitting = [
        column for column in group.columns if _content_score(role, values[column]) >= 0.8 and values[column].filled
    ]
    both = [column for column in close if column in fitting]
    if role == "customer_id":
        fitting = sorted(fitting, key=lambda c: not (values[c].repeats and values[c].distinct > 1))
    ranked = [*both, *fitting, *close]
    return next((column for column in ranked if column not in taken), "COLUMN")


def _quoted(column: str) -> str:
    return f"'{column}'" if any(c in column for c in " '\"()&;|<>*?$#!") else column
