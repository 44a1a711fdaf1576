"""The comment at the top of a study's SQL: what it is, how to use it, what differs from the study itself."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from coterie.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.engines.dialect import Dialect
    from coterie.outputs.sql.stand_in import StandIn
    from coterie.outputs.study import Study

_WIDTH = 116

_USE = {
    True: "How to use it: the query reads one ready table with one row per customer, customer_id and the features "
    "under the names that the study's customers.parquet has. Flags (yes or no) must be numbers, 1 or 0.",
    False: "How to use it: the query reads the store's own tables, named in the first steps. Put their names there, or "
    "give them with --table; in dbt, put a ref() there. Columns must have types (numbers as numbers, times as "
    "timestamps without a zone): no text is guessed at.",
}


def header(
    study: Study, dialect: Dialect, stand_in: StandIn | None, notes: Sequence[str] = (), *, short: bool = False
) -> str:
    """Give the comment lines.

    Parameters
    ----------
    study : Study
    dialect : Dialect
    stand_in : StandIn or None
        The rule that is written instead of the study's own.
    notes : sequence of str
        What differs from the study, one sentence or more each.
    short : bool
        Whether the query starts from a ready table.
    """
    named = ", ".join(f"{segment.segment_id} {segment.name} ({segment.share:.0%})" for segment in study.profiled)
    said = [
        f"Coterie {__version__}, study '{study.title}': the segment of each customer, as SQL for {dialect.title}.",
        f"How real the segments are: {study.verdict}",
        f"Segments: {named}.",
        _USE[short],
        "The last step, result, has customer_id, segment_id and segment. Numbers are those stored in the study, with "
        "12 digits; a customer who lies exactly between two segments may fall to the other one on another engine.",
        *_rule(stand_in),
        *(f"Differs from the study: {note}" for note in notes),
    ]
    return "".join(f"{line}\n" for text in said for line in commented(text)) + "\n"


def commented(text: str) -> list[str]:
    """Lines of an SQL comment; no character of the text can end it."""
    plain = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return [f"-- {line}" for line in textwrap.wrap(plain, _WIDTH, break_on_hyphens=False)]


def _rule(stand_in: StandIn | None) -> list[str]:
    if stand_in is None:
        return ["Rule: the study's own, nothing approximated."]
    return [
        "Rule: an approximation. The study gives a customer the segment of the most similar customers, which SQL "
        f"cannot say in reasonable time. Here the nearest of {len(stand_in.rule.points)} typical points decides. "
        f"Measured on {stand_in.n_customers:,} customers of the study, {stand_in.agreement:.1%} get the same segment. "
        "Where that is not enough, use: coterie score."
    ]
