"""Does posecheck know when it is wrong? Share of readings far off against share of readings kept.

    python -m benchmarks.risk [--docs]

Near side, in view, camera at most 15 degrees off, test bodies that were found. Readings are dropped
in two orders: before, plain MediaPipe's by the lowest visibility among the measure's landmarks (the
median of posecheck's looks); after, posecheck's corrected ones by its doubt. Risk is the share of
the rest that is more than 15 degrees off. At the limits: what posecheck shows a user. Then the mean
absolute error of that at each camera yaw. `--docs` writes the tables into docs/accuracy.md.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from benchmarks.accuracy import CLOSE_YAW_DEG, FAR_OFF_DEG, JOINTS
from benchmarks.accuracy import OUT as CSV
from benchmarks.readings import as_one, by_size, difference, read
from benchmarks.stills import Still, load_stills
from benchmarks.tables import degrees, into_docs, percent, spaced
from posecheck import MEASURES, compute_measures
from posecheck.landmarks.series import SIDES
from posecheck.measures.body import Body
from posecheck.measures.calibration import load_calibration
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.correction import Eyes
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.reliability import lines_of

OUT = CSV.with_name("risk.csv")
COVERAGES = (1.0, 0.95, 0.9, 0.85, 0.8)


def readings(split: str = "unseen") -> pd.DataFrame:
    """Near side and in view, as `readings.read`, with what the orders and errors need.

    `visibility`, `belief` (less doubt is more, in units of the measure's limit), `error_plain`,
    `error_posecheck`, `error_uncorrected` (hidden alike) and `error_unhidden` (corrected).
    """
    stills = load_stills(split)
    more = pd.concat([_more(group) for group in by_size(stills).values()], ignore_index=True)
    found = read(stills).query("near and in_view").dropna(subset="truth")
    found = found.merge(more, on=["name", "measure", "side"])
    for column in ("plain", "posecheck", "uncorrected", "unhidden"):
        found[f"error_{column}"] = difference(found, column)
    most = {name: limits.max_doubt for name, limits in load_calibration().limits.items()}
    found["belief"] = -found["doubt"] / found["measure"].map(most)
    return found


def _more(stills: list[Still]) -> pd.DataFrame:
    series = as_one(stills)
    camera = compute_view_track(series)
    torso_px = Body.of(series, camera).torso_px
    body = Eyes.of(clean_landmarks(series), camera, torso_px, load_calibration().offsets).both
    uncorrected = compute_measures(series, track=camera, correct=False)
    names = [still.facts["name"] for still in stills]
    tables = []
    for measure in map(MEASURES.__getitem__, JOINTS):
        for side in SIDES:
            own = side if measure.sided else None
            marks = sorted({mark for line in lines_of(measure, side) for mark in line})
            table = pd.DataFrame({"name": names, "measure": measure.name, "side": side})
            table["visibility"] = series.visibility[:, marks].min(axis=1)
            table["uncorrected"] = uncorrected[measure.column(own)].to_numpy()
            tables.append(table.assign(unhidden=FORMULAS[measure.name](body, own)))
    return pd.concat(tables, ignore_index=True)


def curves(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Risk at every coverage (`measure order coverage risk`); coverage and risk at the limits."""
    near = found[found["yaw_deg"] <= CLOSE_YAW_DEG].dropna(subset=["plain", "unhidden"])
    lines, limits = [], {}
    for name in ("all five", *JOINTS):
        own = near if name == "all five" else near[near["measure"] == name]
        after = curve(own["error_unhidden"], own["belief"])
        pair = {"before": curve(own["error_plain"], own["visibility"]), "after": after}
        lines += [line.assign(measure=name, order=o) for o, line in pair.items()]
        kept = own["error_posecheck"].dropna()
        cut, risk = len(kept) / len(own), (kept.abs() > FAR_OFF_DEG).mean()
        limits[name] = {"coverage": cut, "before": at(pair["before"], cut), "after": risk}
    return pd.concat(lines, ignore_index=True), pd.DataFrame(limits).T


def curve(error: pd.Series, belief: pd.Series) -> pd.DataFrame:
    """Coverage and risk when what is believed least is dropped first."""
    order = np.argsort(-belief.to_numpy(), kind="stable")
    n_kept = np.arange(1, len(order) + 1)
    n_far_off = (error.abs() > FAR_OFF_DEG).to_numpy()[order].cumsum()
    return pd.DataFrame({"coverage": n_kept / len(order), "risk": n_far_off / n_kept})


def at(line: pd.DataFrame, coverage: float) -> float:
    """The risk of one curve at a coverage."""
    return float(np.interp(coverage, line["coverage"], line["risk"]))


def risk_table(lines: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """The curves at some coverages and at the limits, before → after, as text."""
    rows = {}
    for name, cut in limits.iterrows():
        own = lines[lines["measure"] == name]
        pair = [own[own["order"] == order] for order in ("before", "after")]
        cells = {percent(c): " → ".join(percent(at(line, c)) for line in pair) for c in COVERAGES}
        shown = f"{percent(cut['before'])} → {percent(cut['after'])}"
        rows[spaced(str(name))] = cells | {
            "at the limits": f"{shown} of {percent(cut['coverage'])}"
        }
    return pd.DataFrame(rows).T.rename_axis("kept")


def by_yaw(found: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error of what is kept at each yaw, not corrected and corrected; share kept."""
    groups = found.dropna(subset="plain").groupby(["measure", "yaw"])
    hows = ("uncorrected", "posecheck")
    numbers = {how: groups[f"error_{how}"].agg(lambda e: e.abs().mean()) for how in hows}
    kept = groups["error_posecheck"].agg(lambda e: e.notna().mean())
    return pd.DataFrame({**numbers, "kept": kept}).loc[list(JOINTS)]


def yaw_table(numbers: pd.DataFrame) -> pd.DataFrame:
    """The same as text: not corrected → corrected (share kept)."""
    text = [numbers["uncorrected"].map(degrees), numbers["posecheck"].map(degrees)]
    cells = text[0] + " → " + text[1] + " (" + numbers["kept"].map(percent) + ")"
    wide = cells.unstack("yaw").loc[list(JOINTS)]
    return wide.rename(index=spaced, columns=lambda yaw: f"{yaw}°").rename_axis("camera turned by")


def main() -> None:
    """Print the tables, write the curves as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the tables into the docs")
    options = parser.parse_args()
    found = readings()
    lines, limits = curves(found)
    tables = {"risk": risk_table(lines, limits), "yaw": yaw_table(by_yaw(found))}
    OUT.parent.mkdir(exist_ok=True)
    lines.round(4).to_csv(OUT, index=False)
    for name, table in tables.items():
        print(table.to_string(), end="\n\n")
        if options.docs:
            into_docs(name, table, "-m benchmarks.risk --docs")


if __name__ == "__main__":
    main()
