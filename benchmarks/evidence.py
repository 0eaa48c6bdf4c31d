"""Does every stretch of the catalogue work? A row a stretch, from rendered people who are known.

    python benchmarks/evidence.py [--docs]

Stills of bodies that nothing was tuned on, judged as photos: a correct form must fail nothing, a
fault its own cue and no other. One correct clip of each stretch: its holds and reps are counted.
`--docs` writes the table into docs/evidence.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np
import pandas as pd
from clips import FilmedStretch, load_clips
from judged import Checked, all_stills, check_stills, is_fault, judge, per_still
from readings import KNOWN, truth
from stills import ROOT, Still
from tables import into_docs

from posecheck.form import FormCheck, check_form
from posecheck.recognise import recognise
from posecheck.stretches import Stretch, load_stretch, stretch_ids

PAGE = ROOT / "docs" / "evidence.md"


def evidence() -> pd.DataFrame:
    """The table, a row a stretch."""
    stretches = [load_stretch(name) for name in stretch_ids()]
    stills = [still for still in all_stills() if still.facts["split"] == "test"]
    clips = {clip.facts["stretch"]: clip for clip in load_clips()}
    rows = {}
    for stretch in stretches:
        checked = check_stills(stills, stretch)
        rows[stretch.id] = {
            "from": " or ".join(stretch.views),
            **judged_columns(checked),
            **clip_columns(stretch, clips.get(stretch.id), stretches),
            **auto_columns(stretch, checked, stretches),
            "ROM, mean error": rom_error(stretch, checked),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stretch")


def judged_columns(checked: Checked) -> dict[str, str]:
    """What came of the stills: correct forms, faults, and the other cues of faulty forms."""
    table = per_still(judge(checked))
    found = table[table["found"]]
    correct, faults = found[~is_fault(found)], found[is_fault(found)]
    assessed = faults[faults["own"].isin(["pass", "fail"])]
    others = int(faults["n_others_judged"].sum())
    wrongly = int((faults["others"].str.split().str.len()).sum())
    false, failed = int((correct["others"] != "").sum()), int((assessed["own"] == "fail").sum())
    return {
        "found": f"{len(found)} of {len(table)}",
        "correct forms that fail a cue": f"{false} of {len(correct)}",
        "faults that fail their cue": f"{failed} of {len(assessed)}",
        "not assessed": str(len(faults) - len(assessed)),
        "other cues failed wrongly": f"{wrongly} of {others}",
    }


def clip_columns(
    stretch: Stretch, clip: FilmedStretch | None, stretches: list[Stretch]
) -> dict[str, str]:
    """Verdict, holds and reps of the clip, each beside what is true; and its name by auto."""
    if clip is None:
        return dict.fromkeys(("clip", "holds, s", "reps", "auto names the clip"), "no clip")
    checked, wanted = check_form(clip.series, stretch), clip.facts["expected"]
    true = [round(end - start, 1) for start, end in wanted["holds_s"]]
    seen = [round(hold.seconds, 1) for hold in checked.holds]
    named = recognise(clip.series, stretches).stretch
    return {
        "clip": f"{checked.verdict} ({wanted['verdict']})",
        "holds, s": f"{_list(seen)} ({_list(true)})",
        "reps": f"{_counts(checked.dose.reps)} ({_counts(wanted['reps'])})",
        "auto names the clip": "unclear" if named is None else named.id,
    }


def _list(numbers: list[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers) or "-"


def _counts(reps: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {side}" for side, count in sorted(reps.items()) if count) or "-"


def auto_columns(stretch: Stretch, checked: Checked, stretches: list[Stretch]) -> dict[str, str]:
    """How auto names the stills in which the stretch was found: right, wrong, or left unclear."""
    named = [recognise(still.series, stretches).stretch for still, form in checked if form.holds]
    right = sum(name is not None and name.id == stretch.id for name in named)
    unclear = sum(name is None for name in named)
    wrong = len(named) - right - unclear
    return {"auto on photos: right, wrong, unclear": f"{right}, {wrong}, {unclear}"}


def rom_error(stretch: Stretch, checked: Checked) -> str:
    """Mean distance of the first range-of-motion value from the truth, over the found stills."""
    for rom in stretch.rom:
        errors = [_off(rom.measure, still, form) for still, form in checked]
        errors = [error for error in errors if np.isfinite(error)]
        if errors and rom.statistic not in {"range", "seconds"}:
            unit = "°" if rom.what.unit == "deg" else " L"
            return f"{rom.what.label} {np.mean(np.abs(errors)):.{1 if unit == '°' else 2}f}{unit}"
    return "no truth"


def _off(measure: str, still: Still, form: FormCheck) -> float:
    values = [value for value in form.rom if value.measure == measure]
    if not values:
        return float("nan")
    value = values[0]
    true = true_value(measure, value.side, still)
    off = value.value - true
    return float((off + 180) % 360 - 180) if value.unit == "deg" else float(off)


def true_value(measure: str, side: str | None, still: Still) -> float:
    """The truth that the renderer wrote down; NaN where it has none."""
    if measure in KNOWN and still.facts["camera"]["view"] == "side":
        table = truth([still])
        return float(table[measure if side is None else f"{side}_{measure}"].iloc[0])
    written = still.facts["truth"]
    if side is not None and measure in written.get(side, {}):
        return float(written[side][measure])
    if measure in written:  # what turns to a side is positive towards the left, but the knees' drop
        is_signed = measure != "knee_drop"
        return float(written[measure]) * (-1 if side == "right" and is_signed else 1)
    return float("nan")


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that count, over all stretches."""
    counted = [
        "correct forms that fail a cue",
        "faults that fail their cue",
        "other cues failed wrongly",
    ]
    rows = {}
    for column in counted:
        some, of = (
            sum(map(int, part)) for part in zip(*table[column].str.split(" of "), strict=True)
        )
        rows[column] = f"{some} of {of} ({100 * some / of:.1f} %)"
    named = table["auto names the clip"]
    wrong = (named != table.index) & (named != "unclear")
    rows["clips that auto names right"] = f"{int((named == table.index).sum())} of {len(table)}"
    rows["clips that auto names wrongly"] = str(int(wrong.sum()))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["all stretches"]).rename_axis("")


def main() -> None:
    """Print the table, and put it into the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write into docs/evidence.md")
    options = parser.parse_args()
    table = evidence()
    with pd.option_context("display.width", 250, "display.max_columns", None):
        print(table.to_string())
    sums = totals(table)
    print(sums.to_string())
    if options.docs:
        into_docs("evidence", table, "benchmarks/evidence.py --docs", page=PAGE)
        into_docs("totals", sums, "benchmarks/evidence.py --docs", page=PAGE)


if __name__ == "__main__":
    main()
