"""The history: who did which stretch when, with what result, and judged by which definition.

`history` has the public `History`. `store` keeps the tables (`database`, `schema`, `statements`,
`tables`, `upgrade`) and the landmark files (`landmark_store`) in step; `records` is a session as
plain data, `recheck` judges old sessions anew, `transfer` exports, imports and backs up, and
`progress` tells change from noise.

People, sessions, cue results and range of motion are rows of a database, SQLite in the data folder
or PostgreSQL by URL; the landmarks of every session are a Parquet file beside it. A session is
saved whole or not at all:

1. its landmarks are written to the disk, in the folder `unsettled`;
2. its rows are committed, all at once;
3. its landmarks leave the folder `unsettled`.

A process that is killed in between leaves a file there, and the next one that opens the history
asks the database whether that session exists. One writer at a time holds the database's lock
through 1 and 2, so what is being written is never taken for what was left behind. Forgetting leaves
a mark there before the rows go, which names the sessions and stays until their landmarks are gone
too.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecheck.sessions.history import History

__all__ = ["History"]


def __getattr__(name: str) -> object:
    # `History` brings pandas (0.4 s), which a process that only saves sessions does without.
    if name != "History":
        raise AttributeError(f"module 'posecheck.sessions' has no attribute {name!r}")
    # 0.8 s: pandas and SQLAlchemy
    from posecheck.sessions.history import History  # noqa: PLC0415

    return History
