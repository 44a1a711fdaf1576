"""The playbook: what to do about each kind of segment, kept as words in `playbook.toml` and in files of one's own."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from coterie.campaigns.conditions import Condition, facts_of_own_columns, parse_condition
from coterie.campaigns.life import STAGES
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from coterie.config import Config

_FILE = Path(__file__).with_name("playbook.toml")
#: Words that every play has; `timing`, `offer` and `kpi` may have a form with numbers and one without.
_WORDS = ("title", "goal", "offer", "timing_plain", "message", "avoid", "kpi", "channel")
_MORE_WORDS = ("timing", "offer_plain", "kpi_plain")
#: Numbers of a play, with the range that each may have.
_NUMBERS = {"movable": (0.0, 1.0), "effort": (1.0, 3.0), "urgency": (1.0, 10.0)}
_MORE_NUMBERS = {"contacts": (0.0, 1000.0), "contact_factor": (0.0, 1e6), "discount": (0.0, 1.0)}
_CHOICE = ("stages", "when", "leave_alone")
_NEEDED = {*_WORDS, *_NUMBERS}
_KNOWN = {*_NEEDED, *_MORE_WORDS, *_MORE_NUMBERS, *_CHOICE}
#: Names in braces that are filled with a segment's numbers.
NAMES = ("gap", "nudge_day", "grace_day", "topic", "basket", "raise", "last", "name")


@dataclass(frozen=True)
class Template:
    """A play before it is filled with a segment's numbers; see `playbook.toml` for the keys."""

    key: str
    words: Mapping[str, str]
    movable: float  # part of a year's margin that the play might move, 0 to 1
    effort: int  # 1 automatic, 3 people needed
    urgency: int  # 1 calm, 10 now
    contacts: float = 4.0  # messages to a customer in a year
    contact_factor: float = 1.0  # cost of such a message, in messages of the usual cost
    discount: float | None = None  # price reduction of the offer; None: that of the settings
    stages: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    leave_alone: bool = False
    is_own: bool = False  # from a playbook of the user's, with conditions that choose it

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
    """All the plays, and the sentences that may be added to them.

    Attributes
    ----------
    plays : mapping of str to Template
    lines : mapping of str to str
    of_stage : mapping of str to str
        The bundled play of each lifecycle stage.
    """

    plays: Mapping[str, Template]
    lines: Mapping[str, str]
    of_stage: Mapping[str, str]

    def line(self, name: str, **values: str) -> str:
        """Fill one of the added sentences."""
        return self.lines[name].format_map(values)

    def chosen_by(self, bundled: str, facts: Mapping[str, float]) -> Template | None:
        """Give the first of the user's own plays that is for a segment of these numbers.

        Parameters
        ----------
        bundled : str
            Key of the play that the segment would have had: it says at which stages the segment is, plain facts heeded.
        facts : mapping of str to float
        """
        here = self.stages_of(bundled)
        for play in self.plays.values():
            fits = not play.stages or not here.isdisjoint(play.stages)
            if play.is_own and fits and all(condition.holds(facts) for condition in play.when):
                return play
        return None

    def stages_of(self, bundled: str) -> frozenset[str]:
        """Give the stages that a bundled play stands for; none for one that a habit asks for, such as `seasonal`."""
        return frozenset(stage for stage, key in self.of_stage.items() if key == bundled)


def bundled_text() -> str:
    """Give the bundled playbook, to start one's own from."""
    return _FILE.read_text(encoding="utf-8")


def load_playbook(path: Path | None = None) -> Playbook:
    """Read the bundled playbook, with what a file of the user's says on top of it.

    Parameters
    ----------
    path : Path, optional
        A playbook in the same form, whole or in part: a play of a known key changes what it names and keeps the rest; a
        play of a new key is added and must say by `stages` or `when` which segments it is for. Plays that say so come
        before all others, in the order of the file.

    Raises
    ------
    ConfigError
        Where it cannot be read, or something in it has no meaning; the message names the play and the key.
    """
    return _made(_text_of(path), path.name) if path is not None else _made()


