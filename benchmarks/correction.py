"""Does moving the joints of the pose models pay, on people and on rendered bodies?

    python -m benchmarks.correction [FOLDER]

For each joint: where both models have it against where a goniometer lies on the bodies of the tune
split, and what the mean absolute error of the angles is with that offset and without, on those
bodies (from the side, camera at most 15 degrees off) and on photos of people (from the side). An
offset is kept where it lowers the error on both: `KEPT` in benchmarks/calibrate.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.calibrate import MAX_YAW_DEG, learn_offsets
from benchmarks.people import JOINTS, PHOTOS, marked_angles
from benchmarks.readings import difference, read
from benchmarks.stills import Still, load_stills
from benchmarks.tables import spaced
from posecheck import MEASURES, compute_measures, estimate
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.calibration import FRAMES, Offsets, load_calibration

CLOSE_YAW_DEG = 15.0


def main() -> None:
    """Print a row for no offset, for each joint's, and for those that are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS)
    options = parser.parse_args()
    stills = load_stills("tune")
    learned = learn_offsets([still for still in stills if still.yaw_deg <= MAX_YAW_DEG])
    photos = list(marked_photos(options.folder)) if options.folder.is_dir() else []
    kept = load_calibration().offsets
    choices = {"none": {}, **{joint: only(learned, joint) for joint in FRAMES}, "kept": kept}
    rows = {name: row_of(offsets, stills, photos) for name, offsets in choices.items()}
    print(pd.DataFrame(rows).T.round(2).to_string())


def only(offsets: Offsets, joint: str) -> Offsets:
    """The offsets of one joint."""
    return {model: {joint: joints[joint]} for model, joints in offsets.items()}


def marked_photos(folder: Path) -> Iterator[tuple[LandmarkSeries, str, dict[str, float]]]:
    """The photos from the side: what was seen, the near side, and its angles by the marks."""
    for path in sorted(folder.glob("*.jpg")):
        marks = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if marks["view"] == "side":
            series = estimate(path)
            yield series, str(marks["near"]), marked_angles(series, marks)


def row_of(
    offsets: Offsets,
    stills: list[Still],
    photos: list[tuple[LandmarkSeries, str, dict[str, float]]],
) -> dict[str, float]:
    """Mean absolute errors with these offsets, of stills and of photos."""
    calibration = replace(load_calibration(), offsets={"blazepose": {}, "thunder": {}, **offsets})
    with mock.patch("posecheck.measures.measured.load_calibration", lambda: calibration):
        table = read(stills).query("near and in_view")
        table = table[table["yaw_deg"] <= CLOSE_YAW_DEG]
        shown = {
            joint: difference(table[table["measure"] == joint], "posecheck") for joint in JOINTS
        }
        row = {f"rendered {spaced(j)}": float(off.abs().mean()) for j, off in shown.items()}
        missed: dict[str, list[float]] = {joint: [] for joint in JOINTS}
        for series, near, truth in photos:
            measured = compute_measures(series).iloc[0]
            for joint, angle in truth.items():
                column = MEASURES[joint].column(near if MEASURES[joint].sided else None)
                missed[joint].append(abs((measured[column] - angle + 180) % 360 - 180))
    people = {f"people {spaced(j)}": float(np.nanmean(off)) for j, off in missed.items() if off}
    return row | people


if __name__ == "__main__":
    main()
