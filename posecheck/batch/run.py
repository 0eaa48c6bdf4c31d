"""A batch from its jobs to its rows: whatever is done is kept before it is told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import Self

from posecheck.batch.check_clip import Outcome
from posecheck.batch.job import Job, Row, Settings, failed_row
from posecheck.batch.ledger import Done, Ledger
from posecheck.core.errors import UsageError
from posecheck.sessions.records import clean_name
from posecheck.sessions.store import Store

NOBODY_SAID = "me"
# Does jobs and yields each with what came of it, in any order.
Runner = Callable[[list[Job]], Generator[tuple[Job, Outcome]]]


def jobs_left(
    jobs: Sequence[Job],
    settings: Settings,
    known: dict[str, Done],
    *,
    retry: bool = False,
) -> list[Job]:
    """The jobs that are still to be done.

    Parameters
    ----------
    jobs : sequence of Job
    settings : Settings
    known : dict
        What the ledger has.
    retry : bool
        Whether what could not be read is to be tried again.
    """
    left = []
    for job in jobs:
        done = known.get(settings.key(job))
        if done is None or (retry and not done.row.was_read):
            left.append(job)
    return left


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


def run_jobs(
    jobs: list[Job],
    settings: Settings,
    ledger: Ledger,
    runner: Runner,
    on_row: Callable[[Row], None],
) -> tuple[int, int]:
    """Do what is left.

    A session goes into the history first and its row into the ledger after it. Whoever is killed
    in between does the clip again, and finds it in the history.

    Parameters
    ----------
    jobs : list of Job
        What `jobs_left` gave.
    settings : Settings
    ledger : Ledger
    runner : callable
    on_row : callable
        Called with every row when it is on the disk.

    Returns
    -------
    n_new, n_known : int
        Sessions that are new in the history, and that were there before.
    """
    with ExitStack() as stack:
        keeper = stack.enter_context(Keeper()) if settings.save else None
        for job in jobs:
            if job.problem:
                _note(ledger, settings, job, failed_row(job, settings, job.problem), 0.0, on_row)
        outcomes = stack.enter_context(closing(runner([job for job in jobs if not job.problem])))
        for job, outcome in outcomes:
            if keeper is not None:
                keeper.keep(outcome)
            _note(ledger, settings, job, outcome.row, outcome.took_s, on_row)
        return (keeper.n_new, keeper.n_known) if keeper is not None else (0, 0)


def rows_in_order(jobs: Sequence[Job], settings: Settings, ledger: Ledger) -> list[Done]:
    """What is done, in the order of the jobs."""
    known = ledger.rows()
    keys = (settings.key(job) for job in jobs)
    return _marked_twice(known[key] for key in keys if key in known)


def _marked_twice(done: Iterable[Done]) -> list[Done]:
    """Say of every recording that is there more than once, for one stretch, where it was first."""
    first: dict[tuple[str | None, ...], str] = {}
    marked = []
    for one in done:
        row = one.row
        same = (row.sha256, row.stretch, row.side)
        if row.was_read and row.sha256 is not None and same in first:
            words = f"This is the same recording as {first[same]}: kept once."
            row = row.model_copy(update={"warnings": (*row.warnings, words)})
        elif row.was_read:
            first[same] = row.file
        marked.append(replace(one, row=row))
    return marked


def _note(
    ledger: Ledger,
    settings: Settings,
    job: Job,
    row: Row,
    took_s: float,
    on_row: Callable[[Row], None],
) -> None:
    ledger.add(settings.key(job), row, took_s)
    on_row(row)
