"""`posecheck live` without a window: the real engine, with recordings as the camera."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import posecheck
from posecheck.cli import live
from posecheck.core.errors import SourceError
from posecheck.live.desktop import webcam as webcam_module
from posecheck.live.desktop.source import LATE_S, RecordingAsCamera, open_live_source
from posecheck.live.desktop.voice import Voice, find_voice
from posecheck.live.desktop.webcam import Webcam
from posecheck.media.open import open_source
from posecheck.pose.model.locate import resolve_model
from posecheck.sessions import History
from tests.fixtures.commands import CATCH, LEGS, PHOTO, PROGRAM, START, started
from tests.fixtures.paths import DATA, SAMPLES
from tests.fixtures.videos import with_a_long_hold

FAULTY = DATA / "legs-up-the-wall-hips-60.mp4"
LINES = ("live", "--no-window", *LEGS, "--camera")
LINE = re.compile(r" *\d+\.\d s  (set-up|ready|hold|flow|rest|done)( +\S .+)?$")


def words(text: str) -> str:
    return " ".join(text.split())


def feedback_lines(out: str) -> list[str]:
    """The lines before the report, which begins with an empty one."""
    return out.split("\n\n", maxsplit=1)[0].splitlines()


# --- a whole session ------------------------------------------------------------------------------


def test_faulty_clip_is_corrected_and_reported(tmp_path: Path) -> None:
    clip = SAMPLES / "legs-up-the-wall-hips-60.mp4"
    done = started(*LINES, clip, "--json", tmp_path / "r.json", "--report", tmp_path / "r.html")
    assert done.code == 1, done.err
    lines = feedback_lines(done.out)
    assert all(LINE.match(line) for line in lines), lines
    assert 3 <= len(lines) <= 15, "one for each message, and none for the clock"
    times = [float(line.split()[0]) for line in lines]
    assert times == sorted(times)
    assert sum("✗ Hips read" in line for line in lines) >= 1
    assert "move your seat closer to the wall" in words(done.out.split("\n\n", maxsplit=1)[1])
    assert "Before a first session" in done.err
    assert "Note:" not in done.err, "no voice is missed where none would be heard"
    live = json.loads((tmp_path / "r.json").read_text("utf-8"))
    recorded = posecheck.check(clip, LEGS[1]).to_dict()
    assert live["source"]["kind"] == "camera"
    assert live["source"]["path"] == str(clip)
    assert statuses(live) == statuses(recorded)
    assert "<!doctype html>" in (tmp_path / "r.html").read_text("utf-8").lower()


def statuses(report: dict[str, Any]) -> dict[tuple[str, str | None], str]:
    return {(cue["id"], cue["side"]): cue["status"] for cue in report["cues"]}


def test_good_clip_and_json_alone_on_standard_output() -> None:
    done = started(*LINES, SAMPLES / "legs-up-the-wall.mp4", "--json", "-")
    assert done.code == 0, done.err
    assert json.loads(done.out)["verdict"] == "good"
    assert "Hold for 300 seconds" in done.err
    assert "Held for" in done.err


def test_empty_room() -> None:
    done = started(*LINES, SAMPLES / "empty-room.mp4", "--mute")
    assert done.code == 3
    assert "can't see you" in done.out
    assert "Not assessed" in done.out


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty history, with the pose model that the other tests have fetched."""
    monkeypatch.setenv("POSECHECK_MODEL", str(resolve_model()))
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)


@pytest.mark.usefixtures("home")
def test_saved_session(run_cli: Any) -> None:
    save = ("--save", "--person", "Ann", "--pain-before", 2, "--pain-after", 1, "--prop", "strap")
    done = run_cli(*LINES, FAULTY, *save)
    assert done.code == 1, done.err
    assert "Extreme pain, or pain that runs down a leg?" in words(done.err)
    assert "Saved as session 1 of Ann." in done.err
    assert "How much does it hurt" not in done.err, "nobody sits there to answer"
    assert "With pain (2 of 10)" in words(done.out), "depth is not judged with pain"
    with History() as history:
        (session,) = history.sessions().to_dict("records")
        assert (session["pain_before"], session["pain_after"]) == (2, 1)
        assert history.landmarks(1).source.kind == "camera"
    twice = run_cli(*LINES, FAULTY, *save)
    assert twice.code == 2
    assert "saved already, as session 1 of Ann" in twice.err


