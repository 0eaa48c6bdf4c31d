"""Every sample clip, from the file to the verdict, against the sidecar beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import posecheck as pc
from posecheck.assess.report import Report
from posecheck.cli import main
from posecheck.landmarks.series import LandmarkSeries
from posecheck.live.engine.engine import Engine
from posecheck.live.engine.feedback import Feedback
from posecheck.measures.catalogue import MEASURES
from posecheck.media.open import open_source
from tests.fixtures.films import sightings_of
from tests.fixtures.paths import SAMPLES
from tests.fixtures.videos import duration_s

SIDECARS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in SAMPLES.glob("*.json")
}
NAMES = sorted(SIDECARS)
# posecheck has no definition yet of some of the stretches: only the angles can be compared.
KNOWN = [name for name in NAMES if SIDECARS[name]["stretch"] in pc.stretch_ids()]
HELD = [name for name in NAMES if SIDECARS[name]["expected"]["holds_s"]]
OUTLINED = [name for name in KNOWN if "back_outline" in SIDECARS[name]["truth"]]

# What must be said about a clip in which nothing can be judged.
HELP = {
    "legs-up-the-wall-wrong-view": "side-on",
    "childs-pose-half-out-of-frame": "whole body in the picture",
    "empty-room": "nobody",
}

# Clips and stretches that look a little alike.
WRONG = [
    ("bridge", "legs-up-the-wall"),
    ("cat-cow", "forearm-cat-cow"),
    ("childs-pose", "cat-cow"),
    ("cobra", "childs-pose"),
    ("forearm-cat-cow", "cat-cow"),
    ("forward-fold", "childs-pose"),
    ("legs-up-the-wall", "single-knee-to-chest"),
    ("low-lunge", "forward-fold"),
    ("single-knee-to-chest", "legs-up-the-wall"),
]

HOLD_WITHIN_S = 0.7
# Largest median error over the held time that is let pass, in degrees: about twice the mean
# absolute error that benchmarks/accuracy.py prints for the measure.
# Twice the standard error that the report itself states.
WITHIN = {
    name: 2 * MEASURES[name].sem for name in ("hip_flexion", "knee_flexion", "trunk_inclination")
}


@dataclass(frozen=True, eq=False)
class Look:
    """What posecheck made of a clip; no report where the stretch has no definition."""

    series: LandmarkSeries
    measures: pd.DataFrame
    report: Report | None


def _clip(name: str) -> Path:
    return SAMPLES / f"{name}.mp4"


def _look(name: str) -> Look:
    if name in KNOWN:
        report = pc.check(_clip(name), SIDECARS[name]["stretch"])
        return Look(report.series, report.measures, report)
    series = pc.estimate(_clip(name), outline=False)
    return Look(series, pc.compute_measures(series), None)


@pytest.fixture(scope="session")
def look() -> Callable[[str], Look]:
    """Each clip is looked at once, when the first test asks for it."""
    return cache(_look)


@pytest.fixture(scope="session")
def checked(look: Callable[[str], Look]) -> Callable[[str], Report]:
    """The report of a clip whose stretch is in the catalogue."""

    def report_of(name: str) -> Report:
        report = look(name).report
        assert report is not None
        return report

    return report_of


@pytest.fixture(scope="session")
def every_frame() -> Callable[[str], Report]:
    """The report of a clip of which every frame was looked at."""
    return cache(lambda name: pc.check(_clip(name), SIDECARS[name]["stretch"], fps="all"))


# --- what posecheck says --------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_verdict_and_every_cue(checked: Callable[[str], Report], name: str) -> None:
    report, expected = checked(name), SIDECARS[name]["expected"]
    cues = [cue for cue in report.cues if cue.kind != "reminder"]
    assert {cue.id: cue.status for cue in cues} == expected["cues"]
    assert len(cues) == len(expected["cues"]), "only one side was held"
    assert report.verdict == expected["verdict"]
    assert all(cue.advice for cue in report.to_change)
    assert all(cue.reason for cue in cues)


@pytest.mark.parametrize("name", KNOWN)
def test_reps_and_holds(checked: Callable[[str], Report], name: str) -> None:
    report, expected = checked(name), SIDECARS[name]["expected"]
    assert {side: n for side, n in report.dose.reps.items() if n} == expected["reps"]
    found = [(hold.start_s, hold.end_s) for hold in report.holds]
    assert len(found) == len(expected["holds_s"]), found
    for hold, true in zip(found, expected["holds_s"], strict=True):
        assert hold == pytest.approx(true, abs=HOLD_WITHIN_S)


@pytest.mark.parametrize("name", KNOWN)
def test_frames_left_out_change_nothing(
    checked: Callable[[str], Report], every_frame: Callable[[str], Report], name: str
) -> None:
    """Cues, holds and reps are those of a check that looks at every frame."""
    sampled, whole = checked(name), every_frame(name)
    statuses, wanted = ({(c.id, c.side): c.status for c in r.cues} for r in (sampled, whole))
    assert statuses == wanted
    assert sampled.dose.reps == whole.dose.reps
    assert [h.side for h in sampled.holds] == [h.side for h in whole.holds]
    for hold, true in zip(sampled.holds, whole.holds, strict=True):
        assert (hold.start_s, hold.end_s) == pytest.approx((true.start_s, true.end_s), abs=0.21)


@pytest.mark.parametrize("name", [name for name in KNOWN if name in HELD])
def test_near_side(checked: Callable[[str], Report], name: str) -> None:
    assert checked(name).camera.near_side == SIDECARS[name]["near_side"]


@pytest.mark.parametrize("name", HELP)
def test_what_cannot_be_judged(
    checked: Callable[[str], Report],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    report = checked(name)
    cues = [cue for cue in report.cues if cue.kind != "reminder"]
    assert all(cue.observed is None for cue in cues)
    said = " ".join(cue.why.explanation for cue in cues if cue.why is not None)
    assert HELP[name] in said.lower()
    # A few frames are enough to see the exit status.
    stretch = SIDECARS[name]["stretch"]
    arguments = ["posecheck", "check", str(_clip(name)), "--stretch", stretch, "--fps", "4"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 3
    assert HELP[name] in " ".join(capsys.readouterr().out.lower().split())


def test_every_clip_without_a_verdict_has_its_help() -> None:
    silent = {n for n in KNOWN if SIDECARS[n]["expected"]["verdict"] == "not-assessed"}
    assert silent == set(HELP)


def test_a_wrong_view_gives_no_angles(look: Callable[[str], Look]) -> None:
    measures = look("legs-up-the-wall-wrong-view").measures
    assert measures.filter(like="hip_flexion").isna().all(axis=None)


@pytest.mark.parametrize(("name", "stretch"), WRONG)
def test_the_wrong_stretch_is_never_good(
    look: Callable[[str], Look], name: str, stretch: str
) -> None:
    report = pc.check(look(name).series, stretch)
    assert report.verdict != "good"
    assert all(cue.reason for cue in report.cues)


# --- the numbers under it -------------------------------------------------------------------------


@pytest.mark.parametrize("measure", WITHIN)
@pytest.mark.parametrize("name", HELD)
def test_angles_are_those_of_the_body(look: Callable[[str], Look], name: str, measure: str) -> None:
    assert abs(_error(look(name), SIDECARS[name], measure)) <= WITHIN[measure]


def _error(look: Look, sidecar: dict[str, Any], measure: str) -> float:
    """Median error over the held time, in degrees; of the near side where there are two."""
    sided = pc.MEASURES[measure].sided
    column = f"{sidecar['near_side']}_{measure}" if sided else measure
    t_s, truth = look.series.t_s, sidecar["truth"]
    held = np.any([(t_s >= a) & (t_s <= b) for a, b in sidecar["expected"]["holds_s"]], axis=0)
    known = np.interp(t_s, truth["t_s"], truth[measure])
    return float((look.measures[column] - known)[held].median())


@pytest.mark.parametrize("name", OUTLINED)
def test_back_outline_follows_the_spine(look: Callable[[str], Look], name: str) -> None:
    measures, truth = look(name).measures, SIDECARS[name]["truth"]
    for measure, true in (("back_height", "back_outline"), ("back_bow", "back_outline_relative")):
        known = np.interp(look(name).series.t_s, truth["t_s"], truth[true])
        seen = measures[measure].notna().to_numpy()
        assert np.corrcoef(measures[measure][seen], known[seen])[0, 1] > 0.9


# --- the files ------------------------------------------------------------------------------------


def test_there_are_enough_clips() -> None:
    assert len(NAMES) >= 14
    assert len({sidecar["stretch"] for sidecar in SIDECARS.values()}) >= 7
    assert {path.stem for path in SAMPLES.glob("*.mp4")} == set(NAMES)
    assert {path.stem for path in SAMPLES.glob("*.jpg")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_clip_is_small_and_plays_everywhere(name: str) -> None:
    sidecar = SIDECARS[name]
    assert _clip(name).stat().st_size < 1_000_000
    with av.open(str(_clip(name))) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (sidecar["width"], sidecar["height"])
        assert stream.average_rate == sidecar["fps"]
        seconds = duration_s(stream)
    assert 8 <= seconds <= 20
    assert seconds == pytest.approx(sidecar["seconds"], abs=0.1)
    if n_frames := len(sidecar["truth"]["t_s"]):
        assert n_frames == round(seconds * sidecar["fps"])


@pytest.mark.parametrize("name", NAMES)
def test_poster_is_small(name: str) -> None:
    poster = SAMPLES / f"{name}.jpg"
    assert poster.stat().st_size < 40_000
    with Image.open(poster) as picture:
        assert picture.format == "JPEG"
        assert picture.width * SIDECARS[name]["height"] == picture.height * SIDECARS[name]["width"]


def test_readme_is_what_the_sidecars_say(tmp_path: Path) -> None:
    out = tmp_path / "README.md"
    command: list[str | Path] = [sys.executable, SAMPLES / "render" / "table.py", "--out", out]
    subprocess.run(command, check=True, timeout=60)
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert page == out.read_text(encoding="utf-8"), "run sample_videos/render/table.py"
    for name in NAMES:
        (row,) = [line for line in page.splitlines() if f"]({name}.mp4)" in line]
        assert f'src="{name}.jpg" width="200"' in row
        assert SIDECARS[name]["notes"]["clip"] in row


# --- fed live -------------------------------------------------------------------------------------

LIVE_WITHIN_S = 0.5  # of a hold's ends: live there is no look ahead


@dataclass(frozen=True, eq=False)
class Live:
    """What the live engine made of a clip: all feedback, and the report at the end."""

    feedback: list[Feedback]
    report: Report

    @property
    def holds(self) -> list[tuple[float, float]]:
        """Start and end of every hold, as the clock showed it."""
        spells: list[list[float]] = []
        before_s = float("inf")
        for f in self.feedback:
            if f.phase == "hold":
                if f.clock.held_s < before_s - 1:  # the clock began anew
                    spells.append([f.t_s - f.clock.held_s, 0.0])
                before_s = f.clock.held_s
                spells[-1][1] = spells[-1][0] + before_s
        return [(start, end) for start, end in spells]

    @property
    def statuses(self) -> dict[str, str]:
        """The last status of every cue in a hold."""
        judged = [cue for f in self.feedback if f.phase == "hold" for cue in f.cues]
        return {cue.id: cue.status for cue in judged if cue.status != "not_assessed"}


@pytest.fixture(scope="session")
def live(every_frame: Callable[[str], Report]) -> Callable[[str], Live]:
    """A clip's landmarks, fed to the engine one frame after the other."""

    def feed(name: str) -> Live:
        series = every_frame(name).series
        source = series.source
        with Engine(SIDECARS[name]["stretch"]) as engine:
            feedback = [
                engine.feed_sighting(sighting, width=source.width, height=source.height)
                for sighting in sightings_of(series)
            ]
            return Live(feedback, engine.finish())

    return cache(feed)


