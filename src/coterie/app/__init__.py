"""The local web app: pages over the functions that the command line calls; it decides nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.app.application import make_app
    from coterie.app.server import serve
    from coterie.app.settings import AppSettings, Limits, make_settings

__all__ = ["AppSettings", "Limits", "make_app", "make_settings", "serve"]

_HOMES = {
    "AppSettings": "coterie.app.settings",
    "Limits": "coterie.app.settings",
    "make_app": "coterie.app.application",
    "make_settings": "coterie.app.settings",
    "serve": "coterie.app.server",
}

__getattr__ = lazily(__name__, _HOMES)
