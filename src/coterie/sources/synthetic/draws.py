"""Pseudo-random numbers in SQL: the same for a seed on every machine, thread count and engine version.

Each draw is the MD5 digest of `seed | stream | key`, so no draw depends on the order in which rows are made. An
engine's own `hash()` and `random()` change between versions and threads and are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Doubles hold 53 bits exactly.
_UNIT = 2.0**53


@dataclass(frozen=True)
class Draws:
    """SQL text of draws for one seed; `key` is SQL that identifies the row, `stream` a name of what is drawn."""

    seed: int

    def bits(self, stream: str, key: str) -> str:
        """64 random bits as UBIGINT."""
        return f"md5_number_upper({self._text(stream, key)})"

    def more_bits(self, stream: str, key: str) -> str:
        """Draw the other 64 bits of the same digest."""
        return f"md5_number_lower({self._text(stream, key)})"

    def uniform(self, stream: str, key: str) -> str:
        """Uniform on (0, 1), never an end."""
        return f"((CAST({self.bits(stream, key)} >> 11 AS DOUBLE) + 0.5) / {_UNIT!r})"

    def normal(self, stream: str, key: str) -> str:
        """Give a standard normal by the method of Box and Muller (1958)."""
        other = f"((CAST({self.more_bits(stream, key)} >> 11 AS DOUBLE) + 0.5) / {_UNIT!r})"
        return self.normal_of(self.uniform(stream, key), other)

    def cut(self, bits: str, start: int, width: int) -> str:
        """Uniform on (0, 1) from `width` of 64 bits, the lowest being bit `start`: many draws from one digest."""
        return f"((CAST(({bits} >> {start}) & {2**width - 1} AS DOUBLE) + 0.5) / {2.0**width!r})"

    def normal_of(self, first: str, second: str) -> str:
        """Give a standard normal from two independent uniforms."""
        return f"(sqrt(-2.0 * ln({first})) * cos(6.283185307179586 * {second}))"

    def count(self, mean: str, normal: str) -> str:
        """Draw a count of about Poisson's distribution: the square root of one is nearly normal with variance 1/4.

        Mean and variance are within a tenth of the Poisson's for means from 0.3 up (Anscombe 1948).
        """
        return f"CAST(floor(pow(greatest(sqrt({mean}) + 0.5 * {normal}, 0.0), 2) + 0.25) AS INTEGER)"

    def primitives(self) -> dict[str, Callable[..., str]]:
        """Every draw by name, for use in a `.sql` step."""
        names = ("bits", "more_bits", "uniform", "normal", "cut", "normal_of", "count")
        return {name: getattr(self, name) for name in names}

    def _text(self, stream: str, key: str) -> str:
        return f"concat('{int(self.seed)}|{stream}|', {key})"
