"""The tree of exceptions. Every message says what happened, what was found, and what to do.

::

    CoterieError
    ├── InputError (ValueError)            the data are at fault: exit code 2
    │   ├── UnsafeGuessError               a role, a format or a table kind that we will not guess
    │   └── NotEnoughDataError             too few rows, customers or differences to say anything
    ├── ConfigError (ValueError)           the settings or options are at fault: exit code 2
    ├── StudyError (ValueError)            a study folder is missing, damaged or of another version: exit code 2
    ├── EngineError (RuntimeError)         the database failed; the cause and the step are kept
    │   └── ServerError                    the user's own server cannot be reached or refuses: exit code 2
    └── NotFittedError (AttributeError)    an estimator was used before `fit`
"""

from __future__ import annotations


class CoterieError(Exception):
    """Base of all our errors.

    Parameters
    ----------
    what : str
        What happened and where: table, column, file name as the user typed it. Never a customer's value.
    found : str
        What we found instead, with counts.
    remedy : str
        What to do: the exact option or setting.
    """

    def __init__(self, what: str, *, found: str = "", remedy: str = "") -> None:
        self.what = what
        self.found = found
        self.remedy = remedy
        super().__init__("\n".join(part for part in (what, found, remedy) if part))


class InputError(CoterieError, ValueError):
    """The data cannot be used as they are."""


class UnsafeGuessError(InputError):
    """A guess about the data would not be safe; the message names the option that decides."""


class NotEnoughDataError(InputError):
    """There are too few rows, customers or differences to find anything."""


class ConfigError(CoterieError, ValueError):
    """A setting or an option has no meaning, a wrong type or a value out of range."""


class StudyError(CoterieError, ValueError):
    """A study folder cannot be read."""


class EngineError(CoterieError, RuntimeError):
    """The database failed."""


class ServerError(EngineError):
    """The user's own database or cluster cannot be reached, is too slow, or does not allow what is needed."""


class NotFittedError(CoterieError, AttributeError):
    """An estimator was asked for a result before `fit`."""
