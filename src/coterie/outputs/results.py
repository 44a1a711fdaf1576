"""What came back of a campaign: results read from a file, joined to who was assigned, measured, written down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.campaigns import CONTROL, MISMATCH, TREATED, Costs, Measured, PlayTest, Rules, measure, share_mismatch
from coterie.errors import InputError, UnsafeGuessError
from coterie.outputs.folder import whole_or_absent
from coterie.outputs.learned import keep_learned, to_plain
from coterie.outputs.plain import dump_json
from coterie.outputs.plan import HELD_OUT, Plan
from coterie.outputs.result_checks import check_answers, check_coverage, check_groups, check_once, check_repeats
from coterie.outputs.spreadsheet import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coterie.campaigns import Uplift
    from coterie.config import SourcesSettings
    from coterie.vocabulary import Finding

#: Headers that say a role, in lower case and without blanks or underscores.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "customer_id": ("customerid", "id", "customer", "userid", "clientid"),
    "responded": ("responded", "converted", "conversion", "response", "bought", "purchased", "orders", "purchases"),
    "revenue": ("revenue", "spend", "amount", "sales", "value", "total"),
    "arm": ("arm", "treatment", "group", "treated", "assignment"),
    "segment": ("segment", "segmentname"),
    "before": ("spendbefore", "before", "history", "pastspend"),
}
_YES, _NO = frozenset({"true", "yes", "y", "t"}), frozenset({"false", "no", "n", "f", ""})


@dataclass(frozen=True)
class Arms:
    """How an experiment that was planned elsewhere names its groups.

    Attributes
    ----------
    control : str, the value of column `arm` that got nothing
    treated : str or None, the value that got the campaign; needed where there are more than two
    control_share : float in (0, 1) or None, part of both groups that was to get nothing; then sizes are checked
    """

    control: str
    treated: str | None = None
    control_share: float | None = None


@dataclass(frozen=True)
class Results:
    """A measured campaign with the words that belong to it.

    Attributes
    ----------
    title, currency : str
    measured : Measured
    rules : Rules
    sentences : tuple of str, what was read and assumed
    findings : tuple of Finding, what is doubtful about the results
    tests : tuple of PlayTest, what it says of each segment's play, for the next study; none without a plan
    plan : Path or None, folder of the plan
    """

    title: str
    currency: str
    measured: Measured
    rules: Rules
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    tests: tuple[PlayTest, ...] = ()
    plan: Path | None = None


def measure_plan(plan: Plan, data: object, settings: SourcesSettings, roles: Mapping[str, str]) -> Results:
    """Measure a planned campaign with a table of results.

    Parameters
    ----------
    plan : Plan
    data : path, folder, glob or dataframe
        One row a customer, or several, such as one an order: `customer_id`, and `responded` or `revenue` or both.
        Customers of the plan who are not in it bought nothing.
    settings : SourcesSettings
    roles : mapping of role to header, where the header does not say it

    Raises
    ------
    InputError
        The table cannot be read, or names nobody of the plan.
    UnsafeGuessError
        A column that is needed is not found, or two could be meant.
    """
    table, name = _read(data, settings)
    columns = _columns(table, name, roles, needed=("customer_id",), wanted=("responded", "revenue"))
    bought, findings = _by_customer(table, columns, name)
    assigned = plan.customers.set_index("customer_id")
    outside = int((~bought.index.isin(assigned.index)).sum())
    if outside == len(bought):
        raise InputError(
            f"Nobody in '{name}' belongs to the plan.",
            found=f"It has {len(bought):,} customers; the plan has {len(assigned):,}.",
            remedy="Name the results of this plan's campaign, with the same customer ids; or --map customer_id=COLUMN.",
        )
    joined = bought.reindex(assigned.index).fillna({"converted": False, "revenue": 0.0})
    arms = pd.Series(np.where(assigned["treatment"] == HELD_OUT, CONTROL, TREATED), index=assigned.index)
    results = pd.DataFrame(
        {
            "segment": assigned["segment"].to_numpy(),
            "arm": arms.to_numpy(),
            "converted": joined["converted"].to_numpy(dtype=bool),
        }
    )
    if "arm" in columns:
        findings += check_groups(table[columns["arm"]].fillna("").set_axis(_ids(table, columns)), arms)
    known = bought[bought.index.isin(assigned.index)]
    findings += check_coverage(known, len(assigned), _expected_buyers(plan), outside)
    if "revenue" in columns:
        results["revenue"] = joined["revenue"].to_numpy(dtype=float)
        if assigned["spend_before"].notna().any():
            results["before"] = assigned["spend_before"].fillna(0.0).to_numpy()
    _refuse_mismatch(_absent_by_chance(assigned, bought))
    told = [_told_missing(len(known), len(assigned))]
    if outside:
        told.append(f"{outside:,} customers of the results are not in the plan; they were left out.")
    if math.isfinite(plan.cap) and "revenue" in columns:
        told.append(f"Revenue of one customer counts up to {plan.cap:,.2f}, as the plan fixed beforehand.")
    rules = Rules(plan.options.costs, {}, cap=plan.cap, order_value=_order_value(plan, "revenue" in columns))
    measured = measure(results, rules)
    tests = _tests(plan, measured)
    return Results(plan.title, plan.currency, measured, rules, tuple(told), findings, tests, plan.folder)


def _expected_buyers(plan: Plan) -> float:
    """Customers who would buy in the campaign's days without it, as the plan has it."""
    return sum(one.expected.rate * one.expected.size for one in plan.segments)


