"""The page of the documentation on lists: what every destination gets is told from the code that writes it."""
# ruff: noqa: E501  the rows of the page's tables stay in one line

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.builders import BUILDERS
from coterie.campaigns.audiences.destinations import DESTINATIONS, destination_of, form_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.campaigns.audiences.destination import Column, Destination

_INTRO = """# Lists for mail and advertising tools

Made from the program by `make docs`.

`coterie audiences STUDY --for TOOL --customers customers.csv` writes one list a segment, as the tool's upload wants it.
Before anything is written you see how many people each list holds, who was left out and why, which columns leave, and
three rows in which nobody can be recognised. `--preview` stops there; `--yes` goes on without asking.

```python
found = study.audience("klaviyo", segment="Champions", customers="customers.csv", suppress="objections.csv")
print(found.preview)
found.frame  # the list as a table
found.write("lists/champions")  # the files, and a line in the study's record
```

## Where the addresses come from

A study keeps no e-mails, phones or names. They are read from the customer file that you name, matched by the study's
customer id, and are never copied into the study. Columns are found by their headers in English, German, French and
Spanish; `--map ROLE=COLUMN` names the others, as in `--map consent=OptIn`. Where a customer stands twice, the fullest row
counts, whatever the order of the rows, and one refusal of consent is enough.

## Who is never in a list

Each customer is counted once, under the first of these that holds:

| left out | because |
|---|---|
| people on a suppression list (`--suppress`) | they objected. They are found by customer id, e-mail, phone, or the SHA-256 of any of these, in any case and with any blanks; Gmail addresses in all their spellings |
| people who are not in the customer file | nothing says how to reach them, or that they agreed |
| people who did not agree to marketing | the consent column says no, or nothing. Without such a column Coterie asks; `--consent-elsewhere` states that everybody agreed |
| for Google: people in Europe, or of an unknown country, without a yes in `ad_user_data` and `ad_personalization`, where the file has them | the law there asks for consent to personalised advertising |
| people whom a test holds out (`--holdout`, or `holdout.csv` of the plan beside the study) | they are the comparison. So are customers with the same e-mail or phone: the same person in a second account would get the campaign |
| people on a list to exclude (`--exclude`) | this campaign is not for them |
| customers at the fringe of a segment | only with `--core-only` |
| people with no usable e-mail, phone or other key | empty, invalid and placeholder values (`noreply@…`, `test@test.com`, `000000`) are counted and never hashed |
| the same address again | one row a person; the lowest customer id stays |

Phone numbers without `+` need a country: that of the row, else that of `--country`. Where neither says it, Coterie asks.
A list for an outside tool needs 10 people or more, so that it does not point at single persons; the tools' own
smallest sizes are told as warnings.

## Hashed data are personal data

A hash stands for one person, and whoever knows the address can make the same hash. Hashed files are written for the
tools that take them, are readable by you alone (mode 0600), and belong deleted after the upload. A value that comes as
a hash is passed on and told; the hash of an empty cell is thrown away.

The tools differ, so one column of hashes cannot serve two of them: Google hashes a phone with its `+`, Meta without;
Google takes the dots out of a Gmail address, Meta does not; TikTok drops what follows a plus everywhere.

## What is written down

Each export adds a line to `exports.jsonl` in the study's folder: when, for which tool, which fields and options, how
many people and how many left out, size and checksum of each file. No person's data are in it. Each line names the hash of
the line before, so that a changed or missing line is found. `coterie audiences STUDY --history` reads it.

## Two kinds of files

Uploads follow a strict grammar: UTF-8 without byte order mark, the header exactly as below, every cell held against
what its column may hold. Nothing is defused, for an apostrophe before a value would break a hash or a phone number;
texts that a spreadsheet could run as a formula are refused instead. The generic list and the tables of a study are
made for spreadsheets: there, such texts get an apostrophe.
"""

_RULES = """## A segment as rules

`coterie audiences STUDY --as-rules` says each segment as conditions, for tools that take no lists or should keep a segment
up to date by themselves. A builder knows only some things, so conditions are sought for each with only what it knows, and
their fit is counted on all customers of the study: how many of those they find belong to the segment, and how much of the
segment they find. Where a segment cannot be said so, it is told; the list is always exact.

| builder | what it knows | what may differ |
|---|---|---|
"""

_FORGET = """
## Erasing a customer

`coterie forget STUDY... --customer ID` (or `--file ids.csv`) takes a customer's rows out of the tables and lists of
studies, out of the examples of segments, and out of a model that keeps single customers as points. The folder is
replaced as a whole, with new checksums in its manifest; a failure leaves it as it was. Counts, averages, rules and
pictures stay as they were made, and the manifest counts how many customers were erased. Your own tables and the lists
that left are not reached: the command names the tools for which lists of the study were made.
"""


def markdown() -> str:
    """Give the page."""
    tools = "\n\n".join("\n".join(_section(destination_of(name))) for name in DESTINATIONS)
    known = "\n".join(
        f"| {builder.title} | {', '.join(builder.known) or 'every feature of the study'} | {builder.note} |"
        for builder in BUILDERS
    )
    return f"{_INTRO}\n## The tools\n\n{tools}\n\n{_RULES}{known}\n{_FORGET}"


def _section(destination: Destination) -> Iterator[str]:
    yield f"### {destination.name}: {destination.title}"
    yield ""
    yield "| header | made of | written | hashed |"
    yield "|---|---|---|---|"
    form = form_for(destination)
    everything = form_for(destination, fields=(*(f"+{name}" for name in destination.further),))
    by_default = {column.header for column in destination.columns(form) if column.grammar != "nothing"}
    for column in _once(destination.columns(everything)):
        asked = "" if column.header in by_default or not column.field else " (only when asked for)"
        made_of = (column.field or "nothing").replace("_", " ")
        yield f"| `{column.header}`{asked} | {made_of} | {column.how} | {'yes' if column.grammar == 'hash' else 'no'} |"
    yield ""
    yield f"Header: `{','.join(column.header for column in destination.columns(form))}`"
    yield ""
    facts = [*destination.notes]
    if destination.most_bytes:
        facts.append(f"Files above {destination.most_bytes // 1_000_000} MB are written in parts.")
    if destination.further:
        further = ", ".join(f"`{name}`" for name in destination.further)
        facts.append(f"Further fields leave only with `--fields +NAME`: {further}.")
    if destination.page:
        facts.append(f"[The tool's own page]({destination.page}).")
    yield "\n".join(f"- {fact}" for fact in facts)


def _once(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Columns of a header that stands several times are told once."""
    seen: set[str] = set()
    for column in columns:
        if column.header not in seen:
            yield column
        seen.add(column.header)