@lru_cache(maxsize=4)
def _made(text: str = "", name: str = "") -> Playbook:
    """Lay a playbook over the bundled one; kept by its text, so that an edited file is read anew."""
    bundled, own = _parsed(bundled_text(), _FILE.name), _parsed(text, name)
    plays = {key: dict(play) for key, play in bundled["plays"].items()}
    first = []
    for key, play in _tables(own, "plays").items():
        _check_keys(key, play)
        if key not in plays and not {"stages", "when"} & play.keys():
            raise ConfigError(
                f"The play '{key}' of the playbook is never chosen.",
                found="It names no stage and no number that a segment must have.",
                remedy=f'Add stages = ["Champions"] to [plays.{key}], or recency_days = "<= 30" to '
                f"[plays.{key}.when]; or take the key of a bundled play to change that one.{_near(key, plays)}",
            )
        # A copy of the bundled playbook chooses as the bundled one does.
        known = plays.get(key, {})
        first += [key] if any(play.get(name, known.get(name)) != known.get(name) for name in ("stages", "when")) else []
        plays[key] = known | dict(play)
    ordered = [*first, *(key for key in plays if key not in first)]
    templates = {key: _template(key, plays[key], is_own=key in first) for key in ordered}
    of_stage = {stage: key for key, play in bundled["plays"].items() for stage in play.get("stages", ())}
    return Playbook(templates, _lines(bundled["lines"], _tables(own, "lines")), of_stage)


def check_playbook(path: Path, columns: Collection[str] = ()) -> tuple[Playbook, tuple[str, ...]]:
    """Read a playbook and check the names in its conditions without a shop at hand.

    Parameters
    ----------
    path : Path
    columns : collection of str
        Columns of one's own customer table that conditions may name.

    Returns
    -------
    Playbook, tuple of str
        And the names that are no feature: they are met only where a customer table has such a column.

    Raises
    ------
    ConfigError
        As `load_playbook`, or a name is unknown and written nearly like a known one.
    """
    from coterie.features import CATALOG

    book = load_playbook(path)
    conditions = {key: play.when for key, play in book.plays.items()}
    return book, facts_of_own_columns(conditions, {*CATALOG, *columns})


def playbook_of(config: Config) -> Playbook:
    """Read the playbook that the settings name, or the bundled one; raises as `load_playbook` does."""
    return load_playbook(Path(config.playbook.file) if config.playbook.file else None)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as cause:
        raise ConfigError(
            f"The playbook '{path.name}' cannot be read.",
            found=cause.strerror or "",
            remedy="Name a file that `coterie playbook > playbook.toml` wrote, or leave the setting empty.",
        ) from cause
    except UnicodeDecodeError as cause:
        raise ConfigError(f"The playbook '{path.name}' is not text in UTF-8.", found=str(cause.reason)) from cause


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ConfigError(f"The playbook '{name}' is not valid TOML.", found=str(cause)) from cause
    unknown = [str(key) for key in data if key not in ("plays", "lines")]
    if unknown:
        raise ConfigError(
            f"The playbook '{name}' has an unknown table '{unknown[0]}'.",
            remedy=f"A playbook has [plays.<key>] and [lines].{_near(unknown[0], ('plays', 'lines'))}",
        )
    return data


def _tables(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name, {})
    bad = [key for key, value in found.items() if name == "plays" and not isinstance(value, dict)] if (
        isinstance(found, dict)
    ) else [name]  # fmt: skip
    if bad:
        raise ConfigError(
            f"'{bad[0]}' of the playbook is no table.", remedy=f"Write [{name}.{bad[0]}] and its keys below."
        )
    return dict(found)


def _check_keys(key: str, play: Mapping[str, Any]) -> None:
    for name in play:
        if name not in _KNOWN:
            raise ConfigError(
                f"The play '{key}' of the playbook has an unknown key '{name}'.",
                found=f"Known keys: {', '.join(sorted(_KNOWN))}.",
                remedy=_near(name, _KNOWN).strip() or f"Correct it in [plays.{key}].",
            )


