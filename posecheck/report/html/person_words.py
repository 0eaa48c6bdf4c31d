"""What a person's page says in sentences: verdicts, sides, pain."""

from __future__ import annotations

from functools import cache

import pandas as pd

from posecheck.core.wording import sentence, shortened
from posecheck.report.style import CHANGE, GOOD, PLAIN, WORK
from posecheck.sessions.progress.progress import Progress
from posecheck.sessions.progress.series import SeriesProgress
from posecheck.stretches import load_stretch, stretch_ids

PAIN_RULE = "With pain, how far you get does not count."


@cache
def stretch_name(stretch: str) -> str:
    """The name of a stretch; of one's own only the id is known."""
    return load_stretch(stretch).name if stretch in stretch_ids() else stretch


def side_of(one: SeriesProgress) -> str:
    """The side in few words: where they differ, the one measured before the one held."""
    if one.side and one.held and one.side != one.held:
        return f"{one.side}, {one.held} held"
    return one.side or one.held or ""


def summary(progress: Progress) -> dict[str, str]:
    """Everything in one sentence, with its sign."""
    found = [one.verdict for one in progress.current]
    if not found:
        return {
            "words": "No session with a range of motion yet.",
            "sign": CHANGE["building baseline"].sign,
            "tone": PLAIN.name,
        }
    gains, losses = found.count("real gain"), found.count("real loss")
    noise, building = found.count("within measurement noise"), found.count("building baseline")
    counts = [
        (gains, "real gain" if gains == 1 else "real gains"),
        (losses, "real loss" if losses == 1 else "real losses"),
        (noise, "within measurement noise"),
        (building, "still building a baseline"),
    ]
    said = ", ".join(f"{n} {words}" for n, words in counts if n)
    what = f"Of {len(found)} value{'s' if len(found) != 1 else ''} followed: {said}."
    if losses:
        return {"words": what, "sign": CHANGE["real loss"].sign, "tone": WORK.name}
    # With pain, how far somebody got is no good news.
    tone = GOOD if gains and not progress.pain_after else PLAIN
    sign = CHANGE["real gain" if gains else "within measurement noise"].sign
    return {"words": what, "sign": sign, "tone": tone.name}


def others(progress: Progress, hidden: list[str]) -> str:
    """What is to be known of the stretches for which there is no room."""
    if not hidden:
        return ""
    said = [f"Trained last come first; {len(hidden)} more not shown"]
    for verdict in ("real gain", "real loss"):
        found = {one.stretch for one in progress.current if one.verdict == verdict}
        names = [stretch_name(name) for name in hidden if name in found]
        if names:
            said.append(f"{verdict} in {shortened(', '.join(names), 250)}")
    return sentence("; ".join(said))


def stretch_sentence(series: list[SeriesProgress]) -> str:
    """The verdicts on one stretch: what each of them is about."""
    parts = []
    for verdict in CHANGE:
        named: dict[str, list[str]] = {}
        for one in series:
            if one.verdict == verdict:
                named.setdefault(one.name, []).append(side_of(one))
        about = [
            f"{name} ({' and '.join(filter(None, sides))})" if any(sides) else name
            for name, sides in named.items()
        ]
        if about:
            parts.append(f"{verdict} in {', '.join(about)}")
    return sentence("; ".join(parts))


def left_right(progress: Progress, one: SeriesProgress) -> str:
    """Left against right, said beside the left side."""
    for found in progress.asymmetries:
        if found.left is one:
            limit = one.show(found.mdc)
            if not found.real:
                return f"alike within {limit}"
            larger = "left" if found.difference > 0 else "right"
            return f"{larger} {one.show(abs(found.difference))} larger"
    return ""


def pain_words(sessions: pd.DataFrame, progress: Progress) -> list[str]:
    """What was said about pain, in sentences; none where nobody was asked."""
    noted = sessions[sessions[["pain_before", "pain_after"]].notna().any(axis=1)]
    if noted.empty:
        return []
    last = noted.iloc[-1]
    times = [("before", last["pain_before"]), ("after", last["pain_after"])]
    said = " and ".join(f"{pain:.0f} {when}" for when, pain in times if pd.notna(pain))
    lines = [f"Last session: {said}, from 0 to 10."]
    recent = noted[noted["started"] > noted["started"].max() - pd.Timedelta(weeks=4)]
    after = recent["pain_after"].dropna()
    if len(after):
        lines.append(
            f"Last four weeks, after: median {after.median():.0f}, most {after.max():.0f}."
        )
    both = recent.dropna(subset=["pain_before", "pain_after"])
    if len(both):
        n_more = int((both["pain_after"] > both["pain_before"]).sum())
        lines.append(f"More pain after than before in {n_more} of {len(both)} sessions.")
    return [*lines, PAIN_RULE] if progress.pain_after else lines
