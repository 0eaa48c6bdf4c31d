"""Learn posecheck's corrections and limits from the rendered training bodies.

    python -m benchmarks.calibrate [--model full] [--reported-only]

Writes posecheck/measures/calibration.toml. The correction is a ridge regression for each joint of
the near side, with Huber weights so that a body that was misread does not pull it. The limits are
the largest doubt and yaw at which hardly a reading of the training bodies is far off. The standard
errors come from the test bodies, which nothing else is learned from. Those of views from the front,
above and the feet, and of hands and heels, are those of what posecheck reports (`reported.py`);
`--reported-only` makes only these anew.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.clips import load_clips
from benchmarks.judged import all_stills
from benchmarks.readings import YAW_BINS, as_one, by_size, difference, read
from benchmarks.reported import standard_errors
from benchmarks.stills import Still, load_stills
from posecheck import MEASURES, compute_measures
from posecheck.core.geometry import length
from posecheck.measures.calibration import DIRECTIONS, SEGMENTS, load_calibration
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.correction import segment_axes, segment_features
from posecheck.measures.formulas.back import rounding
from posecheck.measures.reliability import reference_px

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = ROOT / "posecheck" / "measures" / "calibration.toml"
RIDGE = 10.0
HUBER_MOVE = 0.08  # torso lengths
LENGTHENED = ("knee", "ankle")  # the other joints only move across their segments
HUBER_DEG = 5.0
Moves = dict[str, dict[str, dict[str, float]]]
MAX_YAW_DEG = 24.0  # of the stills that the correction is learned from
CLOSE_YAW_DEG = 15.0
FAR_OFF = {"deg": 15.0, "torso": 0.25}
FAR_OFF_SHARE = 0.01  # of what is kept
KEPT_SHARE = 0.89  # that is kept at least, of what plain MediaPipe gives of the near side in view
KEPT_MORE = {"elbow_flexion": 0.92}  # doubt hardly orders its errors: hiding more spares few
UNRELIABLE_SHARE = 0.20  # of what is kept at one camera yaw, above which the view is refused
YAW_LIMITS_DEG = {"0": 15.0, "10": 15.0, "20": 25.0, "30": 35.0}


def learn_moves(stills: list[Still]) -> tuple[dict[str, float], Moves]:
    """Middles of the features, and weights of each joint."""
    features, wanted = examples(stills)
    middles = {name: float(np.nanmean(values)) for name, values in features.items()}
    moves = {}
    for segment, (_, joint) in SEGMENTS.items():
        names = [n for n in features if not n.startswith("squared_") or n.endswith(segment)]
        columns = [np.nan_to_num(features[name] - middles[name]) for name in names]
        used = DIRECTIONS if joint in LENGTHENED else ("across",)
        target = wanted[joint][:, [DIRECTIONS.index(direction) for direction in used]]
        weights = robust_ridge(np.stack(columns, axis=1), target, huber=HUBER_MOVE)
        moves[joint] = {
            direction: dict(zip(["bias", *names], column.tolist(), strict=True))
            for direction, column in zip(used, weights.T, strict=True)
        }
    return middles, moves


def examples(stills: list[Still]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Features of every still, and the moves (along, across) that its near side's joints need."""
    features: dict[str, list[np.ndarray]] = {}
    wanted: dict[str, list[np.ndarray]] = {joint: [] for _, joint in SEGMENTS.values()}
    for side in ("left", "right"):
        own = [still for still in stills if still.near == side and still.series.seen.all()]
        series = as_one(own)
        across = compute_view_track(series).across
        for name, values in segment_features(series, side, across).items():
            features.setdefault(name, []).append(values)
        true, torso_px = true_points(own, side), reference_px(series, side)
        for segment, (start, joint) in SEGMENTS.items():
            fixed = "hip" if joint == "ankle" else start  # a knee that is moved moves no ankle
            seen = series.point(f"{side}_{joint}") - series.point(f"{side}_{fixed}")
            off = true[joint] - true[fixed] - seen
            along = (off[:, None] * segment_axes(series, side, segment)).sum(axis=2)
            wanted[joint].append(along / torso_px[:, None])
    return joined(features), joined(wanted)


