"""The live window: what it draws, and the window itself on a display without a screen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.core.errors import UsageError
from posecheck.live.desktop import window
from posecheck.live.desktop.drawing import HEIGHT, WIDTH, Screen
from posecheck.live.desktop.panel import draw_caption, phase_word
from posecheck.live.engine.feedback import Clock, CueState, Feedback, Mark, Message
from posecheck.media.open import open_source
from posecheck.report import style
from posecheck.report.canvas import INK
from posecheck.stretches import load_stretch
from tests.fixtures import virtual_display
from tests.fixtures.commands import CATCH, PROGRAM, started
from tests.fixtures.paths import SAMPLES
from tests.fixtures.videos import with_a_long_hold

BAD, GOOD = style.BAD.frame, style.GOOD.frame

FAULTY = SAMPLES / "legs-up-the-wall-hips-60.mp4"
LEGS = load_stretch("legs-up-the-wall")
TURN_WORDS = "Turn your left side to the camera."
TURN = Message("guide", "wrong_view", TURN_WORDS, TURN_WORDS)
CAPTION = slice(HEIGHT - 184 - 46, HEIGHT - 46)
FOOTER = slice(HEIGHT - 46, HEIGHT)

Image = np.ndarray


def feedback(**changes: Any) -> Feedback:
    """Somebody lying with a thigh at a wrong angle; points are where the clip's body is."""
    points: list[tuple[float, float] | None] = [None] * 33
    hip, knee, shoulder = (0.45, 0.73), (0.33, 0.51), (0.71, 0.75)
    points[11], points[23], points[25] = shoulder, hip, knee
    mark = Mark("hips-at-90", (shoulder, hip, knee), "57°", "80° to 100°", False, prolonged=True)
    now = Feedback(
        t_s=9.0,
        phase="hold",
        message=TURN,
        say=None,
        points=tuple(points),
        near_side="left",
        marks=(mark,),
        cues=(CueState("hips-at-90", "Hips at a right angle", "fail", "57°"),),
        clock=Clock(held_s=23.9, target_s=300.0),
    )
    return replace(now, **changes)


@pytest.fixture(scope="module")
def frame() -> Image:
    """A real frame, 960 pixels wide."""
    with open_source(FAULTY) as source:
        return next(islice(source.frames(max_side=960), 150, None)).image


def draw(image: Image, now: Feedback | None, *, mirrored: bool = False, **more: Any) -> Image:
    drawn = Screen(LEGS, mirrored=mirrored).draw(image, now, **more)
    assert drawn.shape == (HEIGHT, WIDTH, 3)
    assert drawn.dtype == np.uint8
    return drawn


def count(image: Image, colour: tuple[int, ...]) -> int:
    return int((np.abs(image.astype(int) - colour).max(axis=2) < 8).sum())


def lit(image: Image) -> int:
    """Pixels that are not the empty plate."""
    return int((image != INK).any(axis=2).sum())


# --- drawing --------------------------------------------------------------------------------------


def test_frame_is_left_alone(frame: Image) -> None:
    before = frame.copy()
    draw(frame, feedback(), mirrored=True, with_help=True)
    assert (frame == before).all()


def test_angle_has_the_colour_of_this_frame(frame: Image) -> None:
    wrong, right = feedback(), feedback()
    right = replace(right, marks=(replace(right.marks[0], good=True),))
    plain = draw(frame, replace(right, marks=()))
    for now, colour, other in ((wrong, BAD, GOOD), (right, GOOD, BAD)):
        drawn = draw(frame, now)
        assert count(drawn, colour) > count(plain, colour) + 500
        assert count(drawn, other) <= count(plain, other) + 50


def test_mirror_turns_the_picture_and_not_the_words() -> None:
    """What is left in the picture goes to the right; captions, clock and footer stay."""
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, :320] = 200
    plain, mirror = draw(image, feedback()), draw(image, feedback(), mirrored=True)
    width = int((HEIGHT - 184 - 46) * 640 / 480)
    assert plain[5, 5].mean() > 150 > mirror[5, 5].mean()
    assert mirror[5, width - 5].mean() > 150 > plain[5, width - 5].mean()
    for part in (np.s_[CAPTION], np.s_[FOOTER], np.s_[: CAPTION.start, width + 5 :]):
        assert (plain[part] == mirror[part]).all()
    columns = [np.flatnonzero(count_columns(drawn[:, :width], BAD)) for drawn in (plain, mirror)]
    middle = [float(np.median(found)) / width for found in columns]
    assert middle[0] == pytest.approx(1 - middle[1], abs=0.05), "the skeleton goes with the body"


def count_columns(image: Image, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(image.astype(int) - colour).max(axis=2) < 8).sum(axis=0)


