"""Learn posecheck's corrections and limits from the rendered training bodies.

    python benchmarks/calibrate.py [--model full]

Writes posecheck/calibration.toml. The correction is a ridge regression for each segment of the
near side, with Huber weights so that a body that was misread does not pull it. The limits are the
largest doubt and yaw at which hardly a reading of the training bodies is far off. The standard
errors come from the test bodies, which nothing else is learned from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from readings import YAW_BINS, as_one, by_size, difference, read
from stills import Still, load_stills

from posecheck import compute_measures
from posecheck.calibration import SEGMENTS, load_calibration
from posecheck.camera import compute_camera
from posecheck.correction import segment_features, slopes
from posecheck.formulas import rounding
from posecheck.geometry import wrap

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = ROOT / "posecheck" / "calibration.toml"
RIDGE = 20.0
HUBER_DEG = 5.0
MAX_YAW_DEG = 24.0  # of the stills that the correction is learned from
CLOSE_YAW_DEG = 15.0
FAR_OFF = {"deg": 15.0, "torso": 0.25}
FAR_OFF_SHARE = 0.01  # of what is kept
KEPT_SHARE = 0.87  # of the near side in view that is kept at least, where somebody was found
UNRELIABLE_SHARE = 0.20  # of what is kept at one camera yaw, above which the view is refused
YAW_LIMITS_DEG = {"0": 15.0, "10": 15.0, "20": 25.0, "30": 35.0}


def learn_turns(stills: list[Still]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Middles of the features, and weights of each segment."""
    features, errors = examples(stills)
    middles = {name: float(np.nanmean(values)) for name, values in features.items()}
    turns = {}
    for segment in SEGMENTS:
        names = [n for n in features if not n.startswith("squared_") or n.endswith(segment)]
        columns = [np.nan_to_num(features[name] - middles[name]) for name in names]
        weights = robust_ridge(np.stack(columns, axis=1), errors[segment])
        turns[segment] = dict(zip(["bias", *names], weights.tolist(), strict=True))
    return middles, turns


def examples(stills: list[Still]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Features of every still, and the degrees by which each segment of the near side is off."""
    features: dict[str, list[np.ndarray]] = {}
    errors: dict[str, list[np.ndarray]] = {segment: [] for segment in SEGMENTS}
    for side in ("left", "right"):
        own = [still for still in stills if still.near == side and still.series.seen.all()]
        series = as_one(own)
        across = compute_camera(series).across
        for name, values in segment_features(series, side, across).items():
            features.setdefault(name, []).append(values)
        read = slopes(series.image, side)
        for segment in SEGMENTS:
            true = np.array([true_slope(still, segment) for still in own])
            errors[segment].append(wrap(true - read[segment], lowest=-180))
    join = lambda table: {name: np.concatenate(parts) for name, parts in table.items()}  # noqa: E731
    return join(features), join(errors)


def true_slope(still: Still, segment: str) -> float:
    """True slope of a segment of the near side in the body's sagittal plane, degrees."""
    truth = still.facts["truth"][still.near]
    if segment == "trunk":
        return float(still.facts["truth"]["trunk_inclination"])
    if segment == "foot":
        return float(truth["shank_inclination"] + 90 + truth["ankle_dorsiflexion"])
    if segment == "forearm":
        return forearm_slope(still)
    return float(truth[f"{segment}_inclination"])


def forearm_slope(still: Still) -> float:
    """From the joints: the sidecar has the forearm only without its direction."""
    joints = still.facts["joints_m"]
    ends = (np.array(joints[f"{still.near}_{joint}"]) for joint in SEGMENTS["forearm"])
    start, end = ends
    forward = 1 if still.near == "right" else -1  # the near side is right where she faces +x
    return float(np.degrees(np.arctan2(forward * (end - start)[0], -(end - start)[2])))


def robust_ridge(features: np.ndarray, target: np.ndarray, *, ridge: float = RIDGE) -> np.ndarray:
    """Weights (bias first) that predict the target, by iteratively reweighted least squares."""
    known = np.isfinite(target)
    design = np.c_[np.ones(known.sum()), features[known]]
    wanted, trust = target[known], np.ones(known.sum())
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0
    for _ in range(15):
        weighted = design * trust[:, None]
        found = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ wanted)
        off = np.abs(wanted - design @ found)
        trust = np.minimum(1, HUBER_DEG / np.maximum(off, 1e-6))
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
    weights = robust_ridge(columns[known], pitch, ridge=1e-3)
    names = ("level_deg", "share", "rounded_deg", "arched_deg", "arms")
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