def joined(table: dict[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    """Every name's arrays as one."""
    return {name: np.concatenate(arrays) for name, arrays in table.items()}


def true_points(stills: list[Still], side: str) -> dict[str, np.ndarray]:
    """True joints of one side, seen square, in the pixels of a body as large as the one seen."""
    series = as_one(stills)
    joints = [still.facts["joints_m"] for still in stills]
    names = ("hip", "shoulder", "elbow", "wrist", "knee", "ankle")
    metres = {n: np.array([j[f"{side}_{n}"] for j in joints])[:, [0, 2]] * (1, -1) for n in names}
    limbs = [ends for segment, ends in SEGMENTS.items() if segment != "foot"]
    seen = sum(length(series.point(f"{side}_{b}") - series.point(f"{side}_{a}")) for a, b in limbs)
    px_per_m = np.asarray(seen / sum(length(metres[b] - metres[a]) for a, b in limbs))
    points = {name: xy * px_per_m[:, None] for name, xy in metres.items()}
    # The sidecar has the foot only as an angle: as long as it was seen.
    slope = np.radians([foot_slope(still) for still in stills])
    forward = 1 if side == "right" else -1  # the near side is right where she faces +x
    foot = series.point(f"{side}_foot_index") - series.point(f"{side}_heel")
    direction = np.stack([forward * np.sin(slope), np.cos(slope)], axis=1)
    points["heel"] = points["ankle"]
    points["foot_index"] = points["heel"] + length(foot)[:, None] * direction
    return points


def foot_slope(still: Still) -> float:
    """True slope of the near foot in the sagittal plane, degrees forward of straight down."""
    truth = still.facts["truth"][still.near]
    return float(truth["shank_inclination"] + 90 + truth["ankle_dorsiflexion"])


def robust_ridge(
    features: np.ndarray, target: np.ndarray, *, ridge: float = RIDGE, huber: float
) -> np.ndarray:
    """Weights (bias first) that predict the target, by iteratively reweighted least squares.

    A target of two columns is off by the length of what is left.
    """
    known = np.isfinite(target.reshape(len(target), -1)).all(axis=1)
    design = np.c_[np.ones(known.sum()), features[known]]
    wanted, trust = target[known], np.ones(known.sum())
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0
    for _ in range(15):
        weighted = design * trust[:, None]
        found = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ wanted)
        off = length((wanted - design @ found).reshape(len(wanted), -1))
        trust = np.minimum(1, huber / np.maximum(off, 1e-6))
    return found


def learn_neck(stills: list[Still]) -> dict[str, float]:
    """How the head's pitch shows the neck, from the stills of cat and cow, hands or forearms down.

    The pitch is regressed on the true neck, not the neck on the pitch, so that a large bend is not
    read as a small one; solved for the neck afterwards.
    """
    own = [s for s in stills if s.facts["stretch"].endswith("cat-cow") and s.series.seen.all()]
    measured = pd.concat(
        [compute_measures(as_one(alike)) for alike in by_size(own).values()], ignore_index=True
    )
    own = [still for alike in by_size(own).values() for still in alike]
    rounded, arched = rounding(measured["back_bow"].to_numpy())
    neck = np.array([still.facts["truth"]["neck"] for still in own])
    arms = np.where(
        [still.near == "left" for still in own],
        measured["left_shoulder_flexion"],
        measured["right_shoulder_flexion"],
    )
    arms = np.nan_to_num(np.clip(arms, 60, 130) - 90)
    columns = np.stack([neck, rounded, -arched, arms], axis=1)
    known = np.isfinite(columns).all(axis=1) & measured["head_pitch"].notna().to_numpy()
    pitch = measured["head_pitch"].to_numpy()[known]
    weights = robust_ridge(columns[known], pitch, ridge=1e-3, huber=HUBER_DEG)
    names = ("level_deg", "share", "rounded_deg", "arched_deg", "arms")
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


def learn_limits(train: pd.DataFrame, test: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Limits of doubt and yaw from the training bodies, standard errors from the test bodies."""
    limits = {}
    usable = train[train["near"] & train["in_view"]].dropna(subset="truth")
    for name, own in usable.groupby("measure"):
        far_off = FAR_OFF[own["unit"].iloc[0]]
        error = difference(own, "posecheck").abs()
        max_doubt = largest_doubt(own, error, far_off, KEPT_MORE.get(str(name), KEPT_SHARE))
        kept = own["doubt"] <= max_doubt
        max_yaw = largest_yaw(own[kept], error[kept], far_off)
        judged = test[test["near"] & test["in_view"] & (test["measure"] == name)]
        judged = judged[(judged["doubt"] <= max_doubt) & judged["posecheck"].notna()]
        spread = [half_width(judged[judged["yaw"] == yaw]) for yaw in YAW_BINS]
        close = half_width(judged[judged["yaw_deg"] <= CLOSE_YAW_DEG])
        digits = 1 if own["unit"].iloc[0] == "deg" else 3
        limits[str(name)] = {
            "sem": round(close, digits),
            "sem_at_yaw": [round(max(close, *spread[: k + 1]), digits) for k in range(4)],
            "max_doubt": round(max_doubt, digits + 1),
            "max_yaw_deg": max_yaw,
        }
    return limits


def largest_doubt(own: pd.DataFrame, error: pd.Series, far_off: float, kept: float) -> float:
    """Up to which doubt one reading in a hundred is far off, but never so little is kept."""
    close = (own["yaw_deg"] <= CLOSE_YAW_DEG) & own["plain"].notna()
    doubt = own.loc[close, "doubt"]
    n_all, order = len(doubt), doubt[error[doubt.index].notna()].sort_values()
    risk = (error[order.index] > far_off).cumsum() / np.arange(1, len(order) + 1)
    safe = np.flatnonzero(risk.to_numpy() <= FAR_OFF_SHARE)
    n_kept = max(safe.max() + 1 if len(safe) else 0, int(np.ceil(kept * n_all)))
    return float(order.iloc[min(n_kept, len(order)) - 1])


def largest_yaw(kept: pd.DataFrame, error: pd.Series, far_off: float) -> float:
    """The last camera yaw, of those rendered, at which the measure can still be read."""
    limit = YAW_LIMITS_DEG[YAW_BINS[0]]
    for yaw in YAW_BINS:
        here = error[kept["yaw"] == yaw].dropna()
        if len(here) < 5 or (here > far_off).mean() > UNRELIABLE_SHARE:
            break
        limit = YAW_LIMITS_DEG[yaw]
    return limit


def half_width(readings: pd.DataFrame) -> float:
    """Half of the range that holds the middle 68 % of the errors: no tails."""
    error = difference(readings, "posecheck").dropna()
    if len(error) < 5:
        return 0.0
    low, high = np.percentile(error, [16, 84])
    return float(high - low) / 2


# --- the file -------------------------------------------------------------------------------------


def write(
    made: dict[str, Any],
    middles: dict[str, float],
    moves: Moves,
    neck: dict[str, float],
    limits: dict[str, dict[str, object]],
    reported: dict[str, dict[str, object]],
) -> None:
    """Write calibration.toml, readable to a person."""
    lines = ["# Made by benchmarks/calibrate.py; do not edit. What it means: docs/accuracy.md"]
    lines += ["", "[made]", *(f"{key} = {_toml(value)}" for key, value in made.items())]
    lines += ["", "# What each feature is on average; angles as cosines and sines."]
    lines += ["[correction.middles]", *(f"{k} = {v:.3f}" for k, v in middles.items())]
    lines += ["", "# Torso lengths by which a joint moves for a unit of a feature over its middle."]
    for joint, directions in moves.items():
        for direction, weights in directions.items():
            lines += [f"[correction.moves.{joint}.{direction}]"]
            lines += [*(f"{name} = {weight:.4f}" for name, weight in weights.items()), ""]
    lines += ["# Head pitch of a neck in line, share of a bend it shows, what the back adds."]
    lines += ["[neck]", *(f"{name} = {value}" for name, value in neck.items()), ""]
    lines += ["# Standard errors from the test bodies, limits from the training bodies."]
    for name, row in limits.items():
        lines += [f"[measure.{name}]", *(f"{k} = {_toml(v)}" for k, v in row.items()), ""]
    lines += [
        "# Standard errors of what is reported of the test bodies, where there are no limits."
    ]
    for name, row in reported.items():
        lines += [f"[reported.{name}]", *(f"{k} = {_toml(v)}" for k, v in row.items()), ""]
    CALIBRATION.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    load_calibration.cache_clear()


def _toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def learn_reported() -> dict[str, dict[str, object]]:
    """Standard errors of the measures without limits, from the test bodies."""
    stills = [still for still in all_stills() if still.facts["split"] == "test"]
    found = standard_errors(stills, load_clips())
    return {
        str(name): {
            "sem": round(row["sem"], 1 if MEASURES[str(name)].unit == "deg" else 3),
            "values": int(row["values"]),
            "bodies": int(row["bodies"]),
        }
        for name, row in found.iterrows()
    }


def write_reported() -> None:
    """Make only the standard errors of what is reported anew."""
    file = tomllib.loads(CALIBRATION.read_text(encoding="utf-8"))
    middles, moves = file["correction"]["middles"], file["correction"]["moves"]
    write(file["made"], middles, moves, file["neck"], file["measure"], learn_reported())


def main() -> None:
    """Learn the correction, then the limits of what it leaves, then what the rest is off by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="full")
    parser.add_argument("--reported-only", action="store_true", help="keep all that was learned")
    options = parser.parse_args()
    if options.reported_only:
        write_reported()
        return
    stills = load_stills(options.model)
    train, test = ([s for s in stills if s.facts["split"] == split] for split in ("train", "test"))
    made = {
        "command": f"python -m benchmarks.calibrate --model {options.model}",
        "model": options.model,
        "model_sha256": stills[0].series.model_sha256,
        "train_bodies": sorted({s.facts["body"] for s in train}),
        "test_bodies": sorted({s.facts["body"] for s in test}),
        "train_stills": len(train),
        "test_stills": len(test),
    }
    middles, moves = learn_moves([s for s in train if s.yaw_deg <= MAX_YAW_DEG])
    write(made, middles, moves, {}, {}, {})
    posed = [s for s in load_stills(options.model, series=True) if s.facts["split"] == "train"]
    neck = learn_neck(train + posed)
    write(made, middles, moves, neck, {}, {})
    limits = learn_limits(read(train), read(test))
    write(made, middles, moves, neck, limits, {})
    write(made, middles, moves, neck, limits, learn_reported())
    print(CALIBRATION.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
