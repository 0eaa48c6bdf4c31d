"""Every cue of every rendered still, judged as posecheck judges a photo, beside what it should be.

    python -m benchmarks.judged [STRETCH...] [--split train] [--detail]

A still of a form with a fault must fail its own cue and no other; a form without one must fail
none. For writing definitions: tune on the training bodies, and look at the test bodies last.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmarks.stills import Still, has_stills, load_stills
from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.stretches import Stretch, load_stretch, stretch_ids

Checked = list[tuple[Still, Report]]
_LABELS = ("stretch", "split", "form", "view", "fault", "found", "variant")


def all_stills(split: str) -> list[Still]:
    """The stills of a split: of every view, and of single forms."""
    tables = (split, f"{split}-views", f"{split}-forms")
    return [still for table in tables if has_stills(table) for still in load_stills(table)]


def check_stills(stills: Iterable[Still], stretch: Stretch) -> Checked:
    """Each still of a stretch, checked as a photo."""
    return [
        (still, check_series(still.series, stretch))
        for still in stills
        if still.facts["stretch"] == stretch.id
    ]


def judge(checked: Checked) -> pd.DataFrame:
    """One row a still and cue; a still in which the stretch was not found has `found` False."""
    return pd.DataFrame([row for still, form in checked for row in _rows(still, form)])


def _rows(still: Still, checked: Report) -> Iterable[dict[str, Any]]:
    facts = still.facts
    labels = {key: facts[key] for key in ("name", "body", "split", "form", "fault", "near_side")}
    labels |= {"stretch": checked.stretch.id, "view": facts["camera"]["view"]}
    labels |= {"found": bool(checked.holds), "seen": bool(still.series.seen.any())}
    labels |= {"variant": next((h.variant for h in checked.holds if h.variant), None)}
    for cue in checked.cues:
        if cue.kind != "reminder":
            yield labels | {
                "cue": cue.id,
                "kind": cue.kind,
                "status": cue.status,
                "held": cue.held,
                "measure": cue.column,
                "observed": cue.observed,
                "reason": cue.reason,
            }


def per_still(judged: pd.DataFrame) -> pd.DataFrame:
    """One row a still: whether it was found, whether its own cue fails, which others do.

    Where both sides of a stretch were found, as with a leg taken for the other one, each counts.
    """
    rows = []
    for name, cues in judged[judged["kind"] == "alignment"].groupby("name"):
        first = cues.iloc[0]
        failed = set(cues.loc[cues["status"] == "fail", "cue"])
        own = cues[cues["cue"] == first["fault"]]
        rows.append(
            {
                "name": name,
                **{key: first[key] for key in _LABELS},
                "own": "" if own.empty else _worst(own["status"]),
                "others": " ".join(sorted(failed - {first["fault"]})),
                "n_judged": int(cues["status"].isin(["pass", "fail"]).sum()),
                "n_others_judged": int(
                    (cues["status"].isin(["pass", "fail"]) & (cues["cue"] != first["fault"])).sum()
                ),
            }
        )
    return pd.DataFrame(rows)


def is_fault(stills: pd.DataFrame) -> pd.Series:
    """Which stills of `per_still` show a fault."""
    return stills["fault"].map(lambda fault: isinstance(fault, str))


def _worst(statuses: pd.Series) -> str:
    for status in ("fail", "pass"):
        if (statuses == status).any():
            return status
    return "not_assessed"


def show(judged: pd.DataFrame, *, detail: bool) -> None:
    """Print a line a form; in detail also every still that is not as it should be."""
    stills = per_still(judged)
    for form, own in stills.groupby("form"):
        fault = own["fault"].iloc[0]
        fault = fault if isinstance(fault, str) else "-"
        found = own[own["found"]]
        counts = found["own"].value_counts().to_dict() if fault != "-" else ""
        others = " ".join(found["others"][found["others"] != ""])
        print(
            f"  {form:26} {fault:24} found {len(found)}/{len(own)}  own {counts}  false: {others}"
        )
    if detail:
        wrong = stills[(stills["others"] != "") | (stills["own"] == "pass") | ~stills["found"]]
        odd = judged[judged["name"].isin(wrong["name"])]
        for name, cues in odd.groupby("name"):
            print(name, f"near {cues['near_side'].iloc[0]}, {cues['view'].iloc[0]}")
            cue: Any
            for cue in cues.itertuples():
                print(f"    {cue.cue:24} {cue.held or '':6} {cue.status:13} {cue.reason}")


def main() -> None:
    """Judge the stills of some stretches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stretches", nargs="*", default=[])
    parser.add_argument("--split", default="tune", choices=("tune", "unseen"))
    parser.add_argument("--detail", action="store_true")
    options = parser.parse_args()
    stills = all_stills(options.split)
    for name in options.stretches or stretch_ids():
        stretch = load_stretch(name)
        checked = check_stills(stills, stretch)
        if checked:
            print(f"{stretch.id} ({options.split}, {len(checked)} stills)")
            show(judge(checked), detail=options.detail)


if __name__ == "__main__":
    main()
