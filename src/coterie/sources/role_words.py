"""What merchants call their columns: per kind of table and role, the usual headers in four languages.

Names are written in lower case without accents, words parted by blanks; a header matches whatever its case, accents and
separators. `STRONG` names say the role and nothing else, `WEAK` ones often mean it.
"""

from __future__ import annotations

from coterie.vocabulary import TableKind

#: Role -> language -> names.
Words = dict[str, dict[str, str]]

_CUSTOMER: dict[str, str] = {
    "English": "customer id, customer no, customer number, customer key, customer, cust id, client id, client number,"
    " buyer id, shopper id, member id, consumer id, contact id, customer code",
    "German": "kundennummer, kunden nr, kunden id, kundennr, kdnr, kunde, kundenkennung, kaeufer id, kunden no",
    "French": "id client, client, numero client, no client, code client, identifiant client, acheteur",
    "Spanish": "id cliente, cliente, numero cliente, codigo cliente, numero de cliente, cliente id, comprador",
}
_CUSTOMER_WEAK: dict[str, str] = {
    "English": "id, user id, account id, visitor id, person id, profile id, household key, user, email, customer email,"
    " uid, cid",
    "German": "nutzer id, konto, kontonummer, benutzer id, e mail",
    "French": "identifiant, utilisateur, courriel, id utilisateur",
    "Spanish": "identificador, usuario, correo, id usuario",
}
_CATEGORY: dict[str, str] = {
    "English": "category, product category, department, product type, category name, item category, product group",
    "German": "kategorie, warengruppe, produktgruppe, abteilung, produktkategorie",
    "French": "categorie, rayon, famille, categorie produit, categorie de produit",
    "Spanish": "categoria, departamento, familia, categoria producto, categoria de producto",
}
_COUNTRY: dict[str, str] = {
    "English": "country, country code, country name, ship country, shipping country, billing country",
    "German": "land, lieferland, rechnungsland, laendercode",
    "French": "pays, code pays, pays de livraison",
    "Spanish": "pais, codigo pais, pais de envio",
}

ORDERS: Words = {
    "customer_id": _CUSTOMER,
    "ordered_at": {
        "English": "order date, ordered at, order time, order datetime, invoice date, purchase date, transaction date,"
        " order timestamp, order purchase timestamp, sale date, ordered on, invoice datetime, purchased at",
        "German": "bestelldatum, auftragsdatum, rechnungsdatum, kaufdatum, bestellzeit, bestellt am, belegdatum",
        "French": "date commande, date de commande, date achat, date d achat, date de facture, date facture",
        "Spanish": "fecha pedido, fecha de pedido, fecha de compra, fecha compra, fecha factura, fecha de factura",
    },
    "amount": {
        "English": "amount, line total, order total, total amount, revenue, net revenue, line amount, sales amount,"
        " total price, grand total, order value, dollar value, net amount, subtotal, net sales, purchase amount,"
        " transaction amount, sales",
        "German": "betrag, summe, umsatz, gesamtbetrag, nettobetrag, bestellwert, zeilensumme, gesamtpreis,"
        " nettoumsatz",
        "French": "montant, total, chiffre d affaires, montant total, montant net, total commande, montant ttc",
        "Spanish": "importe, monto, importe total, total pedido, ventas, importe neto, total linea",
    },
    "quantity": {
        "English": "quantity, qty, units, order quantity, number of items, item count, number of cds,"
        " lineitem quantity",
        "German": "menge, anzahl, stueckzahl, stueck",
        "French": "quantite, qte, nombre d articles, qte commandee",
        "Spanish": "cantidad, unidades, cant",
    },
    "unit_price": {
        "English": "unit price, price per unit, item price, price each, lineitem price, sale price, price",
        "German": "einzelpreis, stueckpreis, preis, preis pro stueck",
        "French": "prix unitaire, prix, pu",
        "Spanish": "precio unitario, precio, precio unidad",
    },
    "order_id": {
        "English": "order id, order number, order no, invoice no, invoice, invoice id, invoice number, transaction id,"
        " basket id, receipt id, order, order name, receipt no, bill no",
        "German": "bestellnummer, auftragsnummer, rechnungsnummer, bestell nr, belegnummer, bestell id, auftrags nr",
        "French": "numero commande, no commande, id commande, numero facture, numero de commande, numero de facture",
        "Spanish": "numero pedido, id pedido, numero factura, pedido, numero de pedido, numero de factura, factura",
    },
    "product": {
        "English": "product id, sku, stock code, item id, article number, product code, item number, lineitem sku,"
        " asin,"
        " product sku, article id",
        "German": "artikelnummer, artikel nr, produktnummer, produkt id, artikel id, artnr",
        "French": "reference, id produit, code article, code produit, reference produit, ref",
        "Spanish": "referencia, id producto, codigo producto, codigo articulo, codigo de producto",
    },
    "product_name": {
        "English": "product name, description, item name, product title, lineitem name, title, product description,"
        " product, item, item description",
        "German": "artikelbezeichnung, bezeichnung, produktname, artikelname, beschreibung, artikel, produkt",
        "French": "nom produit, designation, libelle, nom du produit, produit, article",
        "Spanish": "nombre producto, descripcion, nombre del producto, producto, articulo",
    },
    "category": _CATEGORY,
    "discount": {
        "English": "discount, discount amount, line discount, discount value, promo discount, lineitem discount",
        "German": "rabatt, nachlass, rabattbetrag, preisnachlass",
        "French": "remise, rabais, reduction, montant remise",
        "Spanish": "descuento, rebaja, importe descuento",
    },
    "channel": {
        "English": "channel, sales channel, order source, purchase channel, source name, order channel",
        "German": "kanal, vertriebskanal, verkaufskanal, bestellkanal",
        "French": "canal, canal de vente",
        "Spanish": "canal de venta, canal de compra, canal ventas",
    },
    "country": _COUNTRY,
    "status": {
        "English": "status, order status, financial status, state of order, payment status, fulfillment status",
        "German": "bestellstatus, auftragsstatus, zahlungsstatus",
        "French": "statut, etat, statut commande, etat commande",
        "Spanish": "estado, estado pedido, estado del pedido",
    },
    "currency": {
        "English": "currency, currency code, currency iso",
        "German": "waehrung, waehrungscode",
        "French": "devise, monnaie",
        "Spanish": "moneda, divisa",
    },
}

