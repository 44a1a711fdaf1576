"""A study of a small shop, with just what its SQL is written from."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.clustering.assign import make_assigner
from coterie.clustering.rules import CentreRule, PrototypeRule
from coterie.clustering.table import take
from coterie.config import FeaturesSettings, SourcesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.features import build
from coterie.pipeline import array_of
from coterie.preparation import fit_recipe
from coterie.preparation.basis import Basis
from coterie.sources import Input, open_shop
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.preparation.recipe import Prepared

NAMES = {1: "Größte; --", 2: "It's\nthem"}
_BASIS = (
    "net_revenue",
    "order_count",
    "recency_days",
    "median_gap_days",
    "discount_share",
    "return_rate",
    "price_level",
)


def orders(n_orders: int = 700, columns: dict[str, str] | None = None) -> pd.DataFrame:
    """Order lines of a shop under the merchant's own names: new name by our usual one."""
    rng = np.random.default_rng(8)
    n = 2 * n_orders
    order = np.repeat(np.arange(n_orders), 2)
    day = rng.integers(0, 500, n_orders)[order]
    quantity = rng.choice([1, 1, 2, 5], n)
    frame = pd.DataFrame({
        "customer_id": [f"c{i:03d}" for i in rng.integers(0, 90, n_orders)[order]],
        "order_id": [f"o{i:05d}" for i in order],
        "ordered_at": (pd.Timestamp("2023-01-01 09:30:00") + pd.to_timedelta(day, "D")).as_unit("us"),
        "product": [f"p{i:02d}" for i in rng.integers(10, 40, n)],
        "category": np.array(["Bags", "it's \\ -- ;", "Äpfel"], dtype=object)[rng.integers(0, 3, n)],
        "quantity": quantity,
        "amount": np.round(quantity * rng.choice([3.99, 10.5, 80.0], n), 2),
        "discount": np.where(rng.random(n) < 0.3, 2.5, 0.0),
        "status": np.where(rng.random(n) < 0.1, "refunded", "completed"),
    })  # fmt: skip
    return frame.rename(columns=columns or {})


def study(frame: pd.DataFrame, columns: dict[str, str] | None = None, *, prototypes: bool = False) -> Any:
    """Find two segments by hand in a shop's orders; what a study keeps of that."""
    pins = {"orders": {role: (columns or {}).get(role, role) for role in frame.attrs.get("roles", _ROLES)}}
    settings = SourcesSettings(columns=pins)
    with DuckDBEngine(memory="500MB", threads=1) as engine:
        shop = open_shop([Input(frame, TableKind.ORDERS)], engine, settings, as_of=dt.date(2024, 7, 1), min_customers=0)
        table = build(shop, FeaturesSettings())
        reports, findings = shop.tables, shop.findings
    features = tuple(table.features[name] for name in (*_BASIS, "share_bags"))
    cells = {each.name: array_of(table.frame[each.name], numeric=True) for each in features}
    recipe = fit_recipe(Basis(features, dict.fromkeys(cells, 1.0), {}, ()), cells)
    prepared = recipe.transform(cells)
    assigner = make_assigner(_rule(prepared, prototypes), take(prepared, slice(None)))
    labels = assigner.assign(prepared).labels
    model = SimpleNamespace(
        restore=lambda: (recipe, assigner), segment_of_label=(2, 1), families=table.families, features=tuple(cells)
    )
    return SimpleNamespace(
        model=model, features=dict(table.features), customers=table.frame.assign(segment_id=2 - labels),
        manifest={"inputs": [dataclasses.asdict(report) | {"kind": str(report.kind)} for report in reports]},
        findings=findings, as_of=table.as_of, title="Orders of\na 'shop' -- ; DROP", verdict="Two groups.",
        profiled=[SimpleNamespace(segment_id=i, name=name, share=0.5) for i, name in NAMES.items()],
    )  # fmt: skip


_ROLES = ("customer_id", "order_id", "ordered_at", "product", "category", "quantity", "amount", "discount", "status")


def _rule(prepared: Prepared, prototypes: bool) -> CentreRule | PrototypeRule:
    X = np.round(prepared.X, 3)
    if prototypes:
        return PrototypeRule(np.unique(X, axis=0), (np.unique(X, axis=0)[:, 0] > 0).astype(np.int64))
    return CentreRule(X[[3, 40]], np.array([0, 1]), 1.0)
