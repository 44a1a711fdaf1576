"""SQL steps: one readable `.sql` file each, chained as named CTEs, written with the primitives of a dialect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template

from coterie.engines.dialect import DUCKDB

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.engines.dialect import Dialect


@dataclass(frozen=True)
class Step:
    """A named query over earlier steps and tables; `sql` is a SELECT without a trailing semicolon."""

    name: str
    sql: str


def render(text: str, dialect: Dialect = DUCKDB, parameters: Mapping[str, object] | None = None) -> str:
    """Fill a step's `{{ primitive(...) }}` and `{{ parameter }}` places.

    Parameters
    ----------
    text : str
        The step as it lies in its file. Our own text only: values of a user are quoted by the dialect beforehand.
    dialect : Dialect
        Whose primitives to use.
    parameters : mapping, optional
        Further names that the step may use.
    """
    return compiled(text).render(**dialect.primitives(), **(parameters or {})).strip()


@cache
def compiled(text: str) -> Template:
    """Compile a step once: its text is one of our files, and there are only so many of them."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701  SQL
    return environment.from_string(text)


def chain(steps: Sequence[Step]) -> str:
    """One query: every step but the last as a named CTE, the last as its body."""
    *named, last = steps
    if not named:
        return last.sql
    ctes = ",\n\n".join(f"{step.name} AS (\n{step.sql}\n)" for step in named)
    return f"WITH {ctes}\n\n{last.sql}"
