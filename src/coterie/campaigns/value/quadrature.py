"""Expectations over a Beta distribution by Gauss-Jacobi quadrature."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh_tridiagonal

#: Matrices up to this size are solved all at once, faster by far than one by one.
_SMALL = 25


def beta_nodes(a: float, b: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Points and weights that give :math:`E[g(p)]` for :math:`p \sim Beta(a, b)` as a weighted sum.

    Parameters
    ----------
    a : float, above 0
    b : float array of shape (k,), above 0
        One rule is made for each.
    n : int
        Number of points; the sum is exact for polynomials up to degree 2n - 1.

    Returns
    -------
    points, weights : float arrays of shape (k, n)
        Points inside (0, 1); each row of weights sums to 1.

    Notes
    -----
    Golub and Welsch, Calculation of Gauss quadrature rules, 1969. The weights are squared first components of
    eigenvectors, so that no Beta function has to be evaluated and nothing overflows. O(k n^2) time for many points.
    """
    diagonal, beside = _recurrence(b - 1.0, a - 1.0, n)
    if n <= _SMALL:
        matrix = np.zeros((len(b), n, n))
        places = np.arange(n)
        matrix[:, places, places] = diagonal
        matrix[:, places[1:], places[:-1]] = beside
        points, vectors = np.linalg.eigh(matrix)
        first = vectors[:, 0, :]
    else:
        solved = [eigh_tridiagonal(*each) for each in zip(diagonal, beside, strict=True)]
        points = np.stack([values for values, _ in solved])
        first = np.stack([vectors[0] for _, vectors in solved])
    return np.clip((1.0 + points) / 2.0, 1e-300, 1.0), first**2


def _recurrence(first: np.ndarray, second: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Three-term recurrence of the Jacobi polynomials with weight (1 - x)^first (1 + x)^second."""
    k = np.arange(n, dtype=float)
    first = first[:, None]
    total = first + second
    with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 in the first terms, which are replaced
        diagonal = (second**2 - first**2) / ((2 * k + total) * (2 * k + total + 2))
        k = k[1:]
        squares = 4 * k * (k + first) * (k + second) * (k + total) / (2 * k + total) ** 2
        squares /= (2 * k + total + 1) * (2 * k + total - 1)
    diagonal[:, :1] = (second - first) / (total + 2)
    if n > 1:
        squares[:, :1] = 4 * (1 + first) * (1 + second) / ((2 + total) ** 2 * (3 + total))
    return diagonal, np.sqrt(squares)