@pytest.mark.parametrize("name", KNOWN)
def test_live_ends_with_the_recorded_report(
    every_frame: Callable[[str], Report], live: Callable[[str], Live], name: str
) -> None:
    recorded, report = every_frame(name).to_dict(), live(name).report.to_dict()
    # The true length of a camera's clip is that between its frames.
    differ = {key for key in recorded if recorded[key] != report[key]}
    assert differ <= {"source"}


EARLY = pytest.mark.xfail(
    strict=True, reason="live begins the hold a second early, while the body still sinks"
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=EARLY) if name == "low-lunge" else name for name in KNOWN]
)
def test_live_sees_the_recorded_cues_and_holds(
    checked: Callable[[str], Report], live: Callable[[str], Live], name: str
) -> None:
    recorded, fed = checked(name), live(name)
    judged = {cue.id: cue.status for cue in recorded.cues if cue.kind != "reminder"}
    assert {cue: fed.statuses.get(cue, "not_assessed") for cue in judged} == judged
    found = [(hold.start_s, hold.end_s) for hold in recorded.holds]
    assert len(fed.holds) == len(found)
    for hold, true in zip(fed.holds, found, strict=True):
        assert hold == pytest.approx(true, abs=LIVE_WITHIN_S)
    counted = max((f.clock.reps for f in fed.feedback), default=0)
    assert counted == sum(recorded.dose.reps.values())


