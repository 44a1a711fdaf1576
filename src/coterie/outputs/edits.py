"""What a person changed of a study: names, notes, colours and plays of segments. The study's folder stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from coterie.errors import ConfigError
from coterie.outputs.charts.palette import SEGMENT_COLOURS, colour_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.outputs.study import Study
    from coterie.vocabulary import Play, Segment

LONGEST_NAME, LONGEST_TEXT = 80, 2_000
#: What of a play a person may write anew.
PLAY_FIELDS = ("title", "goal", "offer", "channel", "timing", "message", "avoid", "kpi")
#: Columns of the tables that hold a segment's name and nothing else.
_NAME_COLUMNS = ("name", "segment", "second_segment", "from_segment", "to_segment")
#: Tables and parts of the manifest in which no segment of the study is called by name.
_OTHER_TABLES = (
    "profiles", "candidates", "stability", "segment_stability", "solutions", "left_out", "rejected_rows", "holdout",
    "holdout_explained", "value_stages", "value_moves", "value_tenths",
)  # fmt: skip
_OTHER_PARTS = (
    "title", "made_at", "as_of", "currency", "value", "basis", "features", "inputs", "findings", "config", "seed",
    "timings", "versions", "holdout", "format_version",
)  # fmt: skip


@dataclass(frozen=True)
class SegmentEdit:
    """What a person changed of one segment; an empty text leaves what the study says.

    Attributes
    ----------
    name : str, at most 80 characters
    note : str, at most 2,000 characters
    colour : str
        One of `coterie.outputs.charts.palette.SEGMENT_COLOURS`: told apart by the colour-blind and in grey.
    play : mapping of str to str
        Any of `PLAY_FIELDS` -> the text that stands in its place.
    """

    name: str = ""
    note: str = ""
    colour: str = ""
    play: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.name or self.note or self.colour or self.play)


def edits_to_plain(edits: Mapping[int, SegmentEdit]) -> dict[str, dict[str, Any]]:
    """Give edits as plain data, by segment id as text; those that change nothing are left out."""
    return {str(identity): asdict(edit) for identity, edit in sorted(edits.items()) if edit}


def edits_from_plain(told: Mapping[str, Mapping[str, Any]]) -> dict[int, SegmentEdit]:
    """Give back what `edits_to_plain` made."""
    return {int(identity): SegmentEdit(**edit) for identity, edit in told.items()}


def with_edits(study: Study, edits: Mapping[int, SegmentEdit]) -> Study:
    """Give the study as its owner sees it: all that is made of it, from page to audience file, has the new words.

    A renamed segment is called by its new name in every table and sentence. Several can be renamed at once, also to
    each other's names. Ids, members and numbers stay.

    Parameters
    ----------
    study : Study
        With or without its customers in memory.
    edits : mapping of int to SegmentEdit
        By segment id; ids that the study does not have are left aside.

    Returns
    -------
    Study
        The same one where nothing was changed. `manifest["edited"]` holds the ids of the changed segments.

    Raises
    ------
    ConfigError
        A name is used twice, too long, or a bare number; a colour or a part of a play is unknown.
    """
    known = {segment.segment_id for segment in study.profiled}
    mine = {identity: edit for identity, edit in edits.items() if identity in known and edit}
    if not mine:
        return study
    check_edits(study, mine)
    names = {s.name: mine[s.segment_id].name for s in study.profiled if _is_renamed(s, mine)}
    say = _renaming(names)
    segments = tuple(_edited(segment, mine.get(segment.segment_id), say) for segment in study.profiled)
    spoken = {name: _said(part, say) for name, part in study.manifest.items() if name not in _OTHER_PARTS}
    manifest = dict(study.manifest) | spoken
    return replace(
        study,
        manifest=manifest | {"edited": sorted(mine)},
        profiled=segments,
        customers=_renamed_columns(study.customers, names),
        tables={name: _edited_table(name, table, segments, say) for name, table in study.tables.items()},
    )


def check_edits(study: Study, edits: Mapping[int, SegmentEdit]) -> None:
    """Raise a ConfigError where edits would leave segments that cannot be told apart, or have no meaning."""
    taken: dict[str, int] = {}
    for segment in study.profiled:
        edit = edits.get(segment.segment_id, SegmentEdit())
        _check_one(segment.segment_id, edit)
        name = _name(segment, edit)
        if name in taken:
            raise ConfigError(
                f"Segments {taken[name]} and {segment.segment_id} would have the same name.",
                remedy="Give each segment a name of its own: lists and plans name them by it.",
            )
        taken[name] = segment.segment_id
    _check_colours(study, edits)


def fitting_edits(study: Study, edits: Mapping[int, SegmentEdit]) -> dict[int, SegmentEdit]:
    """Give the edits of an earlier study as far as they fit a later one.

    A name or a colour that another segment of the later study has by itself is left out: nobody chose it there.

    Parameters
    ----------
    study : Study
    edits : mapping of int to SegmentEdit
        By segment id; those of segments that the study does not have stay as they are.

    Returns
    -------
    dict of int to SegmentEdit
        With names and colours that are all different. `with_edits` takes them without an error.
    """
    fitting = dict(edits)
    for part, shown_as in (("name", _name), ("colour", _colour)):
        while clashing := _clashing(study, fitting, part, shown_as):
            emptied: dict[str, Any] = {part: ""}
            fitting |= {identity: replace(fitting[identity], **emptied) for identity in clashing}
    return fitting


def _clashing(
    study: Study, edits: Mapping[int, SegmentEdit], part: str, shown_as: Callable[[Segment, SegmentEdit | None], str]
) -> list[int]:
    """Segments whose edited part is shown for another segment too."""
    shown = {s.segment_id: shown_as(s, edits.get(s.segment_id)) for s in study.profiled}
    often = Counter(shown.values())
    return [
        number for number, own in shown.items() if often[own] > 1 and number in edits and getattr(edits[number], part)
    ]


def _name(segment: Segment, edit: SegmentEdit | None) -> str:
    return ((edit.name if edit else "") or segment.name).casefold()


def _check_colours(study: Study, edits: Mapping[int, SegmentEdit]) -> None:
    """A colour that was chosen must not be another segment's."""
    shown = {s.segment_id: _colour(s, edits.get(s.segment_id)) for s in study.profiled}
    for identity, colour in shown.items():
        same = [other for other, its in shown.items() if other != identity and its == colour]
        if same and identity in edits and edits[identity].colour:
            raise ConfigError(
                f"Segments {identity} and {same[0]} would have the same colour.",
                remedy=f"Choose another colour for one of them; segment {same[0]} can have the one that is free now.",
            )


