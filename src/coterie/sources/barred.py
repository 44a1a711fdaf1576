"""Columns of a customer table that segments are not built on, and why: by their names and by their contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.sources.names import words
from coterie.sources.special_categories import special_matter
from coterie.vocabulary import Barred

if TYPE_CHECKING:
    from coterie.sources.columns import ColumnValues

#: Filled in fewer than this share of the rows: nearly empty.
NEARLY_EMPTY = 0.05
#: Texts with more different values than this are not compared.
MOST_CATEGORIES = 1_000

_PERSONAL_ROLES = frozenset({"email", "phone", "person_name"})
_PERSONAL = frozenset(
    [
        "address",
        "street",
        "strasse",
        "hausnummer",
        "adresse",
        "anschrift",
        "rue",
        "calle",
        "direccion",
        "iban",
        "bic",
        "passport",
        "ssn",
        "nif",
        "dni",
        "steuernummer",
        "ip",
        "ipaddress",
        "creditcard",
        "kreditkarte",
        "username",
        "login",
        "facebook",
        "instagram",
        "twitter",
    ]
)
_OUTCOME_STARTS = (
    "response", "respond", "accepted", "churn", "convert", "conversion", "exited", "attrition", "predicted",
    "prediction",
    "propensity", "probability", "uplift", "kuendig", "gekuendigt", "abgewandert", "abwanderung", "resili", "attrit",
    "abandono", "respuesta", "reponse", "reaktion", "label", "target",
)  # fmt: skip
#: Outcomes where the table also says who was treated.
_OUTCOME_OF_TREATMENT = frozenset(
    [
        "visit",
        "visited",
        "conversion",
        "converted",
        "spend",
        "spent",
        "revenue",
        "purchase",
        "purchased",
        "clicked",
        "click",
        "opened",
        "sale",
    ]
)
#: Scores that measure behaviour; any other score is a model's guess.
_BEHAVIOUR_SCORES = frozenset(
    [
        "spending",
        "spend",
        "loyalty",
        "engagement",
        "activity",
        "review",
        "rating",
        "satisfaction",
        "nps",
        "rfm",
        "recency",
        "frequency",
        "monetary",
    ]
)
_TREATMENT = frozenset(
    [
        "treatment",
        "treated",
        "arm",
        "variant",
        "holdout",
        "behandlung",
        "versuchsgruppe",
        "traitement",
        "tratamiento",
        "abtest",
    ]
)
_TREATMENT_PAIRS = (
    ("test", "group"),
    ("control", "group"),
    ("ab", "group"),
    ("campaign", "group"),
    ("experiment", "group"),
)
_SEGMENTATION = frozenset(["segment", "cluster", "kundensegment", "segmento", "segmentation", "cohort", "klasse"])
_CONTROL_VALUES = re.compile(
    r"^(?:control|kontroll\w*|controle|contrôle|holdout|hold-out|no e-?mail|placebo|untreated)$", re.I
)
_IDENTIFIER_ENDS = frozenset(
    ["id", "ids", "uuid", "guid", "key", "nr", "no", "number", "nummer", "numero", "code", "hash", "token"]
)


def is_treatment(column: str, levels: tuple[str, ...]) -> bool:
    """Whether a column says who got which campaign: by its name, or because an arm is the control."""
    own = words(column)
    named = bool(set(own) & _TREATMENT) or any(set(pair) <= set(own) for pair in _TREATMENT_PAIRS)
    return named or any(_CONTROL_VALUES.match(level.strip()) for level in levels)


def why_barred(column: str, role: str, values: ColumnValues, *, is_text: bool, beside_treatment: bool) -> Barred | None:
    """Give the reason for which segments are not built on a column, if there is one."""
    return (
        _by_content(role, values)
        or _by_name(column, role, values, beside_treatment=beside_treatment)
        or _by_shape(column, role, values, is_text=is_text)
    )


def _by_content(role: str, values: ColumnValues) -> Barred | None:
    if role in _PERSONAL_ROLES:
        return Barred.PERSONAL
    found = (
        values.email_share >= 0.01
        or values.phone_share >= 0.5
        or values.card_share >= 0.3
        or values.iban_share >= 0.05
        or values.address_share >= 0.5
    )
    return Barred.PERSONAL if found else None


def _by_name(column: str, role: str, values: ColumnValues, *, beside_treatment: bool) -> Barred | None:
    own = words(column)
    known = set(own) | {"".join(own)}
    if special_matter(column):
        return Barred.SPECIAL
    if known & _PERSONAL and not role:
        return Barred.PERSONAL
    if role:
        return None
    if any(word.startswith(_OUTCOME_STARTS) for word in own) or (beside_treatment and known & _OUTCOME_OF_TREATMENT):
        return Barred.OUTCOME
    if own and own[-1] in ("score", "scores") and not known & _BEHAVIOUR_SCORES:
        return Barred.OUTCOME
    if known & _SEGMENTATION and len(own) == 1:
        return Barred.OUTCOME
    unique = values.filled > 20 and values.distinct > 0.9 * values.filled
    return Barred.IDENTIFIER if own and own[-1] in _IDENTIFIER_ENDS and unique else None


def _by_shape(column: str, role: str, values: ColumnValues, *, is_text: bool) -> Barred | None:
    del column
    if values.filled < NEARLY_EMPTY * values.rows:
        return Barred.TOO_EMPTY
    if values.distinct <= 1 and values.filled >= 0.5 * values.rows:
        return Barred.CONSTANT
    if not is_text or role in ("city", "country", "postcode"):
        return None
    if values.filled > 20 and values.distinct == values.filled and values.mean_length <= 25:
        return Barred.IDENTIFIER
    wordy = values.distinct > 50 and (values.mean_length > 30 or values.distinct > 0.5 * values.filled)
    return Barred.FREE_TEXT if wordy or values.distinct > MOST_CATEGORIES else None