CUSTOMERS: Words = {
    "customer_id": _CUSTOMER,
    "age": {
        "English": "age, customer age, age years, age group, age band, age range",
        "German": "alter, altersgruppe",
        "French": "tranche d age, tranche age",
        "Spanish": "edad, grupo de edad",
    },
    "birth_date": {
        "English": "birth date, date of birth, dob, birthday, birthdate",
        "German": "geburtsdatum, geburtstag, geb datum",
        "French": "date de naissance, date naissance, naissance",
        "Spanish": "fecha de nacimiento, fecha nacimiento, nacimiento",
    },
    "birth_year": {
        "English": "birth year, year birth, year of birth, yob",
        "German": "geburtsjahr, jahrgang",
        "French": "annee de naissance, annee naissance",
        "Spanish": "ano de nacimiento, ano nacimiento, anio nacimiento",
    },
    "gender": {
        "English": "gender, sex",
        "German": "geschlecht, anrede",
        "French": "sexe, genre, civilite",
        "Spanish": "sexo, genero",
    },
    "income": {
        "English": "income, annual income, household income, yearly income, salary, monthly income",
        "German": "einkommen, jahreseinkommen, haushaltseinkommen, gehalt",
        "French": "revenu, revenu annuel, salaire",
        "Spanish": "ingresos, ingreso, ingresos anuales, renta, salario",
    },
    "country": _COUNTRY,
    "city": {
        "English": "city, town",
        "German": "stadt, ort, wohnort",
        "French": "ville, commune",
        "Spanish": "ciudad, localidad, municipio",
    },
    "postcode": {
        "English": "postcode, zip, postal code, zipcode, post code, zip code",
        "German": "plz, postleitzahl",
        "French": "code postal, cp",
        "Spanish": "codigo postal",
    },
    "signed_up_on": {
        "English": "signed up on, sign up date, signup date, registration date, created at, join date, member since,"
        " registered at, dt customer, customer since, enrollment date, date joined, created on, enrolled on",
        "German": "registriert am, anmeldedatum, registrierungsdatum, kunde seit, angelegt am, kundeseit",
        "French": "date inscription, date d inscription, client depuis, date de creation",
        "Spanish": "fecha registro, fecha de registro, fecha de alta, fecha alta, cliente desde",
    },
    "email": {
        "English": "email, e mail, email address, mail, customer email, mail address",
        "German": "mailadresse, email adresse, e mail adresse",
        "French": "courriel, adresse email, adresse e mail, adresse mail",
        "Spanish": "correo, correo electronico, direccion email",
    },
    "phone": {
        "English": "phone, phone number, mobile, telephone, mobile phone, cell phone, mobile number",
        "German": "telefon, telefonnummer, handy, mobilnummer, handynummer",
        "French": "telephone, numero de telephone, portable, tel",
        "Spanish": "telefono, movil, celular, numero de telefono",
    },
    "person_name": {
        "English": "name, first name, last name, full name, surname, customer name, family name, given name, lastname,"
        " firstname, forename",
        "German": "vorname, nachname, kundenname, familienname, vollstaendiger name",
        "French": "nom, prenom, nom de famille, nom complet, nom client",
        "Spanish": "nombre, apellido, apellidos, nombre completo, nombre cliente",
    },
    "consent": {
        "English": "consent, opt in, newsletter, marketing consent, email consent, accepts marketing, subscribed,"
        " email opt in, sms opt in",
        "German": "einwilligung, werbeeinwilligung, newsletter anmeldung, newsletter abonniert",
        "French": "consentement, abonne newsletter, optin, accepte marketing",
        "Spanish": "consentimiento, suscrito, acepta marketing, boletin",
    },
    "recency_days": {
        "English": "recency, recency days, days since last order, days since last purchase, days since last visit",
        "German": "tage seit letztem kauf, tage seit letzter bestellung",
        "French": "recence, jours depuis dernier achat, jours depuis derniere commande",
        "Spanish": "recencia, dias desde ultima compra, dias desde ultimo pedido",
    },
    "order_count": {
        "English": "order count, orders count, number of orders, frequency, total orders, num purchases, orders,"
        " purchase count, number of purchases, transaction count, purchase frequency, num orders, lifetime orders",
        "German": "anzahl bestellungen, bestellungen, anzahl kaeufe, bestellanzahl",
        "French": "nombre de commandes, nb commandes, nombre d achats, frequence",
        "Spanish": "numero de pedidos, pedidos, numero de compras, frecuencia",
    },
    "total_spend": {
        "English": "total spend, total spent, total revenue, lifetime value, monetary, clv, ltv, total sales, history,"
        " customer lifetime value, amount spent, total purchase amount, net revenue, revenue, monetary value",
        "German": "gesamtumsatz, umsatz, kundenwert, umsatz gesamt",
        "French": "total depense, chiffre d affaires, depense totale, montant total",
        "Spanish": "gasto total, ventas totales, total gastado, valor del cliente",
    },
    "visit_count": {
        "English": "visit count, visits, number of visits, web visits, num web visits month, sessions, page views",
        "German": "besuche, anzahl besuche",
        "French": "visites, nombre de visites",
        "Spanish": "visitas, numero de visitas",
    },
}

