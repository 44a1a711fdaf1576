"""From what a person chose on the way to the settings of a run: the same that the command line reads from a file."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from coterie.config import Config, dump_config, make_config, segment_range
from coterie.errors import ConfigError
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Choice of a column that is to be left away.
LEAVE_OUT = "-"
#: Settings of reading that the check page offers.
READING = ("encoding", "delimiter", "decimal", "date_order", "currency", "sheet", "on_duplicate", "encoding_errors")
#: Settings of finding that the choose page offers, by their key.
SEARCH = ("smallest_share", "must_differ")


def config_of(told: Mapping[str, Any], kinds: Mapping[str, str], suppress: Sequence[Path] = ()) -> Config:
    """Make the settings of a run.

    Parameters
    ----------
    told : mapping
        `roles`: input -> column -> role (or `-` to leave it out); `reading`: setting -> value; `title`, `segments`,
        `weights` (block -> number), `ignore` (names), `as_of`, `smallest_share`, `must_differ`, `purpose`, `budget`.
        All may be absent.
    kinds : mapping of str to str
        Input -> kind of table, where it is known.
    suppress : sequence of Path
        Lists of people who objected, which the app laid down.

    Raises
    ------
    ConfigError
        A choice has no meaning, or two columns of one kind of table would play the same role.
    """
    data: dict[str, Any] = {"title": str(told.get("title", ""))}
    pinned, left_out = _pins(told.get("roles", {}), kinds)
    reading = {name: value for name, value in told.get("reading", {}).items() if name in READING and value}
    data["sources"] = {"columns": pinned, **reading, "suppress": [str(path) for path in suppress]}
    data["features"] = {"ignore": list(dict.fromkeys([*left_out, *told.get("ignore", [])]))}
    data["basis"] = {"weights": dict(told.get("weights", {}))}
    data["search"] = {name: told[name] for name in SEARCH if told.get(name) not in (None, "")}
    if told.get("segments"):
        least, most = segment_range(told["segments"])
        data["search"] |= {"min_segments": least, "max_segments": most}
    if told.get("as_of"):
        data["as_of"] = told["as_of"]
    if told.get("purpose"):
        data["privacy"] = {"purpose": told["purpose"]}
    if told.get("budget"):
        data["budget"] = {"amount": _money(told["budget"])}
    return make_config(data, origin="what you chose")


def _money(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise ConfigError(
            "The money for campaigns is not a number.",
            remedy="Write it without a mark between thousands, as in 25000 or 2500.50.",
        )
    return amount


def _pins(
    roles: Mapping[str, Mapping[str, str]], kinds: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Pinned roles by kind of table, and the columns to leave out."""
    pinned: dict[str, dict[str, str]] = {}
    left_out: list[str] = []
    for each, columns in roles.items():
        for column, role in columns.items():
            if role == LEAVE_OUT:
                left_out.append(column)
                continue
            of_kind = pinned.setdefault(kinds.get(each) or "any", {})
            if of_kind.setdefault(role, column) != column:
                raise ConfigError(
                    f"Two columns cannot both be the {role.replace('_', ' ')}.",
                    found=f"Chosen were '{of_kind[role]}' and '{column}'.",
                    remedy="Choose another meaning for one of them.",
                )
    return pinned, list(dict.fromkeys(left_out))


def settings_file(config: Config) -> bytes:
    """Settings as the command line reads them."""
    return dump_config(config).encode("utf-8")


def mark(*parts: object) -> str:
    """A short mark of what a person chose: the same choice gives the same mark."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]


def table_arguments(inputs: Sequence[tuple[str, str | None]]) -> list[str]:
    """Tables as arguments of the command line: paths, after `--orders` and so on where the kind is known."""
    arguments = [part for data, kind in inputs if kind for part in (f"--{TableKind(kind).value}", data)]
    plain = [data for data, kind in inputs if not kind]
    return [*arguments, "--", *plain] if plain else arguments
