"""A seeded store with planted segments, of any size: for the demo, for tests, for benchmarks."""

from __future__ import annotations

from coterie.sources.synthetic.plan import StorePlan, customers_for
from coterie.sources.synthetic.store import SyntheticStore, WrittenStore, make_store, write_store

__all__ = ["StorePlan", "SyntheticStore", "WrittenStore", "customers_for", "make_store", "write_store"]
