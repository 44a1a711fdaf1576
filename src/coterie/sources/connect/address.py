"""The address of a database and its tables, as a person types it: `postgres://user@host/shop?orders=sales.orders`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from coterie.engines.postgres import TIMEOUT, Address
from coterie.errors import ConfigError
from coterie.sources.names import near
from coterie.vocabulary import TableKind

#: Beginning of an address -> engine.
SCHEMES = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "spark": "spark",
    "duckdb": "duckdb",
    "sqlite": "sqlite",
}
_TABLES = ("table", "query", *TableKind)
_OTHERS = ("timeout", "sslmode", "schema")
_SSL = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class Asked(NamedTuple):
    """A table or a query, and the kind of table where that was said."""

    text: str
    kind: TableKind | None

    @property
    def is_query(self) -> bool:
        """Whether it is a SELECT rather than a name."""
        return self.text.lstrip("( \n\t").lower().startswith(("select ", "select\n", "with "))


@dataclass(frozen=True)
class Place:
    """A parsed address.

    Attributes
    ----------
    engine : str
        One of the values of `SCHEMES`.
    server : Address
        Of PostgreSQL.
    path : str
        Of a DuckDB or SQLite file; of Spark the master's address, or empty.
    asked : tuple of Asked
        At least one.
    timeout : int
        Seconds for one statement.
    schema : str
        Where kept tables may go; empty for temporary tables.
    """

    engine: str
    asked: tuple[Asked, ...]
    server: Address = field(default_factory=Address)
    path: str = ""
    timeout: int = TIMEOUT
    schema: str = ""

    def __str__(self) -> str:
        """Give the place as a message may show it: without a password."""
        return {"postgres": str(self.server), "spark": self.path or "Spark"}.get(self.engine, self.path)


def is_address(data: object) -> bool:
    """Whether an input is the address of a database."""
    if not isinstance(data, str):
        return False
    scheme, found, _ = data.partition("://")
    return bool(found) and scheme.split("+")[0].lower() in SCHEMES


def parse(text: str, kind: TableKind | None = None) -> Place:
    """Take an address apart.

    Parameters
    ----------
    text : str
        `scheme://user:password@host:port/database?table=NAME&customers=NAME&timeout=SECONDS`. Tables may be given as
        `table` (its kind is guessed), `query` (a SELECT), `orders`, `customers`, `events` or `responses`.
    kind : TableKind, optional
        Said for `table` and `query`.

    Raises
    ------
    ConfigError
        A part has no meaning. The message never shows the address itself: it may hold a password.
    """
    head, _, tail = text.partition("?")
    scheme, _, rest = head.partition("://")
    engine = SCHEMES[scheme.split("+")[0].lower()]
    parts = _parts(tail, engine)
    asked = tuple(
        Asked(value, kind if name in ("table", "query") else TableKind(name))
        for name, value in parts
        if name in _TABLES
    )
    if not asked:
        raise ConfigError(
            f"The {engine} address names no table.",
            remedy=f"Add it at the end, as in {engine}://…?table=orders or ?orders=sales.lines&customers=crm.people.",
        )
    options = {name: value for name, value in parts if name in _OTHERS}
    return Place(
        engine=engine,
        asked=asked,
        server=_server(head, options.get("sslmode", "")) if engine == "postgres" else Address(),
        path=_path(engine, rest),
        timeout=_seconds(options.get("timeout")),
        schema=options.get("schema", ""),
    )


def _parts(tail: str, engine: str) -> list[tuple[str, str]]:
    """Name and value of each part behind the question mark; blanks may be written as %20, a plus stays a plus."""
    parts = []
    for part in filter(None, tail.split("&")):
        name, found, value = part.partition("=")
        known = [*_TABLES, *_OTHERS]
        if name not in known or not found or not value.strip():
            hint = near(name, known)[:1]
            raise ConfigError(
                f"The {engine} address has a part '{name}' that has no meaning.",
                remedy=f"Did you mean '{hint[0]}=…'?" if hint else f"Known are {', '.join(known)}; write & as %26.",
            )
        parts.append((name, unquote(value).strip()))
    return parts


def _server(head: str, sslmode: str) -> Address:
    try:
        parts = urlsplit(head)
        port = parts.port
    except ValueError:
        raise ConfigError(
            "The postgres address cannot be read.",
            remedy="Write it as postgres://user@host:5432/database?table=orders; special characters of a password "
            "as %40 and so on, or better leave it to PGPASSWORD or the password file.",
        ) from None
    if sslmode and sslmode not in _SSL:
        raise ConfigError(f"sslmode={sslmode} has no meaning.", remedy=f"Use one of {', '.join(_SSL)}.")
    return Address(
        host=parts.hostname or "",
        port=port,
        database=unquote(parts.path.strip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sslmode=sslmode,
    )


def _path(engine: str, rest: str) -> str:
    if engine == "spark":
        return f"spark://{rest}" if ":" in rest else rest.strip("/")
    return unquote(rest) if engine in ("duckdb", "sqlite") else ""


def _seconds(text: str | None) -> int:
    if text is None:
        return TIMEOUT
    if not text.isdigit():
        raise ConfigError(
            f"timeout={text} has no meaning.", remedy="Give whole seconds, as in &timeout=600; 0 is no limit."
        )
    return int(text)
