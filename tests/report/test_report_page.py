"""The page about one recording: alone, escaped, complete, true to the report, two sheets of A4."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import posecheck as pc
from posecheck.assess.pain import spare_depth
from posecheck.assess.report import Report
from posecheck.core.wording import EVERYTHING
from posecheck.landmarks.series import SourceFacts
from posecheck.measures.bands import short_units, show_reading, show_value
from posecheck.media.open import open_source
from posecheck.report.html import key_frames
from posecheck.report.html.key_frames import choose_key_frames
from posecheck.report.style import STATUS
from posecheck.stretches import load_stretch, stretch_ids
from tests.fixtures.bodies import FOLD, KNEE_IN, LEGS_UP, OTHER_KNEE_IN, SUPINE
from tests.fixtures.browser import needs_chromium
from tests.fixtures.films import drawn_film, film, joined, photo
from tests.fixtures.pages import check_alone, printed, too_wide
from tests.fixtures.paths import SAMPLES
from tests.fixtures.reports import EVIL, REPORTS, evil_report, report
from tests.fixtures.videos import TICKS, make_uneven_video, time_of_s

CLIPS = {
    "legs-up-the-wall-hips-60": "legs-up-the-wall",
    "cat-cow": "cat-cow",
    "childs-pose-half-out-of-frame": "childs-pose",
}
BOTH_SIDES = joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5))


@pytest.fixture(scope="module")
def checked() -> Callable[[str], Report]:
    """Each clip is checked once, when the first test asks for it."""
    return cache(lambda name: pc.check(SAMPLES / f"{name}.mp4", CLIPS[name], fps=10))


def sizes(text: str) -> list[tuple[int, int]]:
    found = re.findall(r"data:image/jpeg;base64,([^\"]+)", text)
    return [Image.open(io.BytesIO(base64.b64decode(one))).size for one in found]


# --- real clips -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLIPS)
def test_page_of_a_clip_is_true_to_its_report(
    checked: Callable[[str], Report], name: str, tmp_path: Path
) -> None:
    found = checked(name)
    text = found.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == text
    page = check_alone(text)
    assert f"{name}.mp4" in page.text
    assert re.search(r"checked on \d+ [A-Z][a-z]+ 20\d\d", page.text)
    assert str(SAMPLES) not in text, "where the recording lies is nobody's business"
    for line in EVERYTHING:
        assert line in page.text
    for cue in found.cues:
        assert cue.title in page.text or cue.kind == "reminder"
        if cue.observed is not None:
            assert short_units(show_value(cue.observed, cue.unit)) in page.text
        assert STATUS[cue.status].word in page.text or cue.kind == "reminder"
    for value in found.rom:
        assert value.interval is not None
        assert short_units(show_reading(value.value, value.interval, value.unit)) in page.text
    for dose in found.stretch.doses:
        assert dose.amount in page.text
    for line in found.what_to_change():
        assert line in page.text
    assert "no medical device" in page.text
    assert "skeleton is drawn alone" not in page.text
    assert len(sizes(text)) == (1 if found.verdict == "not-assessed" else 2)
    assert len(text) < 700_000


def test_verdict_in_one_sentence(checked: Callable[[str], Report]) -> None:
    said = {
        "legs-up-the-wall-hips-60": "Needs work: 1 of 2 alignment cues that could be",
        "cat-cow": "Good: all 4 alignment cues that could be judged passed.",
        "childs-pose-half-out-of-frame": "Not assessed: nothing could be judged",
    }
    for name, words in said.items():
        assert words in check_alone(checked(name).to_html()).text


def test_pictures_are_the_frames_of_the_recording(checked: Callable[[str], Report]) -> None:
    """The background of a picture is that of the recording's frame, not a blank one."""
    found = checked("cat-cow")
    moments = choose_key_frames(found)
    images = key_frames._read(found, [moment.index for moment in moments])
    with av.open(found.series.source.path) as container:
        frames = {
            round(time_of_s(frame), 3): frame.to_ndarray(format="bgr24")
            for frame in container.decode(video=0)
        }
    for moment in moments:
        t_s = float(found.series.t_s[moment.index])
        true = frames[min(frames, key=lambda at: abs(at - t_s))]
        assert np.abs(images[moment.index].astype(int) - true).mean() < 3


@needs_chromium
@pytest.mark.parametrize("name", CLIPS)
def test_clip_prints_to_two_sheets(
    checked: Callable[[str], Report], name: str, tmp_path: Path
) -> None:
    sheets = printed(checked(name).to_html(), tmp_path)
    assert len(sheets) <= 2
    assert "posecheck is no medical device" in " ".join(sheets)


