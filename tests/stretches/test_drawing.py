"""The drawing of a stretch cannot lie: as a photo it is found in its own stretch and passes."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posecheck.assess.judge import check_series, figure_faults
from posecheck.assess.report import Report
from posecheck.core.errors import SourceError, UsageError
from posecheck.measures.measured import compute_measures
from posecheck.report.figures import plot_stretch_figure, save_stretch, stretch_svg
from posecheck.stretches import Stretch, load_stretch, stretch_ids
from posecheck.stretches.drawing import draw_lines, figure_landmarks, figure_strokes
from posecheck.stretches.figure import Figure
from posecheck.stretches.reader import parse_stretch, template
from posecheck.stretches.schema import NEED_TIME, Check

STRETCHES = [*map(load_stretch, stretch_ids()), parse_stretch(template(), where="template.toml")]
DRAWN = [(s, figure) for s in STRETCHES for figure in s.figures]
NAMES = [f"{s.id} {figure.name}".strip() for s, figure in DRAWN]


def judged(stretch: Stretch, figure: Figure) -> Report:
    return check_series(figure_landmarks(stretch, figure), stretch, correct=False)


def a_photo_shows(check: Check) -> bool:
    return check.statistic not in NEED_TIME and not check.timed


# --- the catalogue --------------------------------------------------------------------------------


def test_every_stretch_has_a_drawing() -> None:
    assert [s.id for s in STRETCHES if not s.figures] == []


@pytest.mark.parametrize(("stretch", "figure"), DRAWN, ids=NAMES)
def test_drawing_is_in_its_own_stretch_and_fails_nothing(stretch: Stretch, figure: Figure) -> None:
    form = judged(stretch, figure)
    assert form.camera.view == (figure.view or stretch.views[0])
    assert [hold.side for hold in form.holds] == [None if stretch.sides == "both" else "right"]
    assert {cue.id: cue.reason for cue in form.cues if cue.status == "fail"} == {}


@pytest.mark.parametrize("stretch", STRETCHES, ids=lambda s: s.id)
def test_drawings_pass_every_alignment_cue_that_they_can_show(stretch: Stretch) -> None:
    half_told = {cue.id for cue in stretch.cues if any(map(stretch.shows_least, cue.check))}
    passed = {
        cue.id
        for figure in stretch.figures
        for cue in judged(stretch, figure).cues
        if cue.status == "pass" or (cue.id in half_told and (cue.margin or 0) > 0)
    }
    views = {figure.view or stretch.views[0] for figure in stretch.figures}
    can_be_shown = {
        cue.id
        for cue in stretch.cues
        if cue.kind == "alignment"
        and any(a_photo_shows(c) and any(map(c.seen_from, views)) for c in cue.check)
    }
    assert can_be_shown <= passed


@pytest.mark.parametrize(("stretch", "figure"), DRAWN, ids=NAMES)
def test_phases_are_named_as_the_reps_name_them(stretch: Stretch, figure: Figure) -> None:
    parts = {hold.name for hold in judged(stretch, figure).intervals if hold.kind == "phase"}
    assert not parts or parts == {figure.name}


def test_a_wrong_drawing_would_be_told() -> None:
    """The tests above are worth something: other angles fail."""
    legs = load_stretch("legs-up-the-wall")
    both = legs.figures[0].both.model_copy(update={"hip_flexion": 60})
    form = judged(legs, legs.figures[0].model_copy(update={"both": both}))
    assert [cue.id for cue in form.cues if cue.status == "fail"] == ["hips-at-90"]


@pytest.mark.parametrize("stretch", STRETCHES, ids=lambda s: s.id)
def test_validate_has_nothing_to_say_of_the_drawings(stretch: Stretch) -> None:
    assert figure_faults(stretch) == []


# --- what the keys mean ---------------------------------------------------------------------------


def own(**more: Any) -> tuple[Stretch, Figure]:
    figure = Figure.model_validate({"trunk_inclination": 0, **more})
    stretch = load_stretch("low-lunge").model_copy(update={"figures": (figure,)})
    return stretch, figure


def measured(**more: Any) -> dict[str, float]:
    (row,) = compute_measures(figure_landmarks(*own(**more)), correct=False).to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_angles_of_the_side_view_are_the_measures_of_that_name() -> None:
    angles = {
        "hip_flexion": 70,
        "knee_flexion": 40,
        "ankle_dorsiflexion": -20,
        "shoulder_flexion": 100,
        "elbow_flexion": 30,
    }
    seen = measured(
        trunk_inclination=35, neck_flexion=10, head_pitch=15, back_bow=0.08, held=angles
    )
    for name, value in angles.items():
        assert seen[f"right_{name}"] == pytest.approx(value, abs=1e-6)
    assert seen["trunk_inclination"] == pytest.approx(35)
    assert seen["neck_flexion"] == pytest.approx(10)
    assert seen["head_pitch"] == pytest.approx(15)
    assert seen["back_bow"] == pytest.approx(0.08, abs=1e-3)


def test_front_view_reads_leans_and_arms() -> None:
    seen = measured(
        view="front",
        held={"lateral_trunk_inclination": 25, "arm_abduction": 30, "head_turn": 0.1},
        other={"arm_abduction": 160},
    )
    assert seen["right_lateral_trunk_inclination"] == pytest.approx(25)
    assert seen["right_arm_abduction"] == pytest.approx(30)
    assert seen["left_arm_abduction"] == pytest.approx(160)
    assert seen["right_head_turn"] == pytest.approx(0.1, abs=0.005)


def test_turns_to_the_other_side() -> None:
    seen = measured(view="front", other={"lateral_trunk_inclination": 25})
    assert seen["left_lateral_trunk_inclination"] == pytest.approx(25)


@pytest.mark.parametrize("degrees", [-35, 20, 45])
def test_twist_is_read_in_the_world(degrees: float) -> None:
    seen = measured(view="front", held={"trunk_rotation": degrees})
    assert seen["right_trunk_rotation"] == pytest.approx(degrees)


def test_seen_from_above() -> None:
    """Face down, the arms in a T and the bent thighs spread."""
    both = {"arm_abduction": 90, "hip_flexion": 90, "knee_flexion": 90, "thigh_abduction": 50}
    stretch, figure = own(view="above", trunk_inclination=90, both=both)
    form = judged(stretch, figure)
    row = form.measures.iloc[0]
    assert form.track.view.tolist() == ["front"]  # as every frame from above is named
    assert row["right_arm_abduction"] == pytest.approx(90)
    assert row["left_thigh_abduction"] == pytest.approx(row["right_thigh_abduction"])


def test_knees_that_drop_to_a_side_seen_from_the_feet() -> None:
    """The pelvis rolls with the legs, the shoulders stay."""
    both = {"hip_flexion": 90, "knee_flexion": 100}
    held = {"roll": 60, "trunk_rotation": -60}
    seen = measured(view="end-on", trunk_inclination=-90, both=both, held=held)
    assert seen["right_knee_drop"] == pytest.approx(60, abs=5)  # the camera looks down
    assert seen["right_trunk_rotation"] == pytest.approx(-60)
    assert abs(seen["shoulder_tilt"]) < 1


def test_both_is_what_a_silent_side_has() -> None:
    _, figure = own(both={"hip_flexion": 50}, held={"hip_flexion": 0})
    assert (figure.angle("hip_flexion", "held"), figure.angle("hip_flexion", "other")) == (0, 50)


# --- lines, signs, files --------------------------------------------------------------------------


@pytest.mark.parametrize(("stretch", "figure"), DRAWN, ids=NAMES)
def test_lines_are_whole_and_stand_on_the_floor(stretch: Stretch, figure: Figure) -> None:
    strokes = figure_strokes(stretch, figure)
    points = np.concatenate([stroke.points for stroke in strokes])
    assert np.isfinite(points).all()
    if (figure.view or stretch.views[0]) in ("side", "front"):
        floor = next(stroke for stroke in strokes if stroke.role == "ground").points[0, 1]
        assert points[:, 1].min() == pytest.approx(floor)


def test_wall_stands_behind_the_legs() -> None:
    stretch = load_stretch("legs-up-the-wall")
    strokes = figure_strokes(stretch, stretch.figures[0])
    _, wall = (stroke.points for stroke in strokes if stroke.role == "ground")
    body = np.concatenate([s.points for s in strokes if s.role != "ground"])
    assert wall[0, 0] == wall[1, 0]
    assert 0 < wall[0, 0] - body[:, 0].max() < 0.2


def test_braille_of_a_square() -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    assert draw_lines([square], columns=2, rows=1) == "⣏⣹"


@pytest.mark.parametrize(("columns", "rows"), list(itertools.product((3, 20), (2, 9))))
def test_braille_fits_its_room(columns: int, rows: int) -> None:
    line = np.array([[0.0, 0.0], [3.0, -2.0]])
    for lines in ([line], [line, line + 5], [np.zeros((2, 2))]):
        text = draw_lines(lines, columns=columns, rows=rows).split("\n")
        assert len(text) <= rows
        assert max(map(len, text)) <= columns
        assert any(row.strip("⠀") for row in text)


def test_svg_and_png(tmp_path: Path) -> None:
    stretch = load_stretch("cat-cow")
    for name in ("a.svg", "a.PNG"):
        save_stretch(stretch, tmp_path / name)
    assert ET.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    assert stretch_svg(stretch) == stretch_svg(stretch)


def test_a_name_is_text_in_the_svg() -> None:
    stretch, figure = own(name="$\\x$ <b> & ]]>")
    ET.fromstring(stretch_svg(stretch))
    assert plot_stretch_figure(stretch, figure).get_title() == figure.name


def test_refusals(tmp_path: Path) -> None:
    stretch = load_stretch("cat-cow")
    with pytest.raises(UsageError, match=r"\.svg or \.png"):
        save_stretch(stretch, tmp_path / "a.gif")
    with pytest.raises(UsageError, match="no drawing"):
        save_stretch(stretch.model_copy(update={"figures": ()}), tmp_path / "a.svg")
    for name in ("a.svg", "a.png"):
        with pytest.raises(SourceError, match="cannot be written"):
            save_stretch(stretch, tmp_path / "none" / name)