@pytest.mark.usefixtures("home")
@pytest.mark.skipif(os.name != "posix", reason="no terminals of this kind here")
def test_pain_is_asked_for_on_a_terminal() -> None:
    import pty

    ours, theirs = pty.openpty()
    arguments = [*LINES, str(FAULTY), "--save", "--person", "Ann"]
    process = subprocess.Popen(
        [*START, *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    os.write(ours, b"eleven\n11\n3\n\n")  # 3 at last, and nothing to say afterwards
    told: list[bytes] = []
    drained = threading.Thread(target=_drain, args=(ours, told), daemon=True)
    drained.start()
    process.communicate(timeout=120)
    drained.join(timeout=10)
    said = b"".join(told).decode()
    assert process.returncode == 1, said
    assert said.count("How much does it hurt now") == 3
    assert said.count("How much does it hurt after it") == 1
    with History() as history:
        (session,) = history.sessions().to_dict("records")
    assert session["pain_before"] == 3
    assert np.isnan(session["pain_after"])


def _drain(terminal: int, told: list[bytes]) -> None:
    try:
        while chunk := os.read(terminal, 4096):
            told.append(chunk)
    except OSError:  # Linux's way to say that the other end is closed
        return


@pytest.mark.skipif(os.name != "posix", reason="no such signal here")
def test_ctrl_c_still_gives_the_report(tmp_path: Path) -> None:
    # Long enough not to be over before a busy machine has passed on the signal.
    sample = SAMPLES / "legs-up-the-wall.mp4"
    clip = with_a_long_hold(sample, tmp_path / sample.name, at_s=8.0, seconds=90.0)
    process = subprocess.Popen(
        [sys.executable, "-c", CATCH + PROGRAM, *LINES, str(clip)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert LINE.match(first.rstrip()), first
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode in {0, 1, 3}, err
    assert "Legs up the wall" in out
    assert "Ctrl-C once more ends it without a report." in words(err)
    assert "Traceback" not in out + err


@pytest.mark.skipif(os.name != "posix", reason="no such signal here")
def test_second_ctrl_c_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), live._interruptible() as stopped:
            assert not stopped()
            signal.raise_signal(signal.SIGINT)
            assert stopped()
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_before_anything_was_seen(run_cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def at_once() -> Iterator[Any]:
        yield lambda: True

    monkeypatch.setattr(live, "_interruptible", at_once)
    done = run_cli(*LINES, FAULTY)
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err


# --- questions that make no sense -----------------------------------------------------------------


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], ["--stretch", "`posecheck stretches` lists them"]),
        (["--stretch", "auto"], ["--stretch", "`posecheck stretches` lists them"]),
        (["--stretch", "legs-up-wall"], ["Did you mean 'legs-up-the-wall'"]),
        ([*LEGS, "--side", "left"], ["both sides at once"]),
        ([*LEGS, "--person", "Ann"], ["--person", "Add --save"]),
        ([*LEGS, "--save", "--pain-before", "11"], ["11", "0 (none) to 10"]),
        ([*LEGS, "--json", "none/r.json"], ["no such folder"]),
        ([*LEGS, "--camera", "none.mp4"], ["none.mp4", "No such file"]),
        ([*LEGS, "--camera", PHOTO], ["photo", "posecheck check"]),
        ([*LEGS, "--camera", DATA], ["folder"]),
        ([*LEGS, "--camera", FAULTY, "--json", FAULTY], ["overwrite"]),
    ],
    ids=lambda value: " ".join(map(str, value[-2:])) if isinstance(value, list) else None,
)
def test_question_that_makes_no_sense(
    run_cli: Any, arguments: list[object], said: list[str]
) -> None:
    run_cli("live", "--no-window", *arguments).failed_clearly(*said)


def test_help_teaches(run_cli: Any) -> None:
    shown = words(run_cli("live", "--help").out)
    for word in ("--no-window", "--mute", "Space pauses", "Stop at once if it hurts", "--camera"):
        assert word in shown
    assert "live" in run_cli("--help").out


# --- cameras --------------------------------------------------------------------------------------


class FakeCapture:
    """What OpenCV gives for a camera: some pictures, then none, or silence."""

    def __init__(self, images: list[np.ndarray], *, silent: threading.Event | None = None) -> None:
        self._images = iter(images)
        self._silent = silent
        self.released = threading.Event()

    def read(self) -> tuple[bool, np.ndarray | None]:
        image = next(self._images, None)
        if image is None and self._silent is not None:
            self._silent.wait()  # a camera that hangs does not come back
        return image is not None, image

    def release(self) -> None:
        self.released.set()


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    with open_source(FAULTY) as source:
        return [frame.image for frame in islice(source.frames(max_side=320), 40)]


