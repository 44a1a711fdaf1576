"""From what a person chose on the way to the settings of a run: the same that the command line reads from a file."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.campaigns import refuse_unreviewed
from coterie.config import Config, SourcesSettings, dump_config, make_config, segment_range
from coterie.errors import ConfigError
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Choice of a column that is to be left away.
LEAVE_OUT = "-"
#: Settings of reading that the check page offers.
READING = (
    "encoding", "delimiter", "decimal", "date_order", "currency", "sheet", "on_duplicate", "encoding_errors",
    "skip_rows", "column_names", "duplicate_columns", "max_rejected", "guest_ids", "timezone",
)  # fmt: skip
#: Settings of finding that the choose page offers, by their key.
SEARCH = ("smallest_share", "must_differ")
#: Settings of privacy that it offers.
PRIVACY = ("purpose", "purpose_class", "human_review")


@dataclass(frozen=True)
class Handed:
    """Files that were handed over with the choices of a study.

    Attributes
    ----------
    suppress : tuple of Path
        Lists of people who objected.
    playbook : Path or None
        A playbook of one's own.
    """

    suppress: tuple[Path, ...] = ()
    playbook: Path | None = None


def config_of(told: Mapping[str, Any], kinds: Mapping[str, str], handed: Handed = Handed()) -> Config:
    """Make the settings of a run.

    Parameters
    ----------
    told : mapping
        `roles`: input -> column -> role (or `-` to leave it out); `reading`: setting -> value; `title`, `segments`,
        `weights` (block -> number), `ignore` (names), `as_of`, `smallest_share`, `must_differ`, `purpose`,
        `purpose_class`, `human_review`, `audit` (columns), `budget`, `margin` (percent); `base`, the settings of the
        earlier study that this is a later one of. All may be absent.
    kinds : mapping of str to str
        Input -> kind of table, where it is known.
    handed : Handed
        Files that the app laid down.

    Raises
    ------
    ConfigError
        A choice has no meaning, or two columns of one kind of table would play the same role.
    """
    data: dict[str, Any] = json.loads(json.dumps(told.get("base", {})))
    data["title"] = str(told.get("title", ""))
    pinned, left_out = _pins(told.get("roles", {}), kinds)
    sources = data.setdefault("sources", {})
    sources["columns"] = _repinned(sources.get("columns", {}), pinned, left_out)
    sources |= {**_reading(told.get("reading", {})), "suppress": [str(path) for path in handed.suppress]}
    sources["audit"] = list(told.get("audit", []))
    data.setdefault("features", {})["ignore"] = list(dict.fromkeys([*left_out, *told.get("ignore", [])]))
    data.setdefault("basis", {})["weights"] = dict(told.get("weights", {}))
    search = data.setdefault("search", {})
    search |= {name: told[name] for name in SEARCH if told.get(name) not in (None, "")}
    if told.get("segments"):
        search["min_segments"], search["max_segments"] = segment_range(told["segments"])
    data["as_of"] = told.get("as_of") or None
    data["privacy"] = {name: told[name] for name in PRIVACY if told.get(name)}
    data["playbook"] = {"file": str(handed.playbook or "")}
    data.setdefault("budget", {})["amount"] = _money(told["budget"]) if told.get("budget") else None
    if told.get("margin"):
        data.setdefault("campaigns", {})["margin"] = _margin(told["margin"])
    config = make_config(data, origin="what you chose")
    refuse_unreviewed(config.privacy)
    return config


def told_of_settings(config: Config) -> dict[str, Any]:
    """What a person must have told for the settings of an earlier study; the rest of them stands under `base`."""
    least, most = config.search.min_segments, config.search.max_segments
    chosen = config.model_dump(mode="json", exclude_none=True)
    reading = {name: chosen["sources"].get(name) for name in READING}
    names = [str(name) for name in reading.pop("column_names") or ()]
    plain = SourcesSettings().model_dump()
    told = {
        "base": chosen,
        "segments": str(least) if least == most else f"{least}..{most}",
        "weights": {block: f"{weight:g}" for block, weight in chosen["basis"]["weights"].items()},
        "ignore": chosen["features"]["ignore"],
        "audit": chosen["sources"]["audit"],
        "reading": {name: str(value) for name, value in reading.items() if value not in (None, "", plain[name])}
        | ({"column_names": ", ".join(names)} if names else {}),
        "smallest_share": f"{config.search.smallest_share:g}",
        "must_differ": config.search.must_differ,
        "budget": f"{config.budget.amount:.15g}" if config.budget.amount is not None else "",
        "margin": f"{100 * config.campaigns.margin:.6g}",
    }
    return told | {name: chosen["privacy"][name] for name in PRIVACY}


def _reading(told: Mapping[str, str]) -> dict[str, Any]:
    """Settings of reading; those of which nothing is said have none of their own."""
    said: dict[str, Any] = {name: told.get(name) for name in READING}
    given: dict[str, Any] = {name: value for name, value in said.items() if value}
    if given.get("skip_rows") and not str(given["skip_rows"]).isdecimal():
        raise ConfigError(
            "The number of lines above the header is not a number.", remedy="Count the lines, and write it as in 3."
        )
    if "column_names" in given:
        names = [name.strip() for name in str(given["column_names"]).split(",")]
        given |= {"column_names": [name for name in names if name], "header": False}
    return given


def _margin(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = math.nan
    if not 0 < percent <= 100:
        raise ConfigError("The gross margin is no share.", remedy="Write it in percent of the price, as in 40 or 32.5.")
    return percent / 100


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


def _repinned(
    before: Mapping[str, Mapping[str, str]], pinned: Mapping[str, Mapping[str, str]], left_out: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Pinned roles of an earlier study, but for columns and roles of which something else is said now."""
    said = {column for columns in pinned.values() for column in columns.values()} | set(left_out)
    kept = {
        kind: {role: column for role, column in columns.items() if column not in said}
        for kind, columns in before.items()
    }
    return {kind: {**kept.get(kind, {}), **pinned.get(kind, {})} for kind in {**kept, **pinned}}


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
