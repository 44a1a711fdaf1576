"""Groups: which method, how many, how real, and who belongs where. Arrays only."""

from __future__ import annotations

from coterie.clustering.assign import Assigner, Assignment
from coterie.clustering.search import Choice, search
from coterie.clustering.segmenter import AutoSegmenter

__all__ = ["Assigner", "Assignment", "AutoSegmenter", "Choice", "search"]
