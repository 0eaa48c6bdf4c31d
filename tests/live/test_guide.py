"""Getting into the picture: the first thing to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posecheck.live.engine.guide import find_guidance
from posecheck.live.engine.recent_window import RecentWindow
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.sighting import Sighting
from posecheck.stretches import load_stretch
from tests.fixtures.bodies import STANDING, stick_figure

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
