"""How much `posecheck check` costs beside the bare model, and how time and memory grow.

    python -m benchmarks.speed [--runs 3] [--minutes 2] [--long-minutes 30] [--live]
    python -m benchmarks.speed --clip sample_videos/cat-cow.mp4 --stretch cat-cow

All commands are timed as whole processes, in turn (A B C A B C ...), on one clip. Without `--clip`
that is a hold of two minutes at 30 frames a second: the sample of legs up the wall, whose held part
is played to and fro. The plain loop decodes every frame and runs MediaPipe's `detect_for_video` on
it, and nothing else. With `--long-minutes` (0 leaves it out) a clip of one minute and one of so
many are checked, to see whether time and memory grow more than they should. `--live` adds what
benchmarks/live.py (the engine, and the window) and benchmarks/live_cell.py (the notebook) measure.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import av
import numpy as np

from benchmarks import live, live_cell
from posecheck import load_landmarks
from posecheck.pose.model.locate import resolve_model

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_videos" / "legs-up-the-wall.mp4"
STRETCH = "legs-up-the-wall"
FPS = 30
HELD = slice(70, 150)  # frames of the sample in which the stretch is held

PLAIN_LOOP = """
import sys
import av
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

options = vision.PoseLandmarkerOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[2]),
    running_mode=vision.RunningMode.VIDEO,
)
found = []
with vision.PoseLandmarker.create_from_options(options) as landmarker, av.open(sys.argv[1]) as clip:
    for number, frame in enumerate(clip.decode(video=0)):
        rgb = frame.to_ndarray(format="rgb24")
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
        people = landmarker.detect_for_video(picture, number * 33).pose_landmarks
        if len(sys.argv) > 3:
            marks = people[0] if people else []
            found.append([(m.x * frame.width, m.y * frame.height) for m in marks]
                         or np.full((33, 2), np.nan))
if found:
    np.save(sys.argv[3], np.array(found))
"""


@dataclass(frozen=True)
class Run:
    """One finished process: wall seconds and peak memory in MiB."""

    seconds: float
    peak_mib: float


def run(command: list[str]) -> Run:
    """Run a command to its end; its output is thrown away, its failure is not."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode not in {0, 1, 3}:
        raise SystemExit(f"{command[:4]} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024)


def make_hold(path: Path, minutes: float) -> Path:
    """Somebody gets into the stretch, and holds it for the rest of so many minutes."""
    with av.open(str(SAMPLE)) as source:
        images = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    held = images[HELD]
    played = chain(images[: HELD.stop], cycle([*held[-2::-1], *held[1:]]))
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=FPS, options={"crf": "23", "preset": "veryfast"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in islice(played, round(minutes * 60 * FPS)):
            target.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        target.mux(stream.encode(None))
    return path


def check_command(clip: Path, stretch: str, *more: str) -> list[str]:
    """`posecheck check`, on all cores unless asked for otherwise."""
    return [
        sys.executable, "-c", "from posecheck.cli.main import main; main()",
        "check", str(clip), "--stretch", stretch, "--quiet", *more,
    ]  # fmt: skip


def same_landmarks(clip: Path, stretch: str, plain: list[str], folder: Path) -> float:
    """Median distance in pixels between the landmarks of the plain loop and of a check."""
    run([*plain, str(folder / "plain.npy")])
    own = folder / "own.parquet"
    run(check_command(clip, stretch, "--fps", "all", "--landmarks", str(own)))
    apart = np.load(folder / "plain.npy") - load_landmarks(own).image
    return float(np.nanmedian(np.linalg.norm(apart, axis=2)))


def compare(clip: Path, stretch: str, plain: list[str], runs: int, folder: Path) -> list[Row]:
    """Time all commands in turn; the ratio is the median of the ratios of each turn."""
    drawn = str(folder / "drawn.mp4")
    commands = {
        "plain loop": (plain, None),
        "every frame": (check_command(clip, stretch, "--fps", "all"), 0.60),
        "every frame, 1 worker": (
            check_command(clip, stretch, "--fps", "all", "--workers", "1"),
            None,
        ),
        "default": (check_command(clip, stretch), 0.25),
        "default, 1 worker": (check_command(clip, stretch, "--workers", "1"), None),
        "default, annotated": (check_command(clip, stretch, "--annotate", drawn), 0.85),
    }
    run(commands["default"][0])  # warms the file cache
    turns = [{name: run(command).seconds for name, (command, _) in commands.items()}
             for _ in range(runs)]  # fmt: skip
    rows = []
    for name, (_, bar) in commands.items():
        seconds = statistics.median(turn[name] for turn in turns)
        ratio = statistics.median(turn[name] / turn["plain loop"] for turn in turns)
        rows.append(Row(name, seconds, "s", f"{ratio:.2f} of the plain loop", bar_words(bar)))
    return rows


def bar_words(bar: float | None) -> str:
    """What a ratio is to be at most."""
    return "" if bar is None else f"at most {bar:.2f}"


def grow(folder: Path, long_minutes: float) -> list[Row]:
    """Time and memory of a minute, and of many."""
    short, long = (
        run(check_command(make_hold(folder / f"{minutes:g}.mp4", minutes), STRETCH))
        for minutes in (1.0, long_minutes)
    )
    per_minute = (long.seconds - short.seconds) / (long_minutes - 1)
    peak = f"{long.peak_mib / short.peak_mib:.2f} of that of a minute"
    return [
        Row("1 minute", short.seconds, "s", "", ""),
        Row(f"{long_minutes:g} minutes", long.seconds, "s", f"{per_minute:.1f} s a minute", ""),
        Row("peak memory, 1 minute", short.peak_mib, "MiB", "", ""),
        Row(f"peak memory, {long_minutes:g} minutes", long.peak_mib, "MiB", peak, bar_words(1.1)),
    ]


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    value: float
    unit: str
    beside: str
    bar: str

    def __str__(self) -> str:
        return f"{self.what:26s} {self.value:8.2f} {self.unit:4s} {self.beside:28s} {self.bar}"


def main() -> None:
    """Measure, print a table, write it as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--long-minutes", type=float, default=30)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--stretch", default=STRETCH)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out" / "speed.csv")
    asked = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = asked.clip or make_hold(folder / "hold.mp4", asked.minutes)
        plain = [sys.executable, "-c", PLAIN_LOOP, str(clip), str(resolve_model())]
        apart_px = same_landmarks(clip, asked.stretch, plain, folder)
        rows.append(Row("landmarks apart, median", apart_px, "px", "", "under 1"))
        rows += compare(clip, asked.stretch, plain, asked.runs, folder)
        if asked.long_minutes > 1:
            rows += grow(folder, asked.long_minutes)
    for row in rows:
        print(row)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with asked.out.open("w", newline="", encoding="utf-8") as file:
        lines = [(row.what, row.value, row.unit, row.beside, row.bar) for row in rows]
        csv.writer(file).writerows([("what", "value", "unit", "beside", "bar"), *lines])
    if asked.live:
        live.show(seconds=60, long_minutes=0, model="full")
        print("\nnotebook cell, from the picture to its feedback")
        live_cell.show(20)


if __name__ == "__main__":
    main()
