"""Progress bars for long work, on standard error, with the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from posecheck.media.frames import Frame


@contextmanager
def frame_bar(
    words: str, *, total_s: float | None, console: Console | None = None
) -> Iterator[Callable[[Frame], None]]:
    """Show how far a recording has been worked through.

    Parameters
    ----------
    words : str
        What is being done.
    total_s : float or None
        Length of the recording; without it the bar only shows that work goes on.
    console : Console, optional
        Where to draw, standard error by default. Nothing is drawn where it is neither a terminal
        nor a notebook.

    Yields
    ------
    callable
        To be called with every frame that is done.
    """
    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not _is_watched(console)
    ) as progress:
        task = progress.add_task(words, total=total_s)
        yield lambda frame: progress.update(task, completed=frame.t_s)


def _is_watched(console: Console) -> bool:
    return console.is_terminal or console.is_jupyter


@contextmanager
def download_bar(console: Console) -> Iterator[Callable[[str, int, int | None], None]]:
    """Show how far a download is.

    Parameters
    ----------
    console : Console
        Where to draw; nothing is drawn where it is neither a terminal nor a notebook.

    Yields
    ------
    callable
        To be called with a message, the bytes done and the bytes in all, or None.
    """
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console,
        transient=True, disable=not _is_watched(console),
    ) as progress:  # fmt: skip
        task = progress.add_task("Looking for the pose model", total=None)
        yield lambda words, done, total: progress.update(
            task, description=words, completed=done, total=total
        )
