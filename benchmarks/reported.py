"""What posecheck reports of the rendered people, beside the truth, for measures without limits.

The measures of `readings.KNOWN` are read off every still. The others, of views from the front,
above and the feet and of hands and heels, mean something only in their stretches: here they are
taken as posecheck reports them, from the cues and range-of-motion values of stills in which the
stretch was found.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmarks.clips import FilmedStretch
from benchmarks.judged import Checked, check_stills
from benchmarks.readings import KNOWN, OF_HANDS_AND_HEELS, truth
from benchmarks.stills import Still
from posecheck import MEASURES
from posecheck.assess.report import Report
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.measured import compute_measures
from posecheck.stretches import load_stretch, stretch_ids

MIN_VALUES = 8  # fewer make no standard error


def standard_errors(stills: list[Still], clips: Iterable[FilmedStretch]) -> pd.DataFrame:
    """One row a measure: `sem`, `values` that it is from, and how many `bodies` they show."""
    names = stretch_ids()
    checked = [pair for name in names for pair in check_stills(stills, load_stretch(name))]
    table = pd.concat([reported(checked), bows(clips)], ignore_index=True)
    rows = {}
    for name, own in table.groupby("measure"):
        if name not in KNOWN and len(own) >= MIN_VALUES:
            low, high = np.percentile(own["error"], [16, 84])
            sem = float(high - low) / 2
            rows[name] = {"sem": sem, "values": len(own), "bodies": own["body"].nunique()}
    return pd.DataFrame.from_dict(rows, orient="index")


def reported(checked: Checked) -> pd.DataFrame:
    """One row a value that posecheck reports: `body measure side error`, where the truth is known.

    A measure of a still and side counts once, however many cues read it.
    """
    rows = []
    for still, form in checked:
        for (name, side), value in _values(form).items():
            off = value - true_value(name, side, still)
            off = (off + 180) % 360 - 180 if MEASURES[name].unit == "deg" else off
            if np.isfinite(off):
                body = still.facts["body"]
                rows.append({"body": body, "measure": name, "side": side, "error": off})
    return pd.DataFrame(rows)


def _values(form: Report) -> dict[tuple[str, str | None], float]:
    """What was read of each measure and side."""
    found: dict[tuple[str, str | None], float] = {}
    for value in form.rom:
        found[value.measure, value.side] = value.value
    for cue in form.cues:
        if cue.measure and cue.observed is not None and cue.unit != "s":
            found.setdefault((cue.measure, cue.side), cue.observed)
    return found


def true_value(measure: str, side: str | None, still: Still) -> float:
    """The truth that the renderer wrote down; NaN where it has none."""
    from_side = still.facts["camera"]["view"] == "side"
    if from_side and measure in (*KNOWN, *OF_HANDS_AND_HEELS):
        table = truth([still])
        return float(table[measure if side is None else f"{side}_{measure}"].iloc[0])
    written = still.facts["truth"]
    if side is not None and measure in written.get(side, {}):
        return float(written[side][measure])
    if measure in written:  # what turns to a side is positive towards the left, but the knees' drop
        is_signed = measure != "knee_drop"
        return float(written[measure]) * (-1 if side == "right" and is_signed else 1)
    return float("nan")


def bows(clips: Iterable[FilmedStretch]) -> pd.DataFrame:
    """One row a frame of the clips on all fours: the error of the back's bow."""
    rows = []
    for clip in clips:
        if "back_outline_relative" in clip.facts["truth"]:
            read = compute_measures(clean_landmarks(clip.series))["back_bow"]
            off = read.to_numpy() - np.array(clip.facts["truth"]["back_outline_relative"])
            body = clip.facts["body"]
            rows += [{"body": body, "measure": "back_bow", "error": e} for e in off[~np.isnan(off)]]
    return pd.DataFrame(rows)
