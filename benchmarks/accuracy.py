"""How wrong the angles are, against rendered stills whose true angles are known.

    python -m benchmarks.accuracy [--split unseen] [--models full heavy lite] [--docs]

For every measure, position of the body, camera yaw, model and side (near or far): how often it was
seen, bias, mean absolute error (MAE), standard deviation (SD) and 95 % limits of agreement, for
plain MediaPipe and for posecheck. Errors are read minus true, in degrees. "plain" is the angle in
the image plane from the landmarks as MediaPipe gives them; a body that was not found has none. True
is what a goniometer on the body's landmarks would read (sample_videos/render/goniometer.py).
`--docs` writes the tables of the unseen bodies into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.readings import KNOWN, difference, read
from benchmarks.stills import has_stills, load_stills
from benchmarks.tables import between, degrees, into_docs, percent, spaced
from posecheck import MEASURES
from posecheck.measures.calibration import load_calibration

OUT = Path(__file__).resolve().parent / "out" / "accuracy.csv"
METHODS = ("plain", "posecheck")
CLOSE_YAW_DEG = 15
FAR_OFF_DEG = 15
JOINTS = ("hip_flexion", "knee_flexion", "shoulder_flexion", "elbow_flexion", "trunk_inclination")
MDC_PER_SEM = 2.77  # 1.96 * sqrt(2): what two readings differ by, 95 % of the time


def errors(models: list[str], split: str) -> pd.DataFrame:
    """One row a model, still, measure, side and method; `error` is NaN where nothing was read."""
    tables = []
    for model in models:
        stills = load_stills(table_of(model, split))
        known = read(stills).query("in_view").dropna(subset="truth")
        for method in METHODS:
            tables.append(known.assign(model=model, method=method, error=difference(known, method)))
    everything = pd.concat(tables, ignore_index=True)
    everything["side"] = np.where(everything["near"], "near", "far")
    return everything


def table_of(model: str, split: str) -> str:
    """Name of the table of stills as a model saw them."""
    return split if model == "full" else f"{split}-{model}"


def summarise(group: pd.DataFrame) -> pd.Series:
    """Bland and Altman's figures of one group of errors."""
    error = group["error"].dropna()
    bias, spread = error.mean(), error.std()
    return pd.Series(
        {
            "stills": len(group),
            "seen": len(error) / len(group),
            "bias": bias,
            "MAE": error.abs().mean(),
            "SD": spread,
            "LoA low": bias - 1.96 * spread,
            "LoA high": bias + 1.96 * spread,
            "over 15": (error.abs() > FAR_OFF_DEG).mean(),
        }
    )


