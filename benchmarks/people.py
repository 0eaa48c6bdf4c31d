"""How true are the angles on real people? Photos whose joints were marked by eye.

    python -m benchmarks.people [FOLDER] [--docs]

Of every photo, the near side's angles as plain MediaPipe has them (one look, no gate), as the
median of several augmentations, as posecheck without the second model, and as posecheck shows
them, beside the same angles of the marks. Photos and marks stay where they are; what is read off
them is kept in benchmarks/data/people.parquet, from which the tables are made, so that they can be
made again where the photos are not. `--docs` writes them into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.stills import DATA, ROOT, plain_look
from benchmarks.tables import degrees, into_docs, percent, spaced
from benchmarks.uncertainty import coverage
from posecheck import MEASURES, estimate
from posecheck.landmarks.series import N_LANDMARKS, Landmark, LandmarkSeries
from posecheck.measures.body import Body
from posecheck.measures.calibration import load_calibration
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.measured import Measured, measure
from posecheck.pose.detector import open_detector
from posecheck.pose.model.locate import resolve_model

PHOTOS = ROOT.parent / "shared" / "real-photos"
READINGS = DATA / "people.parquet"
JOINTS = ("hip_flexion", "knee_flexion", "shoulder_flexion", "elbow_flexion", "trunk_inclination")
METHODS = {
    "plain": "MediaPipe, one look",
    "augmented": "several looks",
    "one_model": "posecheck, one model",
    "posecheck": "posecheck",
}
# What the photos call a position, as definitions name it.
POSITIONS = {"all fours": "all-fours", "plank": "prone", "other": ""}
FAR_OFF_DEG = 15.0
# Median difference of the two who marked the photos, degrees (README of the photos).
MARKERS_DEG = dict(zip(JOINTS, (3.1, 3.3, 2.6, 3.4, 2.1), strict=True))


def read_photos(folder: Path) -> pd.DataFrame:
    """One row a photo and joint: what was marked, and what each method reads.

    Parameters
    ----------
    folder : Path
        Photos, each with a JSON of its marks.

    Returns
    -------
    DataFrame
        Columns: `photo view position measure truth`, the methods, and `apart yaw_read torso_px`,
        which the interval of what posecheck shows is made from.
    """
    paths = [path for path in sorted(folder.glob("*.jpg")) if path.with_suffix(".json").exists()]
    rows: list[dict[str, Any]] = []
    with closing(
        open_detector(resolve_model("full"), video=False, n_people=1, outline=False)
    ) as detector:
        for number, path in enumerate(paths, start=1):
            marks = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            rows += _read(path, marks, plain_look(detector, path))
            if number % 10 == 0 or number == len(paths):
                print(f"{number} of {len(paths)} photos", flush=True)
    return pd.DataFrame(rows)


def _read(path: Path, marks: dict[str, Any], plain: np.ndarray) -> list[dict[str, Any]]:
    series, near = estimate(path), str(marks["near"])
    images = {"plain": plain[None], "augmented": series.image}
    angles = {how: near_angles(series, image, near) for how, image in images.items()}
    shown = {"posecheck": _measured(series), "one_model": _measured(replace(series, second=None))}
    rows = []
    for joint, truth in marked_angles(series, marks).items():
        column = MEASURES[joint].column(near if MEASURES[joint].sided else None)
        row: dict[str, Any] = {"photo": path.stem, "view": marks["view"], "measure": joint}
        row |= {"position": marks["pose"], "truth": truth}
        row |= {how: own[joint] for how, own in angles.items()}
        row |= {how: float(measured.table[column].iloc[0]) for how, measured in shown.items()}
        row |= {"apart": _apart(shown["posecheck"], column)}
        row |= {"yaw_read": float(shown["posecheck"].track.yaw_deg[0])}
        row |= {"torso_px": float(shown["posecheck"].torso_px[0])}
        rows.append(row)
    return rows


def marked_angles(series: LandmarkSeries, marks: dict[str, Any]) -> dict[str, float]:
    """The near side's angles of the marks of a photo, as far as their joints were marked."""
    points = np.full((1, N_LANDMARKS, 2), np.nan)
    for name, (x, y, _) in marks["keypoints"].items():
        if name in Landmark.__members__:
            points[0, Landmark[name]] = x, y
    angles = near_angles(series, points, str(marks["near"]))
    return {joint: angle for joint, angle in angles.items() if np.isfinite(angle)}


def near_angles(series: LandmarkSeries, image: np.ndarray, near: str) -> dict[str, float]:
    """The angles of points on a photo, as if seen square on, whatever posecheck thinks of it."""
    track = replace(
        compute_view_track(series), near_side=np.array([near]), view=np.array(["side"], "<U8")
    )
    body = Body.of(replace(series, image=image), track)
    sides = {joint: near if MEASURES[joint].sided else None for joint in JOINTS}
    return {joint: float(FORMULAS[joint](body, side)[0]) for joint, side in sides.items()}


def _apart(measured: Measured, column: str) -> float:
    return float("nan") if measured.models is None else float(measured.models.apart[column][0])


