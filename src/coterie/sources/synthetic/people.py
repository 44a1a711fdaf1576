"""Names and places of the synthetic customers: common ones, with letters beyond ASCII as real exports have them."""

from __future__ import annotations

FIRST_NAMES = (
    "Alice", "Amélie", "Anna", "Ben", "Björn", "Chloé", "Clara", "Daniel", "Elena", "Emma", "Félix", "Françoise",
    "Georg", "Hannah", "Inés", "Jack", "Jörg", "José", "Julia", "Karl", "Laura", "Léa", "Lucía", "Marie", "Mia",
    "Nina", "Noah", "Oliver", "Paul", "Renée", "Sofía", "Thomas",
)  # fmt: skip

LAST_NAMES = (
    "Adams", "Bäcker", "Bernard", "Brown", "Clarke", "Dubois", "Evans", "Fernández", "Fischer", "García", "Girard",
    "Gómez", "Groß", "Hall", "Jäger", "Jones", "Köhler", "Lefèvre", "López", "Martin", "Müller", "Núñez", "Petit",
    "Roberts", "Schäfer", "Smith", "Taylor", "Weiß",
)  # fmt: skip

#: City and country, the store's main markets first.
CITIES = (
    ("London", "United Kingdom"), ("Manchester", "United Kingdom"), ("Leeds", "United Kingdom"),
    ("Bristol", "United Kingdom"), ("Glasgow", "United Kingdom"), ("York", "United Kingdom"),
    ("Norwich", "United Kingdom"), ("Cardiff", "United Kingdom"), ("Köln", "Germany"), ("München", "Germany"),
    ("Hamburg", "Germany"), ("Düsseldorf", "Germany"), ("Paris", "France"), ("Lyon", "France"),
    ("Orléans", "France"), ("Madrid", "Spain"), ("Málaga", "Spain"), ("Dublin", "Ireland"), ("Wien", "Austria"),
    ("Zürich", "Switzerland"),
)  # fmt: skip

#: Areas of British telephone numbers whose 0000 to 0999 are kept for drama and belong to nobody (Ofcom).
PHONE_AREAS = (
    "113 496", "114 496", "116 496", "117 496", "118 496", "121 496", "131 496", "141 496", "151 496", "161 496",
    "191 498", "20 7946", "29 2018",
)  # fmt: skip
