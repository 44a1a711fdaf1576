"""The destinations by name, and how each writes its file."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, cast

from coterie.campaigns.audiences.people import Form
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.audiences.destination import Destination

#: One file of this folder each.
DESTINATIONS = ("generic", "google", "meta", "tiktok", "klaviyo", "mailchimp", "braze")


def destination_of(name: str) -> Destination:
    """Find a destination.

    Raises
    ------
    ConfigError
        There is none of this name; the message names the nearest.
    """
    if name not in DESTINATIONS:
        near = difflib.get_close_matches(name, DESTINATIONS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ConfigError(f"There is no destination '{name}'.", remedy=f"{hint}Known: {', '.join(DESTINATIONS)}.")
    return cast("Destination", import_module(f"coterie.campaigns.audiences.{name}").DESTINATION)


def form_for(
    destination: Destination, *, fields: Sequence[str] = (), hashed: bool | None = None, phone: str = "e164"
) -> Form:
    """Decide which fields leave and whether they are hashed.

    Parameters
    ----------
    destination : Destination
    fields : sequence of str
        Fields that leave instead of the destination's own choice; "+gender" adds one to that choice.
    hashed : bool, optional
        Default: hashed wherever the destination takes it.
    phone : {"e164", "digits"}

    Raises
    ------
    ConfigError
        A field is unknown to the destination, or it takes no hashed file.
    """
    if hashed and not destination.hashes:
        raise ConfigError(
            f"A file for {destination.title} cannot be hashed: the tool could not write to anybody.",
            remedy="Leave --hashed away.",
        )
    own = set(destination.fields)
    known = sorted(own | set(destination.further))
    bare = [name.removeprefix("+") for name in fields]
    unknown = [name for name in bare if name not in known]
    if unknown:
        raise ConfigError(
            f"A file for {destination.title} has no field '{unknown[0]}'.", remedy=f"Its fields: {', '.join(known)}."
        )
    adds = all(name.startswith("+") for name in fields)
    chosen = own | set(bare) if adds else {name for name in bare if name}
    return Form(frozenset(chosen), destination.hashes if hashed is None else hashed, phone)
