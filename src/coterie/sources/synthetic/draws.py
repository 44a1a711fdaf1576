"""Pseudo-random numbers in SQL: the same for a seed on every machine, thread count and engine version.

A customer's salt is 32 bits of the MD5 digest of seed and customer number. Every draw is a word of 32 bits mixed from
the salt, the name of what is drawn, and the row's own numbers by integer arithmetic, so no draw depends on the order in
which rows are made. An engine's own `hash()` and `random()` change between versions and threads and are not used.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = 2**32 - 1
#: Odd numbers that spread small row numbers over 32 bits, one per place of a key.
_STRIDES = (2654435761, 2246822519)


def salt(seed: int, key: str) -> str:
    """Give a customer's 32 random bits, as UBIGINT."""
    return f"(md5_number_upper(concat('{int(seed)}|', {key})) & {_unsigned(_WORD)})"


def word(drawn: str, *keys: str) -> str:
    """Mix 32 random bits, as UBIGINT, from the column `salt`, the name of what is drawn, and at most two row numbers.

    The mixer is the finaliser of MurmurHash3 (Appleby 2011); products stay below 2**64.
    """
    terms = ["salt", _unsigned(zlib.crc32(drawn.encode()))]
    terms += [f"CAST({key} AS UBIGINT) * {_unsigned(stride)}" for key, stride in zip(keys, _STRIDES, strict=False)]
    mixed = f"(({' + '.join(terms)}) & {_unsigned(_WORD)})"
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed = f"((xor({mixed}, {mixed} >> {shift}) * {_unsigned(factor)}) & {_unsigned(_WORD)})"
    return f"xor({mixed}, {mixed} >> 16)"


def cut(word: str, start: int, width: int) -> str:
    """Uniform on (0, 1), never an end, from `width` bits of a word, the lowest being bit `start`."""
    return f"((CAST(({word} >> {start}) & {_unsigned(2**width - 1)} AS DOUBLE) + 0.5) / {2.0**width!r})"


def uniform(word: str) -> str:
    """Uniform on (0, 1), never an end, from a whole word."""
    return cut(word, 0, 32)


def normal(word: str) -> str:
    """Give a standard normal from the halves of a word (Box and Muller 1958); at most 4.9 in size."""
    return f"(sqrt(-2.0 * ln({cut(word, 0, 16)})) * cos(6.283185307179586 * {cut(word, 16, 16)}))"


def count(mean: str, normal: str) -> str:
    """Draw a count of about Poisson's distribution: the square root of one is nearly normal with variance 1/4.

    From a mean of 1 up the mean is right to 1 %, the variance at most a fifth too large (Anscombe 1948); below 1 both
    are too large.
    """
    return f"CAST(floor(pow(greatest(sqrt({mean}) + 0.5 * {normal}, 0.0), 2) + 0.25) AS INTEGER)"


def primitives() -> dict[str, Callable[..., str]]:
    """Every draw by name, for use in a `.sql` step."""
    return {"salt_of": salt, "word": word, "cut": cut, "uniform": uniform, "normal": normal, "count": count}


def _unsigned(number: int) -> str:
    return f"CAST({number} AS UBIGINT)"