@needs_chromium
def test_page_fits_on_a_phone(checked: Callable[[str], Report], tmp_path: Path) -> None:
    assert too_wide(checked("cat-cow").to_html(), tmp_path, width=360) == (360, [])


# --- everything a report can be -------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_page_stands_alone(name: str) -> None:
    page = check_alone(REPORTS[name]().to_html())
    assert "skeleton is drawn alone" in page.text, "there is no such recording"
    for line in EVERYTHING:
        assert line in page.text


@pytest.mark.parametrize("stretch", sorted(stretch_ids()))
def test_every_stretch_has_its_page(stretch: str) -> None:
    page = check_alone(report(drawn_film(stretch, 3), stretch).to_html())
    assert load_stretch(stretch).name in page.text


def wordy(n_cues: int = 36) -> Report:
    """A definition of somebody who had much to say; most of it failed."""
    found = report(film(replace(LEGS_UP, hip=60.0, ankle=-60.0)))
    long = "Come a little closer to the wall, slowly, and let both legs rest on it. " * 9
    many = [found.cues[k % len(found.cues)] for k in range(n_cues)]
    cues = tuple(
        replace(cue, id=f"{cue.id}-{k}", title=f"{k} {cue.title} {long}", change=f"{k} {long}")
        for k, cue in enumerate(many)
    )
    stretch = found.stretch.model_copy(update={"name": long, "safety": (long,) * 9})
    dose = replace(found.dose, asked=found.dose.asked * 9, holds=found.dose.holds * 50)
    more: dict[str, Any] = {"stretch": stretch, "cues": cues, "rom": found.rom * 9, "dose": dose}
    return replace(found, **more, warnings=(long,) * 30)


@needs_chromium
@pytest.mark.parametrize(
    "make",
    [
        wordy,
        lambda: wordy(8),
        lambda: report(BOTH_SIDES, "single-knee-to-chest"),
        lambda: report(photo()),
    ],
    ids=["36 cues", "8 cues", "both sides", "photo"],
)
def test_no_page_is_longer_than_two_sheets(make: Callable[[], Report], tmp_path: Path) -> None:
    assert len(printed(make().to_html(), tmp_path)) <= 2


@needs_chromium
@pytest.mark.parametrize("make", [wordy, evil_report], ids=["wordy", "evil"])
def test_long_words_fit_on_a_phone(make: Callable[[], Report], tmp_path: Path) -> None:
    assert too_wide(make().to_html(), tmp_path, width=360) == (360, [])


def test_wordy_page_says_that_there_is_more() -> None:
    text = check_alone(wordy().to_html()).text
    assert "more cues" in text
    assert "…" in text


def test_three_things_to_change_are_large_and_the_rest_is_not() -> None:
    found = report(film(replace(LEGS_UP, hip=60.0)))
    (failed,) = found.to_change
    many = tuple(replace(failed, change=f"advice number {k}") for k in range(5))
    text = replace(found, cues=many).to_html()
    first, then = text.index('<ol class="first">'), text.index('<ul class="then">')
    places = [text.index(f"Advice number {k}") for k in range(5)]
    assert first < places[0] < places[1] < places[2] < then < places[3] < places[4]
    assert then < text.index("<table")


def test_page_says_what_to_change_first() -> None:
    text = REPORTS["needs-work"]().to_html()
    assert "What to change first" in text
    assert text.index("closer to the wall") < text.index("<table")
    assert "What to change first" not in report().to_html()


def test_names_and_words_are_escaped() -> None:
    text = evil_report().to_html()
    page = check_alone(text)
    assert EVIL in page.text
    assert "<script" not in text


def test_with_pain_depth_is_not_praised() -> None:
    assert "reached" in report().to_html()
    assert "reached" not in spare_depth(report(), 3, None).to_html()


# --- moments --------------------------------------------------------------------------------------


def moments(hip: np.ndarray) -> tuple[Report, list[tuple[str, float]]]:
    found = report(film(replace(LEGS_UP, hip=hip)))
    return found, [
        (one.title, float(found.measures["right_hip_flexion"].iloc[one.index]))
        for one in choose_key_frames(found)
    ]


def test_best_and_worst_of_a_failed_cue() -> None:
    """72 frames: best in the middle, worst towards the end; one misread frame is no moment."""
    hip = np.interp(np.arange(72), [0, 30, 40, 60, 71], [66.0, 75, 75, 62, 62])
    found, (best, worst) = moments(hip)
    assert found.verdict == "needs-work"
    assert best == ("Best moment", pytest.approx(75, abs=0.7))
    assert worst == ("Moment to work on", pytest.approx(62, abs=0.7))


