"""The same jobs on a cluster: a Dask scheduler shares them out among its workers.

When a worker dies, Dask gives its clip to another one, and takes one result for it. Dask also gives
up clips that were only waiting at workers that died: these are done again, one at a time, so that
a clip is blamed only when it takes a worker down on its own.
Results come back here, so that only this process writes to the history and to the ledger; the
workers need neither the database nor its password.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import count, islice
from typing import Any, TypeVar
from uuid import uuid4

from posecheck.core.errors import PosecheckError, UsageError

# `distributed` is imported where it is used: it comes with the extra `cluster`, and takes 0.6 s to
# load, which only a batch on a cluster needs.

J = TypeVar("J")
R = TypeVar("R")

_AHEAD = 3  # clips that are handed out, for every thread of the cluster
_CONNECT_S = 10


def run_on_cluster(
    jobs: Iterable[J],
    work: Callable[[J], R],
    give_up: Callable[[J, str], R],
    *,
    address: str,
) -> Generator[tuple[J, R]]:
    """Do all jobs and yield each with its result, in the order in which they are done.

    Parameters
    ----------
    jobs, work, give_up
        As for `posecheck.batch.pool.run_in_processes`.
    address : str
        Of the scheduler, as `tcp://host:8786`.

    Yields
    ------
    job, result : tuple

    Raises
    ------
    UsageError
        When the scheduler cannot be reached or is lost, has no workers, or they cannot work.
    PosecheckError
        What `work` raised: it concerns more than one job.
    """
    jobs = list(jobs)
    if not jobs:
        return
    with closing(_connect(address)) as client:
        name = f"posecheck-{uuid4().hex}"
        keys = (f"{name}-{n}" for n in count(1))
        suspects = []
        for job, future in _side_by_side(client, jobs, work, keys, address):
            if _killed(future):
                suspects.append(job)
            else:
                yield job, _result(future, address)
        for job in suspects:
            _n_threads(client, address)  # waits where every worker is being begun anew
            future = client.submit(work, job, key=next(keys), pure=False)
            alone = "Every worker of the cluster that worked on it died."
            yield job, give_up(job, alone) if _killed(future) else _result(future, address)


def _side_by_side(
    client: Any, jobs: list[J], work: Callable[[J], R], keys: Iterator[str], address: str
) -> Generator[tuple[J, Any]]:
    """All jobs with their futures, in the order in which they are done."""
    # 0.3 s, and only a cluster needs it
    from distributed import as_completed  # noqa: PLC0415

    waiting = iter(jobs)
    out: dict[Any, J] = {}

    def give(n: int) -> list[Any]:
        given = {
            client.submit(work, job, key=next(keys), pure=False): job for job in islice(waiting, n)
        }
        out.update(given)
        return list(given)

    done = as_completed(give(_AHEAD * _n_threads(client, address)), loop=client.loop)
    for future in done:
        yield out.pop(future), future
        # Workers may have joined or died: there is always something for everybody.
        for more in give(max(0, _AHEAD * _n_threads(client, address) - len(out))):
            done.add(more)


def _connect(address: str) -> Any:
    try:
        # 0.3 s, and only a cluster needs it; it comes with an extra
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "a cluster needs a package that is not there",
            where="--scheduler",
            hint="pip install 'posecheck[cluster]'",
        ) from error
    try:
        return Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the scheduler cannot be reached ({error})",
            where=address,
            hint="Give its address as `dask scheduler` prints it: tcp://host:8786.",
        ) from error


def _n_threads(client: Any, address: str) -> int:
    """How many clips the cluster can work on at once; waits a little where there are none."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_S)
        return sum(client.nthreads().values()) or 1
    except TimeoutError as error:
        raise UsageError(
            "the cluster has no workers",
            where=address,
            hint="Start some (`dask worker ADDRESS --nthreads 1`); the same command then goes on.",
        ) from error
    except OSError as error:
        raise _lost(address) from error


def _lost(address: str) -> UsageError:
    return UsageError(
        "the connection to the scheduler was lost",
        where=address,
        hint="What is done is kept; the same command goes on.",
    )


def _killed(future: Any) -> bool:
    """Whether Dask gave a clip up because the workers died that had it; waits for its end."""
    # Loaded by now, with the cluster
    from distributed import KilledWorker  # noqa: PLC0415

    return isinstance(future.exception(), KilledWorker)


def _result(future: Any, address: str) -> Any:
    """The result of a clip; waits for it once more where it was lost with its worker."""
    # Loaded by now, with the cluster
    from distributed.client import FutureCancelledError  # noqa: PLC0415

    try:
        return future.result()
    except (FutureCancelledError, OSError) as error:
        raise _lost(address) from error
    except PosecheckError:
        raise
    except Exception as error:
        raise UsageError(
            f"the workers of the cluster cannot work ({type(error).__name__}: {error})",
            where=address,
            hint="Install the same versions of posecheck and Python on every worker.",
        ) from error
