"""How much `posecheck check` costs beside the bare model, and how its memory grows.

    python benchmarks/speed.py [--runs 3] [--long-minutes 10] [--out benchmarks/out/speed.csv]
    python benchmarks/speed.py --clip sample_videos/legs-up-the-wall.mp4

With `--clip` only the times are compared, on that clip as it is.

Both commands are timed as whole processes, in turn (A B A B ...), on one clip: a sample clip played
over and over at 30 frames a second. The plain loop decodes every frame and runs MediaPipe's
`detect_for_video` on it, and nothing else.
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
from pathlib import Path

import av

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_videos" / "legs-up-the-wall.mp4"
STRETCH = "legs-up-the-wall"
FPS = 30

PLAIN_LOOP = """
import sys
import av
import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision

options = vision.PoseLandmarkerOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[2]),
    running_mode=vision.RunningMode.VIDEO,
)
with vision.PoseLandmarker.create_from_options(options) as landmarker, av.open(sys.argv[1]) as clip:
    for number, frame in enumerate(clip.decode(video=0)):
        rgb = frame.to_ndarray(format="rgb24")
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
        landmarker.detect_for_video(picture, number * 33)
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


def make_clip(path: Path, minutes: float) -> Path:
    """Play the sample over and over for so many minutes at 30 frames a second; no re-encoding."""
    n_frames = round(minutes * 60 * FPS)
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        step = round(1 / (FPS * stream.time_base)) if stream.time_base else 512
        packets = [p for p in source.demux(video=0) if p.dts is not None]
        first = min(p.dts for p in packets)
        old_step = (max(p.pts for p in packets) - min(p.pts for p in packets)) / (len(packets) - 1)
        stamps = [
            (round((p.pts - first) / old_step), round((p.dts - first) / old_step)) for p in packets
        ]
        for number in range(-(-n_frames // len(packets))):
            offset = number * len(packets)
            for packet, (shown, decoded) in zip(packets, stamps, strict=True):
                if offset + shown < n_frames:
                    packet.pts, packet.dts = (offset + shown) * step, (offset + decoded) * step
                    packet.duration = step
                    packet.stream = stream
                    target.mux(packet)
    return path


def check_command(clip: Path) -> list[str]:
    """`posecheck check`, one worker, no annotation."""
    return [
        sys.executable, "-c", "from posecheck.cli import main; main()",
        "check", str(clip), "--stretch", STRETCH, "--workers", "1", "--quiet",
    ]  # fmt: skip


def compare(clip: Path, model: Path, runs: int) -> dict[str, float]:
    """Time both commands in turn; the ratio is the median of the pairs' ratios."""
    plain_command = [sys.executable, "-c", PLAIN_LOOP, str(clip), str(model)]
    run(check_command(clip))  # warms the file cache for both
    pairs = [(run(check_command(clip)), run(plain_command)) for _ in range(runs)]
    return {
        "check_s": statistics.median(check.seconds for check, _ in pairs),
        "plain_s": statistics.median(plain.seconds for _, plain in pairs),
        "ratio": statistics.median(check.seconds / plain.seconds for check, plain in pairs),
    }


def main() -> None:
    """Measure, print a table, write it as CSV."""
    from posecheck.models import resolve_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--long-minutes", type=float, default=10)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out" / "speed.csv")
    options = parser.parse_args()
    model = resolve_model()
    if options.clip is not None:
        times = compare(options.clip, model, options.runs)
        print("  ".join(f"{name} {value:.2f}" for name, value in times.items()))
        return
    rows: list[tuple[str, float, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        short = make_clip(Path(folder) / "short.mp4", 1)
        times = compare(short, model, options.runs)
        rows.append(("check, 1 minute", times["check_s"], "s", ""))
        rows.append(("plain loop, 1 minute", times["plain_s"], "s", ""))
        rows.append(("check / plain loop", times["ratio"], "", "at most 1.10"))
        long = make_clip(Path(folder) / "long.mp4", options.long_minutes)
        peaks = [run(check_command(clip)).peak_mib for clip in (short, long)]
        rows.append(("peak memory, 1 minute", peaks[0], "MiB", ""))
        rows.append((f"peak memory, {options.long_minutes:g} minutes", peaks[1], "MiB", ""))
        rows.append(("long / short", peaks[1] / peaks[0], "", "at most 1.10"))
    for name, value, unit, bar in rows:
        print(f"{name:28s} {value:9.2f} {unit:4s} {bar}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("what", "value", "unit", "bar"), *rows])


if __name__ == "__main__":
    main()
