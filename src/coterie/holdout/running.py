"""The test in its two halves: while the shop's tables are open, and once segments can be found."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from coterie.beside import BesideError
from coterie.errors import ConfigError, InputError
from coterie.holdout import telling
from coterie.holdout.earlier import Earlier, look_back
from coterie.holdout.groups import groupings
from coterie.holdout.measuring import compare, segments_after
from coterie.holdout.parcel import pack, pack_found, unpack, unpack_found
from coterie.holdout.results import Holdout
from coterie.holdout.split import choose_split
from coterie.vocabulary import Finding, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from coterie.beside import Message, SecondProcess
    from coterie.config import Config, SearchSettings
    from coterie.profiles import Brief, Profiles
    from coterie.sources.shop import Shop
    from coterie.vocabulary import CustomerTable


#: Segments looked for at least, where the settings allow as many: as in a run whose customers form no groups.
FEWEST_UNJUDGED = 3


class TimeHoldout:
    """Holds segments from the data before a day against what their customers did from that day on.

    Parameters
    ----------
    config : Config
        `config.holdout` says whether, how many days, and on how many customers.

    Attributes
    ----------
    findings : list of Finding
        Why the test was not made, where it was not.

    Notes
    -----
    `look_back` needs the open engine, `examine` does not: it can wait until a run has found its own segments.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.findings: list[Finding] = []
        self._earlier: Earlier | None = None
        self._elsewhere: Future[Message] | None = None

    def look_back(self, shop: Shop) -> None:
        """Choose the day, and make the customer table of that day and the outcomes after it.

        Raises
        ------
        NotEnoughDataError
            The history does not allow it, and the settings ask for the test ("on").
        """
        if self.config.holdout.enabled == "off" or TableKind.ORDERS not in shop.roles:
            return
        try:
            self._earlier = look_back(shop, choose_split(shop, self.config.holdout), self.config)
        except InputError as cause:
            self._give_up(cause)

    def begin(self, second: SecondProcess, module: str) -> None:
        """Let a second process find and measure while the run goes on; `module.answer` there calls `answer_with`."""
        if self._earlier is not None:
            self._elsewhere = second.call(module, *pack(self._earlier, self._settings()))

    def examine(self, find: Callable[[CustomerTable, Config], Brief | Profiles]) -> Holdout | None:
        """Find segments in the earlier customer table, and measure what became of them.

        Parameters
        ----------
        find : function of a customer table and settings
            Goes through the same steps as the run itself, to named segments.

        Returns
        -------
        Holdout or None
            None where the test is not made; `findings` then says why, unless nobody wanted it.

        Raises
        ------
        InputError, ConfigError
            No segments can be found in the earlier data, and the settings ask for the test ("on").
        """
        if self._earlier is None:
            return None
        with suppress(BesideError):  # what goes wrong there is done here, and told here
            if self._elsewhere is not None:
                return unpack_found(self._elsewhere.result()[0])
        config = self._settings()
        try:
            profiles = find(self._earlier.customers, config)
        except (InputError, ConfigError) as cause:
            self._give_up(cause)
            return None
        return measure(self._earlier, profiles, config.seed)

    def _settings(self) -> Config:
        return self.config.model_copy(update={"search": self._search()})

    def _search(self) -> SearchSettings:
        """The run's own settings, on fewer customers; a division that nobody judges has three segments at least."""
        search = self.config.search
        return search.model_copy(
            update={
                "sample": min(search.sample, self.config.holdout.search_sample),
                "min_segments": max(search.min_segments, min(FEWEST_UNJUDGED, search.max_segments)),
            }
        )

    def _give_up(self, cause: InputError | ConfigError) -> None:
        if self.config.holdout.enabled == "on":
            raise cause
        message = "The segments were not tested against later orders."
        reason = " ".join(part for part in (cause.what, cause.found) if part)
        self.findings.append(Finding("no-time-holdout", Severity.NOTE, f"{message} {reason}", table="orders"))


def answer_with(
    find: Callable[[CustomerTable, Config], Brief | Profiles], header: dict[str, Any], blobs: list[bytes]
) -> Message:
    """Be the second process: find and measure what `TimeHoldout.begin` sent."""
    earlier, config = unpack(header, blobs)
    return pack_found(measure(earlier, find(earlier.customers, config), config.seed)), []


def measure(earlier: Earlier, profiles: Brief | Profiles, seed: int) -> Holdout:
    """Hold named segments against the outcomes."""
    split, outcomes = earlier.split, earlier.outcomes
    ids = profiles.membership["segment_id"].reindex(outcomes.index)
    explained, differences = compare(groupings(earlier.customers, ids), outcomes, seed)
    return Holdout(
        split_on=split.split_on,
        until=split.until,
        days=split.days,
        history_days=split.history_days,
        n_customers=len(outcomes),
        n_known=earlier.n_known,
        n_new=earlier.n_new,
        new_spend_share=earlier.new_spend_share,
        segments=segments_after(profiles.segments, ids.to_numpy(), outcomes, seed),
        explained=explained,
        differences=differences,
        conclusion=telling.conclude(explained, differences, earlier),
        notes=telling.notes(explained, differences, earlier),
    )