def learn_limits(train: pd.DataFrame, test: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Limits of doubt and yaw from the training bodies, standard errors from the test bodies."""
    limits = {}
    usable = train[train["near"] & train["in_view"]].dropna(subset="truth")
    for name, own in usable.groupby("measure"):
        far_off = FAR_OFF[own["unit"].iloc[0]]
        error = difference(own, "posecheck").abs()
        max_doubt = largest_doubt(own, error, far_off)
        kept = own["doubt"] <= max_doubt
        max_yaw = largest_yaw(own[kept], error[kept], far_off)
        judged = test[test["near"] & test["in_view"] & (test["measure"] == name)]
        judged = judged[(judged["doubt"] <= max_doubt) & judged["posecheck"].notna()]
        spread = [half_width(judged[judged["yaw"] == yaw]) for yaw in YAW_BINS]
        close = half_width(judged[judged["yaw_deg"] <= CLOSE_YAW_DEG])
        digits = 1 if own["unit"].iloc[0] == "deg" else 3
        limits[name] = {
            "sem": round(close, digits),
            "sem_at_yaw": [round(max(close, *spread[: k + 1]), digits) for k in range(4)],
            "max_doubt": round(max_doubt, digits + 1),
            "max_yaw_deg": max_yaw,
        }
    return limits


def largest_doubt(own: pd.DataFrame, error: pd.Series, far_off: float) -> float:
    """Up to which doubt one reading in a hundred is far off, but never so little is kept."""
    close = own["yaw_deg"] <= CLOSE_YAW_DEG
    doubt = own.loc[close, "doubt"].dropna()  # of everybody who was found
    n_all, order = len(doubt), doubt[error[doubt.index].notna()].sort_values()
    risk = (error[order.index] > far_off).cumsum() / np.arange(1, len(order) + 1)
    safe = np.flatnonzero(risk.to_numpy() <= FAR_OFF_SHARE)
    n_kept = max(safe.max() + 1 if len(safe) else 0, int(np.ceil(KEPT_SHARE * n_all)))
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


def write(made: dict, middles: dict, turns: dict, neck: dict, limits: dict) -> None:
    """Write calibration.toml, readable to a person."""
    lines = ["# Made by benchmarks/calibrate.py; do not edit. What it means: docs/accuracy.md"]
    lines += ["", "[made]", *(f"{key} = {_toml(value)}" for key, value in made.items())]
    lines += ["", "# What each feature is on average; angles as cosines and sines."]
    lines += ["[correction.middles]", *(f"{k} = {v:.3f}" for k, v in middles.items())]
    lines += ["", "# Degrees by which a segment turns for each unit of a feature above its middle."]
    for segment, weights in turns.items():
        lines += [f"[correction.turns.{segment}]"]
        lines += [*(f"{name} = {weight:.2f}" for name, weight in weights.items()), ""]
    lines += ["# Head pitch of a neck in line, share of a bend it shows, what the back adds."]
    lines += ["[neck]", *(f"{name} = {value}" for name, value in neck.items()), ""]
    lines += ["# Standard errors from the test bodies, limits from the training bodies."]
    for name, row in limits.items():
        lines += [f"[measure.{name}]", *(f"{k} = {_toml(v)}" for k, v in row.items()), ""]
    CALIBRATION.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    load_calibration.cache_clear()


def _toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def main() -> None:
    """Learn the correction, then the limits of what it leaves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="full")
    options = parser.parse_args()
    stills = load_stills(options.model)
    train, test = ([s for s in stills if s.facts["split"] == split] for split in ("train", "test"))
    made = {
        "command": f"python benchmarks/calibrate.py --model {options.model}",
        "model": options.model,
        "model_sha256": stills[0].series.model_sha256,
        "train_bodies": sorted({s.facts["body"] for s in train}),
        "test_bodies": sorted({s.facts["body"] for s in test}),
        "train_stills": len(train),
        "test_stills": len(test),
    }
    middles, turns = learn_turns([s for s in train if s.yaw_deg <= MAX_YAW_DEG])
    write(made, middles, turns, {}, {})
    posed = [s for s in load_stills(options.model, series=True) if s.facts["split"] == "train"]
    neck = learn_neck(train + posed)
    write(made, middles, turns, neck, {})
    write(made, middles, turns, neck, learn_limits(read(train), read(test)))
    print(CALIBRATION.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