EVENTS: Words = {
    "customer_id": _CUSTOMER,
    "happened_at": {
        "English": "happened at, event time, event timestamp, timestamp, event date, visit time, visit date,"
        " session start, event at, occurred at, visited at",
        "German": "zeitstempel, ereigniszeit, besuchszeit, zeitpunkt",
        "French": "horodatage, date evenement, date visite",
        "Spanish": "marca de tiempo, fecha evento, fecha visita",
    },
    "event_type": {
        "English": "event type, event name, event, action, event action, activity",
        "German": "ereignis, ereignistyp, aktion",
        "French": "evenement, type evenement, type d evenement",
        "Spanish": "evento, tipo evento, accion",
    },
    "page": {
        "English": "page, url, page url, page path, landing page, page title, product url",
        "German": "seite, seiten url",
        "French": "adresse page, page visitee",
        "Spanish": "pagina, pagina visitada",
    },
    "category": _CATEGORY,
    "session_id": {
        "English": "session id, session, visit id, user session, session key",
        "German": "sitzung, sitzungs id, besuchs id",
        "French": "id session, id visite",
        "Spanish": "sesion, id sesion",
    },
    "duration_seconds": {
        "English": "duration, duration seconds, time on page, dwell time, session duration, time spent, seconds",
        "German": "dauer, verweildauer, dauer sekunden",
        "French": "duree, duree secondes",
        "Spanish": "duracion, duracion segundos",
    },
    "device": {
        "English": "device, device type, device category, platform",
        "German": "geraet, geraetetyp",
        "French": "appareil, type appareil",
        "Spanish": "dispositivo, tipo dispositivo",
    },
}

