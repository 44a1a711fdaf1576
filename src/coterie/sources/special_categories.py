"""Columns about specially protected matters, by the words of their headers in six languages and by their values.

The matters are those of Article 9(1) and Article 10 of the General Data Protection Regulation: health, religion or
belief, origin, sex life, politics, trade unions, genes and biometrics, and criminal records.
"""

# ruff: noqa: E501  lists of words

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.sources.names import fold, words

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Matter -> words that say it wherever they stand in a header (en, de, fr, es, it, nl), without accents.
_WORDS: dict[str, str] = {
    "health": (
        "health illness illnesses disease diseases diagnosis diagnoses diagnosed disability medication "
        "medications medical patient pregnant pregnancy allergy allergies allergic diabetes diabetic insulin cancer hiv "
        "depression bmi prescription icd blutdruck "
        "gesundheit krankheit krankheiten diagnose behinderung behindert schwanger schwangerschaft allergie allergien "
        "medikament medikamente krankenkasse schwerbehinderung krankenversicherung pflegegrad "
        "sante maladie maladies diagnostic grossesse enceinte invalidite medicament medicaments "
        "salud enfermedad enfermedades discapacidad embarazo embarazada alergia alergias medicamento medicamentos "
        "salute malattia malattie diagnosi disabilita gravidanza incinta farmaco farmaci "
        "gezondheid ziekte ziekten zwanger handicapped"
    ),
    "religion or belief": (
        "religion religious religiosity faith confession denomination kosher halal jewish muslim catholic protestant "
        "hindu buddhist atheist konfession glaube kirchensteuer religionszugehoerigkeit glaubensbekenntnis "
        "religieux croyance culte religione religiosa fede religioso creencia geloof godsdienst kerkelijk"
    ),
    "origin": (
        "ethnicity ethnic ethnicities racial ethnie ethnique etnia etnico ethnizitaet ethnisch migrationshintergrund "
        "etniciteit afkomst hautfarbe"
    ),
    "sex life": (
        "sexuality sexual lgbt lgbtq lgbtqia homosexual heterosexual bisexual transgender sexuell sexualitaet sexualite "
        "sexuelle sexualidad sessualita sessuale orientamento seksualiteit geaardheid"
    ),
    "politics": (
        "political politics politisch politische parteimitglied parteizugehoerigkeit politique politica politico "
        "politiek voter wahlverhalten electeur votante elettore"
    ),
    "trade unions": "gewerkschaft gewerkschaftsmitglied syndicat syndicale syndique sindicato sindical sindacato vakbond",
    "genes or biometrics": (
        "biometric biometrics genetic genetics genome dna faceprint biometrie biometrisch genetik genetisch "
        "biometrique genetique biometrico biometria genetico"
    ),
    "criminal records": (
        "criminal conviction convictions convicted offence offences felony vorstrafe vorstrafen strafregister "
        "condamnation judiciaire penales condena condenas penale condanna strafblad"
    ),
}  # fmt: skip

#: Word that says a matter in most headers -> matter, and companions beside which it means something else.
_AMBIGUOUS: dict[str, tuple[str, str]] = {
    "race": ("origin", "bike bikes car cars run runs running runner day time times number km kilometers marathon "
             "distance result results course track event events pace horse boat bib registration registrations finish "
             "kit shirt category ticket tickets date id count entries"),
    "union": ("trade unions", "square station credit western pay jack european soviet customs city street st store "
              "hill county street flag"),
    "party": ("politics", "size supplies third birthday wear dress dresses hen garden girl decoration decorations box "
              "set hat hats favour favours bag bags 3rd first 1st first_party invitation invitations guests count "
              "category hire host date christmas"),
    "partei": ("politics", "vertrags dritte"),
    "parti": ("politics", "pris tiers date"),
    "orientation": ("sex life", "screen page device paper photo image video print label customer map display camera "
                    "value goal market brand"),
    "church": ("religion or belief", "street st road rd lane avenue hill end town city store branch"),
    "kirche": ("religion or belief", "strasse str platz weg"),
    "iglesia": ("religion or belief", "calle plaza"),
    "eglise": ("religion or belief", "rue place"),
    "chiesa": ("religion or belief", "via piazza"),
    "glauben": ("religion or belief", ""),
    "belief": ("religion or belief", "brand"),
    "herkunft": ("origin", "land kanal kampagne quelle bestellung kunde kunden produkt traffic besuch lead ware artikel "
                 "kontakt auftrag werbung"),
    "handicap": ("health", "golf score index whs player round course"),
    "vote": ("politics", "product review helpful up down poll item count"),
    "skin": ("origin", "care cream type product products game theme ui serum"),
    "blood": ("health", "orange red"),
    "therapy": ("health", "aroma retail product light"),
    "disabled": ("health", "account email login user newsletter notification notifications cookies tracking"),
    "partido": ("politics", "jugado fecha futbol"),
    "raza": ("origin", "perro gato mascota animal"),
    "razza": ("origin", "cane gatto animale"),
    "fingerprint": ("genes or biometrics", "device browser hash canvas"),
    "empreinte": ("genes or biometrics", "carbone co2 ecologique"),
    "huella": ("genes or biometrics", "carbono co2 ecologica"),
    "impronta": ("genes or biometrics", "carbonio co2 ecologica"),
    "gene": ("genes or biometrics", ""),
}  # fmt: skip
#: Companions that turn a header into a product, a campaign or a game, whatever else it says.
_HARMLESS = frozenset(
    [
        "bar",
        "bars",
        "food",
        "foods",
        "drink",
        "drinks",
        "magazine",
        "magazines",
        "app",
        "points",
        "pack",
        "beauty",
        "vitamins",
    ]
)
#: Words that `_HARMLESS` disarms: those that name shelves of a shop as often as people.
_SHELVES = frozenset(
    ["health", "medical", "salud", "sante", "gesundheit", "salute", "gezondheid", "allergy", "kosher", "halal"]
)

