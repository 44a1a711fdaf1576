"""What leaves: the study folder, its charts and report, and the scoring of other customers."""

from __future__ import annotations

from coterie.outputs.plain import to_plain
from coterie.outputs.scoring import drift, read_customers, score
from coterie.outputs.study import Study, load
from coterie.outputs.tables import scores_csv

__all__ = ["Study", "drift", "load", "read_customers", "score", "scores_csv", "to_plain"]