def _template(key: str, play: Mapping[str, Any], *, is_own: bool) -> Template:
    missing = _NEEDED - play.keys()
    if missing:
        raise ConfigError(
            f"The play '{key}' of the playbook is not complete.",
            found=f"Missing: {', '.join(sorted(missing))}.",
            remedy=f"Add them to [plays.{key}]. A play has the keys {', '.join(sorted(_NEEDED))}, and may have "
            f"{', '.join(sorted(_KNOWN - _NEEDED))}.",
        )
    words = {
        name: _text(f"the play '{key}'", name, play[name], NAMES) for name in (*_WORDS, *_MORE_WORDS) if name in play
    }
    numbers = {name: _number(key, name, play[name]) for name in (*_NUMBERS, *_MORE_NUMBERS) if name in play}
    when = play.get("when", {})
    if not isinstance(when, dict) or not isinstance(play.get("leave_alone", False), bool):
        raise ConfigError(
            f"'when' or 'leave_alone' of the play '{key}' has no meaning.",
            remedy=f'Write [plays.{key}.when] with lines such as recency_days = "<= 30"; leave_alone = true or false.',
        )
    return Template(
        key=key,
        words=words,
        movable=numbers["movable"],
        effort=round(numbers["effort"]),
        urgency=round(numbers["urgency"]),
        contacts=numbers.get("contacts", 4.0),
        contact_factor=numbers.get("contact_factor", 1.0),
        discount=numbers.get("discount"),
        stages=_stages(key, play.get("stages", ())),
        when=tuple(parse_condition(key, str(fact), text) for fact, text in when.items()),
        leave_alone=play.get("leave_alone", False),
        is_own=is_own,
    )


def _stages(key: str, named: Any) -> tuple[str, ...]:  # noqa: ANN401  a value of a TOML file
    stages = [named] if isinstance(named, str) else list(named) if isinstance(named, (list, tuple)) else [str(named)]
    for stage in stages:
        if stage not in STAGES:
            raise ConfigError(
                f"The play '{key}' of the playbook is for a stage '{stage}' that is not there.",
                found=f"Stages: {', '.join(STAGES)}.",
                remedy=_near(str(stage), STAGES).strip() or f"Correct 'stages' in [plays.{key}].",
            )
    return tuple(stages)


def _number(key: str, name: str, value: Any) -> float:  # noqa: ANN401
    low, high = (_NUMBERS | _MORE_NUMBERS)[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigError(
            f"'{name}' of the play '{key}' of the playbook has no meaning.",
            found=f"It is {value!r}.",
            remedy=f"Write a number from {low:g} to {high:g} at '{name}' in [plays.{key}].",
        )
    return float(value)


def _lines(bundled: Mapping[str, str], own: Mapping[str, Any]) -> dict[str, str]:
    for name, text in own.items():
        if name not in bundled:
            raise ConfigError(
                f"The playbook has an unknown sentence '{name}' in [lines].",
                found=f"Sentences: {', '.join(bundled)}.",
                remedy=_near(name, bundled).strip() or "Take it out.",
            )
        _text("the sentences", name, text, tuple(_names(bundled[name])))
    return {**bundled, **{name: str(text) for name, text in own.items()}}


def _text(where: str, name: str, text: Any, allowed: tuple[str, ...]) -> str:  # noqa: ANN401
    """Check that a text can be filled: it holds no braces but those around names that there are."""
    try:
        fields = list(_fields(text)) if isinstance(text, str) else []
    except ValueError:
        fields = ["{"]
    wrong = [field for field in fields if field not in allowed]
    if not isinstance(text, str) or not text.strip() or wrong:
        raise ConfigError(
            f"'{name}' of {where} in the playbook cannot be filled.",
            found=f"Unknown in braces: '{wrong[0]}'." if wrong else f"It is {text!r}, not a text.",
            remedy=f"Names that may stand in braces here: {', '.join(allowed) or 'none'}. A brace itself is written "
            f"twice.{_near(wrong[0], allowed) if wrong else ''}",
        )
    return text


def _fields(text: str) -> Iterator[str]:
    """Give what stands in braces, with everything that a template could ask for beside a bare name."""
    for _, field, form, conversion in Formatter().parse(text):
        if field is not None:
            yield field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")


def _names(text: str) -> set[str]:
    return set(_fields(text))


def _near(name: str, known: Any) -> str:  # noqa: ANN401  any collection of names
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""
