"""What the app refuses, each with the status of its answer."""

from __future__ import annotations

from coterie.errors import CoterieError, EngineError


class RefusalError(CoterieError):
    """A request that gets no."""

    status = 400


class MissingError(RefusalError):
    """There is nothing of that id, or not any more."""

    status = 404


class ConflictError(RefusalError):
    """What is asked for does not fit what is there now."""

    status = 409


class TooLargeError(RefusalError):
    """More was sent than the app takes."""

    status = 413


class TooManyError(RefusalError):
    """Too much is going on already; the same request can be made later."""

    status = 429


class NotAllowedError(RefusalError):
    """The request does not come from a page of ours, or from somebody who is not signed in."""

    status = 403


def status_of(error: CoterieError) -> int:
    """Status of the answer that tells an error."""
    if isinstance(error, RefusalError):
        return error.status
    return 500 if isinstance(error, EngineError) else 422


def told_error(error: CoterieError) -> dict[str, str]:
    """An error as plain values: `what`, `found`, `remedy`."""
    return {"what": error.what, "found": error.found, "remedy": error.remedy}
