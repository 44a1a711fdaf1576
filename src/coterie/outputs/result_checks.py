"""What is doubtful about a campaign's results, said before anybody reads a number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coterie.campaigns import CONTROL, TREATED
from coterie.errors import InputError
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

#: Part of those with revenue for whom it may be below 0, and part of the buyers without revenue; above them it is told
#: as something to look at.
_MANY_NEGATIVE, _MANY_WITHOUT = 0.05, 0.2
#: Part of the plan's customers below which a list that holds people who bought nothing looks cut off.
_FEW = 0.5
#: Part of the buyers that the plan expects below which a list of buyers looks cut off.
_FEW_BUYERS = 0.25
#: Words for the two groups in a column of results, in lower case.
_GOT_IT = frozenset({"treat", "treated", "treatment", "test", "campaign", "yes", "true", "1"})
_LEFT_OUT = frozenset({"holdout", "hold out", "held out", "control", "left out", "no", "false", "0"})


def check_answers(rows: pd.DataFrame, *, has_both: bool) -> tuple[Finding, ...]:
    """Check what results say of who bought and for how much.

    Parameters
    ----------
    rows : DataFrame
        One row a customer: `converted` (bool) and `revenue` (float, currency).
    has_both : bool
        Whether the table says both for itself; revenue alone cannot contradict anything.
    """
    return tuple(finding for finding in (*_contradictions(rows, has_both=has_both), _negative(rows)) if finding)


def _contradictions(rows: pd.DataFrame, *, has_both: bool) -> Iterator[Finding]:
    if not has_both:
        return
    converted, revenue = rows["converted"].to_numpy(dtype=bool), rows["revenue"].to_numpy(dtype=float)
    paid = ~converted & (revenue > 0)
    if paid.any():
        part = revenue[paid].sum() / revenue[revenue > 0].sum()
        yield Finding(
            "revenue-without-response",
            Severity.WARNING,
            f"{paid.sum():,} customers have revenue though the results say that they did not respond; {part:.0%} of "
            "all revenue is theirs. Buyers are counted by the answer, money by the revenue, so that the two tell "
            "different stories.",
            "Find out which of the two is right; to count everyone with revenue as a buyer, leave the column of "
            "answers out.",
            count=int(paid.sum()),
        )
    without = converted & (revenue == 0)
    if without.sum() > _MANY_WITHOUT * max(converted.sum(), 1):
        yield Finding(
            "response-without-revenue",
            Severity.WARNING,
            f"{without.sum():,} of {converted.sum():,} customers who responded have no revenue. If responding is not "
            'buying (a click, a visit), "more buyers" means more who responded.',
            "To count buyers by revenue, leave the column of answers out.",
            count=int(without.sum()),
        )


def _negative(rows: pd.DataFrame) -> Finding | None:
    revenue = rows["revenue"].to_numpy(dtype=float)
    below = int((revenue < 0).sum())
    if not below:
        return None
    many = below > _MANY_NEGATIVE * max(int((revenue != 0).sum()), 1)
    return Finding(
        "negative-revenue",
        Severity.WARNING if many else Severity.NOTE,
        f"{below:,} customers have revenue below 0, as where more went back than was bought in those days. It counts "
        f"as it stands{': so many make the money a measure of returns of earlier orders too' if many else ''}.",
        "Take returns of orders from before the campaign out of the results." if many else "",
        count=below,
    )


def check_coverage(listed: pd.DataFrame, n_plan: int, n_expected: float, n_outside: int) -> tuple[Finding, ...]:
    """Check how much of the plan the results speak of.

    Parameters
    ----------
    listed : DataFrame
        Customers of the plan who are in the results, one row each: `converted`.
    n_plan : int
    n_expected : float
        Buyers that the plan expects without a campaign; NaN where it does not say.
    n_outside : int
        Customers of the results who are not in the plan.
    """
    return tuple(_gaps(listed, n_plan, n_expected)) + tuple(_strangers(len(listed), n_outside))


def _gaps(listed: pd.DataFrame, n_plan: int, n_expected: float) -> Iterator[Finding]:
    buyers, found = int(listed["converted"].sum()), len(listed)
    missing = n_plan - found
    if buyers < found < _FEW * n_plan:
        yield Finding(
            "few-of-the-plan",
            Severity.WARNING,
            f"The results hold {found:,} of the plan's {n_plan:,} customers, {found - buyers:,} of whom bought "
            f"nothing, so they are no list of buyers alone; yet the {missing:,} who are missing count as having bought "
            "nothing.",
            "Put everyone who was assigned into the results, or only those who bought.",
            count=missing,
        )
    elif found == buyers and buyers < _FEW_BUYERS * n_expected:
        yield Finding(
            "few-buyers",
            Severity.WARNING,
            f"The results name {buyers:,} buyers among the plan's {n_plan:,} customers; the plan expects about "
            f"{n_expected:,.0f} even without a campaign. If the list was cut off, or only some orders are in it, every "
            "number below is too small.",
            "Check that the results hold the orders of all customers of the plan, in all of the campaign's days.",
            count=missing,
        )


def _strangers(n_inside: int, n_outside: int) -> Iterator[Finding]:
    if n_outside > n_inside:
        yield Finding(
            "mostly-others",
            Severity.WARNING,
            f"Most customers of the results, {n_outside:,} of {n_inside + n_outside:,}, are not in the plan; they were "
            "left out. They may be the answers to another campaign, or ids written in another way.",
            "Check that the customer ids are those of the study.",
            count=n_outside,
        )


def check_repeats(table: pd.DataFrame, ids: pd.Series, answers: pd.Series | None) -> tuple[Finding, ...]:
    """Check for customers who stand in the results more than once.

    Parameters
    ----------
    table : DataFrame
        The results as they were read, one row a customer or an order.
    ids : Series
        The customer of each row, "" where there is none.
    answers : Series or None
        Whether each row says that the customer responded, bool.
    """
    known = ids != ""
    again = int((table.duplicated() & known).sum())
    found = []
    if again:
        found.append(Finding(
            "repeated-rows",
            Severity.WARNING,
            f"{again:,} rows are the same as an earlier row in every column. If they are the same orders, their "
            "revenue is counted twice.",
            "Export the results once, or with a column that tells orders apart, such as their number.",
            count=again,
        ))  # fmt: skip
    if answers is not None:
        by_customer = answers[known].groupby(ids[known]).agg(["min", "max"])
        both = int((by_customer["min"] != by_customer["max"]).sum())
        if both:
            found.append(Finding(
                "two-answers",
                Severity.NOTE,
                f"{both:,} customers stand in the results with yes and with no; one yes is enough to count.",
                count=both,
            ))  # fmt: skip
    return tuple(found)


def check_groups(groups: pd.Series, planned: pd.Series) -> tuple[Finding, ...]:
    """Hold the groups that results name against those that were planned, which count.

    Parameters
    ----------
    groups : Series of str
        What each row of the results says, index: customer id; "" where it says nothing.
    planned : Series of str
        `TREATED` or `CONTROL` of each customer of the plan, index: customer id.

    Raises
    ------
    InputError
        Most customers stand in the other group: the two were taken for each other, or it is another plan's list.
    """
    said = groups.str.strip().str.lower().map(_arm_of)
    said = said[(said != "") & said.index.isin(planned.index)]
    if said.empty:
        return ()
    other = (said != planned.reindex(said.index)).groupby(level=0).any()
    wrong, n = int(other.sum()), len(other)
    if 2 * wrong > n:
        raise InputError(
            "The results name the other group for most customers than the plan does.",
            found=f"{wrong:,} of {n:,} customers of the plan.",
            remedy="See whether these are the results of this plan; where the groups were swapped when the campaign "
            "was sent, it cannot be measured by this plan.",
        )
    if not wrong:
        return ()
    message = (
        f"{wrong:,} of {n:,} customers stand in the results with another group than in the plan. They count in the "
        "planned one, whatever they got: moving them would make the groups unequal. What the campaign brings comes out "
        "too small."
    )
    return (Finding("other-group", Severity.WARNING, message, "Send by the plan's lists.", count=wrong),)


def _arm_of(word: str) -> str:
    if word in _GOT_IT:
        return TREATED
    return CONTROL if word in _LEFT_OUT else ""


def check_once(ids: pd.Series, arms: np.ndarray) -> tuple[Finding, ...]:
    """Check that customers of an experiment planned elsewhere stand in its table once.

    Parameters
    ----------
    ids : Series of str
        The customer of each row, "" where there is none.
    arms : array of str, shape (n_rows,)
    """
    rows = pd.DataFrame({"id": ids.to_numpy(), "arm": arms})
    by_customer = rows[rows["id"] != ""].groupby("id")["arm"].agg(["size", "nunique"])
    twice, both = int((by_customer["size"] > 1).sum()), int((by_customer["nunique"] > 1).sum())
    if not twice:
        return ()
    message = (
        f"{twice:,} customers stand in the table more than once, {both:,} of them in both groups. Each row counts as a "
        "customer, so that the ranges come out too narrow" + (" and the groups too much alike." if both else ".")
    )
    return (Finding("customers-twice", Severity.WARNING, message, "Write one row a customer.", count=twice),)


def told(findings: tuple[Finding, ...], severity: Severity) -> list[str]:
    """Say the findings of a severity, each with what to do."""
    return [f"{one.message} {one.remedy}".strip() for one in findings if one.severity == severity]
