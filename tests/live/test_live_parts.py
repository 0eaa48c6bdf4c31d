"""The live engine's parts: smoothing, cleaning without a look ahead, speaking, walking a dose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import posecheck as pc
from posecheck.landmarks.series import Landmark, Side
from posecheck.live.engine.causal import CausalCleaner, OneEuro
from posecheck.live.engine.dose_tracker import DoseTracker
from posecheck.live.engine.engine import Engine
from posecheck.live.engine.feedback import Message
from posecheck.live.engine.guide import find_guidance
from posecheck.live.engine.hold_tracker import Hold
from posecheck.live.engine.recent_window import RecentWindow
from posecheck.live.engine.speaker import SAY_EVERY_S, SHOW_S, Prompt, Speaker
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.sighting import Sighting
from posecheck.stretches import load_stretch
from posecheck.stretches.schema import Dose
from tests.fixtures.bodies import STANDING, stick_figure

FPS = 20.0

# --- getting into the picture ---------------------------------------------------------------------


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


# --- One-Euro -------------------------------------------------------------------------------------


def smooth(values: np.ndarray) -> np.ndarray:
    one_euro = OneEuro(min_cutoff_hz=2.5, beta=6.0)
    return np.array([one_euro(k / FPS, np.array([[v]]))[0, 0] for k, v in enumerate(values)])


def test_noise_at_rest_is_calmed() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 400)
    assert smooth(noise)[50:].std() < 0.7 * noise[50:].std()


def test_a_movement_is_followed_closely() -> None:
    ramp = np.clip(np.arange(60) / FPS - 1, 0, 1)  # a torso length in a second
    behind = (ramp - smooth(ramp))[25:40]
    assert behind.max() < 0.06  # so many seconds late, at that speed


def test_what_was_hidden_begins_anew() -> None:
    values = np.array([0.0, 0.0, np.nan, 5.0, 5.0])
    assert smooth(values).tolist() == pytest.approx([0, 0, np.nan, 5, 5], nan_ok=True)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
def test_smoothed_values_stay_within_what_was_seen(values: list[float]) -> None:
    smoothed = smooth(np.array(values))
    assert smoothed.min() >= min(values) - 1e-6
    assert smoothed.max() <= max(values) + 1e-6


# --- cleaning without a look ahead ----------------------------------------------------------------


def sighting(t_s: float, image: np.ndarray, visibility: float = 1.0) -> Sighting:
    return Sighting(t_s, 0, image, np.zeros((33, 3)), np.full(33, visibility))


LEG = [Landmark.left_knee, Landmark.left_ankle, Landmark.left_heel, Landmark.left_foot_index]
OTHER = [Landmark.right_knee, Landmark.right_ankle, Landmark.right_heel, Landmark.right_foot_index]


def striding() -> np.ndarray:
    """A body with its legs far apart, in pixels of a picture of 1000 x 1000."""
    image = stick_figure(STANDING, hip_px=(500, 500), size=(1000, 1000)).image[0].copy()
    image[LEG, 0] -= 40
    image[OTHER, 0] += 40
    return image


def exchanged(image: np.ndarray) -> np.ndarray:
    swapped = image.copy()
    swapped[LEG], swapped[OTHER] = image[OTHER], image[LEG]
    return swapped


def test_legs_that_changed_places_are_put_back() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    for k in range(10):
        cleaner.add(sighting(k / FPS, image))
    cleaned = cleaner.add(sighting(10 / FPS, exchanged(image)))
    assert cleaned.image[LEG] == pytest.approx(image[LEG], abs=1)


def test_legs_that_stay_changed_are_believed() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    for k in range(1, 60):
        cleaned = cleaner.add(sighting(k / FPS, exchanged(image)))
    assert cleaned.image[LEG] == pytest.approx(image[OTHER], abs=1)


def test_a_blink_is_filled_and_a_long_gap_is_not() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    blink = cleaner.add(sighting(0.2, image, visibility=0.1))
    assert blink.image == pytest.approx(image, abs=1)
    gone = cleaner.add(sighting(0.4, image, visibility=0.1))
    assert np.isnan(gone.image).all()


def test_nobody_is_nobody() -> None:
    cleaner = CausalCleaner(1000, 1000)
    nothing = np.full((33, 2), np.nan)
    for k in range(5):
        cleaned = cleaner.add(sighting(k / FPS, nothing, visibility=np.nan))
    assert np.isnan(cleaned.image).all()


def test_another_shot_begins_anew() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    elsewhere = replace(sighting(0.1, image + 50), shot=1)
    assert cleaner.add(elsewhere).image == pytest.approx(image + 50)


# --- speaking -------------------------------------------------------------------------------------


def message(text: str) -> Message:
    return Message("guide", "reminder", text, text, cue=text)


def test_a_prompt_must_last_before_it_is_said() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), after_s=1)
    assert speaker.speak(0.0, [prompt]) is None
    assert speaker.speak(0.5, []) is None  # gone, so it begins anew
    assert speaker.speak(0.9, [prompt]) is None
    assert speaker.speak(1.8, [prompt]) is None
    assert speaker.speak(2.0, [prompt]) == "A"


def test_urgent_events_go_first_and_others_last() -> None:
    speaker = Speaker()
    speaker.tell(0, message("3 of 10"), urgent=False)
    speaker.tell(0, message("switch"))
    prompt = Prompt(message("A"))
    said = [speaker.speak(t_s, [prompt]) for t_s in (0.0, SAY_EVERY_S, 1.6 * SAY_EVERY_S)]
    assert said == ["switch", "A", None]


def test_events_that_waited_too_long_are_dropped() -> None:
    speaker = Speaker()
    speaker.speak(0, [Prompt(message("A"))])
    speaker.tell(0.1, message("old"))
    assert speaker.speak(20, []) is None


def test_the_same_is_not_said_again_at_once() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), again_s=9)
    said = [t for t in range(20) if speaker.speak(float(t), [prompt])]
    assert said == [0, 9, 18]


def test_a_message_is_taken_down_when_it_was_read_and_is_over() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), again_s=99)
    speaker.speak(0, [prompt])
    speaker.speak(SHOW_S + 1, [prompt])
    assert speaker.message == message("A")  # it is still so
    speaker.speak(SHOW_S + 2, [])
    assert speaker.message is None


@given(
    st.lists(
        st.tuples(st.floats(0.05, 1.0), st.sets(st.sampled_from("abcd")), st.booleans()),
        max_size=80,
    )
)
def test_never_too_much_talk(steps: list[tuple[float, set[str], bool]]) -> None:
    speaker, t_s, said_s, shown, since_s = Speaker(), 0.0, [], None, 0.0
    for step, prompts, event in steps:
        t_s += step
        if event:
            speaker.tell(t_s, message(f"event {t_s}"))
        if speaker.speak(t_s, [Prompt(message(key)) for key in sorted(prompts)]):
            said_s.append(t_s)
        if speaker.message != shown:
            assert shown is None or t_s - since_s >= 1
            shown, since_s = speaker.message, t_s
    assert (np.diff(said_s) >= SAY_EVERY_S - 1e-9).all()


# --- walking a dose -------------------------------------------------------------------------------


def walk(stretch: str, *doses: Dose, side: Side | None = None) -> DoseTracker:
    definition = pc.load_stretch(stretch)
    return DoseTracker(definition.model_copy(update={"doses": doses}), side)


def hold(start_s: float, seconds: float, side: Side | None = None) -> Hold:
    return Hold(side, start_s, seconds)


def test_one_hold_of_one_minute() -> None:
    dose = walk("childs-pose", Dose(source="A", seconds=60))
    assert dose.update(hold(0, 59.9), 0) is None
    assert dose.update(hold(0, 60.1), 0) == "done"
    assert dose.update(hold(0, 61), 0) is None  # told once
    assert dose.is_done


def test_a_time_that_was_nearly_held_counts() -> None:
    dose = walk("childs-pose", Dose(source="A", seconds=60))
    assert dose.end_hold(hold(0, 50), 0) is None
    assert dose.end_hold(hold(60, 58), 0) == "done"


def test_sets_with_rests_and_sides() -> None:
    dose = walk("single-knee-to-chest", Dose(source="A", seconds=30, sets=2, rest_s=15))
    assert dose.n_sets == 4
    assert dose.update(hold(0, 30, "left"), 0) == "switch"
    assert dose.next_side == "right"
    assert dose.update(hold(40, 30, "right"), 0) == "rest"
    assert dose.rest_left_s(75) == pytest.approx(10)
    assert dose.rest_left_s(99) == 0
    assert dose.update(hold(90, 30, "right"), 0) == "switch"
    assert dose.update(hold(130, 30, "left"), 0) == "done"
    assert dose.n_sets_met == 4


def test_one_side_asked_for_is_one_side_done() -> None:
    dose = walk("single-knee-to-chest", Dose(source="A", seconds=30), side="left")
    assert dose.update(hold(0, 30, "left"), 0) == "done"


def test_reps_go_on_over_a_break() -> None:
    dose = walk("cat-cow", Dose(source="A", reps=10))
    assert dose.update(hold(0, 30), 6) is None
    assert dose.end_hold(hold(0, 30), 6) is None
    assert dose.n_reps(None, 3) == 9
    assert dose.update(hold(50, 20), 4) == "done"


def test_without_a_dose_nothing_is_ever_done() -> None:
    dose = walk("childs-pose")
    assert dose.update(hold(0, 600), 0) is None
    assert not dose.is_done


# --- the engine's edges ---------------------------------------------------------------------------


def test_nothing_seen_is_no_report() -> None:
    with Engine("childs-pose") as engine, pytest.raises(pc.PosecheckError, match="nothing"):
        engine.finish()


def test_the_stretch_must_be_named() -> None:
    with pytest.raises(pc.PosecheckError, match="stretch"):
        Engine("auto")


def test_a_side_that_is_not_there_is_refused() -> None:
    with pytest.raises(pc.PosecheckError, match="both sides"):
        Engine("childs-pose", side="left")