def test_camera_that_is_not_there() -> None:
    if Path("/dev/video77").exists():
        pytest.skip("there is such a camera")
    done = started("live", "--no-window", *LEGS, "--camera", 77)
    done.failed_clearly("camera 77", "There is no such camera")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are Linux's")
def test_camera_errors_on_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr("posecheck.live.desktop.webcam.os.access", lambda *_: False)
    with pytest.raises(SourceError, match="usermod -aG video"):
        Webcam(77)
    monkeypatch.setattr("posecheck.live.desktop.webcam.os.access", lambda *_: True)
    with pytest.raises(SourceError, match="Close other programs that use it"):
        Webcam(77)


@pytest.mark.parametrize(
    ("platform", "said"),
    [("darwin", "Privacy & Security > Camera"), ("win32", "Privacy & security > Camera")],
)
def test_camera_errors_elsewhere(platform: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.live.desktop.webcam.sys.platform", platform)
    with pytest.raises(SourceError, match=said):
        Webcam(77)


def test_number_no_camera_can_have() -> None:
    with pytest.raises(SourceError, match="camera 99999999999"):
        open_live_source("99999999999", paced=False)


def test_newest_picture_wins(images: list[np.ndarray]) -> None:
    """Whoever looks slowly gets the picture of now, not the one of then."""
    capture = FakeCapture(images, silent=(hung := threading.Event()))
    camera = Webcam(0, capture)
    frames = camera.frames()
    while not _is_last(camera, images[-1]):
        time.sleep(0.001)
    frame = next(frames)
    assert frame is not None
    assert (frame.index, frame.t_s) == (0, 0.0)
    assert (frame.image == images[-1]).all()
    assert next(frames) is None, "no picture is given twice"
    hung.set()
    camera.close()
    assert capture.released.wait(10)


def _is_last(camera: Webcam, image: np.ndarray) -> bool:
    newest = camera._newest
    return newest is not None and newest[1] is image


def test_camera_that_is_unplugged(images: list[np.ndarray]) -> None:
    camera = Webcam(0, capture := FakeCapture(images))
    times = [frame.t_s for frame in camera.frames() if frame is not None]
    assert times == sorted(set(times))
    assert len(times) >= 1
    assert "unplugged" in camera.trouble
    assert capture.released.wait(10), "it lets go by itself"


def test_camera_that_hangs(images: list[np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam_module, "_SILENT_S", 0.05)
    monkeypatch.setattr(webcam_module, "_JOIN_S", 0.05)
    camera = Webcam(0, FakeCapture(images, silent=(hung := threading.Event())))
    assert any(frame is not None for frame in list(camera.frames()))
    assert "unplugged" in camera.trouble
    camera.close()  # does not wait for ever either
    hung.set()


def test_camera_without_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Webcam(0, capture := FakeCapture([]))
    with pytest.raises(SourceError, match="gives no picture: another program uses it"):
        list(camera.frames())
    assert capture.released.wait(10)


def test_session_with_a_camera_that_is_unplugged(
    run_cli: Any,
    images: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was seen until then is judged, and everybody is told."""
    captures = []

    def opened(_: int) -> FakeCapture:
        captures.append(FakeCapture(images))
        return captures[0]

    monkeypatch.setattr(webcam_module, "_opened", opened)
    done = run_cli(*LINES, "0", "--mute", "--json", "-")
    assert done.code in {0, 1, 3}, done.err
    assert "Note: The camera gives no picture any more" in words(done.err)
    source = json.loads(done.out)["source"]
    assert (source["kind"], source["path"]) == ("camera", "camera 0")
    assert source["frames"] >= 1
    assert captures[0].released.is_set()


def test_camera_is_released_after_a_fault(
    run_cli: Any,
    images: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = FakeCapture(images)
    monkeypatch.setattr(webcam_module, "_opened", lambda _: capture)
    monkeypatch.setattr(live, "_look", lambda *_: 1 / 0)
    assert run_cli(*LINES, "0").code == 70
    assert capture.released.wait(10)


class Clock:
    """A clock that goes on only when somebody waits, or works."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds


def paced(clock: Clock) -> RecordingAsCamera:
    return RecordingAsCamera(FAULTY, paced=True, now=lambda: clock.now_s, wait=clock.wait)


def test_recording_comes_in_its_own_time() -> None:
    clock = Clock()
    source = paced(clock)
    for frame in source.frames():
        if frame is not None:
            assert clock.now_s - 100 == pytest.approx(frame.t_s, abs=1e-6)
    assert frame is not None
    assert frame.t_s > 7.5


def test_slow_work_drops_pictures_and_not_time() -> None:
    clock = Clock()
    seen = []
    for frame in paced(clock).frames():
        if frame is not None:
            seen.append(frame)
            assert clock.now_s - 100 - frame.t_s <= LATE_S + 1e-6
            clock.now_s += 0.25
    assert 25 <= len(seen) <= 45
    assert seen[-1].t_s > 7


def test_recording_without_pace_is_whole() -> None:
    with open_source(FAULTY) as opened:
        n_frames = sum(1 for _ in opened.frames(max_side=64))
    source = open_live_source(str(FAULTY), paced=False)
    assert sum(frame is not None for frame in source.frames()) == n_frames
    assert not source.mirrored


# --- the voice ------------------------------------------------------------------------------------


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[tuple[Voice, Path]]:
    """A voice that writes down what it is to say."""
    heard = tmp_path / "heard"
    script = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')"
    voice = Voice([sys.executable, "-c", script, str(heard)])
    yield voice, heard
    voice.close()


def _finish(voice: Voice) -> None:
    assert voice._speaking is not None
    voice._speaking.wait(timeout=60)


def test_voice_says_it(notebook: tuple[Voice, Path]) -> None:
    voice, heard = notebook
    for text in ("Switch sides.", "--help", "Ten seconds left."):
        voice.say(text)
        _finish(voice)
    assert heard.read_text() == "Switch sides.\nhelp\nTen seconds left.\n"
    assert not voice.trouble


def test_muted_voice_is_silent(notebook: tuple[Voice, Path]) -> None:
    voice, heard = notebook
    voice.toggle()
    voice.say("Nobody hears this.")
    assert voice._speaking is None
    voice.toggle()
    voice.say("But this.")
    _finish(voice)
    assert heard.read_text() == "But this.\n"


def test_newest_sentence_cuts_the_older_one_short() -> None:
    voice = Voice(
        [sys.executable, "-c", "import sys; sys.stdin.read(); import time; time.sleep(600)"]
    )
    voice.say("A very long sentence.")
    long = voice._speaking
    assert long is not None
    voice.say("A new one.")
    assert long.poll() is not None
    newest = voice._speaking
    assert newest is not None
    assert newest.poll() is None
    voice.close()
    assert newest.poll() is not None, "it ends with the program"
    assert not voice.trouble


@pytest.mark.parametrize(
    "command",
    [
        ["/no/such/program"],
        [sys.executable, "-c", "import sys; sys.exit('error: no loudspeaker')"],
        [sys.executable, "-c", "import sys; print('error: no loudspeaker', file=sys.stderr)"],
    ],
)
def test_voice_that_does_not_work_is_given_up(command: list[str]) -> None:
    voice = Voice(command)
    voice.say("One.")
    if voice._speaking is not None:
        _finish(voice)
    voice.say("Two.")
    assert voice._speaking is None
    assert "there is text only" in voice.trouble


def test_machine_without_a_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.live.desktop.voice.shutil.which", lambda _: None)
    monkeypatch.setattr("posecheck.live.desktop.voice.find_spec", lambda _: None)
    monkeypatch.setattr("posecheck.live.desktop.voice.sys.platform", "linux")
    assert find_voice() is None
    voice = Voice(find_voice())
    voice.say("Nobody hears this.")
    assert voice.trouble.startswith("No voice was found")


@pytest.mark.parametrize(
    ("platform", "program", "begins"),
    [
        ("darwin", "", "say"),
        ("linux", "espeak-ng", "espeak-ng"),
        ("linux", "spd-say", "spd-say"),
        ("win32", "", sys.executable),
    ],
)
def test_voice_of_the_platform(
    platform: str, program: str, begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = "posecheck.live.desktop.voice.shutil.which"
    monkeypatch.setattr(which, lambda name: name == program or None)
    monkeypatch.setattr("posecheck.live.desktop.voice.find_spec", lambda _: object())
    monkeypatch.setattr("posecheck.live.desktop.voice.sys.platform", platform)
    command = find_voice()
    assert command is not None
    assert command[0] == begins


def test_real_voice(tmp_path: Path) -> None:
    command = find_voice()
    if command is None or command[0] != "espeak-ng":
        pytest.skip("espeak-ng is not installed here")
    spoken = tmp_path / "spoken.wav"
    voice = Voice([*command, "-w", str(spoken)])
    voice.say("Switch sides, please.")
    _finish(voice)
    assert spoken.stat().st_size > 10_000
    voice.close()
    assert not voice.trouble
