"""Does every stretch of the catalogue work? A row a stretch, from rendered people who are known.

    python -m benchmarks.evidence [--docs]

Stills of bodies that nothing was tuned on, judged as photos: a correct form must fail nothing, a
fault its own cue and no other. One correct clip of each stretch: its holds and reps are counted.
Clips of faults that only movement shows, and a row for every cue, with all that shows its fault.
`--docs` writes the tables into docs/evidence.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.clips import FilmedStretch, correct_clips, load_clips, replays
from benchmarks.judged import Checked, all_stills, check_stills, is_fault, judge, per_still
from benchmarks.reported import true_value
from benchmarks.stills import ROOT, Still
from benchmarks.tables import into_docs
from posecheck.assess.judge import check_series
from posecheck.assess.recognise import recognise
from posecheck.assess.report import Report
from posecheck.measures.measured import CleanedClip
from posecheck.stretches import Stretch, load_stretch, stretch_ids
from posecheck.stretches.schema import NEED_TIME

PAGE = ROOT / "docs" / "evidence.md"
COUNTED = (
    "correct forms that fail a cue",
    "faults that fail their cue",
    "other cues failed wrongly",
)
COMMAND = "-m benchmarks.evidence --docs"


def check_test_stills() -> dict[str, Checked]:
    """The stills of the test bodies, checked, by stretch."""
    stills = all_stills("unseen")
    return {name: check_stills(stills, load_stretch(name)) for name in stretch_ids()}


def by_stretch(
    checked: Mapping[str, Checked], judged: pd.DataFrame, clips: Mapping[str, FilmedStretch]
) -> pd.DataFrame:
    """The first table, a row a stretch."""
    stretches = [load_stretch(name) for name in checked]
    rows = {}
    for stretch in stretches:
        own = checked[stretch.id]
        rows[stretch.id] = {
            "from": " or ".join(stretch.views),
            **judged_columns(judged[judged["stretch"] == stretch.id]),
            **clip_columns(stretch, clips.get(stretch.id), stretches),
            **auto_columns(stretch, own, stretches),
            "ROM, mean error": rom_error(stretch, own),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stretch")


def judged_columns(table: pd.DataFrame) -> dict[str, str]:
    """What came of a stretch's stills: correct forms, faults, other cues of faulty forms."""
    found = table[table["found"]]
    correct, faults = found[~is_fault(found)], found[is_fault(found)]
    assessed = faults[faults["own"].isin(["pass", "fail"])]
    others = int(faults["n_others_judged"].sum())
    wrongly = sum(len(others.split()) for others in faults["others"])
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
    checked, wanted = check_series(clip.series, stretch), clip.facts["expected"]
    named = recognise(CleanedClip.of(clip.series), stretches).stretch
    return {
        "clip": f"{checked.verdict} ({wanted['verdict']})",
        "holds, s": _holds(checked, clip),
        "reps": f"{_counts(checked.dose.reps)} ({_counts(wanted['reps'])})",
        "auto names the clip": "unclear" if named is None else named.id,
    }


def _holds(checked: Report, clip: FilmedStretch) -> str:
    seen = [round(hold.seconds, 1) for hold in checked.holds]
    true = [round(end - start, 1) for start, end in clip.true_holds()]
    return f"{_list(seen)} ({_list(true)})"


