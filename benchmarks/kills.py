"""Kill writers at random moments while they save, and look whether anything was lost.

    python benchmarks/kills.py [--kills 200] [--database URL] [--seed 1]

Two processes save sessions into one history, both as fast as they can; after a random time one is
killed with SIGKILL. Every session that was reported as saved must then be there with its results
and its landmarks, no other file may be left, and the database must be whole. The history is a new
SQLite file in a temporary folder unless `--database` names an empty PostgreSQL one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from posecheck.form import FormCheck, check_form
from posecheck.history import History
from posecheck.stick_figure import Pose, stick_figure
from posecheck.stretches import load_stretch

STRETCH = "legs-up-the-wall"
LONGEST_S = 0.4


def example() -> FormCheck:
    """A check to save, over and over."""
    figure = stick_figure(
        Pose(trunk=-90, hip=90), t_s=np.arange(60) / 12, px_per_m=580, hip_px=(960.0, 560.0)
    )
    return check_form(figure, load_stretch(STRETCH))


def start_writer(form: FormCheck, where: str, reported: int) -> int:
    """Fork a process that saves until it is killed, and reports each number when it is saved."""
    child = os.fork()
    if child:
        return child
    try:
        with History(where) as history:
            while True:
                number = history.add(form, person=f"person {os.getpid()}", again=True)
                os.write(reported, f"{number}\n".encode())
    finally:
        os._exit(1)  # never comes back into the parent's code


def kill_round(form: FormCheck, where: str, chance: random.Random) -> set[int]:
    """Start two writers, kill one, then the other; return what they reported as saved."""
    reading, writing = os.pipe()
    writers = [start_writer(form, where, writing) for _ in range(2)]
    os.close(writing)
    for writer in writers:
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        assert os.WIFSIGNALED(status), "a writer failed by itself"
    with os.fdopen(reading) as reported:
        return {int(line) for line in reported.read().split()}


def main() -> None:
    """Kill, look, count."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    form, chance = example(), random.Random(asked.seed)
    n_cues, n_rom = len(form.cues), len(form.rom)
    saved: set[int] = set()
    left_behind = 0
    with tempfile.TemporaryDirectory() as folder:
        where = asked.database or str(Path(folder) / "history.sqlite")
        os.environ["POSECHECK_HOME"] = folder
        for _ in range(asked.kills // 2):
            new = kill_round(form, where, chance)
            left_behind += len(list(Path(folder).glob("*/unsettled/*.parquet")))
            with History(where) as history:
                assert history.problems() == [], history.problems()
                there = set(history.sessions()["session"])
                assert saved | new <= there, f"lost: {sorted((saved | new) - there)}"
                for number in new:
                    assert len(history.landmarks(number)) == len(form.series)
                saved |= new
        with History(where) as history:
            assert set(history.cues().groupby("session").size()) == {n_cues}
            assert set(history.rom().groupby("session").size()) == {n_rom}
            n_there = len(history.sessions())
    print(
        f"{asked.kills} kills: {len(saved)} sessions reported as saved, all there with their "
        f"landmarks; {n_there - len(saved)} more were saved and not yet reported; {left_behind} "
        "landmark files of unfinished saves were swept; integrity check clean"
    )


if __name__ == "__main__":
    main()
