"""Who may ask what: every request is refused unless a rule here lets it in."""

from __future__ import annotations

from coterie.app.security.guard import Guard
from coterie.app.security.keys import Keys, make_keys
from coterie.app.security.origins import allowed_host, same_origin

__all__ = ["Guard", "Keys", "allowed_host", "make_keys", "same_origin"]
