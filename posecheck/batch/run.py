"""A batch from its jobs to its results: what is done is on the disk before it is reported."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import Self

from posecheck.batch.check_clip import Outcome
from posecheck.batch.job import ClipResult, Job, Settings, failed_result
from posecheck.batch.ledger import Ledger, LedgerEntry
from posecheck.core.errors import UsageError
from posecheck.sessions.records import clean_name
from posecheck.sessions.store import Store

DEFAULT_PERSON = "me"
# Does jobs and yields each with what came of it, in any order.
Runner = Callable[[list[Job]], Generator[tuple[Job, Outcome]]]


def jobs_left(
    jobs: Sequence[Job],
    settings: Settings,
    known: dict[str, LedgerEntry],
    *,
    retry: bool = False,
) -> list[Job]:
    """Find the jobs that are still to be done.

    Parameters
    ----------
    jobs : sequence of Job
    settings : Settings
    known : dict
        The entries of the ledger.
    retry : bool
        Whether to try again what could not be read.

    Returns
    -------
    list of Job
    """
    left = []
    for job in jobs:
        done = known.get(settings.key(job))
        if done is None or (retry and not done.result.was_read):
            left.append(job)
    return left


class HistoryWriter:
    """Saves the sessions of a batch to the history, each recording once.

    `n_new` and `n_known` count the sessions that are new, and those that were there already.

    Raises
    ------
    HistoryError
        When the history cannot be opened; `save` raises it when the history cannot be written.
    """

    def __init__(self) -> None:
        self.n_new = self.n_known = 0
        self._store = Store()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def save(self, outcome: Outcome) -> None:
        """Save a session; it is on the disk with its landmarks when this returns.

        Parameters
        ----------
        outcome : Outcome
        """
        if outcome.record is None:
            return
        name = clean_name(outcome.result.person or DEFAULT_PERSON)
        self.n_known += 1
        # The store refuses only a recording that it has: from another program, or from this batch
        # just before it was killed. Either way nothing is left to do.
        with suppress(UsageError):
            self._store.save(outcome.record, name, outcome.series, again=False)
            self.n_known -= 1
            self.n_new += 1


def run_jobs(
    jobs: list[Job],
    settings: Settings,
    ledger: Ledger,
    runner: Runner,
    on_result: Callable[[ClipResult], None],
) -> tuple[int, int]:
    """Do the jobs that are left.

    A session goes into the history first, and its result into the ledger after it. A batch that is
    killed in between checks the clip again and then finds it in the history.

    Parameters
    ----------
    jobs : list of Job
        What `jobs_left` gave.
    settings : Settings
    ledger : Ledger
    runner : callable
    on_result : callable
        Called with every result once it is on the disk.

    Returns
    -------
    n_new, n_known : int
        Sessions that are new in the history, and that were there before.

    Raises
    ------
    HistoryError, UsageError
        When the history or the ledger cannot be written.
    """
    with ExitStack() as stack:
        writer = stack.enter_context(HistoryWriter()) if settings.save else None
        for job in jobs:
            if job.problem:
                _note(
                    ledger, settings, job, failed_result(job, settings, job.problem), 0.0, on_result
                )
        outcomes = stack.enter_context(closing(runner([job for job in jobs if not job.problem])))
        for job, outcome in outcomes:
            if writer is not None:
                writer.save(outcome)
            _note(ledger, settings, job, outcome.result, outcome.took_s, on_result)
        return (writer.n_new, writer.n_known) if writer is not None else (0, 0)


def results_in_order(jobs: Sequence[Job], settings: Settings, ledger: Ledger) -> list[LedgerEntry]:
    """The entries of the ledger in the order of the jobs, with duplicate recordings marked.

    Parameters
    ----------
    jobs : sequence of Job
    settings : Settings
    ledger : Ledger

    Returns
    -------
    list of LedgerEntry
    """
    known = ledger.entries()
    keys = (settings.key(job) for job in jobs)
    return _mark_duplicates(known[key] for key in keys if key in known)


def _mark_duplicates(done: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Warn of every recording that stands here twice for one stretch, and name the first."""
    first: dict[tuple[str | None, ...], str] = {}
    marked = []
    for one in done:
        result = one.result
        same = (result.sha256, result.stretch, result.side)
        if result.was_read and result.sha256 is not None and same in first:
            words = f"This is the same recording as {first[same]}: kept once."
            result = result.model_copy(update={"warnings": (*result.warnings, words)})
        elif result.was_read:
            first[same] = result.file
        marked.append(replace(one, result=result))
    return marked


def _note(
    ledger: Ledger,
    settings: Settings,
    job: Job,
    result: ClipResult,
    took_s: float,
    on_result: Callable[[ClipResult], None],
) -> None:
    ledger.add(settings.key(job), result, took_s)
    on_result(result)
