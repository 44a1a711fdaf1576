"""Tables and views that the sources make on their way, and their removal as soon as nobody needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine

#: What the names of such tables begin with, before a number.
_MADE = ("text", "native", "seen", "values", "keys", "dim", "codes", "judged", "ranked", "some", "customers")
_KEPT = ("staged", "lines")
_RESULTS = ("order_lines", "coded_lines")


def clear(engine: DuckDBEngine, *, everything: bool = False) -> None:
    """Remove what was made on the way to a shop; `everything`: also what an earlier shop here has left."""
    starts = "|".join((*_MADE, *_KEPT) if everything else _MADE)
    names = ", ".join(f"'{name}'" for name in _RESULTS) if everything else "''"
    ours = f"NOT internal AND NOT temporary AND (regexp_matches(name, '^(?:{starts})_[0-9]+') OR name IN ({names}))"
    for kind in ("view", "table"):
        found = f"SELECT {kind}_name AS name, internal, temporary FROM duckdb_{kind}s()"
        for (name,) in engine.rows(f"SELECT name FROM ({found}) WHERE {ours}"):
            engine.run(f"DROP {kind.upper()} {engine.dialect.quote(name)}", "scratch")