def _tests(plan: Plan, measured: Measured) -> tuple[PlayTest, ...]:
    """Say of each segment's play what the campaign showed."""
    from coterie.outputs.page.experiment import verdict_words

    ids = {one.expected.name: one.expected.segment_id for one in plan.segments}
    found = [(uplift, ids[uplift.segment]) for uplift in measured.segments if uplift.segment in ids]
    return tuple(
        PlayTest(identity, uplift.segment, *plan.plays[identity], uplift.verdict, verdict_words(uplift, plan.currency))
        for uplift, identity in found
        if identity in plan.plays
    )


def measure_table(
    data: object,
    settings: SourcesSettings,
    roles: Mapping[str, str],
    *,
    arms: Arms,
    costs: Costs,
    currency: str = "",
) -> Results:
    """Measure an experiment that was planned elsewhere: one row a customer who was assigned.

    Parameters
    ----------
    data, settings, roles : as for `measure_plan`; also a column `arm`, and where wanted `segment` and `before`
    arms : Arms
    costs : Costs
    currency : str

    Raises
    ------
    InputError, UnsafeGuessError
        As for `measure_plan`, or no row has the arm named.
    """
    table, name = _read(data, settings)
    columns = _columns(table, name, roles, needed=("arm",), wanted=("responded", "revenue"))
    groups = table[columns["arm"]].fillna("")
    treated = _treated(groups, arms, columns["arm"], name)
    kept = table[groups.isin([arms.control, treated])].reset_index(drop=True)
    results = pd.DataFrame({"arm": np.where(kept[columns["arm"]] == arms.control, CONTROL, TREATED)})
    results["segment"] = kept[columns["segment"]].fillna("unknown") if "segment" in columns else "All customers"
    for role, column in (("revenue", "revenue"), ("before", "before")):
        if role in columns:
            results[column] = _numbers(kept[columns[role]], columns[role], name)
    responded = kept[columns["responded"]] if "responded" in columns else None
    results["converted"] = (
        results["revenue"] > 0 if responded is None else _flags(responded, columns["responded"], name)
    )
    planned = (
        {}
        if arms.control_share is None
        else dict.fromkeys(results["segment"], (1 - arms.control_share, arms.control_share))
    )
    rules = Rules(costs, planned)
    measured = measure(results, rules)
    _refuse_mismatch(measured.mismatched)
    told = (f"{len(kept):,} of {len(table):,} rows are in one of the two groups.",)
    answers = results if "revenue" in results else results.assign(revenue=0.0)
    findings = check_answers(answers, has_both=responded is not None and "revenue" in results)
    if "customer_id" in columns:
        findings += check_once(_ids(kept, columns), results["arm"].to_numpy())
    return Results(name, currency, measured, rules, told, findings)


def _treated(groups: pd.Series, arms: Arms, header: str, name: str) -> str:
    """Which value of the column got the campaign."""
    others = sorted(set(groups) - {arms.control})
    absent = next((one for one in (arms.control, arms.treated) if one is not None and one not in set(groups)), None)
    if absent is not None or not others:
        raise InputError(
            f"No row of '{name}' has '{absent or 'another group'}' in column '{header}'.",
            found=f"It holds: {', '.join(repr(arm) for arm in sorted(set(groups))[:8])}.",
            remedy="Name the group that got nothing with --control and the one that got the campaign with --treated.",
        )
    if arms.treated is None and len(others) > 1:
        raise UnsafeGuessError(
            f"Column '{header}' of '{name}' holds more than two groups.",
            found=f"Beside '{arms.control}': {', '.join(repr(arm) for arm in others[:8])}.",
            remedy="Say which one to measure with --treated.",
        )
    return arms.treated or others[0]


