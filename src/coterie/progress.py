"""How long work tells where it is: a protocol, and the silent one."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the stages of a run. The command line draws them; the default stays silent."""

    def stage(self, title: str) -> None:
        """Begin a stage, named in plain words: "Reading the orders"."""

    def advance(self, fraction: float) -> None:
        """Tell how much of the current stage is done, 0 to 1."""


class Silent:
    """Tells nothing."""

    def stage(self, title: str) -> None:
        """Ignore the stage."""

    def advance(self, fraction: float) -> None:
        """Ignore the fraction."""


SILENT = Silent()
