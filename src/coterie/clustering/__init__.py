"""Groups: which method, how many, how real, and who belongs where. Arrays only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.clustering.alternatives import Alternative
    from coterie.clustering.assign import Assigner, Assignment, significant
    from coterie.clustering.choice import Choice
    from coterie.clustering.methods.kmeans import KMeans
    from coterie.clustering.segment_search import Search, search
    from coterie.clustering.segmenter import AutoSegmenter
    from coterie.clustering.table import take

__all__ = [
    "Alternative",
    "Assigner",
    "Assignment",
    "AutoSegmenter",
    "Choice",
    "KMeans",
    "Search",
    "search",
    "significant",
    "take",
]

_HOMES = {
    "Alternative": "coterie.clustering.alternatives",
    "Assigner": "coterie.clustering.assign",
    "Assignment": "coterie.clustering.assign",
    "AutoSegmenter": "coterie.clustering.segmenter",
    "Choice": "coterie.clustering.choice",
    "KMeans": "coterie.clustering.methods.kmeans",
    "Search": "coterie.clustering.segment_search",
    "search": "coterie.clustering.segment_search",
    "significant": "coterie.clustering.assign",
    "take": "coterie.clustering.table",
}

# Load the door's names when they are used: the structure test in a process of its own starts faster.
__getattr__ = lazily(__name__, _HOMES)