@pytest.mark.parametrize("name", KNOWN)
def test_live_never_flickers_nor_chatters(live: Callable[[str], Live], name: str) -> None:
    feedback = live(name).feedback
    said = [f.t_s for f in feedback if f.say]
    assert all(after - before >= 3 - 1e-6 for before, after in pairwise(said))
    shown = [list(one) for _, one in groupby(feedback, key=lambda f: f.message)]
    assert all(one[-1].t_s - one[0].t_s >= 1 for one in shown[:-1] if one[0].message)
    assert all(f.message for f in feedback if f.say)


@pytest.mark.parametrize("name", KNOWN)
def test_live_corrects_what_fails_and_nothing_else(
    checked: Callable[[str], Report], live: Callable[[str], Live], name: str
) -> None:
    corrected = [
        f.message.text for f in live(name).feedback
        if f.say and f.message and f.message.kind == "correct"
    ]  # fmt: skip
    wrong = checked(name).to_change
    assert bool(corrected) == bool(wrong)
    if wrong:
        advice = wrong[0].advice.partition(": ")[2]
        assert advice in corrected[0]


@pytest.mark.parametrize("name", HELP)
def test_live_guides_the_set_up(live: Callable[[str], Live], name: str) -> None:
    said = " ".join(f.say for f in live(name).feedback if f.say)
    assert {
        "legs-up-the-wall-wrong-view": "Turn side-on",
        "childs-pose-half-out-of-frame": "can't see",
        "empty-room": "I can't see you",
    }[name] in said


@pytest.mark.parametrize("name", ["childs-pose-arms-short"])
def test_live_with_its_own_model_is_the_recorded_check(
    every_frame: Callable[[str], Report], name: str
) -> None:
    stretch = SIDECARS[name]["stretch"]
    with Engine(stretch) as engine, open_source(_clip(name)) as source:
        for frame in source.frames():
            feedback = engine.feed(frame)
        report = engine.finish()
    assert feedback.phase == "hold"
    cues = [(cue.id, cue.status, cue.observed) for cue in report.cues]
    assert cues == [(cue.id, cue.status, cue.observed) for cue in every_frame(name).cues]
