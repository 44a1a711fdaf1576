"""From a study to the files for a tool: the lists made, looked at, written whole or not at all, and written down."""

from __future__ import annotations

import datetime as dt
import difflib
import io
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.campaigns import audiences as lists
from coterie.config import SourcesSettings
from coterie.errors import ConfigError, NotEnoughDataError, StudyError
from coterie.outputs.folder import FolderWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from coterie.outputs.study import Study

#: What lies beside the lists: what they hold, and that they hold personal data.
ABOUT = "about.txt"


@dataclass(frozen=True)
class AudienceOptions:
    """How lists are made; the names are those of the command line's options.

    Attributes
    ----------
    segments : tuple of str or int
        Names or ids; all of them where empty.
    customers : path or dataframe, optional
        The customer file. It is read and never copied into the study.
    columns : mapping of str to str
        Role -> column of the customer file, where the header does not say it.
    suppress, exclude : tuple of path or dataframe
        People who objected, and people whom this campaign is not for.
    holdout : path, dataframe or "none", optional
        Groups of a test plan; by default `holdout.csv` of the study's plan, if there is one.
    country : str
        ISO code or name for phones and addresses without a country; "none" leaves such phones out.
    fields : tuple of str
        Fields that leave instead of the destination's own; "+gender" adds to them.
    hashed : bool, optional
    phone : {"e164", "digits"}
    core_only, consent_elsewhere : bool
    reading : SourcesSettings
        How the files are read.
    """

    segments: tuple[str | int, ...] = ()
    customers: object = None
    columns: Mapping[str, str] | None = None
    suppress: tuple[object, ...] = ()
    exclude: tuple[object, ...] = ()
    holdout: object = None
    country: str = ""
    fields: tuple[str, ...] = ()
    hashed: bool | None = None
    phone: str = "e164"
    core_only: bool = False
    consent_elsewhere: bool = False
    reading: SourcesSettings = field(default_factory=SourcesSettings)

    @classmethod
    def of(cls, segments: Sequence[str | int], options: Mapping[str, Any]) -> AudienceOptions:
        """Make them of keyword arguments; a single file or field need not be put into a list.

        Raises
        ------
        ConfigError
            An option is unknown.
        """
        known = [each.name for each in fields(cls)]
        unknown = [name for name in options if name not in known or name == "segments"]
        if unknown:
            near = difflib.get_close_matches(unknown[0], known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
            raise ConfigError(f"There is no option '{unknown[0]}'.", remedy=hint)
        several = {name: _several(options[name]) for name in ("suppress", "exclude", "fields") if name in options}
        return cls(segments=tuple(segments), **{**options, **several})


@dataclass(frozen=True)
class Export:
    """Lists made and not yet written.

    Attributes
    ----------
    study : Study
    destination : Destination
    form : Form
    audiences : tuple of Audience
        One a segment, those that are large enough.
    too_small : mapping of str to int
        Segment -> people, of the lists that are too small to leave.
    told : tuple of str
        What to know about the lists as a whole.
    options : mapping of str to Any
        What is written down of how they were made.
    """

    study: Study
    destination: lists.Destination
    form: lists.Form
    audiences: tuple[lists.Audience, ...]
    too_small: Mapping[str, int]
    told: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def preview(self) -> str:
        """What would be written, in words; nobody can be recognised in it."""
        small = (f"Not written: '{name}' has only {size} people." for name, size in self.too_small.items())
        return "\n".join((lists.preview(self.audiences, self.destination, self.form), *small, *self.told))

    @property
    def size(self) -> int:
        """People in all lists together; one who is in two segments' lists counts twice."""
        return sum(audience.size for audience in self.audiences)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The lists below each other, as texts."""
        import pandas as pd

        return pd.concat([audience.frame for audience in self.audiences], ignore_index=True)

    def write(self, folder: Path | str) -> tuple[Path, ...]:
        """Write the lists into a new folder, all or none, readable by their owner alone; and write down that it was.

        Returns
        -------
        tuple of Path
            The files, one a segment, or several parts where the tool takes no file so large.

        Raises
        ------
        StudyError
            The study has no folder to keep the record in, the folder holds something, or the disk refuses.
        """
        target = Path(folder)
        if self.study.folder is None:
            raise StudyError(
                "Lists leave only from a study that is kept, for it keeps the record of what was exported.",
                remedy='Write the study first: study.write("studies/mine").',
            )
        with _whole_folder(target) as writer:
            for audience in self.audiences:
                for name, content in self._files(audience):
                    writer.put(name, content)
            names = tuple(writer.files)
            entry = self._entry(target, writer)
            writer.put(ABOUT, self._about().encode())
            lists.append_entry(self.study.folder, entry)
        return tuple(target / name for name in names)

    def _files(self, audience: lists.Audience) -> Iterator[tuple[str, bytes]]:
        from coterie.outputs.tables import slugs

        slug = slugs(self.study.profiled)[audience.segment_id]
        if self.destination.for_spreadsheets:
            from coterie.outputs.spreadsheet import write_csv

            buffer = io.BytesIO()
            write_csv(audience.frame, buffer)
            yield f"{slug}.csv", buffer.getvalue()
            return
        parts = list(lists.upload_parts(audience.columns, audience.rows, self.destination.most_bytes))
        for number, part in enumerate(parts, start=1):
            yield (f"{slug}.csv" if len(parts) == 1 else f"{slug}-part-{number}.csv"), part

    def _about(self) -> str:
        return (
            f"Lists for {self.destination.title}, made from the study '{self.study.title}'.\n"
            "They hold personal data, hashed or not: a hash stands for one person. Upload them, then delete them.\n\n"
            f"{self.preview}\n"
        )

    def _entry(self, target: Path, writer: FolderWriter) -> dict[str, Any]:
        return {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "destination": self.destination.name,
            "folder": target.name,
            "hashed": self.form.hashed,
            "fields": sorted(self.form.fields),
            "options": dict(self.options),
            "lists": [
                {"segment_id": a.segment_id, "segment": a.segment, "people": a.size, "left_out": dict(a.left_out)}
                for a in self.audiences
            ],
            "files": {name: dict(entry) for name, entry in writer.files.items()},
        }


def _several(given: object) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def export(study: Study, destination: str, options: AudienceOptions) -> Export:
    """Make a study's lists for a destination.

    Parameters
    ----------
    study : Study
    destination : str
        One of `coterie.campaigns.audiences.DESTINATIONS`.
    options : AudienceOptions

    Raises
    ------
    ConfigError
        The destination, a segment or a field is unknown, or a customer file is needed.
    InputError
        A file cannot be used; nothing says who agreed or in which country phones are dialled; the list is too small.
    """
    where = lists.destination_of(destination)
    form = lists.form_for(where, fields=options.fields, hashed=options.hashed, phone=options.phone)
    chosen = chosen_segments(study, options.segments)
    contacts = _contacts(study, options)
    limits, told = _limits(study, options)
    held = limits.held_addresses(contacts)
    made = []
    for segment_id in chosen:
        members = study.customers[study.customers["segment_id"] == segment_id]
        made.append(lists.make_audience(members, where, form, limits, contacts, held=held))
    return _sorted_out(study, where, form, made, (*told, *_about_contacts(contacts)), options)


def _sorted_out(
    study: Study,
    where: lists.Destination,
    form: lists.Form,
    made: Sequence[lists.Audience],
    told: tuple[str, ...],
    options: AudienceOptions,
) -> Export:
    """Keep the lists that are large enough; a single one that is not is an error."""
    kept, small, trouble = [], {}, None
    for audience in made:
        try:
            lists.check_size(audience, where)
            kept.append(audience)
        except NotEnoughDataError as error:
            small[audience.segment] = audience.size
            trouble = error
    if not kept and trouble is not None:
        raise trouble
    record = {
        "core_only": options.core_only,
        "consent_elsewhere": options.consent_elsewhere,
        "suppression_lists": len(options.suppress),
        "exclusion_lists": len(options.exclude),
        "holdout": bool(options.holdout) and options.holdout != "none",
        "country": options.country,
    }
    return Export(study, where, form, tuple(kept), small, told, record)


def chosen_segments(study: Study, asked: Sequence[str | int]) -> list[int]:
    """Ids of the segments that were named by name or id; all where none was.

    Raises
    ------
    ConfigError
        The study has no such segment.
    """
    if not asked:
        return [segment.segment_id for segment in study.profiled]
    by_name = {segment.name.lower(): segment.segment_id for segment in study.profiled}
    known = set(by_name.values())
    found = []
    for one in asked:
        text = str(one).strip()
        identity = int(text) if text.isdigit() and int(text) in known else by_name.get(text.lower())
        if identity is None:
            raise ConfigError(
                f"The study has no segment '{text}'.",
                found="It has: " + "; ".join(f"{s.segment_id} {s.name}" for s in study.profiled) + ".",
                remedy="Name a segment or give its number.",
            )
        found.append(identity)
    return list(dict.fromkeys(found))


def _contacts(study: Study, options: AudienceOptions) -> lists.Contacts | None:
    if options.customers is None:
        return None
    known_as = [
        guess["column"]
        for table in study.manifest["inputs"]
        for guess in table["guesses"]
        if guess["role"] == "customer_id"
    ]
    return lists.read_contacts(
        options.customers, study.customers.index, options.reading, pinned=options.columns, known_as=known_as
    )


def _limits(study: Study, options: AudienceOptions) -> tuple[lists.Limits, tuple[str, ...]]:
    ids = study.customers.index
    country = _country(options.country)
    default = "" if country == "none" else country
    suppress, exclude = (
        tuple(lists.read_list(data, ids, options.reading, country=default) for data in files)
        for files in (options.suppress, options.exclude)
    )
    told = tuple(f"{people.size:,} entries of '{people.name}' were held against the lists." for people in suppress)
    if not suppress:
        told = ("Warning: no list of people who objected was given (--suppress); the law lets everybody object.",)
    assignment, source = _assignment(study, options)
    if assignment:
        told += (f"{sum(assignment.values()):,} customers are held out of the campaign by {source}.",)
    limits = lists.Limits(
        core_only=options.core_only,
        suppress=suppress,
        exclude=exclude,
        holdout=assignment,
        country=country,
        consent_elsewhere=options.consent_elsewhere,
    )
    return limits, told


def _country(text: str) -> str:
    if not text or text.lower() == "none":
        return text.lower()
    code = lists.country_code(text)
    if not code:
        raise ConfigError(f"There is no country '{text}'.", remedy="Use a code of two letters, as in --country GB.")
    return code


def _assignment(study: Study, options: AudienceOptions) -> tuple[dict[str, bool], str]:
    """Groups of a test plan: those named, or those of the plan beside the study."""
    if options.holdout == "none":
        return {}, ""
    if options.holdout is not None:
        name = Path(str(options.holdout)).name if isinstance(options.holdout, (str, Path)) else "the test groups given"
        return lists.read_assignment(options.holdout, options.reading, study.customers.index), f"'{name}'"
    if study.folder is None:
        return {}, ""
    folder = study.folder.resolve()
    for path in (folder / "plan" / "holdout.csv", folder.with_name(f"{folder.name}-plan") / "holdout.csv"):
        if path.is_file():
            return lists.read_assignment(path, options.reading, study.customers.index), "the plan of this study"
    return {}, ""


def _about_contacts(contacts: lists.Contacts | None) -> tuple[str, ...]:
    if contacts is None:
        return ("Consent was not looked at: no customer file was given.",)
    told = [f"Read from '{contacts.name}': {', '.join(f'{r} = {c}' for r, c in contacts.columns.items())}."]
    if contacts.repeated:
        told.append(f"{contacts.repeated:,} rows name a customer again; one refusal of consent was enough.")
    return tuple(told)


@contextmanager
def _whole_folder(folder: Path) -> Iterator[FolderWriter]:
    """Give a writer into a hidden folder that takes its name when all is written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            f"The lists cannot be written to '{folder}': something is there already.",
            remedy="Name another folder with --out.",
        )
    hidden = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.part"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        hidden.mkdir(mode=0o700)
        yield FolderWriter(hidden)
        hidden.rename(folder)
    except OSError as cause:
        raise StudyError(
            f"The lists cannot be written to '{folder}'; nothing was left there.",
            found=cause.strerror or type(cause).__name__,
            remedy="Make room, or name another folder with --out.",
        ) from cause
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
