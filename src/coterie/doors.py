"""A room's door: names are loaded from their files when they are first used, not when the room is entered."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazily(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make a room's `__getattr__` (PEP 562).

    Parameters
    ----------
    room : str
        Name of the room's module.
    homes : mapping of str to str
        Each name of the door, and the module in which it is defined.
    """

    def load(name: str) -> Any:  # noqa: ANN401  a module's attribute
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return load
