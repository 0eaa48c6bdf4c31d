"""What the live picture draws says the same as the list beside it."""

from __future__ import annotations

import pytest

from posecheck.landmarks.parquet import load_landmarks
from posecheck.live.engine.engine import Engine
from posecheck.live.engine.feedback import CueState, Mark
from tests.fixtures.films import sightings_of
from tests.fixtures.paths import REPO

CLIPS = REPO / "benchmarks" / "data" / "clips"
SIGNS = {"pass": True, "fail": False}


def shown_together(clip: str, stretch: str) -> list[tuple[Mark, CueState]]:
    """Every mark that was drawn with how its cue stood in the same frame."""
    series = load_landmarks(CLIPS / f"{clip}.parquet")
    size = {"width": series.source.width, "height": series.source.height}
    with Engine(stretch) as engine:
        feedback = [engine.feed_sighting(sighting, **size) for sighting in sightings_of(series)]
    return [
        (mark, next(cue for cue in now.cues if cue.id == mark.cue))
        for now in feedback
        for mark in now.marks
    ]


@pytest.mark.parametrize(
    ("clip", "stretch"),
    [
        ("childs-pose", "childs-pose"),
        ("doorway-hamstring-propped", "doorway-hamstring"),
        ("forearm-plank-knees-down", "forearm-plank"),
        ("hand-heel-rock", "hand-heel-rock"),
    ],
)
def test_a_mark_never_contradicts_the_list(clip: str, stretch: str) -> None:
    signs = [
        (mark.good, SIGNS[cue.status])
        for mark, cue in shown_together(clip, stretch)
        if cue.status in SIGNS and mark.good is not None
    ]
    assert len(signs) > 50
    assert all(drawn == listed for drawn, listed in signs)


@pytest.mark.parametrize(
    ("clip", "stretch", "cue", "unit"),
    [
        ("childs-pose", "childs-pose", "head-down", "L"),  # of two measures
        ("doorway-hamstring-propped", "doorway-hamstring", "resting-leg-flat", "°"),  # of a variant
    ],
)
def test_the_check_that_decided_is_drawn(clip: str, stretch: str, cue: str, unit: str) -> None:
    near = {"L": 0.05, "°": 6.0}[unit]
    values = [
        (float(mark.text.removesuffix(unit)), float(state.text.removesuffix(unit)))
        for mark, state in shown_together(clip, stretch)
        if mark.cue == cue and state.text
    ]
    assert values
    assert all(drawn == pytest.approx(listed, abs=near) for drawn, listed in values)
