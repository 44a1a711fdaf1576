"""Words that values are made of: missing values, yes and no, currencies, cancelled orders, charges, placeholder ids."""

from __future__ import annotations

#: A number or date column holds nothing where one of these stands (case is ignored).
MISSING_NUMBERS = (
    "", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", "?", "#n/a", "#na", "#nv", "#value!", "#div/0!",
    "#ref!", "(null)", "<na>", "nat", "\\n", ".", "unknown", "missing", "k.a.", "unbekannt", "inconnu", "desconocido",
    "s/d", "sin dato",
)  # fmt: skip

#: A text column holds nothing where one of these stands. `NA` stays: it is Namibia, or North America.
MISSING_TEXTS = ("", "n/a", "nan", "null", "-", "--", "?", "#n/a", "#nv", "(null)", "<na>", "\\n", "nat")

#: Text values that are kept but look like a missing one.
DOUBTFUL_TEXTS = ("na", "none", "nil")

#: Ids that stand for nobody in particular.
PLACEHOLDER_IDS = (
    "na", "n/a", "nan", "null", "none", "-", "--", "0", "00", "000", "0000", "00000", "-1", "?", "#n/a", "guest",
    "unknown", "anonymous", "anonym", "gast", "gastbestellung", "unbekannt", "invite", "invité", "anonyme", "inconnu",
    "invitado", "anonimo", "anónimo", "desconocido", "guest checkout", "walk-in", "walkin", "test", "dummy", "default",
    "not set", "(not set)", "undefined", "no customer", "cash",
)  # fmt: skip

#: Words of a column of two answers.
YES = ("1", "true", "t", "yes", "y", "ja", "j", "oui", "o", "si", "sí", "s", "wahr", "vrai", "verdadero", "1.0", "on")
NO = ("0", "false", "f", "no", "n", "nein", "non", "falsch", "faux", "falso", "0.0", "off")

#: Arms of a campaign that were not treated.
CONTROL_ARMS = (
    "control",
    "holdout",
    "kontrolle",
    "kontrollgruppe",
    "controle",
    "no e-mail",
    "no email",
    "none",
    "hold-out",
)

#: Currency mark as written (upper case) -> how money is shown.
CURRENCIES = {
    "US$": "$", "$": "$", "USD": "$", "€": "€", "EUR": "€", "£": "£", "GBP": "£", "¥": "¥", "JPY": "¥", "CNY": "CNY",
    "RMB": "CNY", "₹": "₹", "INR": "₹", "RS": "₹", "CHF": "CHF", "FR": "CHF", "SFR": "CHF", "A$": "A$", "AUD": "A$",
    "C$": "C$", "CAD": "C$", "CA$": "C$", "NZ$": "NZ$", "NZD": "NZ$", "R$": "R$", "BRL": "R$", "MXN": "MXN",
    "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "KR": "kr", "PLN": "zł", "ZŁ": "zł", "CZK": "Kč", "KČ": "Kč",
    "HUF": "Ft", "FT": "Ft", "TRY": "₺", "₺": "₺", "TL": "₺", "RUB": "₽", "₽": "₽", "₩": "₩", "KRW": "₩", "₪": "₪",
    "ILS": "₪", "ZAR": "ZAR", "AED": "AED", "SAR": "SAR", "SGD": "S$", "S$": "S$", "HKD": "HK$", "HK$": "HK$",
    "฿": "฿", "THB": "฿", "₫": "₫", "VND": "₫", "₴": "₴", "UAH": "₴", "₦": "₦", "NGN": "₦", "RON": "RON", "BGN": "BGN",
    "ARS": "ARS", "CLP": "CLP", "COP": "COP",
}  # fmt: skip

#: Status of an order whose money never came, or went back.
RETURN_STATUSES = (
    "cancelled", "canceled", "cancellation", "refunded", "refund", "returned", "return", "voided", "void", "failed",
    "declined", "rejected", "expired", "abandoned", "charged back", "chargeback", "storniert", "storno", "erstattet",
    "retourniert", "retoure", "rückerstattet", "zurückgeschickt", "abgebrochen", "fehlgeschlagen", "annulé", "annule",
    "annulée", "annulee", "remboursé", "rembourse", "remboursée", "remboursee", "retourné", "retourne", "retournée",
    "échoué", "echoue", "cancelado", "cancelada", "anulado", "anulada", "reembolsado", "reembolsada", "devuelto",
    "devuelta", "rechazado", "rechazada", "fallido",
)  # fmt: skip

#: Product codes of charges; those without a digit count only where nearly all other codes have one.
CHARGE_CODES = (
    "POST", "DOT", "M", "D", "S", "B", "C2", "C3", "CRUK", "BANK CHARGES", "AMAZONFEE", "CARRIAGE", "SHIPPING",
    "POSTAGE", "FREIGHT", "DELIVERY", "ADJUST", "ADJUST2", "DISCOUNT", "FEE", "TAX", "VAT", "VERSAND", "PORTO", "TIP",
    "GIFTCARD", "GIFT CARD", "VOUCHER",
)  # fmt: skip

#: Beginnings of charge codes.
CHARGE_CODE_STARTS = ("GIFT_0001",)

#: Product names of charges: the whole name, or its beginning when only words of `CHARGE_NAME_TAILS` follow.
CHARGE_NAMES = (
    "postage", "dotcom postage", "shipping", "shipping and handling", "shipping & handling", "shipping cost",
    "shipping costs", "carriage", "delivery", "freight", "handling", "bank charges", "amazon fee", "manual",
    "adjust bad debt", "discount", "samples", "cruk commission", "commission", "gift voucher", "gift card",
    "gift certificate", "e-gift card", "tip", "tax", "vat", "versand", "versandkosten", "versandkostenpauschale",
    "porto", "lieferkosten", "rabatt", "gutschein", "geschenkgutschein", "geschenkkarte", "frais de port",
    "frais de livraison", "livraison", "remise", "carte cadeau", "chèque cadeau", "bon d'achat", "envío", "envio",
    "gastos de envío", "gastos de envio", "descuento", "tarjeta regalo", "tarjeta de regalo", "portes",
)  # fmt: skip
CHARGE_NAME_TAILS = (
    "fee", "fees", "charge", "charges", "cost", "costs", "express", "standard", "international", "national", "domestic",
    "uk", "eu", "pauschale", "kosten", "free", "gratis", "gratuit", "gratuite", "dhl", "ups", "dpd", "gls", "hermes",
    "colissimo", "correos",
)  # fmt: skip

#: Month names and their usual short forms, without accents and full stops.
MONTHS = {
    1: "january, jan, januar, jaenner, jaen, janner, janvier, janv, enero, ene",
    2: "february, feb, februar, fevrier, fevr, fev, febrero",
    3: "march, mar, maer, maerz, marz, mrz, mars, marzo",
    4: "april, apr, avril, avr, abril, abr",
    5: "may, mai, mayo",
    6: "june, jun, juni, juin, junio",
    7: "july, jul, juli, juillet, juil, julio",
    8: "august, aug, aout, agosto, ago",
    9: "september, sep, sept, septembre, septiembre, setiembre",
    10: "october, oct, oktober, okt, octobre, octubre",
    11: "november, nov, novembre, noviembre",
    12: "december, dec, dezember, dez, decembre, diciembre, dic",
}
