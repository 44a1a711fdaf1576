"""Headers: their words, a clean name, a label for people, and near matches."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "°": "o "})
_PARENTHESES = re.compile(r"[(\[][^)\]]*[)\]]")


def fold(text: str) -> str:
    """Lower case without accents; German umlauts become two letters."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_UMLAUTS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


@functools.lru_cache(maxsize=16_384)
def words(header: str) -> tuple[str, ...]:
    """Split a header into its words: `CustomerID` -> ("customer", "id"); what stands in parentheses is left away.

    Examples
    --------
    >>> words("AnnualIncome (k$)")
    ('annual', 'income')
    """
    bare = _PARENTHESES.sub(" ", header) if _PARENTHESES.sub("", header).strip() else header
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", bare.translate(_UMLAUTS))
    return tuple(re.findall(r"[^\W_]+", fold(parted)))


def unit_of(header: str) -> str:
    """Give what a header says in parentheses: `Income (k$)` -> `k$`."""
    found = re.search(r"[(\[]([^)\]]*)[)\]]", header)
    return found.group(1).strip() if found else ""


def clean_name(header: str, taken: Iterable[str]) -> str:
    """Make a snake_case name that is not among `taken`."""
    name = "_".join(words(header)) or "column"
    if name[0].isdigit():
        name = f"column_{name}"
    used = set(taken)
    candidates = [name, f"{name}_given", *(f"{name}_{i}" for i in range(2, 2_000))]
    return next(candidate for candidate in candidates if candidate not in used)


#: Beginnings of column headers, spelled out.
_SPELLED_OUT = (
    (r"^(?:num|nb|nr|cnt)[. ]+deals purchases$", "number of purchases on offer"),
    (r"^(?:mens|men's)$", "menswear"),
    (r"^(?:womens|women's)$", "womenswear"),
    (r"^kid ?home$", "small children at home"),
    (r"^teen ?home$", "teenagers at home"),
    (r"^(?:(?:num|nb|nr|cnt) (?:of )?|no of )(?=\w)", "number of "),
    (r"^(?:mnt|amt) (?:of )?(?=\w)", "amount of "),
    (r"^(avg)[. ]+(?=\w)", "average "),
    (r"^(pct)[. ]+(?=\w)", "percentage of "),
)


def label_of(header: str) -> str:
    """Plain words for people: `NumWebPurchases` -> `number of web purchases`."""
    label = " ".join(words(header)) or header.strip().lower()
    for short, long in _SPELLED_OUT:
        label = re.sub(short, long, label)
    return label


def told_apart(label: str, taken: Collection[str], table: str) -> str:
    """Give a label that is not among `taken`: where it is, with the name of its table, then with a number.

    Examples
    --------
    >>> told_apart("age", {"age"}, "crm.csv")
    'age (crm.csv)'
    """
    said = f"{label} ({table})"
    candidates = [label, said, *(f"{said} {i}" for i in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def match(header: str, names: Sequence[str]) -> float:
    """How well a header says one of the names: 1 = just that, 0.6 = it holds all its words, 0 = not at all."""
    own = words(header)
    joined = "".join(own)
    best = 0.0
    for name in names:
        target = name.split()
        if joined == "".join(target):
            return 1.0
        if len(target) > 1 and _holds(own, target):
            best = 0.6
    return best


def _holds(own: Sequence[str], target: Sequence[str]) -> bool:
    width = len(target)
    return any(list(own[i : i + width]) == list(target) for i in range(len(own) - width + 1))


def near(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of the known names that look like `name`, best first."""
    folded = {fold(k): k for k in known}
    return [folded[m] for m in difflib.get_close_matches(fold(name), list(folded), n=3, cutoff=0.5)]


def listing(columns: Sequence[str], most: int = 30) -> str:
    """List columns for a message: "It has: A, B, C."."""
    shown = ", ".join(columns[:most])
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return f"It has: {shown}{more}."
