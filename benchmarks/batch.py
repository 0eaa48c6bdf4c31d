"""What a clip of a batch costs, how much a second process helps, and what kills change.

    python -m benchmarks.batch [--clips 200] [--seconds 1.5] [--kills 10] [--seed 1]

The clips are the beginnings of the sample clips (15 frames a second, as they are), each of another
length or of another sample. They are checked with one process and with two, each time into an
empty history. Then the same is begun again and again and killed with SIGKILL at random moments,
until it comes to its end: the CSV must have the same bytes and the history the same sessions. One
clip of a minute at 30 frames a second is timed by itself, and so is the keeping of the books of a
large batch (`--rows`), for docs/scale.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.speed import ROOT, SAMPLE, make_hold
from posecheck.batch.job import ClipResult
from posecheck.batch.ledger import Ledger, look_up
from posecheck.pose.model.locate import resolve_model
from posecheck.sessions import History
from tests.fixtures.videos import cut

SAMPLES = sorted(SAMPLE.parent.glob("*.mp4"))
COMMAND = [sys.executable, "-c", "from posecheck.cli.main import main; main()", "batch"]
# Named, because nothing shorter than a hold is recognised, and only what has a name is kept.
STRETCH = ("--stretch", "legs-up-the-wall")


@dataclass(frozen=True)
class Run:
    """One finished batch: wall and CPU seconds of all its processes, and what it left."""

    wall_s: float
    cpu_s: float
    table: bytes
    n_sessions: int
    database_bytes: int
    landmark_bytes: int


class Bench:
    """Batches over one folder of clips, each into a history of its own."""

    def __init__(self, clips: Path, scratch: Path, model: Path) -> None:
        self._clips = clips
        self._scratch = scratch
        self._model = model
        self._number = count()

    def run(self, workers: int) -> Run:
        """One batch from its beginning to its end."""
        return self._finish(self._home(), workers)

    def killed(self, workers: int, kills: int, longest_s: float, chance: random.Random) -> Run:
        """The same, killed on its way."""
        home = self._home()
        n_killed = 0
        for _ in range(kills):
            process = self._start(home, workers)
            time.sleep(chance.uniform(0, longest_s))
            n_killed += process.poll() is None
            process.kill()
            process.wait()
        run = self._finish(home, workers)
        print(f"killed {n_killed} times before its end")
        return run

    def _home(self) -> Path:
        home = self._scratch / f"run{next(self._number)}"
        home.mkdir()
        return home

    def _start(self, home: Path, workers: int) -> subprocess.Popen[bytes]:
        command = [*COMMAND, str(self._clips), "--csv", str(home / "r.csv"), *STRETCH]
        command += ["--save", "--quiet", "--workers", str(workers)]
        environment = {
            **os.environ,
            "POSECHECK_HOME": str(home),
            "POSECHECK_MODEL": str(self._model),
        }
        environment.pop("POSECHECK_DB", None)
        return subprocess.Popen(command, env=environment)

    def _finish(self, home: Path, workers: int) -> Run:
        began = time.perf_counter()
        process = self._start(home, workers)
        _, status, usage = os.wait4(process.pid, 0)  # with all processes that it waited for
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"the batch ended with {process.returncode}")
        file = home / "history.sqlite"
        with History(file) as history:
            assert history.problems() == [], history.problems()
            n_sessions = len(history.sessions())
        landmarks = (home / "history.sqlite.landmarks").glob("*.parquet")
        return Run(
            wall_s,
            usage.ru_utime + usage.ru_stime,
            (home / "r.csv").read_bytes(),
            n_sessions,
            file.stat().st_size,
            sum(path.stat().st_size for path in landmarks),
        )


def make_clips(folder: Path, n_clips: int, seconds: float) -> Path:
    """So many clips, no two of which are the same."""
    folder.mkdir()
    for k in range(n_clips):
        again, sample = divmod(k, len(SAMPLES))
        cut(SAMPLES[sample], folder / f"{k:04d}.mp4", seconds + again / 15)
    return folder


def minute(scratch: Path, model: Path) -> Run:
    """One clip of a minute at 30 frames a second."""
    folder = scratch / "minute"
    folder.mkdir()
    make_hold(folder / "minute.mp4", 1)
    return Bench(folder, folder, model).run(1)


def books(scratch: Path, n_rows: int) -> tuple[float, float, float]:
    """Seconds to note one row, to read all of them back, and MB that they take on the disk."""
    rows = [
        ClipResult(file=f"clinic/{k:06d}.mp4", sha256=f"{k:064d}", verdict="good")
        for k in range(200)
    ]
    with Ledger(scratch / "books.csv") as ledger:
        began = time.perf_counter()
        for k, row in enumerate(rows):
            ledger.add(f"{k:064d}", row, 1.0)
        noted_s = (time.perf_counter() - began) / len(rows)
    path = scratch / "books.csv.state"
    with closing(sqlite3.connect(path)) as database, database:
        text = rows[0].model_dump_json()
        many = ((f"more {k:059d}", text, 1.0) for k in range(n_rows))
        database.executemany("INSERT INTO done VALUES (?, ?, ?)", many)
    began = time.perf_counter()
    look_up(scratch / "books.csv")
    return noted_s, time.perf_counter() - began, path.stat().st_size / 1e6


def main() -> None:
    """Measure, compare, print a table, write it as CSV."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out" / "batch.csv")
    asked = parser.parse_args()
    model = resolve_model()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        bench = Bench(make_clips(scratch / "clips", asked.clips, asked.seconds), scratch, model)
        one, two = bench.run(1), bench.run(2)
        assert one.table == two.table, "another number of processes gave another CSV"
        # So long on average that what is left is about nothing at the end.
        longest_s = 2 * two.wall_s / max(asked.kills, 1)
        broken = bench.killed(2, asked.kills, longest_s, random.Random(asked.seed))
        assert broken.table == one.table, "kills changed the CSV"
        assert broken.n_sessions == one.n_sessions, "kills changed the history"
        alone = minute(scratch, model)
        noted_s, read_s, books_mb = books(scratch, asked.rows)
    n = asked.clips
    rows = [
        ("one process, a clip", one.wall_s / n, "s", ""),
        ("two processes, a clip", two.wall_s / n, "s", ""),
        ("one / two", one.wall_s / two.wall_s, "", "at least 1.70"),
        ("CPU, a clip", one.cpu_s / n, "s", ""),
        ("CPU, one clip of a minute", alone.cpu_s, "s", ""),
        ("wall, one clip of a minute", alone.wall_s, "s", ""),
        ("landmarks, clip of a minute", alone.landmark_bytes / 1000, "kB", ""),
        ("database, a session", one.database_bytes / max(one.n_sessions, 1) / 1000, "kB", ""),
        ("sessions", one.n_sessions, "", ""),
        ("noting a row", 1000 * noted_s, "ms", ""),
        (f"reading {asked.rows} rows back", read_s, "s", ""),
        (f"{asked.rows} rows on the disk", books_mb, "MB", ""),
    ]
    for name, value, unit, bar in rows:
        print(f"{name:28s} {value:9.2f} {unit:4s} {bar}")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with asked.out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("what", "value", "unit", "bar"), *rows])


if __name__ == "__main__":
    main()