def table(everything: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The figures of every group."""
    return pd.DataFrame(everything.groupby(by, sort=True)[["error"]].apply(summarise))


def close_up(everything: pd.DataFrame) -> pd.DataFrame:
    """The near side, camera about square; "both_METHOD" has the readings that both methods give."""
    near = everything["side"] == "near"
    close = everything[near & (everything["yaw_deg"] <= CLOSE_YAW_DEG)]
    both = close.dropna(subset=["plain", "posecheck"])
    return pd.concat([close, both.assign(method="both_" + both["method"])], ignore_index=True)


# --- docs/accuracy.md -----------------------------------------------------------------------------


def docs_tables(everything: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table of the page that comes from here, as text."""
    close = close_up(everything)
    full = close[close["model"] == "full"]
    return {
        "angles": angles_table(full[full["unit"] == "deg"]),
        "positions": arrows(full[full["measure"].isin(JOINTS)], "position", "position of the body"),
        "bodies": bodies_table(),
        "sem": sem_table(),
        "reported": reported_table(),
    }


def angles_table(full: pd.DataFrame) -> pd.DataFrame:
    """Plain MediaPipe beside posecheck for each angle."""
    rows = {}
    plain: Any  # a row of figures: pandas takes them for any value at all
    ours: Any
    for measure in sorted(full["measure"].unique(), key=_place):
        own = table(full[full["measure"] == measure], ["method"])
        plain, ours = (own.loc[method] for method in METHODS)
        pair = [degrees(own["MAE"][f"both_{method}"]) for method in METHODS]
        rows[spaced(measure)] = {
            "n": f"{plain['stills']:.0f}",
            "MediaPipe saw": percent(plain["seen"]),
            "MediaPipe error": degrees(plain["MAE"]),
            "MediaPipe over 15°": percent(plain["over 15"] / plain["seen"]),
            "posecheck kept": percent(ours["seen"]),
            "posecheck error": degrees(ours["MAE"]),
            "posecheck over 15°": percent(ours["over 15"] / ours["seen"]),
            "where both read": " → ".join(pair),
            "bias": degrees(ours["bias"], sign=True),
            "limits of agreement": between(ours["LoA low"], ours["LoA high"]),
        }
    return pd.DataFrame(rows).T.rename_axis("angle")


def arrows(close: pd.DataFrame, by: str, title: str) -> pd.DataFrame:
    """Mean absolute error of what both read, plain → posecheck, for each group and joint."""
    numbers = table(close, [by, "measure", "method"])["MAE"].unstack("method")
    cells = degrees_of(numbers["both_plain"]) + " → " + degrees_of(numbers["both_posecheck"])
    return cells.unstack("measure")[list(JOINTS)].rename(columns=spaced).rename_axis(title)


def degrees_of(numbers: pd.Series) -> pd.Series:
    """Each as text."""
    return numbers.map(degrees)


def bodies_table() -> pd.DataFrame:
    """Middle error of hip flexion for each body: what no average correction can mend."""
    both = pd.concat([errors(["full"], split) for split in ("tune", "unseen")])
    close = close_up(both[both["measure"] == "hip_flexion"])
    middle = close.groupby(["body", "split", "method"])["error"].median().unstack("method")
    shown = middle[["both_plain", "both_posecheck"]].map(lambda error: degrees(error, sign=True))
    shown = shown.rename(
        columns={"both_plain": "MediaPipe", "both_posecheck": "posecheck"}
    ).reset_index("split")
    return shown.replace({"tune": "learned from", "unseen": "unseen"}).rename_axis("body")


def sem_table() -> pd.DataFrame:
    """What the calibration says of each measure: errors, finest tolerance, smallest real change."""
    rows = {}
    for measure, limits in sorted(
        load_calibration().limits.items(), key=lambda row: _place(row[0])
    ):
        show = degrees if MEASURES[measure].unit == "deg" else lambda value: f"{value:.2f} L"
        rows[spaced(measure)] = {
            "SEM": show(limits.sem),
            "SEM at 20°": show(limits.sem_at_yaw[2]),
            "finest tolerance": show(2 * limits.sem),
            "smallest real change": show(MDC_PER_SEM * limits.sem),
            "hidden beyond": f"{limits.max_yaw_deg:.0f}°",
        }
    return pd.DataFrame(rows).T.rename_axis("measure")


def reported_table() -> pd.DataFrame:
    """The standard errors of what is reported: other views, hands, heels, the back."""
    rows = {}
    for measure, sem in sorted(load_calibration().reported.items()):
        in_degrees = MEASURES[measure].unit == "deg"
        show = degrees if in_degrees else lambda value: f"{value:.2f} L"
        rows[spaced(measure)] = {
            "SEM": show(sem),
            "finest tolerance": show(2 * sem),
            "smallest real change": show(MDC_PER_SEM * sem),
        }
    return pd.DataFrame(rows).T.rename_axis("measure")


def _place(measure: str) -> int:
    return KNOWN.index(measure)


def main() -> None:
    """Print the summary, write every figure as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    have = [model for model in ("full", "heavy", "lite") if has_stills(table_of(model, "unseen"))]
    parser.add_argument("--models", nargs="+", default=have, choices=have)
    parser.add_argument("--split", default="unseen", choices=["unseen", "tune"])
    parser.add_argument("--docs", action="store_true", help="write the tables into the docs")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    everything = errors(options.models, options.split)
    close = close_up(everything)
    print(
        f"Near side, camera at most {CLOSE_YAW_DEG} degrees off, bodies of the {options.split} set"
    )
    print(table(close, ["measure", "model", "method"]).round(2).to_string())
    full = table(everything, ["measure", "position", "yaw", "model", "side", "method"]).round(2)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    full.to_csv(options.out)
    print(f"Every position and view: {options.out}")
    if options.docs:
        for name, shown in docs_tables(errors(have, "unseen")).items():
            into_docs(name, shown, "-m benchmarks.accuracy --docs")


if __name__ == "__main__":
    main()