RESPONSES: Words = {
    "customer_id": _CUSTOMER,
    "campaign": {
        "English": "campaign, campaign id, campaign name, mailing, experiment, promotion id",
        "German": "kampagne, kampagnen id, aktion",
        "French": "campagne, id campagne",
        "Spanish": "campana, id campana",
    },
    "treated": {
        "English": "treated, treatment, sent, is treated, exposed, group, arm, targeted, contacted",
        "German": "behandelt, versendet, gruppe, kontaktiert",
        "French": "traite, envoye, groupe, contacte",
        "Spanish": "tratado, enviado, grupo, contactado",
    },
    "responded": {
        "English": "responded, response, converted, conversion, purchased, clicked, accepted",
        "German": "reagiert, reaktion, gekauft, konvertiert",
        "French": "repondu, reponse, converti",
        "Spanish": "respondio, respuesta, convertido",
    },
    "spend": {
        "English": "spend, revenue, spent, amount, sales",
        "German": "umsatz, ausgaben, betrag",
        "French": "depense, montant",
        "Spanish": "gasto, importe",
    },
}

#: Names that say a role and nothing else.
STRONG: dict[TableKind, Words] = {
    TableKind.ORDERS: ORDERS,
    TableKind.CUSTOMERS: CUSTOMERS,
    TableKind.EVENTS: EVENTS,
    TableKind.RESPONSES: RESPONSES,
}

#: Names that often mean a role, used where no column has a strong one.
WEAK: dict[TableKind, Words] = {
    TableKind.ORDERS: {
        "customer_id": _CUSTOMER_WEAK,
        "ordered_at": {
            "English": "date, datetime, created at, day, timestamp, time, date time, paid at, processed at",
            "German": "datum, tag, zeit, erstellt am",
            "French": "jour, date et heure, cree le",
            "Spanish": "fecha, dia, hora, fecha hora",
        },
        "amount": {
            "English": "value, total, spend, spent, turnover, sum, gross amount, payment value, monetary",
            "German": "wert, gesamt, bruttobetrag, netto",
            "French": "valeur, prix total, ca",
            "Spanish": "valor, precio total, suma",
        },
        "quantity": {
            "English": "count, pieces, items, number",
            "German": "zahl",
            "French": "nombre",
            "Spanish": "numero",
        },
        "category": {
            "English": "group, section, type, family",
            "German": "gruppe",
            "French": "groupe",
            "Spanish": "grupo",
        },
        "channel": {
            "English": "source, platform, store type, medium",
            "German": "quelle",
            "French": "source",
            "Spanish": "canal",
        },
    },
    TableKind.CUSTOMERS: {
        "customer_id": {
            "English": "id, user id, account id, visitor id, person id, profile id, household key, user, uid, cid",
            "German": "nutzer id, konto, kontonummer, benutzer id",
            "French": "identifiant, utilisateur, id utilisateur",
            "Spanish": "identificador, usuario, id usuario",
        },
    },
    TableKind.EVENTS: {
        "customer_id": _CUSTOMER_WEAK,
        "happened_at": {
            "English": "date, datetime, time, created at, day",
            "German": "datum, zeit",
            "French": "date et heure, jour",
            "Spanish": "fecha, hora",
        },
        "event_type": {"English": "type", "German": "typ", "French": "type", "Spanish": "tipo"},
    },
    TableKind.RESPONSES: {"customer_id": _CUSTOMER_WEAK},
}

#: Roles without which a table of a kind cannot be used. (Of orders, an amount or quantity and unit price as well.)
NEEDED: dict[TableKind, tuple[str, ...]] = {
    TableKind.ORDERS: ("customer_id", "ordered_at"),
    TableKind.CUSTOMERS: (),
    TableKind.EVENTS: ("customer_id", "happened_at"),
    TableKind.RESPONSES: ("customer_id", "campaign"),
}

#: What the values of a role must look like.
CONTENT: dict[str, str] = {
    "ordered_at": "date", "happened_at": "date", "birth_date": "date", "signed_up_on": "date",
    "amount": "number", "quantity": "number", "unit_price": "number", "discount": "number", "spend": "number",
    "recency_days": "number", "order_count": "number", "total_spend": "number", "visit_count": "number",
    "duration_seconds": "number", "birth_year": "number", "customer_id": "identifier", "order_id": "identifier",
    "session_id": "identifier",
}  # fmt: skip
