"""Lists of people to leave out, by id, e-mail, phone or hash; and the groups of a test plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.campaigns.audiences import google, tiktok
from coterie.campaigns.audiences.cleaning import clean_email, clean_phone, plain
from coterie.campaigns.audiences.contacts import read_cells
from coterie.campaigns.audiences.hashing import is_hash, sha256
from coterie.campaigns.audiences.headers import HEADERS, HELD_OUT, TREATED, agreed
from coterie.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from coterie.campaigns.audiences.contacts import Cells
    from coterie.config import SourcesSettings

_ROLES = ("customer_id", "email", "phone")
_HASH_NAMES = ("hash", "email hash", "hashed email", "email sha256", "phone sha256", "sha256")
_GROUP_NAMES = ("treatment", "group", "arm", "assignment", "holdout", "is holdout", "treated", "is treated")
_LOOKS_LIKE_PHONE = re.compile(r"[+0(][\d\s()./-]{6,20}")


@dataclass(frozen=True)
class PersonList:
    """People named in a file.

    Attributes
    ----------
    name : str
        The file, without folders.
    entries : frozenset of str
        Ids and addresses in lower case, addresses as they are compared, hashes.
    size : int
        Different entries of the file.
    """

    name: str
    entries: frozenset[str]
    size: int
    has_addresses: bool
    has_hashes: bool

    def holds(self, customer_id: str, email: str, phone: str) -> bool:
        """Whether the list names a person by id, address or a hash of either; case and blanks do not matter."""
        if customer_id.lower() in self.entries:
            return True
        if not (email or phone) or not (self.has_addresses or self.has_hashes):
            return self.has_hashes and sha256(customer_id) in self.entries
        plainly = _plainly(email, phone)
        if not plainly.isdisjoint(self.entries):
            return True
        return self.has_hashes and any(sha256(key) in self.entries for key in (customer_id, *plainly))

    def __repr__(self) -> str:
        return f"<PersonList '{self.name}': {self.size} entries>"


def read_list(data: object, ids: Collection[str], settings: SourcesSettings, *, country: str = "") -> PersonList:
    """Read a list of people: one column of ids, e-mails, phones or hashes, with or without a header, or a table.

    Parameters
    ----------
    data : path, folder, glob or dataframe
    ids : collection of str
        The study's customer ids; a column counts as ids where they are found in it.
    settings : SourcesSettings
    country : str
        Where phone numbers without `+` are dialled.

    Raises
    ------
    InputError
        The file cannot be read, or none of its columns names people.
    """
    table = read_cells(data, settings)
    known = frozenset(key.lower() for key in ids)
    columns = [name for name in table.columns if len(table.columns) == 1 or _names_people(name, table, known)]
    if not columns:
        raise InputError(
            f"No column of '{table.name}' says whom to leave out.",
            found=f"It has: {', '.join(table.columns[:30])}.",
            remedy="Give a file with one column of customer ids, e-mail addresses, phone numbers or their hashes.",
        )
    texts = {plain(cell).lower() for name in columns for cell in (*table.cells[name], *_header(name, known))}
    texts.discard("")
    entries = frozenset(entry for text in texts for entry in _entries(text, country))
    hashes = any(is_hash(entry) for entry in entries)
    addresses = any("@" in entry or entry.startswith("+") for entry in entries)
    return PersonList(table.name, entries, len(texts), addresses, hashes)


def read_ids(data: object) -> list[str]:
    """Read customer ids: a list of one column, with or without a header, or a table with a column of customer ids.

    Raises
    ------
    InputError
        The file cannot be read, or has several columns and none is named like a customer id.
    """
    from coterie.config import SourcesSettings

    table = read_cells(data, SourcesSettings())
    names = HEADERS["customer_id"].split(", ")
    column = next((name for name in table.columns if _bare(name) in names), None)
    if column is None and len(table.columns) > 1:
        raise InputError(
            f"No column of '{table.name}' is named like a customer id.",
            found=f"It has: {', '.join(table.columns[:30])}.",
            remedy="Give a file with one column of customer ids.",
        )
    header = [] if column else [table.columns[0]]  # a list without header loses its first line to it
    keys = [plain(cell) for cell in (*header, *table.cells[column or table.columns[0]])]
    return [key for key in dict.fromkeys(keys) if key]


def read_assignment(data: object, settings: SourcesSettings, ids: Collection[str]) -> dict[str, bool]:
    """Read the groups of a test plan: customer id -> whether the customer is held out.

    A table of ids alone lists those who are held out. Otherwise a column (treatment, group, holdout, treated) says it.

    Raises
    ------
    InputError
        The table names no customer of the study, or a group that is neither held out nor treated.
    """
    table = read_cells(data, settings)
    column = next((name for name in table.columns if _bare(name) in HEADERS["customer_id"].split(", ")), None)
    keys = [plain(cell) for cell in table.cells[column or table.columns[0]]]
    group = next((name for name in table.columns if _bare(name) in _GROUP_NAMES), None)
    held = [True] * len(keys) if group is None else [_is_held_out(cell, group, table) for cell in table.cells[group]]
    wanted = frozenset(ids)
    found: dict[str, bool] = {}
    for written, out in zip(keys, held, strict=True):
        key = written if written in wanted else written.removeprefix("'")  # as tables for spreadsheets write "-1"
        if key in wanted:
            found[key] = found.get(key, False) or out
    if not found:
        raise InputError(
            f"The test groups in '{table.name}' are not those of this study.",
            found=f"None of its {len(keys):,} rows names a customer of the study.",
            remedy="Name the assignment of this study's plan with --holdout, or say --holdout none.",
        )
    return found


def _is_held_out(cell: str | None, column: str, table: Cells) -> bool:
    word = plain(cell).lower()
    if word in HELD_OUT:
        return True
    if word in TREATED:
        return False
    answer = agreed(word)
    if answer is None:
        raise InputError(
            f"Column '{column}' of '{table.name}' holds a group that is neither held out nor treated.",
            remedy="Use the words holdout and treat, as the plan does.",
        )
    return answer if "holdout" in _bare(column) else not answer


def _entries(text: str, country: str) -> Iterable[str]:
    yield text
    if "@" in text:
        email = clean_email(text, join_blanks=True)[0]
        yield from _plainly(email, "") if email else ()
    elif _LOOKS_LIKE_PHONE.fullmatch(text):
        phone = clean_phone(text, country)[0]
        yield from (phone, phone[1:]) if phone else ()


def _plainly(email: str, phone: str) -> frozenset[str]:
    """Every form in which a destination or another system may have written the same address."""
    forms = {email, google.normal_email(email), tiktok.normal_email(email)} if email else set()
    return frozenset(forms | ({phone, phone[1:]} if phone else set()))


def _names_people(name: str, table: Cells, ids: frozenset[str]) -> bool:
    bare = _bare(name)
    if bare in _HASH_NAMES or any(bare in HEADERS[role].split(", ") for role in _ROLES):
        return True
    filled = [text for cell in table.cells[name][:2000] if (text := plain(cell).lower())]
    telling = sum("@" in text or is_hash(text) or text in ids for text in filled)
    return bool(filled) and telling >= 0.5 * len(filled)


def _header(name: str, ids: frozenset[str]) -> tuple[str, ...]:
    """Give the header itself where it is an entry: a list without header loses its first line to it."""
    text = plain(name).lower()
    return (name,) if "@" in text or is_hash(text) or text in ids else ()


def _bare(header: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower()))
