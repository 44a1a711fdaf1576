"""Coterie finds the customer segments in a store's own data, says how real they are, and turns each into a campaign.

Names load on first use, so that `import coterie` and `coterie --help` stay quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.version import __version__

if TYPE_CHECKING:
    from coterie.api import check, load, segment
    from coterie.config import Config
    from coterie.errors import CoterieError
    from coterie.outputs import Study
    from coterie.sources import table

__all__ = ["Config", "CoterieError", "Study", "__version__", "check", "load", "segment", "table"]

_HOMES = {
    "Config": "coterie.config",
    "CoterieError": "coterie.errors",
    "Study": "coterie.outputs",
    "check": "coterie.api",
    "load": "coterie.api",
    "segment": "coterie.api",
    "table": "coterie.sources",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'coterie' has no attribute {name!r}; it has {', '.join(__all__)}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
