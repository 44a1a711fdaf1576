"""The secrets of one installation: made at its first start, readable for their owner alone, never shipped."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_SHORTEST = 43  # letters of 32 random bytes in base 64


@dataclass(frozen=True)
class Keys:
    """What proves that a request is meant: the key of form tokens, and the word for programs."""

    secret: str = field(repr=False)
    api: str = field(repr=False)

    def csrf(self, session: str) -> str:
        """The token that every form of a session carries."""
        return hmac.new(self.secret.encode(), b"form:" + session.encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, session: str, token: str) -> bool:
        """Whether a token is that of the session."""
        return hmac.compare_digest(self.csrf(session).encode(), token.encode())

    def is_api(self, word: str) -> bool:
        """Whether a program may come in."""
        return hmac.compare_digest(self.api.encode(), word.encode())


def make_keys(home: Path) -> Keys:
    """Read the keys of a home, and make those that are not there.

    Raises
    ------
    ConfigError
        A key is too short to be one of ours.
    """
    return Keys(_key(home / "secret.key"), _key(home / "api.key"))


def _key(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        word = path.read_text(encoding="utf-8").strip()
    else:
        word = secrets.token_urlsafe(32)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(word)
    if len(word) < _SHORTEST or len(set(word)) < 16:
        raise ConfigError(
            f"The key in '{path.name}' can be guessed.",
            found=f"It has {len(word)} letters, {len(set(word))} of them different.",
            remedy="Remove that file: the next start makes a random one.",
        )
    return word