def write_results(results: Results, folder: Path) -> Path:
    """Write the folder of a measured campaign, whole or not at all: `results.csv`, `results.json`, `results.html`.

    What it says of the plays is kept beside the plan too, where the next study finds it.

    Raises
    ------
    StudyError
        The folder holds something already, or the disk refuses.
    """
    from coterie.outputs.page.experiment import render_results

    with whole_or_absent(folder, {"format_version": "1.0", "kind": "results"}) as writer:
        with writer.open("results.csv") as file:
            write_csv(results_table(results.measured), file)
        told = {
            "sentences": results.sentences,
            "findings": results.findings,
            "measured": results.measured,
            "tests": to_plain(results.tests),
        }
        writer.put("results.json", dump_json(told))
        writer.put("results.html", render_results(results).encode("utf-8"))
    if results.plan is not None and results.tests:
        keep_learned(results.plan, results.tests)
    return folder


def results_table(measured: Measured) -> pd.DataFrame:
    """One row a segment, the last for all of them."""
    return pd.DataFrame([_row(uplift) for uplift in (*measured.segments, measured.total)])


def _row(uplift: Uplift) -> dict[str, Any]:
    row: dict[str, Any] = {
        "segment": uplift.segment,
        "verdict": uplift.verdict,
        "n_treated": uplift.n_treated,
        "n_control": uplift.n_control,
        "rate_treated": uplift.rate_treated,
        "rate_control": uplift.rate_control,
        "lift": uplift.lift.estimate,
        "lift_low": uplift.lift.low,
        "lift_high": uplift.lift.high,
        "relative_lift": uplift.relative.estimate,
        "relative_low": uplift.relative.low,
        "relative_high": uplift.relative.high,
        "p_value": uplift.p_value,
        "p_adjusted": uplift.p_adjusted,
        "shrunken_lift": uplift.shrunken,
        "incremental_orders": uplift.incremental_orders.estimate,
        "power": uplift.power,
        "more_needed": uplift.more_needed,
    }
    money, nan = uplift.money, math.nan
    revenue = money.revenue if money and money.revenue else None
    return row | {
        "revenue_lift": revenue.estimate if revenue else nan,
        "revenue_low": revenue.low if revenue else nan,
        "revenue_high": revenue.high if revenue else nan,
        "cost": money.cost if money else nan,
        "profit": money.profit.estimate if money else nan,
        "profit_low": money.profit.low if money else nan,
        "profit_high": money.profit.high if money else nan,
        "break_even_lift": money.break_even if money else nan,
        "roi": uplift.roi,
        "cost_per_order": uplift.cost_per_order,
    }


def _absent_by_chance(assigned: pd.DataFrame, bought: pd.DataFrame) -> dict[str, float]:
    """Where the results list customers who bought nothing too: segments whose groups lost customers unequally."""
    if bought["converted"].all():
        return {}
    held = assigned["treatment"] == HELD_OUT
    there = assigned.index.isin(bought.index)
    found = {}
    for name, part in held.groupby(assigned["segment"], sort=False):
        out, seen = part.to_numpy(), there[assigned["segment"] == name]
        counts = int((seen & ~out).sum()), int((seen & out).sum())
        p_value = share_mismatch(counts, (float((~out).sum()), float(out.sum()))) if sum(counts) else 1.0
        if p_value < MISMATCH:
            found[str(name)] = p_value
    return found


def _refuse_mismatch(mismatched: Mapping[str, float]) -> None:
    if mismatched:
        raise InputError(
            "The groups do not have the sizes that were planned, so that comparing them would mislead.",
            found=f"Chance gives such sizes less than once in a thousand times: {'; '.join(sorted(mismatched))}.",
            remedy="Find out where customers of one group went missing (filters, bounces, opt-outs), and put everyone "
            "who was assigned into the results.",
        )


def _order_value(plan: Plan, has_revenue: bool) -> float:
    """Mean order value of the plan, where results hold no revenue."""
    if has_revenue:
        return math.nan
    known = [(one.expected.order_value, one.expected.size) for one in plan.segments if one.expected.order_value > 0]
    return sum(value * size for value, size in known) / sum(size for _, size in known) if known else math.nan


def _told_missing(found: int, total: int) -> str:
    if found == total:
        return f"All {total:,} customers of the plan are in the results."
    return f"{found:,} of the plan's {total:,} customers are in the results; the others count as having bought nothing."


