"""What leaves: the study folder, its charts and report, and the scoring of other customers."""

from __future__ import annotations

from coterie.outputs.scoring import drift, score
from coterie.outputs.study import Study, load

__all__ = ["Study", "drift", "load", "score"]