def _colour(segment: Segment, edit: SegmentEdit | None) -> str:
    return (edit.colour if edit else "") or colour_of(segment)


def _check_one(identity: int, edit: SegmentEdit) -> None:
    if len(edit.name) > LONGEST_NAME:
        raise ConfigError(
            f"The name of segment {identity} is too long.",
            found=f"It has {len(edit.name):,} characters.",
            remedy=f"Use at most {LONGEST_NAME}; the note has room for more.",
        )
    if edit.name.isdigit():
        raise ConfigError(f"The name of segment {identity} is a bare number.", remedy="Use a name with a letter in it.")
    for what, text in (("note", edit.note), *edit.play.items()):
        if len(text) > LONGEST_TEXT:
            raise ConfigError(
                f"The text '{what}' of segment {identity} is too long.",
                found=f"It has {len(text):,} characters.",
                remedy=f"Use at most {LONGEST_TEXT:,}.",
            )
    if edit.colour and edit.colour not in SEGMENT_COLOURS:
        raise ConfigError(f"The colour of segment {identity} is none of those that can be told apart.")
    unknown = sorted(set(edit.play) - set(PLAY_FIELDS))
    if unknown:
        raise ConfigError(f"A play has no part '{unknown[0][:40]}'.", remedy=f"It has: {', '.join(PLAY_FIELDS)}.")


def cleaned(text: str, *, lines: bool = False) -> str:
    r"""Make what a person typed fit to be kept: no control, direction or other hidden characters, blanks at the ends.

    Parameters
    ----------
    text : str
    lines : bool
        Whether line breaks stay, as in a note.

    Examples
    --------
    >>> cleaned(" Big\u202e spenders\n")
    'Big spenders'
    """
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    shown = "".join(_kept(mark, lines=lines) for mark in kept)
    if lines:
        return "\n".join(re.sub(r"[^\S\n]+", " ", line).strip() for line in shown.split("\n")).strip()
    return re.sub(r"\s+", " ", shown).strip()


