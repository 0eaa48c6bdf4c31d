"""How long live feedback takes, beside the bare model on the same frames in the same run.

    python -m benchmarks.live [--seconds 60] [--long-minutes 10] [--model full]

Every frame of a sample clip, played over and over at 640x480, goes to the bare model and to the
live engine in turn, so that other work on the machine slows both alike. `engine` is what feedback
takes from the frame on; `drawn` adds the picture of the window. With `--long-minutes` the engine
runs alone for so long, to see whether its time or its memory grow.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from posecheck.live.desktop.drawing import Screen
from posecheck.live.engine.engine import Engine
from posecheck.media.open import Frame, open_source
from posecheck.pose.model.locate import resolve_model

SAMPLES = Path(__file__).resolve().parent.parent / "sample_videos"
FPS = 15.0


def played(clip: Path, seconds: float) -> Iterator[Frame]:
    """The clip's frames, to and fro, as long as asked for."""
    with open_source(clip) as source:
        frames = [frame.image for frame in source.frames(max_side=640)]
    to_and_fro = itertools.cycle([*frames, *frames[-2:0:-1]])
    for k, image in enumerate(itertools.islice(to_and_fro, round(seconds * FPS))):
        yield Frame(k, k / FPS, image)


def bare(model: Path, *, masks: bool) -> Callable[[Frame], None]:
    """MediaPipe's own landmarker and nothing else; with masks where the stretch needs them."""
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        running_mode=vision.RunningMode.VIDEO,
        output_segmentation_masks=masks,
    )
    landmarker = vision.PoseLandmarker.create_from_options(options)

    def detect(frame: Frame) -> None:
        rgb = np.ascontiguousarray(frame.image[..., ::-1])
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
        landmarker.detect_for_video(picture, round(frame.t_s * 1000))

    return detect


@dataclass(frozen=True)
class Times:
    """Milliseconds of every frame."""

    bare: np.ndarray
    engine: np.ndarray
    drawn: np.ndarray
    first_s: float


def measure(clip: str, stretch: str, model: str, seconds: float) -> Times:
    """Feed every frame to both, one after the other."""
    path = resolve_model(model)
    rows, first_s = [], 0.0
    with Engine(stretch, model=path) as engine:
        detect = bare(path, masks=engine.stretch.needs_outline)
        screen = Screen(engine.stretch, mirrored=True)
        for frame in played(SAMPLES / f"{clip}.mp4", seconds):
            begin = time.perf_counter()
            feedback = engine.feed(frame)
            fed = time.perf_counter()
            if feedback.say and not first_s:
                first_s = frame.t_s + fed - begin
            screen.draw(frame.image, feedback)
            drawn = time.perf_counter()
            detect(frame)
            rows.append((time.perf_counter() - drawn, fed - begin, drawn - begin))
    times = 1000 * np.array(rows)[round(2 * FPS) :].T  # both models warm up
    bare_ms, engine_ms, drawn_ms = times
    return Times(bare_ms, engine_ms, drawn_ms, first_s=first_s)


def report(name: str, times: Times) -> None:
    """Print the table of one clip."""
    print(f"\n{name}: milliseconds a frame")
    print("            median    p95    mean   frames/s")
    for row in ("bare", "engine", "drawn"):
        ms = getattr(times, row)
        print(
            f"{row:10s} {np.median(ms):7.1f} {np.percentile(ms, 95):7.1f} {ms.mean():7.1f}"
            f" {1000 / ms.mean():9.1f}"
        )
    over = times.engine - times.bare
    print(
        f"engine over bare: median {np.median(over):.1f} ms"
        f" ({np.median(over) / np.median(times.bare):.0%}), mean {over.mean():.1f} ms"
        f" ({over.mean() / times.bare.mean():.0%}); first words after {times.first_s:.1f} s"
    )


def run_long(clip: str, stretch: str, model: str, minutes: float) -> None:
    """Feed the engine for minutes, and print each minute's times and the memory in use."""
    print(f"\n{minutes:g} minutes of {clip}: minute, median ms, p95 ms, memory in use MiB")
    with Engine(stretch, model=model) as engine:
        spent: list[float] = []
        for frame in played(SAMPLES / f"{clip}.mp4", 60 * minutes):
            begin = time.perf_counter()
            engine.feed(frame)
            spent.append(1000 * (time.perf_counter() - begin))
            if len(spent) == round(60 * FPS):
                median, high = np.percentile(spent, [50, 95])
                print(f"{frame.t_s / 60:6.0f} {median:8.1f} {high:8.1f} {memory_mib():8.0f}")
                spent.clear()


def memory_mib() -> float:
    """Resident memory now; where the system does not tell, the highest so far."""
    status = Path("/proc/self/statm")
    if status.exists():
        pages = int(status.read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--long-minutes", type=float, default=0)
    parser.add_argument("--model", default="full")
    asked = parser.parse_args()
    show(seconds=asked.seconds, long_minutes=asked.long_minutes, model=asked.model)


def show(*, seconds: float, long_minutes: float, model: str) -> None:
    """Measure and print: a stretch without the outline of the back, and one with it."""
    for clip, stretch in (("childs-pose", "childs-pose"), ("cat-cow", "cat-cow")):
        report(f"{clip}, {model}", measure(clip, stretch, model, seconds))
    if long_minutes:
        run_long("childs-pose", "childs-pose", model, long_minutes)


if __name__ == "__main__":
    main()