@pytest.mark.parametrize("phase", ["set-up", "ready", "hold", "rest", "done"])
def test_how_to_stop_is_always_there(frame: Image, phase: Any) -> None:
    usual = draw(frame, feedback())[FOOTER, :400]
    assert lit(usual) > 1000
    for now in (feedback(phase=phase, message=None), None):
        for with_help in (False, True):
            drawn = draw(frame, now, with_help=with_help, notes=("voice off",))
            assert (drawn[FOOTER, :400] == usual).all()


@pytest.mark.parametrize(
    "text",
    [
        "Short",
        "A long sentence " * 12,
        "Onelongwordwithoutanyspace" * 9,
        "Bends 🧘🏽‍♀️ the knee, 膝を曲げる, اثن ركبتك, हाथ, ๏\x00\x1b[31m",
        "two\nlines\tand a half \ud800",
        "",
    ],
)
def test_any_caption_is_shown_whole(text: str) -> None:
    canvas = np.empty((184, 1256, 3), np.uint8)
    canvas[:] = INK
    draw_caption(canvas, Message("correct", "correction", text, text))
    assert lit(canvas) > 200, "the sign at least"
    assert lit(canvas[:, -2:]) == lit(canvas[-2:]) == 0, "nothing is cut off"


def test_caption_is_as_large_as_it_fits() -> None:
    heights = []
    for text in ("Knees down.", "Knees down, please, " * 3, "Knees down, please, " * 8):
        canvas = np.empty((184, 1256, 3), np.uint8)
        canvas[:] = INK
        draw_caption(canvas, Message("correct", "correction", text, text))
        sign = canvas[:, :60]
        rows = np.flatnonzero((sign != INK).any(axis=(1, 2)))
        heights.append(rows.max() - rows.min())
    assert heights[0] >= 45, "readable from two metres"
    assert lit(canvas) > 5000


def test_kinds_differ_in_more_than_colour() -> None:
    drawn = []
    for kind in ("guide", "correct", "praise", "time", "safety"):
        canvas = np.empty((184, 1256, 3), np.uint8)
        canvas[:] = INK
        draw_caption(canvas, Message(kind, "reminder", "Same words", ""))
        drawn.append(canvas.max(axis=2) > 90)
    for k, one in enumerate(drawn):
        assert all((one != other).any() for other in drawn[:k])


def test_clock_shows_what_the_phase_is_about(frame: Image) -> None:
    """Another second, rep or rest changes the column beside the picture; less than one does not."""

    def column(phase: Any, **clock: Any) -> bytes:
        now = feedback(phase=phase, clock=Clock(**clock))
        return draw(frame, now)[: CAPTION.start, 700:].tobytes()

    assert column("hold", held_s=23.1, target_s=60) == column("hold", held_s=23.1, target_s=60)
    assert column("hold", held_s=23.1) == column("hold", held_s=23.9)
    assert column("hold", held_s=23.1) != column("hold", held_s=24.0)
    assert column("hold", target_reps=10, reps=3) != column("hold", target_reps=10, reps=4)
    assert column("rest", rest_left_s=9.2) == column("rest", rest_left_s=9.8)
    assert column("rest", rest_left_s=9.2) != column("rest", rest_left_s=8.9)
    assert column("hold", side="left") != column("hold", side="right")
    assert column("hold", set_number=1, sets=3) != column("hold", set_number=2, sets=3)


def test_movement_is_no_hold() -> None:
    assert phase_word("hold", LEGS) == "hold"
    assert phase_word("hold", load_stretch("cat-cow")) == "flow"
    assert phase_word("rest", load_stretch("cat-cow")) == "rest"


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (1280, 720), (90, 1000), (1, 1)])
def test_any_camera_fits(size: tuple[int, int]) -> None:
    many = tuple(
        CueState(str(k), "A cue with a long title " * 2, "fail", "1.00 torso lengths")
        for k in range(12)
    )
    image = np.full((*size, 3), 90, np.uint8)
    drawn = draw(image, feedback(cues=many, message=None), mirrored=True)
    assert lit(drawn[CAPTION]) == 0, "nothing runs into the caption"


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(2, 4))
def test_marks_anywhere_are_survived(x: float, y: float, n: int) -> None:
    corners = ((0.5, 0.5), (x, y), (0.4, y), (x, 0.3))[:n]
    for prolonged in (None, False, True):
        mark = Mark("hips-at-90", corners, "1°", "", None, prolonged)
        now = feedback(marks=(mark,), points=(corners[1],) * 33)
        draw(np.zeros((120, 160, 3), np.uint8), now)


# --- no display -----------------------------------------------------------------------------------


ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")
ARGUMENTS = ("live", "--stretch", LEGS.id, "--camera")


@ON_LINUX
@pytest.mark.parametrize("display", ["", ":9999"])
def test_without_a_display_there_is_a_sentence(display: str) -> None:
    done = started(*ARGUMENTS, str(FAULTY), DISPLAY=display, WAYLAND_DISPLAY="")
    done.failed_clearly("--no-window", "display", "notebook")