def _list(numbers: list[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers) or "-"


def _counts(reps: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {side}" for side, count in sorted(reps.items()) if count) or "-"


def auto_columns(stretch: Stretch, checked: Checked, stretches: list[Stretch]) -> dict[str, str]:
    """How auto names the stills in which the stretch was found: right, wrong, or left unclear."""
    named = [
        recognise(CleanedClip.of(still.series), stretches).stretch
        for still, form in checked
        if form.holds
    ]
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


def _off(measure: str, still: Still, form: Report) -> float:
    values = [value for value in form.rom if value.measure == measure]
    if not values:
        return float("nan")
    value = values[0]
    true = true_value(measure, value.side, still)
    off = value.value - true
    return float((off + 180) % 360 - 180) if value.unit == "deg" else float(off)


# --- every cue, and the clips of faults and variants ----------------------------------------------


def by_cue(judged: pd.DataFrame, clips: list[FilmedStretch]) -> pd.DataFrame:
    """A row for every alignment cue: the stills and clips of its fault, and how many fail it."""
    statuses = {clip.name: statuses_of(clip) for clip in clips}
    rows = []
    for stretch in map(load_stretch, stretch_ids()):
        for cue in (cue for cue in stretch.cues if cue.kind == "alignment"):
            shown = judged[(judged["stretch"] == stretch.id) & (judged["fault"] == cue.id)]
            still = any(c.statistic not in NEED_TIME and not c.timed for c in cue.check)
            assessed = shown[shown["found"] & shown["own"].isin(["pass", "fail"])]
            films = [c for c in clips if c.facts["stretch"] == stretch.id and cue.id in c.shows]
            failing = sum(statuses[clip.name][cue.id] == "fail" for clip in films)
            rows.append(
                {
                    "stretch": stretch.id,
                    "cue": cue.id,
                    "photos that fail it": _share(assessed["own"] == "fail") if still else "moves",
                    "not found or not assessed": str(len(shown) - len(assessed)) if still else "-",
                    "clips that fail it": f"{failing} of {len(films)}" if films else "-",
                }
            )
    return pd.DataFrame(rows).set_index("stretch")


def _share(those: pd.Series) -> str:
    return f"{int(those.sum())} of {len(those)}" if len(those) else "-"


def statuses_of(clip: FilmedStretch) -> dict[str, str]:
    """Status of each cue of a clip; of several sides or holds, the worst."""
    found: dict[str, str] = {}
    for cue in check_series(clip.series, load_stretch(clip.facts["stretch"])).cues:
        if found.get(cue.id) != "fail":
            found[cue.id] = cue.status
    return found


def by_clip(clips: list[FilmedStretch]) -> pd.DataFrame:
    """A row for every clip of a fault or a variant."""
    rows = {}
    for clip in clips:
        statuses = statuses_of(clip)
        checked = check_series(clip.series, load_stretch(clip.facts["stretch"]))
        wanted = clip.facts["expected"]
        variants = sorted({hold.variant or "-" for hold in checked.holds})
        others = [c for c, status in statuses.items() if status == "fail" and c not in clip.shows]
        rows[clip.name] = {
            "must fail": ", ".join(clip.shows) or "-",
            "fails it": ", ".join(statuses[cue] for cue in clip.shows) or "-",
            "other cues failed wrongly": ", ".join(others) or "none",
            "verdict": f"{checked.verdict} ({wanted['verdict']})",
            "variant": f"{', '.join(variants)} ({wanted.get('variant', '-')})",
            "holds, s": _holds(checked, clip),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("clip")


def by_variant(judged: pd.DataFrame) -> pd.DataFrame:
    """A row for every variant: how often its stills are told, and what came of them."""
    rows = {}
    for stretch in map(load_stretch, stretch_ids()):
        for variant in stretch.variants:
            own = judged[
                (judged["stretch"] == stretch.id) & judged["form"].str.startswith(variant.id)
            ]
            others = judged[(judged["stretch"] == stretch.id) & ~judged.index.isin(own.index)]
            found, usual = own[own["found"]], others[others["found"]]
            columns = judged_columns(own)
            rows[f"{stretch.id}, {variant.id}"] = {
                "found": columns["found"],
                "told as the variant": _share(found["variant"] == variant.id),
                "usual form taken for it": _share(usual["variant"] == variant.id),
                **{key: columns[key] for key in COUNTED},
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")


# --- all in all -----------------------------------------------------------------------------------


def totals(table: pd.DataFrame, clips: list[FilmedStretch]) -> pd.DataFrame:
    """The columns that count, over all stretches, and the holds of their correct clips."""
    rows = {}
    for column in COUNTED:
        some, of = (
            sum(map(int, part)) for part in zip(*table[column].str.split(" of "), strict=True)
        )
        rows[column] = f"{some} of {of} ({100 * some / of:.1f} %)"
    named = table["auto names the clip"]
    wrong = (named != table.index) & (named != "unclear")
    rows["clips that auto names right"] = f"{int((named == table.index).sum())} of {len(table)}"
    rows["clips that auto names wrongly"] = str(int(wrong.sum()))
    off = hold_ends(clips)
    for end in off:
        near = f"{off[end].median():+.2f} s, {(off[end].abs() <= 0.25).sum()} of {len(off)}"
        rows[f"holds {end} (median off, within 0.25 s)"] = (
            f"{near}, worst {off[end].abs().max():.1f} s"
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["all stretches"]).rename_axis("")


def hold_ends(clips: list[FilmedStretch]) -> pd.DataFrame:
    """By how many seconds a hold begins and ends after the body's rest does, a row a hold.

    Of the clips with as many holds as were seen.
    """
    rows = []
    for clip in clips:
        seen, true = (
            check_series(clip.series, load_stretch(clip.facts["stretch"])).holds,
            clip.true_holds(),
        )
        if len(seen) == len(true):
            rows += [(s.start_s - t[0], s.end_s - t[1]) for s, t in zip(seen, true, strict=True)]
    return pd.DataFrame(rows, columns=["begin", "end"])


def main() -> None:
    """Print the table, and put it into the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write into docs/evidence.md")
    options = parser.parse_args()
    checked = check_test_stills()
    judged = pd.concat([per_still(judge(own)) for own in checked.values()], ignore_index=True)
    clips = load_clips()
    correct = correct_clips(clips)
    others = [clip for clip in clips if clip.name not in correct] + replays(clips)
    stretches = by_stretch(checked, judged, correct)
    tables = {
        "evidence": stretches,
        "totals": totals(stretches, list(correct.values())),
        "cues": by_cue(judged, others),
        "clips": by_clip(others),
        "variants": by_variant(judged),
    }
    for name, table in tables.items():
        with pd.option_context("display.width", 250, "display.max_columns", None):
            print(table.to_string(), end="\n\n")
        if options.docs:
            into_docs(name, table, COMMAND, page=PAGE)


if __name__ == "__main__":
    main()
