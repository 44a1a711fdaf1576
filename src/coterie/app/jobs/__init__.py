"""Work in the background: the command line as processes of their own, which outlive the server."""

from __future__ import annotations

from coterie.app.jobs.queue import Jobs
from coterie.app.jobs.telling import log as log_of

__all__ = ["Jobs", "log_of"]
