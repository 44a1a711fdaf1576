"""The largest value of a smooth function inside a box, by Newton steps that never leave it or go downhill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

#: Longest step in any coordinate; the coordinates are logarithms, so this is a factor of about seven.
_LONGEST = 2.0
#: Sufficient increase of a step, and the smallest part of a step that is tried.
_ARMIJO, _SHORTEST = 1e-4, 2.0**-40
#: Curvature below this is taken as this, so that a flat direction gives a long step instead of an endless one.
_FLATTEST = 1e-10
#: The search is over when no coordinate that may move has a steeper slope.
TOLERANCE = 1e-9
#: It is over too when a step promises less than this part of the value, which is what sums of such terms are exact to.
_WORTHLESS = 1e-12
MOST_STEPS = 200


@dataclass(frozen=True)
class Optimum:
    """Where the function is largest.

    Attributes
    ----------
    at : float array of shape (d,)
    value : float
    hessian : float array of shape (d, d)
        Second derivatives at `at`.
    at_bound : bool array of shape (d,)
        Coordinates that rest on the wall of the box: the function rises further outside.
    converged : bool
    steps : int
    """

    at: np.ndarray
    value: float
    hessian: np.ndarray
    at_bound: np.ndarray
    converged: bool
    steps: int


def maximise(
    function: Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]],
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> Optimum:
    """Climb from `start` to the top inside the box.

    Parameters
    ----------
    function : from coordinates (d,) to value, gradient (d,), Hessian (d, d)
        Twice differentiable; of the order of one, so that `TOLERANCE` has a meaning.
    start, low, high : float arrays of shape (d,)

    Notes
    -----
    Newton's method with the Hessian's eigenvalues made negative, walls held as an active set, and backtracking: each
    step raises the value, so the search ends at a top or a wall whatever the data are (Nocedal and Wright, Numerical
    Optimization, 2006, sections 3.4 and 16.7).
    """
    at = np.clip(start, low, high)
    value, gradient, hessian = function(at)
    for step in range(MOST_STEPS):
        walled = ((at <= low) & (gradient < 0)) | ((at >= high) & (gradient > 0))
        free = ~walled
        if not free.any() or np.abs(gradient[free]).max() < TOLERANCE:
            return Optimum(at, value, hessian, walled, True, step)
        direction = np.zeros_like(at)
        direction[free] = _uphill(gradient[free], hessian[np.ix_(free, free)])
        if float(gradient @ direction) < _WORTHLESS * max(1.0, abs(value)):
            return Optimum(at, value, hessian, walled, True, step)
        moved = _step(function, at, value, gradient, direction, (low, high))
        if moved is None:  # the value no longer rises by more than it is exact to
            return Optimum(at, value, hessian, walled, bool(np.abs(gradient[free]).max() < 1e-5), step)
        at, (value, gradient, hessian) = moved
    return Optimum(at, value, hessian, (at <= low) | (at >= high), False, MOST_STEPS)


def _uphill(gradient: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Newton's direction, with every curvature taken as that of a hill, and no longer than `_LONGEST`."""
    curvature, axes = np.linalg.eigh(-hessian)
    direction = axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvature), _FLATTEST))
    return np.asarray(direction * min(1.0, _LONGEST / max(float(np.abs(direction).max()), 1e-300)))


def _step(
    function: Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]],
    at: np.ndarray,
    value: float,
    gradient: np.ndarray,
    direction: np.ndarray,
    box: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, tuple[float, np.ndarray, np.ndarray]] | None:
    """Go as far along the direction as the value rises enough; None where it does not rise at all."""
    part = 1.0
    while part >= _SHORTEST:
        there = np.clip(at + part * direction, *box)
        found = function(there)
        if np.isfinite(found[0]) and found[0] - value > _ARMIJO * float(gradient @ (there - at)):
            return there, found
        part /= 2.0
    return None
