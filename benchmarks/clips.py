"""What the model sees of the rendered clips, beside their truth, one file a clip.

    python -m benchmarks.clips FOLDER... [--only NAME...]

Looks at every clip (NAME.mp4 with its sidecar NAME.json) of some folders and keeps the landmarks
and the truth in benchmarks/data/clips, so that the evidence can be made again without rendering.
A clip with the name of its stretch is the correct one; the others show a fault or a variant.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from posecheck import estimate, load_landmarks
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.catalogue import MEASURES

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data" / "clips"
_AT_REST_DEG = 2.0


@dataclass(frozen=True, eq=False)
class FilmedStretch:
    """One clip: what is true of it, and what the model saw.

    Attributes
    ----------
    name : str
    facts : dict
        The clip's sidecar: stretch, form, body, near side, true angles by frame, what is expected.
    series : LandmarkSeries
    """

    name: str
    facts: dict[str, Any]
    series: LandmarkSeries

    @property
    def shows(self) -> list[str]:
        """The cues that must fail in it."""
        expected = self.facts["expected"]["cues"]
        return [cue for cue, status in expected.items() if status == "fail"]

    def true_holds(self) -> list[tuple[float, float]]:
        """When the body was at rest in each hold, in seconds.

        The sidecar's times are those of the plan, and the body eases in before and out after: it
        is at rest as long as every true angle stays in the range that it has within the plan.
        """
        t_s = np.asarray(self.facts["truth"]["t_s"], float)
        step = float(np.median(np.diff(t_s)))
        curves = np.array([*_curves(self.facts["truth"]), *_curves(self.facts["truth_far"])])
        rests = []
        for start_s, end_s in self.facts["expected"]["holds_s"]:
            planned = curves[:, (t_s >= start_s) & (t_s <= end_s)]
            low, high = planned.min(axis=1, keepdims=True), planned.max(axis=1, keepdims=True)
            off = np.maximum(low - curves, curves - high).max(axis=0) > _AT_REST_DEG
            before, after = t_s[off & (t_s < start_s)], t_s[off & (t_s > end_s)]
            begun = before[-1] + step if before.size else t_s[0]
            ended = after[0] if after.size else t_s[-1] + step
            rests.append((float(begun), float(ended)))
        return rests


def _curves(truth: dict[str, Any]) -> Iterator[np.ndarray]:
    """The true measures, frame by frame; a torso length counts as a radian."""
    for name, values in truth.items():
        measure = MEASURES.get(name.removeprefix("left_").removeprefix("right_"))
        if measure is not None:
            is_angle = measure.unit == "deg"
            yield np.unwrap(values, period=360) if is_angle else np.degrees(values)


def load_clips() -> list[FilmedStretch]:
    """The clips that were looked at, by name."""
    return [
        FilmedStretch(
            path.stem,
            json.loads(path.read_text(encoding="utf-8")),
            load_landmarks(path.with_suffix(".parquet")),
        )
        for path in sorted(DATA.glob("*.json"))
    ]


def correct_clips(clips: list[FilmedStretch]) -> dict[str, FilmedStretch]:
    """The correct clip of every stretch."""
    return {clip.name: clip for clip in clips if clip.name == clip.facts["stretch"]}


def replays(clips: list[FilmedStretch]) -> list[FilmedStretch]:
    """Correct clips whose frames come at other times: faults of time need no new pictures."""
    correct = correct_clips(clips)
    made = (
        ("toe-touch-to-extension", "every other rep twice as long", "even-tempo", every_other_slow),
        ("prone-heel-to-hand", "twice as fast", "hold-3s", twice_as_fast),
    )
    return [_replayed(correct[name], words, cue, times) for name, words, cue, times in made]


def every_other_slow(t_s: np.ndarray) -> np.ndarray:
    """Times of the toe touch's frames; its reps begin at 1.2 s, every 3.05 s."""
    slow = ((t_s - 1.2) // 3.05) % 2 == 1
    return np.asarray(np.cumsum(np.diff(t_s, prepend=t_s[0]) * np.where(slow, 2.0, 1.0)))


def twice_as_fast(t_s: np.ndarray) -> np.ndarray:
    """Times of frames that come twice as fast."""
    return t_s / 2


def _replayed(
    clip: FilmedStretch, words: str, cue: str, times: Callable[[np.ndarray], np.ndarray]
) -> FilmedStretch:
    expected, truth = clip.facts["expected"], clip.facts["truth"]
    before = np.asarray(truth["t_s"], float)
    after = times(before)
    wanted = expected | {
        "verdict": "needs-work",
        "cues": expected["cues"] | {cue: "fail"},
        "holds_s": [np.interp(hold, before, after).tolist() for hold in expected["holds_s"]],
    }
    facts = clip.facts | {"expected": wanted, "truth": truth | {"t_s": after.tolist()}}
    series = replace(clip.series, t_s=times(clip.series.t_s))
    return FilmedStretch(f"{clip.name}, {words}", facts, series)


def main() -> None:
    """Look at the clips of some folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", nargs="+", help="names of clips; default all of the folders")
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    for folder in options.folders:
        for path in sorted(folder.glob("*.mp4")):
            if options.only and path.stem not in options.only:
                continue
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            if not facts.get("form") or not facts.get("stretch"):
                continue  # an empty room
            series = estimate(path)
            series = replace(series, source=replace(series.source, path=path.name))
            series.save(DATA / f"{path.stem}.parquet")
            (DATA / f"{path.stem}.json").write_text(json.dumps(facts), encoding="utf-8")
            print(path.name, flush=True)


if __name__ == "__main__":
    main()