@ON_LINUX
def test_opencv_without_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A headless build knows of no framework that draws windows."""
    (tmp_path / "cv2.py").write_text("def currentUIFramework():\n    return ''\n")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UsageError, match="headless"):
        window.check_display()


@ON_LINUX
def test_nothing_in_the_current_folder_is_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "av.py").write_text("import pathlib\npathlib.Path('was-run').touch()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPLAY", ":9999")
    with pytest.raises(UsageError):
        window.check_display()
    assert not (tmp_path / "was-run").exists()


@ON_LINUX
def test_display_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(*_: Any, **__: Any) -> Any:
        raise subprocess.TimeoutExpired([], 20)

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("posecheck.live.desktop.window.subprocess.run", hangs)
    with pytest.raises(UsageError, match="does not answer"):
        window.check_display()


# --- the window itself ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[virtual_display.VirtualDisplay]:
    if virtual_display.missing():
        pytest.skip(f"{virtual_display.missing()} is not installed here")
    with virtual_display.virtual_display(tmp_path_factory.mktemp("display")) as running:
        yield running


class Session:
    """A running `posecheck live` and what it shows."""

    def __init__(self, display: virtual_display.VirtualDisplay, clip: Path) -> None:
        self.display = display
        self.process = subprocess.Popen(
            [sys.executable, "-c", CATCH + PROGRAM, *ARGUMENTS, str(clip), "--mute"],
            env={**os.environ, "DISPLAY": display.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def shown(self, shows: Callable[[Image], bool], seconds: float = 60) -> Image | None:
        """The first picture on the screen that shows something; None where none does in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            picture = self.display.picture()[:HEIGHT, :WIDTH]
            if shows(picture):
                return picture
            time.sleep(0.05)
        return None

    def until(self, shows: Callable[[Image], bool]) -> Image:
        """Wait until the screen shows something; give the picture."""
        picture = self.shown(shows)
        if picture is None:
            pytest.fail(f"it was never shown: {self.killed()}")
        return picture

    def ended(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def killed(self) -> tuple[str, str]:
        self.process.kill()
        return self.process.communicate()


@pytest.fixture(scope="module")
def long_hold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Longer than a busy machine needs until it says what is wrong."""
    clip = tmp_path_factory.mktemp("clips") / "long-hold.mp4"
    return with_a_long_hold(FAULTY, clip, at_s=8.0, seconds=90.0)


@pytest.fixture
def session(display: virtual_display.VirtualDisplay, long_hold: Path) -> Iterator[Session]:
    running = Session(display, long_hold)
    # On a machine with no time to spare, Qt now and then misses that its window came onto the
    # screen, and never paints it: OpenCV alone does so too, and gives no sign of it.
    for _ in range(3):
        if running.shown(is_painted, seconds=20) is not None:
            break
        running.killed()
        running = Session(display, long_hold)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.killed()


def is_painted(picture: Image) -> bool:
    return count(picture[FOOTER], INK) > 10_000


def shows_correction(picture: Image) -> bool:
    """The caption is written in the colour of what has to be changed."""
    bright = tuple(int(0.35 * 255 + 0.65 * c) for c in BAD)
    return count(picture[CAPTION], bright) > 3000


def is_paused(picture: Image) -> bool:
    image = np.zeros((480, 640, 3), np.uint8)
    paused = Screen(LEGS, mirrored=False).draw(image, None, caption=window._PAUSED)
    difference = np.abs(paused[CAPTION].astype(int) - picture[CAPTION])
    return bool(difference.mean() < 2)


def test_window_shows_the_correction_and_takes_keys(session: Session) -> None:
    seen = session.until(shows_correction)
    usual = lit(seen[FOOTER, :400])
    assert usual > 1000, "how to stop"
    assert count(seen[: CAPTION.start], BAD) > 500, "the angle on the body"
    session.display.press("space")
    session.until(is_paused)
    session.display.press("Right")  # its code ends as that of S does
    session.display.press("h")
    session.until(lambda picture: picture[: CAPTION.start, :600].mean() < 60)
    session.display.press("space")
    session.until(lambda picture: not is_paused(picture))
    session.display.press("Escape")
    code, out, err = session.ended()
    assert code in {0, 1, 3}, err
    assert "Legs up the wall" in out
    assert "Traceback" not in err + out
    assert "Stop at sharp pain" in " ".join(err.split()), "said before anybody moves"


def test_recording_plays_to_its_end(display: virtual_display.VirtualDisplay) -> None:
    code, out, err = Session(display, FAULTY).ended()
    assert code == 1, err
    assert "move your seat closer to the wall" in " ".join(out.split())


def test_closed_window_ends_the_session(session: Session) -> None:
    session.until(shows_correction)
    session.display.close_window()
    code, out, err = session.ended()
    assert code in {1, 3}, err
    assert "Legs up the wall" in out
    assert session.display.window() is None


def test_ctrl_c_with_a_window(session: Session) -> None:
    session.until(shows_correction)
    session.process.send_signal(signal.SIGINT)
    code, out, err = session.ended()
    assert code in {1, 3}, err
    assert "Legs up the wall" in out
