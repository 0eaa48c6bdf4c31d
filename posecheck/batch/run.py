"""A batch from its jobs to its rows: whatever is done is kept before it is told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing

from posecheck.batch.check_clip import Outcome
from posecheck.batch.job import Job, Row, Settings, failed_row
from posecheck.batch.keep import Keeper
from posecheck.batch.ledger import Ledger
from posecheck.batch.table import Done, marked_twice

# Does jobs and yields each with what came of it, in any order.
Runner = Callable[[list[Job]], Generator[tuple[Job, Outcome]]]


def jobs_left(
    jobs: Sequence[Job],
    settings: Settings,
    known: dict[str, tuple[Row, float]],
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
        if done is None or (retry and not done[0].was_read):
            left.append(job)
    return left


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
    return marked_twice(Done(*known[key]) for key in keys if key in known)


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
