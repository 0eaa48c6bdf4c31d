"""Kill writers at random moments while they save or forget, and look whether anything was lost.

    python -m benchmarks.kills [--kills 200] [--database URL] [--seed 1]

Two processes save sessions into one history, both as fast as they can, and one of them forgets
every second person again; after a random time one is killed with SIGKILL, then the other. Every
session that was reported as saved must then be there with its results and its landmarks, nothing of
whoever was reported as forgotten, no other file may be left, and the database must be whole. The
history is a new SQLite file in a temporary folder, unless `--database` names an empty one in
PostgreSQL.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import tempfile
import time
import traceback
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

import numpy as np

from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.landmarks.stick_figure import Pose, stick_figure
from posecheck.sessions import History
from posecheck.stretches import load_stretch

STRETCH = "legs-up-the-wall"
LONGEST_S = 0.4


def example() -> Report:
    """A check to save, over and over."""
    figure = stick_figure(
        Pose(trunk=-90, hip=90), t_s=np.arange(60) / 12, px_per_m=580, hip_px=(960.0, 560.0)
    )
    return check_series(figure, load_stretch(STRETCH))


def start_writer(form: Report, where: str, told: int, *, forgets: bool) -> int:
    """Fork a process that saves, a new person each, until it is killed, and tells what it did."""
    child = os.fork()
    if child:
        return child
    try:
        with History(where) as history:
            for k in itertools.count():
                person = uuid4().hex
                history.add(form, person=person, again=True)
                os.write(told, f"saved {person}\n".encode())
                if forgets and k % 2:
                    os.write(told, f"forgetting {person}\n".encode())
                    history.forget(person)
                    os.write(told, f"forgot {person}\n".encode())
    except Exception:  # noqa: BLE001
        traceback.print_exc()  # nobody else will
    finally:
        os._exit(1)  # never comes back into the parent's code


def kill_round(form: Report, where: str, chance: random.Random) -> dict[str, set[str]]:
    """Start two writers, kill one, then the other; return the people they told of."""
    reading, writing = os.pipe()
    writers = [start_writer(form, where, writing, forgets=k > 0) for k in range(2)]
    os.close(writing)
    chance.shuffle(writers)
    for writer in writers:
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        assert os.WIFSIGNALED(status), "a writer failed by itself"
    people: dict[str, set[str]] = defaultdict(set)
    with os.fdopen(reading) as told:
        for line in told:
            what, person = line.split()
            people[what].add(person)
    return people


def look(where: str, new: dict[str, set[str]], saved: set[str], n_frames: int) -> None:
    """Open the history after a round, and fail when anything is lost, half or left."""
    with History(where) as history:
        assert history.problems() == [], history.problems()
        there = history.sessions().set_index("person")["session"]
        assert saved | new["saved"] - new["forgetting"] <= set(there.index), "a session is lost"
        for person in new["saved"] & set(there.index):
            assert len(history.landmarks(there[person])) == n_frames
        assert not new["forgot"] & set(there.index), "somebody forgotten is there"
        if "://" not in where:
            files = [file for file in Path(where).parent.iterdir() if file.is_file()]
            pages = b"".join(file.read_bytes() for file in files)
            left = {person for person in new["forgot"] if person.encode() in pages}
            assert not left, f"traces of somebody forgotten are left: {left}"


def main() -> None:
    """Kill, look, count."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    form, chance = example(), random.Random(asked.seed)
    n_cues, n_rom = len(form.cues), len(form.rom)
    saved: set[str] = set()
    n_forgotten = n_left_behind = 0
    with tempfile.TemporaryDirectory() as folder:
        where = asked.database or str(Path(folder) / "history.sqlite")
        os.environ["POSECHECK_HOME"] = folder
        for _ in range(asked.kills // 2):
            new = kill_round(form, where, chance)
            n_left_behind += len(list(Path(folder).glob("*/unsettled/*.parquet")))
            look(where, new, saved, len(form.series))
            saved |= new["saved"] - new["forgetting"]
            n_forgotten += len(new["forgot"])
        with History(where) as history:
            assert set(history.cues().groupby("session").size()) == {n_cues}
            assert set(history.rom().groupby("session").size()) == {n_rom}
            n_there = len(history.sessions())
    print(
        f"{asked.kills} kills: {len(saved)} sessions reported as saved, all there with their "
        f"landmarks; {n_there - len(saved)} more were saved and not yet reported, or about to be "
        f"forgotten; nothing left of {n_forgotten} people reported as forgotten; {n_left_behind} "
        "landmark files of unfinished saves were swept; integrity check clean"
    )


if __name__ == "__main__":
    main()
