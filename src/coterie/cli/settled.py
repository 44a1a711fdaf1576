"""Loaded last of all that a run loads: from then on no collection of garbage looks at what was loaded."""

from __future__ import annotations

import gc

gc.freeze()
gc.enable()
