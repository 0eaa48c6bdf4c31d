"""How long a history of many sessions takes to answer.

    python -m benchmarks.history [--sessions 100000] [--people 1000] [--database URL]

Fills an empty history with rows of one real check, spread over the people, and times what a person
does: adding a session (10 s of video at 30 frames a second, landmarks and all, to the disk; and the
rows alone), asking for one person's range of motion and sessions, their progress, its overview
chart and its page, opening it, forgetting somebody.
Only the sessions that are added while the clock runs have landmark files.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import insert

from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.landmarks.stick_figure import Pose, stick_figure
from posecheck.report.progress_figures import plot_overview
from posecheck.sessions import History
from posecheck.sessions.database import Database
from posecheck.sessions.progress.progress import Progress, progress
from posecheck.sessions.records import SessionRecord, name_key
from posecheck.sessions.schema import Cue, Definition, Person, Result, Rom, Session
from posecheck.sessions.statements import add_session
from posecheck.stretches import load_stretch, stretch_ids

STRETCHES = ("legs-up-the-wall", "childs-pose", "forward-fold", "cat-cow")
START = datetime(2020, 1, 1, tzinfo=UTC)


def example() -> Report:
    """Ten seconds of somebody with the legs up a wall."""
    figure = stick_figure(
        Pose(trunk=-90, hip=90), t_s=np.arange(300) / 30, px_per_m=580, hip_px=(960.0, 560.0)
    )
    return check_series(figure, load_stretch(STRETCHES[0]))


def record_of(form: Report) -> SessionRecord:
    """The check as `History.add` would keep it."""
    return SessionRecord.of(
        form,
        started=START,
        prop="",
        pain_before=1,
        pain_after=0,
        note="a note",
    )


def fill(where: str, form: Report, *, n_sessions: int, n_people: int) -> None:
    """Write many sessions at once; numbers are given here because all is empty."""
    record = record_of(form)
    (result,) = record.results
    session = record.model_dump(exclude={"results", "uid", "stretch", "started"})
    found = result.model_dump(exclude={"definition", "cues", "rom"})
    names = [f"person {k}" for k in range(n_people)]
    numbers = range(1, n_sessions + 1)
    database = Database(where)
    with database.writing() as db:
        db.execute(insert(Definition), [{"id": 1, **result.definition.model_dump()}])
        db.execute(insert(Person), [{"name": n, "name_sha256": name_key(n)} for n in names])
        db.execute(
            insert(Session),
            [
                session
                | {
                    "uid": f"{k:032x}",
                    "person_id": 1 + k % n_people,
                    "stretch": STRETCHES[k // n_people % len(STRETCHES)],
                    "started": START + timedelta(hours=k),
                    "landmarks_sha256": f"{k:064x}",
                }
                for k in numbers
            ],
        )
        db.execute(insert(Result), [found | {"session_id": k, "definition_id": 1} for k in numbers])
        for table, parts in ((Cue, result.cues), (Rom, result.rom)):
            for position, part in enumerate(parts):
                values = part.model_dump() | {"position": position}
                db.execute(insert(table), [values | {"result_id": k} for k in numbers])
    database.close()


def progress_of(history: History) -> Progress:
    """Everything about somebody, from the database on."""
    return progress(history.rom("person 5"), history.sessions("person 5"))


def draw(found: Progress) -> None:
    """The overview chart as a picture."""
    plot_overview(found).savefig(io.BytesIO(), format="png")


def everything(n_sessions: int = 40) -> Progress:
    """Somebody who does every stretch, with all that it keeps, on each side."""
    rows = [
        {
            "session": f"{stretch}-{day}",
            "started": START + timedelta(days=day),
            "stretch": stretch,
            "measure": kept.measure,
            "statistic": kept.statistic,
            "unit": kept.what.unit,
            "side": side,
            "value": 60.0 + day % 7,
        }
        for stretch in stretch_ids()
        for kept in load_stretch(stretch).rom
        for side in (("left", "right") if kept.what.sided else (None,))
        for day in range(n_sessions)
    ]
    return progress(pd.DataFrame(rows))


def milliseconds(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Median time of a piece of work, by the clock and of this process."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(cpus)


def measure(where: str, form: Report) -> dict[str, tuple[float, float]]:
    """Milliseconds of everything a person does."""
    database, record = Database(where), record_of(form)

    def add_rows() -> None:
        own = record.model_copy(update={"uid": os.urandom(16).hex()})
        with database.writing() as db:
            add_session(db, own, "person 8")

    with History(where) as history:
        history.add(form, person="person 7", again=True)
        times = {
            "add a session": milliseconds(
                lambda: history.add(form, person="person 7", again=True), 40
            ),
            "add its rows only": milliseconds(add_rows, 40),
            "a person's rom, one stretch": milliseconds(
                lambda: history.rom("person 5", STRETCHES[0]), 20
            ),
            "a person's rom, all": milliseconds(lambda: history.rom("person 5"), 20),
            "a person's sessions": milliseconds(lambda: history.sessions("person 5"), 20),
            "a person's progress, all": milliseconds(lambda: progress_of(history), 10),
            "their overview chart": milliseconds(lambda: draw(progress_of(history)), 5),
            "their page": milliseconds(lambda: progress_of(history).to_html(), 5),
            "open": milliseconds(lambda: History(where).close(), 10),
            "forget a person": milliseconds(lambda: history.forget("person 7"), 1),
        }
    database.close()
    return times


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--database")
    asked = parser.parse_args()
    form = example()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["POSECHECK_HOME"] = folder
        where = asked.database or str(Path(folder) / "history.sqlite")
        begun = time.perf_counter()
        fill(where, form, n_sessions=asked.sessions, n_people=asked.people)
        print(
            f"{asked.sessions} sessions of {asked.people} people, filled in "
            f"{time.perf_counter() - begun:.0f} s; load {os.getloadavg()[0]:.1f}"
        )
        print("| what | ms | of it, ms of this process |\n| --- | --: | --: |")
        for what, (wall, cpu) in measure(where, form).items():
            print(f"| {what} | {wall:.1f} | {cpu:.1f} |")
        many = everything()
        wall, cpu = milliseconds(lambda: draw(many), 3)
        print(f"| overview of 26 stretches, 1040 sessions | {wall:.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
