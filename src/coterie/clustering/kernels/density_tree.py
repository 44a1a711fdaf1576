"""HDBSCAN's tree of dense areas, from a matrix of distances that several settings share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def reachability_linkage(distances: np.ndarray, core: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Single linkage by mutual reachability, max(core_i, core_j, distance) (Campello, Moulavi, Sander 2013).

    Parameters
    ----------
    distances : float array of shape (n, n)
    core : float array of shape (n,), distance within which a row has enough neighbours

    Returns
    -------
    children : int array of shape (n - 1, 2)
        What each merge joins: rows 0 … n-1, earlier merges n, n+1, …
    heights : float array of shape (n - 1,), rising

    Notes
    -----
    Prim's spanning tree; of equally near rows the first comes first. O(n²) time.
    """
    n = len(core)
    floor = core.copy()  # infinite for rows that are in the tree
    reached, origin = np.full(n, np.inf), np.zeros(n, dtype=np.int64)
    edges, heights = np.empty((n - 1, 2), dtype=np.int64), np.empty(n - 1)
    length, closer = np.empty(n), np.empty(n, dtype=bool)
    current = 0
    for step in range(n - 1):
        floor[current], reached[current] = np.inf, np.inf
        np.maximum(distances[current], floor, out=length)
        np.maximum(length, core[current], out=length)
        np.less(length, reached, out=closer)
        np.minimum(length, reached, out=reached)
        origin[closer] = current
        current = int(reached.argmin())
        edges[step], heights[step] = (origin[current], current), reached[current]
    order = np.argsort(heights)  # not stable, so that ties fall as in scikit-learn's HDBSCAN
    return _merges(edges[order]), heights[order]


def _merges(edges: np.ndarray) -> np.ndarray:
    """What each edge of a spanning tree joins when they are taken in their order."""
    n = len(edges) + 1
    parent = list(range(2 * n - 1))
    joined = []

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for new, (i, j) in enumerate(edges.tolist(), start=n):
        a, b = root(i), root(j)
        joined.append((a, b))
        parent[a] = parent[b] = new
    return np.array(joined, dtype=np.int64).reshape(-1, 2)


@dataclass
class _Dense:
    """A dense area: where it begins, how long it lasts, and the areas that it comes apart into."""

    parent: int
    birth: float
    stability: float = 0.0


def persistent_clusters(children: np.ndarray, heights: np.ndarray, smallest: int) -> np.ndarray:
    """The dense areas that persist over the widest range of densities ("excess of mass").

    Parameters
    ----------
    children, heights : as `reachability_linkage` gives them
    smallest : int, rows that a dense area must have

    Returns
    -------
    int array of shape (n,), labels 0, 1, …; -1 for rows in none. All rows together are never an area. O(n) time.
    """
    n = len(heights) + 1
    areas, last = _condensed(children, heights, smallest)
    chosen = _most_persistent(areas)
    label_of = np.full(len(areas), -1, dtype=np.int64)
    for label, area in enumerate(sorted(chosen)):
        label_of[area] = label
    for area in range(1, len(areas)):  # a part of a chosen area belongs to it; parents come before their parts
        if label_of[area] < 0:
            label_of[area] = label_of[areas[area].parent]
    label_of[0] = -1
    return np.asarray(label_of[last[:n]])


def _condensed(children: np.ndarray, heights: np.ndarray, smallest: int) -> tuple[list[_Dense], np.ndarray]:
    """Areas of at least `smallest` rows, from the top down, and the last area that each row was in."""
    n = len(heights) + 1
    with np.errstate(divide="ignore"):
        density = (1 / heights).tolist()
    merges = children.tolist()
    size = [1] * n
    for a, b in merges:
        size.append(size[a] + size[b])
    areas = [_Dense(-1, 0.0)]
    last = np.zeros(n, dtype=np.int64)
    queue = [(2 * n - 2, 0)] if n > 1 else []
    for node, area in queue:
        here, level = areas[area], density[node - n]
        parts = merges[node - n]
        large = [part for part in parts if size[part] >= smallest]
        for part in parts:
            if len(large) == 2:
                here.stability += (level - here.birth) * size[part]
                areas.append(_Dense(area, level))
                _go_on(queue, last, part, len(areas) - 1, n)
            elif part in large:
                _go_on(queue, last, part, area, n)
            else:
                here.stability += (level - here.birth) * size[part]
                last[_rows_of(merges, part, n)] = area
    return areas, last


def _go_on(queue: list[tuple[int, int]], last: np.ndarray, part: int, area: int, n: int) -> None:
    if part < n:
        last[part] = area
    else:
        queue.append((part, area))


def _rows_of(merges: list[list[int]], node: int, n: int) -> list[int]:
    rows, left = [], [node]
    while left:
        top = left.pop()
        if top < n:
            rows.append(top)
        else:
            left += merges[top - n]
    return rows


def _most_persistent(areas: list[_Dense]) -> set[int]:
    """Areas that last longer than all parts of theirs together; none lies in another."""
    parts: list[list[int]] = [[] for _ in areas]
    for at in range(1, len(areas)):
        parts[areas[at].parent].append(at)
    best = [area.stability for area in areas]
    chosen: set[int] = set()
    for at in range(len(areas) - 1, 0, -1):
        below = sum(best[part] for part in parts[at])
        if below > best[at]:
            best[at] = below
            continue
        chosen.add(at)
        inside = list(parts[at])
        while inside:
            part = inside.pop()
            chosen.discard(part)
            inside += parts[part]
    return chosen