def _measured(series: LandmarkSeries) -> Measured:
    return measure(series, clean_landmarks(series), track=compute_view_track(series))


def errors(readings: pd.DataFrame) -> pd.DataFrame:
    """One row a photo, joint and method, with `error`; NaN where nothing was read."""
    labels = [name for name in readings if name not in METHODS]
    long = readings.melt(labels, list(METHODS), var_name="method", value_name="read")
    return long.assign(error=(long["read"] - long["truth"] + 180) % 360 - 180)


def with_both(long: pd.DataFrame) -> pd.DataFrame:
    """Of a table of errors, what plain MediaPipe and posecheck both read."""
    wide = long.pivot_table(index=["photo", "measure"], columns="method", values="error")
    both = wide[["plain", "posecheck"]].notna().all(axis=1)
    return long[pd.MultiIndex.from_frame(long[["photo", "measure"]]).isin(both[both].index)]


def summary(error: pd.Series) -> pd.Series:
    """Figures of one group: how many, share read, bias, mean and median error, share far off."""
    known = error.dropna()
    return pd.Series(
        {
            "n": len(error),
            "kept": len(known) / len(error),
            "bias": known.mean(),
            "MAE": known.abs().mean(),
            "median": known.abs().median(),
            "over 15": (known.abs() > FAR_OFF_DEG).mean(),
        }
    )


def figures(long: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The summary of every group and method."""
    groups = long.groupby([*by, "method"], sort=False)["error"]
    return groups.apply(summary).unstack()


def covered(readings: pd.DataFrame) -> pd.DataFrame:
    """Which intervals of what posecheck shows hold what was marked: `view position inside`."""
    shown = readings.assign(
        error=(readings["posecheck"] - readings["truth"] + 180) % 360 - 180,
        unit="deg",
        near=True,
        position=readings["position"].replace(POSITIONS),
    ).dropna(subset="error")
    return shown.assign(inside=coverage(shown, load_calibration().uncertainty))


# --- tables ---------------------------------------------------------------------------------------


def joints_table(long: pd.DataFrame, view: str) -> pd.DataFrame:
    """Every method's error and share read of one view, a row a joint, as text."""
    numbers = figures(long[long["view"] == view], ["measure"])
    rows: dict[str, dict[str, str]] = {}
    own: Any  # a row of figures: pandas takes them for any value at all
    for joint in JOINTS:
        own = numbers.loc[joint]
        rows[spaced(joint)] = {"marked": f"{own['n'].iloc[0]:.0f}"} | {
            title: _cell(own.loc[method]) for method, title in METHODS.items()
        }
        rows[spaced(joint)] |= {
            "bias": degrees(own.loc["posecheck", "bias"], sign=True),
            "the two markers": degrees(MARKERS_DEG[joint]),
        }
    return pd.DataFrame(rows).T.rename_axis("angle")


def _cell(row: pd.Series) -> str:
    return f"{degrees(row['MAE'])}, {percent(row['over 15'])} of {percent(row['kept'])}"


def positions_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Error of one look and of posecheck where both read, by position; share of truths held."""
    long = errors(readings)
    numbers = figures(with_both(long[long["view"] == "side"]), ["position", "measure"])["MAE"]
    wide = numbers.unstack("method")
    cells = wide["plain"].map(degrees) + " → " + wide["posecheck"].map(degrees)
    inside = covered(readings).groupby("position")["inside"].agg(["mean", "size"])
    shown = cells.unstack("measure")[list(JOINTS)].rename(columns=spaced)
    held = [
        f"{percent(inside['mean'][p])} of {inside['size'][p]}" if p in inside.index else "-"
        for p in shown.index.map(lambda position: POSITIONS.get(position, position))
    ]
    return shown.assign(**{"held by the 90 % intervals, all views": held}).rename_axis("position")


def main() -> None:
    """Measure on the photos where they are, and print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS)
    parser.add_argument("--docs", action="store_true", help="write the tables into the docs")
    options = parser.parse_args()
    if options.folder.is_dir():
        readings = read_photos(options.folder)
        # A photo's name is no figure, and says nothing without it.
        readings["photo"] = pd.factorize(readings["photo"])[0]
        readings.to_parquet(READINGS, compression="zstd", index=False)
    else:
        print(f"{options.folder} is not here: these are the figures of benchmarks/data.")
        readings = pd.read_parquet(READINGS)
    long = errors(readings)
    print(figures(long, ["view", "measure"]).round(3).to_string())
    print(
        figures(with_both(long), ["view", "measure"])["MAE"].unstack("method").round(1).to_string()
    )
    inside = covered(readings)
    print(f"held by the 90 % intervals: {inside['inside'].mean():.1%} of {len(inside)}")
    print(inside.groupby("position")["inside"].agg(["mean", "size"]).round(3).to_string())
    tables = {
        "people": joints_table(long, "side"),
        "people-oblique": joints_table(long, "oblique"),
        "people-positions": positions_table(readings),
    }
    for name, table in tables.items():
        print(table.to_string(), end="\n\n")
        if options.docs:
            into_docs(name, table, "-m benchmarks.people --docs")


if __name__ == "__main__":
    main()
