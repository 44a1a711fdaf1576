"""The playbook: what to do about each kind of segment, kept as words in `playbook.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("playbook.toml")
_NEEDED = {
    "title",
    "goal",
    "offer",
    "timing_plain",
    "message",
    "avoid",
    "kpi",
    "channel",
    "movable",
    "effort",
    "urgency",
}
_OPTIONAL = {"timing", "offer_plain", "kpi_plain"}


@dataclass(frozen=True)
class Template:
    """A play before it is filled with a segment's numbers; see `playbook.toml` for the keys."""

    key: str
    words: Mapping[str, str]
    movable: float  # part of a year's margin that the play might move, 0 to 1
    effort: int  # 1 automatic, 3 people needed
    urgency: int  # 1 calm, 10 now

    def fill(self, part: str, values: Mapping[str, str]) -> str:
        """Fill a part of the play with numbers, taking its plain form where one of them is not known.

        A part without a plain form drops the words that cannot be filled only if it has none to fill.
        """
        for name in (part, f"{part}_plain"):
            text = self.words.get(name)
            if text is not None and _names(text) <= values.keys():
                return text.format_map(values)
        raise ConfigError(
            f"The play '{self.key}' of the playbook has no '{part}' that can be told without numbers.",
            found=f"It needs {', '.join(sorted(_names(self.words.get(part, ''))))}.",
            remedy=f"Add '{part}_plain' to [plays.{self.key}].",
        )


@dataclass(frozen=True)
class Playbook:
    """All the plays, and the sentences that may be added to them."""

    plays: Mapping[str, Template]
    lines: Mapping[str, str]

    def line(self, name: str, **values: str) -> str:
        """Fill one of the added sentences."""
        return self.lines[name].format_map(values)


@lru_cache(maxsize=4)
def load_playbook(path: Path = _FILE) -> Playbook:
    """Read a playbook.

    Raises
    ------
    ConfigError
        Where it cannot be read, or a play lacks a key or has one too many.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise ConfigError(f"The playbook '{path.name}' cannot be read.", found=cause.strerror or "") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise ConfigError(f"The playbook '{path.name}' is not valid TOML.", found=str(cause)) from cause
    return Playbook({key: _template(key, play) for key, play in data["plays"].items()}, dict(data["lines"]))


def _template(key: str, play: dict[str, str | float | int]) -> Template:
    missing, extra = _NEEDED - play.keys(), play.keys() - _NEEDED - _OPTIONAL
    if missing or extra:
        raise ConfigError(
            f"The play '{key}' of the playbook is not complete.",
            found=f"Missing: {_told(missing)}. Not known: {_told(extra)}.",
            remedy=f"A play has the keys {', '.join(sorted(_NEEDED))}, and may have {', '.join(sorted(_OPTIONAL))}.",
        )
    words = {name: str(text) for name, text in play.items() if isinstance(text, str)}
    return Template(key, words, float(play["movable"]), int(play["effort"]), int(play["urgency"]))


def _told(keys: set[str]) -> str:
    return ", ".join(sorted(keys)) or "nothing"


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
