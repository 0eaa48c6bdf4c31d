"""What to change: to get into the picture, and to have every cue judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posecheck.assess.cue_result import CueResult
from posecheck.assess.reasons import NearLimit, Pain, Reason, TooFew, WrongView
from posecheck.landmarks.parquet import load_landmarks
from posecheck.live.engine.engine import Engine
from posecheck.live.engine.feedback import Message
from posecheck.live.engine.guide import explain_not_judged, find_guidance
from posecheck.live.engine.recent_window import RecentWindow
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.sighting import Sighting
from posecheck.stretches import load_stretch
from tests.fixtures.bodies import STANDING, stick_figure
from tests.fixtures.films import sightings_of
from tests.fixtures.paths import REPO

FPS = 20.0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "enter"),
        ({"yaw_deg": 32.0}, "enter"),  # not square, but it can be judged
        ({"px_per_m": 110.0}, "too_far"),
        ({"yaw_deg": 90.0}, "wrong_view"),
        ({"hip_px": (960.0, 1000.0)}, "out_of_picture"),
    ],
)
def test_first_thing_to_change(changes: dict[str, Any], code: str) -> None:
    figure = stick_figure(STANDING, t_s=np.arange(40) / FPS, **{"px_per_m": 450.0, **changes})
    model = ModelFacts(figure.model_name, figure.model_sha256, Path("full.task"), 0, "given")
    window = RecentWindow(load_stretch("forward-fold"), figure.source, model)
    for k, t_s in enumerate(figure.t_s):
        seen = Sighting(
            t_s, 0, figure.image[k], figure.world[k], figure.visibility[k], spread=np.zeros(33)
        )
        window.add(seen, seen)
    assert find_guidance(load_stretch("forward-fold"), window.recent, None).code == code


# --- what cannot be judged ------------------------------------------------------------------------


def said_in(clip: str) -> list[Message]:
    series = load_landmarks(REPO / "benchmarks" / "data" / "clips" / f"{clip}.parquet")
    size = {"width": series.source.width, "height": series.source.height}
    with Engine(clip) as engine:
        feedback = [engine.feed_sighting(sighting, **size) for sighting in sightings_of(series)]
    assert any(now.phase == "hold" for now in feedback)
    return [now.message for now in feedback if now.say and now.message]


def test_what_the_view_does_not_show_is_said_once_with_what_to_do() -> None:
    (message,) = (one for one in said_in("pigeon-pose") if one.code == "not_judged")
    assert message.cue == "knee-in-line"
    assert (
        message.text == "Front knee in line with the hip cannot be judged: turn to face the camera."
    )


def test_where_all_is_judged_nothing_is_said_about_it() -> None:
    assert "not_judged" not in {message.code for message in said_in("childs-pose")}


@pytest.mark.parametrize(
    ("why", "explained"),
    [
        (WrongView("front", ("side",), "left", "cue"), True),
        (NearLimit(91.0, "deg", 3.0), True),
        (TooFew("reps", 3, 1), False),  # what is missing comes with time
        (Pain(4, 10), False),
        (None, False),
    ],
)
def test_only_what_the_person_can_change_is_explained(why: Reason | None, explained: bool) -> None:
    result = CueResult("knees", "alignment", "Knees bent", "not_assessed", why=why)
    message = explain_not_judged(result)
    assert (message is not None) == explained
    assert message is None or (message.code, message.cue) == ("not_judged", "knees")
