"""Results of a batch into the history, each recording once."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from posecheck.batch.check_clip import Outcome
from posecheck.core.errors import UsageError
from posecheck.sessions.records import clean_name
from posecheck.sessions.store import Store

NOBODY_SAID = "me"


class Keeper:
    """Keeps sessions, and counts those that were there already.

    Raises
    ------
    HistoryError
        When the history cannot be opened; as does `keep` when it cannot be written.
    """

    def __init__(self) -> None:
        self.n_new = self.n_known = 0
        self._store = Store()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def keep(self, outcome: Outcome) -> None:
        """Keep a session; when this returns, it is on the disk with its landmarks."""
        if outcome.record is None:
            return
        name = clean_name(outcome.row.person or NOBODY_SAID)
        self.n_known += 1
        # Refused is only a recording that is kept already: by somebody else, or by this batch just
        # before it was killed. Either way nothing is left to do.
        with suppress(UsageError):
            self._store.save(outcome.record, name, outcome.series, again=False)
            self.n_known -= 1
            self.n_new += 1
