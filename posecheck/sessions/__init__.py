"""The history: who did which stretch when, what came of it, and what it was judged by.

People, sessions, cue results and range of motion are rows of a database, SQLite in the data folder
or PostgreSQL by URL; the landmarks of every session are a Parquet file beside it. A session is
saved whole or not at all:

1. its landmarks are written to the disk, in the folder `unsettled`;
2. its rows are committed, all at once;
3. its landmarks leave the folder `unsettled`.

Whoever is killed in between leaves a file there, and the next one who opens the history asks the
database whether that session exists. One writer at a time holds the database's lock through 1 and
2, so what is being written is never taken for what was left behind. Whoever forgets leaves a mark
there before the rows go, which names the sessions and stays until their landmarks are gone too.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecheck.sessions.history import History

__all__ = ["History"]


def __getattr__(name: str) -> object:
    # `History` brings pandas, which whoever only keeps sessions can do without.
    if name != "History":
        raise AttributeError(f"module 'posecheck.sessions' has no attribute {name!r}")
    from posecheck.sessions.history import History

    return History
