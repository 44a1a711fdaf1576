"""What to do about each segment: lifecycle stages, plays from the playbook, value at stake, priorities."""

from __future__ import annotations

from coterie.campaigns.plays import suggest_plays
from coterie.campaigns.stages import NO_ORDER, STAGES, lifecycle_stages, stage_table

__all__ = ["NO_ORDER", "STAGES", "lifecycle_stages", "stage_table", "suggest_plays"]