def test_best_and_nearest_to_a_limit_where_all_is_well() -> None:
    hip = np.interp(np.arange(72), [0, 30, 40, 60, 71], [97.0, 90, 90, 94, 94])
    found, (best, worst) = moments(hip)
    assert found.verdict == "good"
    assert best == ("Best moment", pytest.approx(90, abs=0.7))
    assert worst == ("Nearest to a limit", pytest.approx(97, abs=0.7))


def test_a_moment_lies_in_a_hold_of_its_own_side() -> None:
    found = report(BOTH_SIDES, "single-knee-to-chest")
    for moment in choose_key_frames(found):
        assert any(hold.start <= moment.index < hold.stop for hold in found.holds)


def test_a_sway_is_shown_where_it_is_farthest() -> None:
    sway = 120 + 6 * np.sin(np.arange(72) * 2 * np.pi / 48)
    found = report(film(replace(FOLD, trunk=sway)), "forward-fold")
    assert [cue.id for cue in found.to_change] == ["still"]
    worst = choose_key_frames(found)[-1]
    assert worst.title == "Moment to work on"
    value = float(found.measures["trunk_inclination"].iloc[worst.index])
    assert abs(value - found.measures["trunk_inclination"].median()) > 4


@pytest.mark.parametrize(
    ("name", "title"),
    [("photo", "The picture"), ("nobody", "What the camera saw"), ("front", "What the camera saw")],
)
def test_one_picture_where_there_is_one_moment(name: str, title: str) -> None:
    assert [one.title for one in choose_key_frames(REPORTS[name]())] == [title]


# --- pictures -------------------------------------------------------------------------------------


@pytest.fixture
def filmed(tmp_path: Path) -> Report:
    path = tmp_path / "clip.mp4"
    make_uneven_video(path)
    series = film(t_s=np.array(TICKS) / 30_000, size=(320, 180), hip_px=(160.0, 100.0), px_per_m=95)
    return report(replace(series, source=SourceFacts(str(path), "video", 320, 180, fps=20.0)))


def test_pictures_are_of_one_size_and_sharp(filmed: Report) -> None:
    text = filmed.to_html()
    assert "drawn alone" not in text
    assert len(set(sizes(text))) == 1
    assert max(sizes(text)[0]) > 600, "the recording has 320 pixels"


def test_reading_ends_with_the_last_picture(
    filmed: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    opened = open_source

    def counted(path: Path) -> object:
        source = opened(path)
        frames = source.frames

        def counting(**more: Any) -> object:
            for frame in frames(**more):
                read.append(frame.index)
                yield frame

        source.frames = counting  # type: ignore[method-assign, assignment]
        return source

    monkeypatch.setattr(key_frames, "open_source", counted)
    assert sorted(key_frames._read(filmed, [12, 4])) == [4, 12]
    assert read == list(range(13))


@pytest.mark.parametrize("how", ["gone", "damaged", "another", "shorter", "camera"])
def test_without_the_recording_the_skeleton_is_drawn_alone(
    filmed: Report, how: str, tmp_path: Path
) -> None:
    clip = Path(filmed.series.source.path)
    if how == "gone":
        clip.unlink()
    elif how == "damaged":
        clip.write_bytes(clip.read_bytes()[:500])
    elif how == "another":
        make_uneven_video(clip, width=160, height=90)
    elif how == "shorter":
        later = replace(filmed.series, t_s=filmed.series.t_s + 60)
        filmed = replace(filmed, measured=replace(filmed.measured, series=later))
    else:
        source = replace(filmed.series.source, kind="camera")
        filmed = filmed.with_source(source)
    page = check_alone(filmed.to_html())
    assert "skeleton is drawn alone" in page.text
    assert str(tmp_path) not in page.text
    assert sum(load.startswith("data:image/jpeg") for load in page.loads) >= 1


def test_nothing_drawn_is_cut_off(filmed: Report) -> None:
    """The part that is shown holds every pixel that was drawn."""
    blank = np.full((720, 1280, 3), 90, np.uint8)
    drawn = blank.copy()
    drawn[100:200, 1180:1280] = 0
    left, top, right, bottom = key_frames._box({0: blank}, {0: drawn})
    assert (left <= 1180, top <= 100, right, bottom >= 200) == (True, True, 1280, True)
    assert 0.7 < (right - left) / (bottom - top) < 2.0