#: Values that give a matter away: this many different ones of a column without a telling header are enough.
_VALUES: dict[str, str] = {
    "religion or belief": (
        "catholic|roman catholic|protestant|muslim|jewish|hindu|buddhist|sikh|atheist|christian|orthodox|islam|judaism|"
        "christianity|katholisch|evangelisch|muslimisch|juedisch|konfessionslos|roemisch-katholisch|catholique|"
        "protestante|musulman|juif|catolico|musulmana|judio|cattolico|musulmano|ebreo|ateo|agnostic"
    ),
    "origin": (
        "caucasian|african american|hispanic|latino|asian|white|black|black or african american|native american|"
        "pacific islander|hispanic or latino|mixed race|roma|white british|black british|asian british"
    ),
    "health": (
        "diabetes|diabetes type 1|diabetes type 2|asthma|cancer|hypertension|depression|copd|epilepsy|arthritis|hiv|"
        "pregnant|asthme|cancer|diabete|depresion|cancro|krebs|bluthochdruck|epilepsie"
    ),
    "sex life": "heterosexual|homosexual|bisexual|gay|lesbian|straight|lesbisch|schwul|heterosexuell|homosexuell",
    "politics": (
        "democrat|republican|labour|conservative|liberal democrat|socialist|cdu|csu|spd|fdp|afd|die linke|gruene|"
        "les republicains|rassemblement national|psoe|vox|podemos|partido popular|lega|forza italia"
    ),
}  # fmt: skip
#: Least number of different telling values; colours of clothes (white, black) alone are no origin.
_FEWEST_VALUES = {"origin": 3}
_USUAL_FEWEST = 2

_MATTER_OF = {word: matter for matter, listed in _WORDS.items() for word in listed.split()}
_VALUES_OF = {matter: frozenset(listed.split("|")) for matter, listed in _VALUES.items()}
_BLOOD = re.compile(r"^(?:A|B|AB|0|O)[ ]?[+-]$")
_ICD = re.compile(r"^[A-TV-Z][0-9]{2}(?:\.[0-9A-Z]{1,4})$")
#: Colours that go with `_VALUES` of origin by chance.
_COLOURS = frozenset({"red", "blue", "green", "yellow", "pink", "grey", "gray", "orange", "purple", "brown", "silver"})


def special_matter(header: str) -> str:
    """Name the specially protected matter that a header speaks of; "" where it speaks of none.

    A word that says other things as often (race, union, party) counts only without a companion that settles it.

    Examples
    --------
    >>> special_matter("Religionszugehörigkeit"), special_matter("race_bike"), special_matter("union_square_visits")
    ('religion or belief', '', '')
    """
    own = words(header)
    known = {*own, "".join(own)}
    for word in (*own, "".join(own)):
        matter = _MATTER_OF.get(word)
        if matter and not (word in _SHELVES and known & _HARMLESS):
            return matter
        said, companions = _AMBIGUOUS.get(word, ("", ""))
        if said and not known & set(companions.split()):
            return said
    return ""


def special_values(levels: Sequence[str]) -> str:
    """Name the specially protected matter that the different values of a column give away; "" for none.

    Examples
    --------
    >>> special_values(["Catholic", "Muslim", "none"]), special_values(["black", "white", "red"])
    ('religion or belief', '')
    """
    plain = {fold(level).strip() for level in levels}
    plain.discard("")
    for matter, telling in _VALUES_OF.items():
        found = plain & telling
        if len(found) >= _FEWEST_VALUES.get(matter, _USUAL_FEWEST) and not (matter == "origin" and plain & _COLOURS):
            return matter
    bare = [level.strip() for level in levels if level.strip()]
    if len(bare) >= 3 and all(_BLOOD.match(level) for level in bare):
        return "health"
    codes = sum(bool(_ICD.match(level)) for level in bare)
    return "health" if codes >= 3 and codes >= 0.8 * len(bare) else ""
