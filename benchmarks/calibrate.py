"""Learn posecheck's correction, limits and intervals from the rendered bodies of the tune split.

    python -m benchmarks.calibrate [--reported-only]

Writes posecheck/measures/calibration.toml. The correction is the median of where each pose model
has a joint against where a goniometer lies, for the joints in which that pays (`correction.py`).
The limits are the largest doubt and yaw at which hardly a reading is far off; standard errors and
intervals are of what is left. Those of views from the front, above and the feet, and of hands and
heels, are those of what posecheck reports (`reported.py`); `--reported-only` makes only these
anew. Nothing here looks at the unseen bodies.
"""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.clips import load_clips
from benchmarks.judged import all_stills
from benchmarks.readings import YAW_BINS, as_one, by_size, difference, read, shown
from benchmarks.reported import standard_errors
from benchmarks.stills import Still, load_stills
from benchmarks.uncertainty import learn
from posecheck import MEASURES, compute_measures
from posecheck.core.geometry import length
from posecheck.landmarks.series import Landmark
from posecheck.measures.calibration import FRAMES, Offsets, load_calibration
from posecheck.measures.correction import segment_axes
from posecheck.measures.formulas.back import rounding
from posecheck.measures.reliability import reference_px

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = ROOT / "posecheck" / "measures" / "calibration.toml"
HUBER_DEG = 5.0
KEPT = ("elbow", "wrist")  # the joints whose offsets pay: benchmarks/correction.py
MAX_YAW_DEG = 24.0  # of the stills that the offsets are learned from
CLOSE_YAW_DEG = 15.0
FAR_OFF = {"deg": 15.0, "torso": 0.25}
FAR_OFF_SHARE = 0.01  # of what is kept
KEPT_SHARE = 0.85  # that is kept at least, of what plain MediaPipe gives of the near side in view
# Doubt hardly orders the errors of the arm: hiding more spares few.
KEPT_MORE = {"elbow_flexion": 0.89, "shoulder_flexion": 0.89}
UNRELIABLE_SHARE = 0.25  # of what is kept from one camera yaw on, above which it is refused
YAW_LIMITS_DEG = {"0": 15.0, "10": 15.0, "20": 25.0, "30": 35.0}


def learn_offsets(stills: list[Still]) -> dict[str, dict[str, tuple[float, float]]]:
    """Where each model has the near side's joints, against where a goniometer lies on the picture.

    The medians over all bodies, which are the same whatever a body does; a model that mistakes a
    joint for another does not pull them.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for model in ("blazepose", "thunder"):
        off = {joint: [np.empty((0, 2))] for joint in FRAMES}
        for side, forward in (("left", -1.0), ("right", 1.0)):
            own = [still for still in stills if still.near == side and still.series.seen.all()]
            series = as_one(own)
            image = series.image if model == "blazepose" else series.second
            assert image is not None
            torso_px = reference_px(series, side)
            for joint in FRAMES:
                name = f"{side}_{joint}"
                missed = true_px(own, name) - image[:, Landmark[name]]
                axes = segment_axes(image, side, joint, np.full(len(own), forward))
                along = (missed[:, None] * axes).sum(axis=2) / torso_px[:, None]
                off[joint].append(along[[still.facts["in_view"][name] for still in own]])
        found[model] = {}
        for joint, parts in off.items():
            along, front = np.nanmedian(np.concatenate(parts), axis=0)
            found[model][joint] = round(float(along), 4), round(float(front), 4)
    return found


def true_px(stills: list[Still], name: str) -> np.ndarray:
    """A landmark as it was rendered, pixels, shape (n_stills, 2)."""
    return np.array([still.facts["landmarks_px"][name] for still in stills])


def robust_ridge(
    features: np.ndarray, target: np.ndarray, *, ridge: float, huber: float
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
        here = error[kept["yaw"] >= yaw].dropna()  # from there on: few stills are so oblique
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
    offsets: Offsets,
    neck: dict[str, float],
    limits: dict[str, dict[str, object]],
    interval: dict[str, Any],
    reported: dict[str, dict[str, object]],
) -> None:
    """Write calibration.toml, readable to a person."""
    lines = ["# Made by benchmarks/calibrate.py; do not edit. What it means: docs/accuracy.md"]
    lines += ["", "[made]", *(f"{key} = {_toml(value)}" for key, value in made.items())]
    lines += ["", "# Torso lengths from where a model has a joint to where a goniometer lies."]
    for model, joints in offsets.items():
        for joint, (along, front) in joints.items():
            lines += [f"[offsets.{model}.{joint}]", f"along = {along}", f"front = {front}", ""]
    lines += ["# Head pitch of a neck in line, share of a bend it shows, what the back adds."]
    lines += ["[neck]", *(f"{name} = {value}" for name, value in neck.items()), ""]
    lines += ["# Standard errors and limits."]
    for name, row in limits.items():
        lines += [f"[measure.{name}]", *(f"{k} = {_toml(v)}" for k, v in row.items()), ""]
    lines += ["# Half-width of the 90 % interval, and what it is multiplied by, as logarithms."]
    lines += ["[interval]", *(f"{k} = {v}" for k, v in interval.items() if not _is_table(v)), ""]
    for name, table in interval.items():
        if _is_table(table):
            lines += [f"[interval.{name}]", *(f"{k} = {v}" for k, v in table.items()), ""]
    lines += ["# Standard errors of what is reported, where there are no limits."]
    for name, row in reported.items():
        lines += [f"[reported.{name}]", *(f"{k} = {_toml(v)}" for k, v in row.items()), ""]
    CALIBRATION.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    load_calibration.cache_clear()


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def learn_reported() -> dict[str, dict[str, object]]:
    """Standard errors of the measures without limits."""
    found = standard_errors(all_stills("tune"), load_clips())
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
    made, neck, offsets = file["made"], file["neck"], load_calibration().offsets
    write(made, offsets, neck, file["measure"], file["interval"], learn_reported())


def main() -> None:
    """Learn the offsets, then the limits of what they leave, then how far off it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reported-only", action="store_true", help="keep all that was learned")
    options = parser.parse_args()
    if options.reported_only:
        write_reported()
        return
    tune = load_stills("tune")
    made = {
        "command": "python -m benchmarks.calibrate",
        "model": tune[0].series.model_name,
        "model_sha256": tune[0].series.model_sha256,
        "bodies": sorted({s.facts["body"] for s in tune}),
        "stills": len(tune),
    }
    learned = learn_offsets([s for s in tune if s.yaw_deg <= MAX_YAW_DEG])
    offsets = {m: {joint: joints[joint] for joint in KEPT} for m, joints in learned.items()}
    write(made, offsets, {}, {}, {}, {})
    posed = [s for s in load_stills("series", series=True) if s.facts["split"] == "train"]
    neck = learn_neck(tune + posed)
    write(made, offsets, neck, {}, {}, {})
    readings = read(tune)
    limits = learn_limits(readings, readings)
    write(made, offsets, neck, limits, {}, {})
    both = [read(tune), read(tune, one_model=True)]
    interval = asdict(learn(shown(pd.concat(both, ignore_index=True))))
    write(made, offsets, neck, limits, interval, {})
    write(made, offsets, neck, limits, interval, learn_reported())
    print(CALIBRATION.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