def _read(data: object, settings: SourcesSettings) -> tuple[pd.DataFrame, str]:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources import Input, read_input

    with DuckDBEngine() as engine:
        raw = read_input(Input(data), engine, settings, number=0)
        quote = engine.dialect.quote
        texts = ", ".join(f"CAST({quote(name)} AS VARCHAR) AS {quote(name)}" for name in raw.columns)
        return engine.frame(f"SELECT {texts} FROM {raw.relation} ORDER BY source_row", "results"), raw.name


def _columns(
    table: pd.DataFrame, name: str, roles: Mapping[str, str], *, needed: tuple[str, ...], wanted: tuple[str, ...]
) -> dict[str, str]:
    """Header of each role: as it was said, else as it is named; an error where what is needed is not there."""
    found = {}
    for role, header in roles.items():
        if role not in _HEADERS or header not in table:
            raise InputError(
                f"'--map {role}={header}' does not fit '{name}'.",
                found=f"Its columns: {', '.join(table.columns[:30])}. Roles: {', '.join(_HEADERS)}.",
                remedy="Write ROLE=COLUMN with one of these roles and columns.",
            )
        found[role] = header
    for role, names in _HEADERS.items():
        fitting = [c for c in table.columns if _bare(c) in names and c not in found.values()]
        if role not in found and len(fitting) > 1 and role in (*needed, *wanted):
            raise UnsafeGuessError(
                f"Two columns of '{name}' could be '{role}'.",
                found=f"{', '.join(fitting)}.",
                remedy=f"Say which one with --map {role}=COLUMN.",
            )
        if role not in found and len(fitting) == 1:
            found[role] = fitting[0]
    missing = next((role for role in needed if role not in found), "")
    if not missing and not set(wanted) & found.keys():
        missing = " or ".join(wanted)
    if missing:
        raise UnsafeGuessError(
            f"No column of '{name}' is named like '{missing}'.",
            found=f"It has: {', '.join(table.columns[:30])}.",
            remedy=f"Say which one with --map {missing.split(' ')[0]}=COLUMN.",
        )
    return found


def _bare(header: str) -> str:
    return "".join(character for character in header.lower() if character.isalnum())


def _ids(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series:
    return table[columns["customer_id"]].fillna("").str.strip()


def _by_customer(
    table: pd.DataFrame, columns: Mapping[str, str], name: str
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Whether each customer bought, what they spent in all rows together, and what is doubtful about it."""
    ids = _ids(table, columns)
    revenue = _numbers(table[columns["revenue"]], columns["revenue"], name) if "revenue" in columns else None
    spent = np.zeros(len(ids)) if revenue is None else revenue
    flags = _flags(table[columns["responded"]], columns["responded"], name) if "responded" in columns else spent > 0
    rows = pd.DataFrame({"id": ids, "converted": flags, "revenue": spent})
    kept = rows[rows["id"] != ""]
    bought = kept.groupby("id", sort=True).agg(converted=("converted", "any"), revenue=("revenue", "sum"))
    said = rows["converted"] if "responded" in columns else None
    doubts = check_answers(bought, has_both=said is not None and revenue is not None)
    return bought, doubts + check_repeats(table, ids, said)


def _numbers(texts: pd.Series, header: str, name: str) -> np.ndarray:
    """Numbers of a column; empty ones are 0."""
    found = pd.to_numeric(texts.fillna("").str.strip().replace("", "0"), errors="coerce")
    bad = int((~np.isfinite(found)).sum())
    if bad:
        raise InputError(
            f"Column '{header}' of '{name}' is not made of plain numbers.",
            found=f"{bad:,} of {len(texts):,} rows hold something else.",
            remedy="Write numbers with a point and without currency signs or thousands separators.",
        )
    return found.to_numpy(dtype=float)


def _flags(texts: pd.Series, header: str, name: str) -> np.ndarray:
    """Yes or no of a column: words, or numbers above 0."""
    words = texts.fillna("").str.strip().str.lower()
    if words.isin(_YES | _NO).all():
        return words.isin(_YES).to_numpy()
    strange = int(pd.to_numeric(words.where(~words.isin(_YES | _NO), "0"), errors="coerce").isna().sum())
    if strange:
        raise InputError(
            f"Column '{header}' of '{name}' does not say yes or no.",
            found=f"{strange:,} of {len(texts):,} rows hold something else.",
            remedy="Write yes or no, true or false, or 1 or 0; empty is no.",
        )
    return _numbers(texts, header, name) > 0