def _kept(mark: str, *, lines: bool) -> str:
    if mark == "\n" and lines:
        return mark
    if mark in "\n\t":
        return " "
    joins = mark in "\u200c\u200d"  # what holds an emoji or a Persian word together
    return mark if joins or unicodedata.category(mark)[0] != "C" else ""


def _is_renamed(segment: Segment, edits: Mapping[int, SegmentEdit]) -> bool:
    edit = edits.get(segment.segment_id)
    return bool(edit and edit.name and edit.name != segment.name)


def _renaming(names: Mapping[str, str]) -> Callable[[str], str]:
    """Give what puts new names for old ones in a text, all at once, so that two can change places.

    A name of one word is replaced only where it stands alone or in quotation marks: it may be an everyday word.
    """
    if not names:
        return lambda text: text
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    parts = [re.escape(name) for name in longest_first if " " in name]
    parts += [rf"(?<=[“'‘]){re.escape(name)}(?=[”'’])" for name in longest_first if " " not in name]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")

    def say(text: str) -> str:
        return names[text] if text in names else pattern.sub(lambda found: names[found.group()], text)

    return say


def in_new_words(names: Mapping[str, str]) -> Callable[[str], str]:
    """Give what puts new names for old ones where they stand in quotation marks, as in a sentence about a customer.

    Nothing else of the sentence changes, which may quote a shop's own words. All names change at once, so that two
    segments can have changed theirs with each other.

    Parameters
    ----------
    names : mapping of str to str
        Old name -> new name.
    """
    if not names:
        return lambda sentence: sentence
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    quoted = re.compile(rf"(?<=['‘“])(?:{'|'.join(map(re.escape, longest_first))})(?=['’”])")
    return lambda sentence: quoted.sub(lambda found: names[found.group()], sentence)


def _said(value: Any, say: Callable[[str], str]) -> Any:  # noqa: ANN401  plain data and dataclasses of any depth
    """Put new names into every text of plain data."""
    if isinstance(value, str):
        return say(value)
    if isinstance(value, dict):
        return {key: _said(part, say) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_said(part, say) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: _said(getattr(value, each.name), say) for each in fields(value)}
        return replace(value, **changed)
    return value


def _edited(segment: Segment, edit: SegmentEdit | None, say: Callable[[str], str]) -> Segment:
    told: Segment = replace(
        _said(replace(segment, typical=(), edge=()), say), typical=segment.typical, edge=segment.edge
    )
    if edit is None:
        return told
    return replace(
        told,
        name=edit.name or told.name,
        note=edit.note or told.note,
        colour=edit.colour or told.colour,
        play=_edited_play(told.play, edit.play),
    )


def _edited_play(play: Play | None, texts: Mapping[str, str]) -> Play | None:
    if play is None or not texts:
        return play
    said: dict[str, Any] = {name: text for name, text in texts.items() if text}
    return replace(play, **said)


def _edited_table(
    name: str, table: pd.DataFrame, segments: tuple[Segment, ...], say: Callable[[str], str]
) -> pd.DataFrame:
    """Give a table with the new names in its texts, and the new plays where it tells of plays."""
    if name in _OTHER_TABLES:
        return table
    texts = [column for column in table.columns if table[column].dtype == object]
    told = table.assign(**{column: _texts(table, [_said(value, say) for value in table[column]]) for column in texts})
    if name not in ("segments", "campaigns"):
        return told
    plays = {segment.segment_id: segment.play for segment in segments if segment.play}
    for part in PLAY_FIELDS:
        column = "play" if part == "title" else part
        if column in told:
            both = zip(told["segment_id"], told[column], strict=True)
            said = [getattr(plays[number], part) if number in plays else text for number, text in both]
            told[column] = _texts(told, said)
    if name == "segments":
        told["note"] = _texts(told, [segment.note for segment in segments])
    return told


def _texts(table: pd.DataFrame, texts: list[Any]) -> pd.Series:
    return pd.Series(texts, index=table.index, dtype=object)


def _renamed_columns(customers: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Give the customers with the new names, each of the different texts put into words once."""
    if not names or customers.empty:
        return customers

    def renamed(name: str) -> str:
        return names.get(name, name)

    quoted = in_new_words(names)
    changed = {}
    for column in (*_NAME_COLUMNS, "reason"):
        if column in customers:
            codes, texts = pd.factorize(customers[column])
            say = quoted if column == "reason" else renamed
            told = pd.array([say(text) for text in texts] + [None], dtype=object)
            changed[column] = told.take(codes)
    return customers.assign(**changed)
