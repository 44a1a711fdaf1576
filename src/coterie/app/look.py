"""Files of the app that are made, not kept: the tokens shared with the report, and the library that draws charts."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from coterie.outputs import tokens_css

if TYPE_CHECKING:
    from pathlib import Path

#: What the library leaves for our modules to use.
_SNIPPET = "window.vegaEmbed = vegaEmbed; window.vega = vega;"
_MAKING = threading.Lock()


def made(name: str) -> str:
    """Address of a made file, with a mark of its content so that browsers may keep it."""
    return f"/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    if name == "vega.js":
        return version("vl-convert-python")
    return hashlib.sha256(tokens()).hexdigest()[:12]


@cache
def tokens() -> bytes:
    """The colours and type that the app shares with the report, as CSS."""
    return tokens_css().encode("utf-8")


def chart_library(home: Path) -> bytes:
    """The library that draws charts in the browser (Vega, Vega-Lite and vega-embed), out of the vl-convert wheel.

    Made once (2 s of work) and kept in the app's home under the version of the wheel.
    """
    path = home / f"vega-{version('vl-convert-python')}.js"
    with _MAKING:
        if not path.exists():
            _make(path)
        return path.read_bytes()


def _make(path: Path) -> None:
    import vl_convert

    part = path.with_suffix(".part")
    part.write_text(vl_convert.javascript_bundle(_SNIPPET), encoding="utf-8")
    part.replace(path)
