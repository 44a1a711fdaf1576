"""Files that a person hands over: taken in pieces, kept under names of ours, and swept away when of no more use."""

from __future__ import annotations

from coterie.app.uploads.keeping import is_older, remove_uploads, sweep_uploads
from coterie.app.uploads.names import ENDINGS, safe_name
from coterie.app.uploads.receiving import Received, receive
from coterie.app.uploads.room import Room

__all__ = ["ENDINGS", "Received", "Room", "is_older", "receive", "remove_uploads", "safe_name", "sweep_uploads"]
