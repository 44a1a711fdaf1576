"""What the synthetic store sells: products with names and prices, from `catalogue.toml`."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from coterie.sources.synthetic.segments import CATEGORIES


@dataclass(frozen=True)
class Product:
    """One product; `category` and `place` (cheapest = 0) are its key inside the generator."""

    code: str
    name: str
    category: int  # number in CATEGORIES
    place: int
    price: float  # currency units, ends in .25, .50, .75 or .95


@functools.cache
def products() -> tuple[Product, ...]:
    """Every product, by category and rising price."""
    data = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8"))
    found = []
    for entry in data["category"]:
        number = CATEGORIES.index(entry["name"])
        low, high = entry["prices"]
        steps = len(entry["products"]) - 1
        for place, name in enumerate(entry["products"]):
            price = _shelf_price(low * (high / low) ** (place / steps))
            found.append(Product(f"{number + 1}{place + 1:02d}{name[0].upper()}", name, number, place, price))
    return tuple(found)


def _shelf_price(price: float) -> float:
    quarters = round(price * 4) / 4
    return quarters - 0.05 if quarters == int(quarters) else quarters
