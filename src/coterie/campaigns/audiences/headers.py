"""What shops call the columns that say how to reach a customer, and the words of consent and of test groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import ConfigError, UnsafeGuessError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Role -> headers in English, German, French and Spanish, in lower case without accents.
HEADERS = {
    "customer_id": "customer id, customer no, customer number, customer key, customer, cust id, client id, client no,"
    " member id, shopper id, buyer id, contact id, external id, kundennummer, kunden nr, kunden id, kundennr, kdnr,"
    " id client, numero client, code client, id cliente, numero cliente, codigo cliente, id, user id, account id,"
    " uid, profile id",
    "email": "email, e mail, email address, mail, customer email, mail address, emailadresse, mailadresse,"
    " e mail adresse, courriel, adresse email, adresse e mail, correo, correo electronico",
    "phone": "phone, phone number, mobile, telephone, mobile phone, cell phone, mobile number, default address phone,"
    " telefon, telefonnummer, handy, mobilnummer, handynummer, numero de telephone, portable, tel, telefono, movil,"
    " celular",
    "first_name": "first name, given name, forename, firstname, fname, vorname, prenom, nombre",
    "last_name": "last name, family name, surname, lastname, lname, nachname, familienname, nom de famille,"
    " apellido, apellidos",
    "name": "name, full name, customer name, kundenname, nom complet, nombre completo, contact name",
    "city": "city, town, default address city, stadt, ort, wohnort, ville, ciudad, localidad",
    "state": "state, province, province code, default address province code, region, bundesland, provincia, estado",
    "postcode": "postcode, zip, postal code, zipcode, post code, zip code, default address zip, plz, postleitzahl,"
    " code postal, cp, codigo postal",
    "country": "country, country code, country name, default address country code, land, laendercode, pays,"
    " code pays, pais, codigo pais",
    "birth_date": "birth date, date of birth, dob, birthday, birthdate, geburtsdatum, date de naissance,"
    " fecha de nacimiento",
    "gender": "gender, sex, geschlecht, anrede, sexe, genre, civilite, sexo, genero",
    "device": "madid, maid, idfa, gaid, aaid, advertising id, mobile advertiser id, mobile device id",
    "consent": "consent, opt in, optin, newsletter, marketing consent, email consent, accepts marketing,"
    " accepts email marketing, email marketing consent, email opt in, subscribed, subscription status,"
    " email marketing status, email subscribe, einwilligung, werbeeinwilligung, newsletter anmeldung,"
    " newsletter abonniert, consentement, abonne newsletter, accepte marketing, consentimiento, suscrito,"
    " acepta marketing",
    "ad_user_data": "ad user data, ad user data consent",
    "ad_personalization": "ad personalization, ad personalisation, ad personalization consent",
}
#: Roles for which two fitting columns are a question, because a wrong choice would harm somebody.
ASKED = ("consent",)

_YES = frozenset(
    [
        "1", "1.0", "true", "t", "yes", "y", "ja", "j", "oui", "o", "si", "sí", "s", "wahr", "vrai", "verdadero",
        "on", "granted", "subscribe", "subscribed", "agreed", "accepted", "opted_in", "opted-in", "opt-in", "optin",
    ]
)  # fmt: skip
_NO = frozenset(
    [
        "0", "0.0", "false", "f", "no", "n", "nein", "non", "falsch", "faux", "falso", "off", "denied",
        "unsubscribed", "unsubscribe", "cleaned", "bounced", "complained", "pending", "not_subscribed",
        "never_subscribed", "opted_out", "opted-out", "opt-out", "optout", "redacted", "invalid", "revoked",
        "withdrawn", "unspecified",
    ]
)  # fmt: skip
#: Groups of a test plan that get nothing, and those that get the campaign.
HELD_OUT = frozenset(
    [
        "holdout", "hold-out", "hold_out", "control", "kontrolle", "kontrollgruppe", "controle", "contrôle",
        "untreated",
    ]
)  # fmt: skip
TREATED = frozenset(
    [
        "treat", "treated", "treatment", "test", "exposed", "campaign",
    ]
)  # fmt: skip


def find_columns(
    columns: Sequence[str], pinned: Mapping[str, str], table: str, more: Mapping[str, Sequence[str]] | None = None
) -> dict[str, str]:
    """Give each role the column whose header says it; each column has one role.

    Parameters
    ----------
    columns : sequence of str
        Headers of the table.
    pinned : mapping of str to str
        Roles that the user named a column for.
    table : str
        Name for messages.
    more : mapping of str to sequence of str, optional
        Exact headers that are tried first for a role.

    Raises
    ------
    ConfigError
        A pinned role or column does not exist.
    UnsafeGuessError
        Several columns could hold the consent.
    """
    found = _checked(columns, pinned, table)
    for role in HEADERS:
        if role in found:
            continue
        free = [column for column in columns if column not in found.values()]
        best = [column for name in (more or {}).get(role, ()) for column in free if column == name][:1]
        best = best or _fitting(role, free)
        if role in ASKED and len(best) > 1:
            raise UnsafeGuessError(
                f"Table '{table}' has {len(best)} columns that could say who agreed to marketing: {', '.join(best)}.",
                remedy=f"Say which one counts for this campaign: --map {role}='{best[0]}'",
            )
        if best:
            found[role] = best[0]
    return found


def agreed(text: str | None) -> bool | None:
    """Read an answer about consent: yes, no, or None where nothing readable is said; the date of a consent is a yes.

    >>> agreed("Subscribed"), agreed("no"), agreed("2024-05-01 10:00"), agreed("")
    (True, False, True, None)
    """
    word = "_".join((text or "").lower().split())
    if word in _YES:
        return True
    if word in _NO:
        return False
    dated = len(word) >= 10 and word[:4].isdigit() and word[4] == word[7] == "-" and word[5:7].isdigit()
    return True if dated and word[:4] > "1970" else None


def _checked(columns: Sequence[str], pinned: Mapping[str, str], table: str) -> dict[str, str]:
    for role, column in pinned.items():
        if role not in HEADERS:
            raise ConfigError(f"There is no role '{role}' in a customer file.", remedy=f"Known: {', '.join(HEADERS)}.")
        if column not in columns:
            raise ConfigError(
                f"Table '{table}' has no column '{column}', which should be its {role}.",
                found=f"It has: {', '.join(columns[:30])}.",
            )
    return dict(pinned)


def _fitting(role: str, columns: Sequence[str]) -> list[str]:
    """Columns whose header is one of the role's names; else those that hold all words of one."""
    from coterie.sources import match

    names = HEADERS[role].split(", ")
    scores = {column: match(column, names) for column in columns}
    best = max(scores.values(), default=0.0)
    if role in ("customer_id", "name") and best < 1.0:
        return []
    return [column for column in columns if scores[column] == best] if best else []
