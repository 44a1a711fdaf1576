"""From a plan to queries: the SQL steps filled in, over the small tables of segments, products and places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.engines.steps import render
from coterie.sources.synthetic import dirt, draws
from coterie.sources.synthetic.catalogue import products
from coterie.sources.synthetic.people import CITIES, FIRST_NAMES, LAST_NAMES, PHONE_AREAS
from coterie.sources.synthetic.plan import LAST_DAY
from coterie.sources.synthetic.segments import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.synthetic.plan import StorePlan

#: Customers made at a time, so that memory stays bounded and the result does not depend on how much there is.
CHUNK = 50_000

#: Standard deviations of the traits about their segment: of the logarithm, and of the log-odds.
POSITIVE = {
    "order_rate": 0.30,
    "extra_lines": 0.20,
    "extra_units": 0.25,
    "visits_per_order": 0.25,
    "idle_visits": 0.35,
}
CHANCES = {
    "price_level": 0.30,
    "discount_chance": 0.40,
    "return_chance": 0.40,
    "weekend": 0.35,
    "evening": 0.40,
    "app": 0.60,
}
TASTE = 0.35

#: The small tables that the steps read; dropped when the store is made.
SEGMENTS, PRODUCTS, PLACES = "synthetic_planted", "synthetic_products", "synthetic_places"
TRAITS, ORDERS, PEOPLE, DIRTY = "synthetic_traits", "synthetic_headers", "synthetic_people", "synthetic_dirty"


@dataclass(frozen=True)
class Generator:
    """Makes a planned store inside an engine, one chunk of customers after the other."""

    engine: DuckDBEngine
    plan: StorePlan

    def chunks(self) -> Iterator[dict[str, str]]:
        """Prepare one chunk after the other; each gives the query of every table of ours over that chunk.

        A chunk's queries are valid until the next chunk is asked for.
        """
        self._put_small_tables()
        for first in range(0, self.plan.customers, CHUNK):
            last = min(first + CHUNK, self.plan.customers)
            self._keep(TRAITS, self.step("traits", first=first, last=last))
            self._keep(ORDERS, self.step("orders"))
            self._keep(PEOPLE, self.step("people"))
            if self.plan.dirt:
                self._keep(DIRTY, self.step("dirt", lines=self.step("lines")))
            yield self._queries()
        for name in (SEGMENTS, PRODUCTS, PLACES, TRAITS, ORDERS, PEOPLE, DIRTY):
            self.engine.run(f"DROP TABLE IF EXISTS {name}")

    def step(self, name: str, **parameters: object) -> str:
        """One SQL step with everything filled in."""
        text = (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
        return render(text, self.engine.dialect, {**self._parameters(), **parameters})

    def effects(self) -> str:
        """The campaign's true effect in each planted segment."""
        return f"SELECT segment, share, response, effect FROM ({self._segment_rows()}) ORDER BY segment_number"

    def _queries(self) -> dict[str, str]:
        queries = {
            "orders": f"SELECT * EXCLUDE (damage) FROM {DIRTY}" if self.plan.dirt else self.step("lines"),
            "customers": f"SELECT * FROM {PEOPLE} ORDER BY customer_id",
            "events": self.step("visits"),
            "responses": self.step("responses"),
            "truth": f"SELECT customer_id, segment FROM {TRAITS} ORDER BY customer_id",
        }
        if self.plan.dirt:
            queries["dirt"] = f"SELECT damage, count(*) AS lines FROM {DIRTY} GROUP BY damage ORDER BY damage"
        return queries

    def _parameters(self) -> dict[str, object]:
        dialect = self.engine.dialect
        tastes = [f"taste_{n}" for n in range(len(CATEGORIES))]
        return {
            **draws.primitives(),
            "seed": self.plan.seed,
            "days": self.plan.days,
            "first_day": dialect.date(self.plan.first_day),
            "last_day": dialect.date(LAST_DAY),
            "spread": self.plan.spread,
            "positive": POSITIVE,
            "chances": CHANCES,
            "taste_scatter": TASTE,
            "drawn_words": ("start", "end", "orders", "idle", *POSITIVE, *CHANCES, *tastes),
            "segments": SEGMENTS,
            "products": PRODUCTS,
            "cities": PLACES,
            "traits": TRAITS,
            "orders": ORDERS,
            "people": PEOPLE,
            "tastes": ", ".join(f"taste_upto_{n}" for n in range(len(CATEGORIES) - 1)),
            "bounds": dirt.bounds(),
            "adds_a_line": dirt.ADDS_A_LINE,
            "categories": self._list(CATEGORIES),
            "first_names": self._list(FIRST_NAMES),
            "first_names_count": len(FIRST_NAMES),
            "last_names": self._list(LAST_NAMES),
            "last_names_count": len(LAST_NAMES),
            "phone_areas": self._list(PHONE_AREAS),
            "phone_areas_count": len(PHONE_AREAS),
        }

    def _put_small_tables(self) -> None:
        self._keep(SEGMENTS, self._segment_rows())
        self._keep(
            PRODUCTS,
            self._values(
                ("product", "product_name", "category", "category_number", "place", "price"),
                [(p.code, p.name, CATEGORIES[p.category], p.category, p.place, p.price) for p in products()],
            ),
        )
        self._keep(
            PLACES,
            self._values(("place_number", "city", "country"), [(n, *place) for n, place in enumerate(CITIES)]),
        )

    def _segment_rows(self) -> str:
        rows: list[tuple[object, ...]] = []
        below = 0.0
        for number, segment in enumerate(self.plan.segments):
            traits = segment.traits()
            tastes = traits.pop("tastes")
            traits["extra_lines"] = segment.line_count - 1
            traits["extra_units"] = segment.unit_count - 1
            upto = 1.0 if number == len(self.plan.segments) - 1 else below + segment.share
            rows.append((number, segment.name, below, upto, *traits.values(), *tastes))  # type: ignore[misc]
            below = upto
        names = ("segment_number", "segment", "share_below", "share_upto", *traits)
        return self._values((*names, *(f"taste_{n}" for n in range(len(CATEGORIES)))), rows)

    def _keep(self, name: str, query: str) -> None:
        self.engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", f"synthetic {name}")

    def _values(self, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> str:
        written = ", ".join("(" + ", ".join(self._literal(cell) for cell in row) + ")" for row in rows)
        return f"SELECT * FROM (VALUES {written}) AS given({', '.join(names)})"

    def _list(self, words: Sequence[str]) -> str:
        return "[" + ", ".join(self._literal(word) for word in words) + "]"

    def _literal(self, value: object) -> str:
        if isinstance(value, str):
            return self.engine.dialect.text(value)
        return f"CAST({value!r} AS DOUBLE)" if isinstance(value, float) else repr(value)
