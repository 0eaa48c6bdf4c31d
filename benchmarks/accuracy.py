"""How wrong the angles are, against rendered clips and stills whose true angles are known.

    python benchmarks/accuracy.py [--model full] [--out benchmarks/out/accuracy.csv]

Every clip in `sample_videos/` and every clip and still in `tests/data/` that is seen from the side
with at most 10 degrees of yaw has a JSON file beside it with the true sagittal angles of the near
side, frame by frame. "plain" is the same measure from the landmarks as MediaPipe gives them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from posecheck import compute_measures, estimate
from posecheck.body import Body
from posecheck.camera import compute_camera
from posecheck.formulas import FORMULAS
from posecheck.landmarks import LandmarkSeries
from posecheck.measure_table import MEASURES

ROOT = Path(__file__).resolve().parent.parent
MAX_YAW_DEG = 10.0
MEASURED = (
    "hip_flexion",
    "knee_flexion",
    "elbow_flexion",
    "shoulder_flexion",
    "ankle_dorsiflexion",
    "trunk_inclination",
)
# The true shoulder angle is stored without its sign, so flexion and extension compare alike.
UNSIGNED = {"shoulder_flexion"}


def cases() -> list[tuple[Path, dict]]:
    """Recordings with their truth; front views and yawed ones are not for angles."""
    found = []
    for folder in (ROOT / "sample_videos", ROOT / "tests" / "data"):
        for path in sorted([*folder.glob("*.mp4"), *folder.glob("*.jpg")]):
            truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            side_view = truth.get("camera", {}).get("view", "side") == "side"
            if side_view and "yaw" not in path.stem and "front" not in path.stem:
                found.append((path, truth))
    return found


def errors_of(path: Path, truth: dict, model: str) -> pd.DataFrame:
    """Error in degrees of every measure in every frame, plain and by posecheck."""
    series = estimate(path, model=model)
    near = truth["near_side"]
    ours = compute_measures(series)
    rows = []
    for name in MEASURED:
        column = MEASURES[name].column(near if MEASURES[name].sided else None)
        known = truth["truth"]
        true = np.interp(series.t_s, known["t_s"], known[name])
        for method, values in (("plain", plain(series, name, near)), ("posecheck", ours[column])):
            read = np.abs(values) if name in UNSIGNED else np.asarray(values)
            labels = {"file": path.stem, "measure": name, "method": method}
            rows.append(pd.DataFrame({**labels, "error": read - true}))
    return pd.concat(rows)


def plain(series: LandmarkSeries, name: str, near: str) -> np.ndarray:
    """The measure from the landmarks as they came, nothing hidden or smoothed."""
    measure = MEASURES[name]
    body = Body.of(series, compute_camera(series))
    return FORMULAS[name](body, near if measure.sided else None)


def table(errors: pd.DataFrame) -> pd.DataFrame:
    """Seen share, bias, MAE, SD and 95 % limits of agreement; every recording counts alike."""

    def summarise(group: pd.DataFrame) -> pd.Series:
        by_file = group.groupby("file")["error"]
        bias, spread = by_file.mean().mean(), group["error"].std()
        return pd.Series(
            {
                "recordings": by_file.ngroups,
                "seen": group["error"].notna().mean(),
                "bias": bias,
                "MAE": by_file.apply(lambda e: e.abs().mean()).mean(),
                "SD": spread,
                "LoA low": bias - 1.96 * spread,
                "LoA high": bias + 1.96 * spread,
            }
        )

    return errors.groupby(["measure", "method"])[["file", "error"]].apply(summarise)


def main() -> None:
    """Measure, print the table, write it as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="full")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out" / "accuracy.csv")
    options = parser.parse_args()
    errors = pd.concat([errors_of(path, truth, options.model) for path, truth in cases()])
    result = table(errors).round(2)
    print(result.to_string())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result.to_csv(options.out)


if __name__ == "__main__":
    main()
