"""Frames to landmarks with the real model, on scenes put together from rendered clips."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from posecheck.core.errors import ModelError
from posecheck.landmarks.series import LandmarkSeries
from posecheck.media.open import Frame, VideoWriter, open_source
from posecheck.pose import detector_pair
from posecheck.pose.augmentation import AUGMENTATIONS, Augmentation, consensus
from posecheck.pose.detector import MediaPipeDetector
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.scene_cuts import CutFinder, make_thumbnail
from posecheck.pose.second_model import LOOK_TWICE_EVERY_S
from posecheck.pose.sighting import Picture, Preparer, Sighting
from posecheck.pose.silhouette import N_POINTS
from posecheck.pose.tracker import PersonTracker
from tests.fixtures.composed import (
    FPS,
    KNEELING_BOX,
    RENDERED,
    STANDING_BOX,
    TORSO,
    Image,
    augmented,
    beside,
    body_mask,
    cut_out,
    empty_room,
    estimate_landmarks,
    facts_of,
    filmed,
    landmarks_of,
    off_torso,
    passed,
    passer_by,
    photo,
    photo_facts,
    pictures,
    walk,
)
from tests.fixtures.paths import DATA, REPO, SAMPLES

FOOTAGE = REPO.parent / "shared" / "footage"


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many detectors were made, closed and run: `tracking made`, `search run`, ..."""
    counts: Counter[str] = Counter()

    class Counting(MediaPipeDetector):
        def __init__(self, path: Path, *, video: bool, n_people: int, outline: bool) -> None:
            super().__init__(path, video=video, n_people=n_people, outline=outline)
            self.name = "tracking" if video else "search"
            counts[f"{self.name} made"] += 1

        def close(self) -> None:
            super().close()
            counts[f"{self.name} closed"] += 1

        def detect(self, picture: Picture) -> list[Sighting]:
            counts[f"{self.name} run"] += 1
            return super().detect(picture)

    monkeypatch.setattr(detector_pair, "open_detector", Counting)
    return counts


def augmented_rows(series: LandmarkSeries) -> np.ndarray:
    """Which frames were analysed a second time, augmented."""
    assert series.spread is not None
    return np.asarray(np.isfinite(series.spread).all(axis=1))


def cuts_of(series: LandmarkSeries) -> list[int]:
    return (np.flatnonzero(np.diff(series.shot)) + 1).tolist()


# --- one person ------------------------------------------------------------------------------


def test_shapes_facts_and_outline(model: ModelFacts) -> None:
    frames = filmed([*pictures("cat-cow", 0, 4), *[empty_room(pictures("cat-cow")[0])] * 4])
    series = estimate_landmarks(frames, facts_of(frames), model, outline=True)
    assert series.image.shape == (8, 33, 2)
    assert series.world.shape == (8, 33, 3)
    assert series.outline is not None
    assert series.outline.shape == (8, 2, N_POINTS)
    assert np.isfinite(series.outline[:4]).mean() > 0.8
    assert np.isnan(series.outline[4:]).all()
    assert augmented_rows(series).tolist() == [True] + [False] * 7
    assert series.seen.tolist() == [True] * 4 + [False] * 4
    assert (series.model_name, series.model_sha256) == (model.name, model.sha256)
    assert estimate_landmarks(frames[:2], facts_of(frames), model).outline is None


def test_no_frames_give_an_empty_series(model: ModelFacts) -> None:
    facts = facts_of(filmed(pictures("cat-cow", 0, 1)))
    series = estimate_landmarks([], facts, model, outline=True)
    assert len(series) == 0
    assert series.image.shape == (0, 33, 2)


def test_every_frame_is_reported(model: ModelFacts) -> None:
    frames = filmed(pictures("cat-cow", 0, 5))
    done: list[int] = []
    estimate_landmarks(frames, facts_of(frames), model, on_frame=lambda f: done.append(f.index))
    assert done == [0, 1, 2, 3, 4]


def test_pixels_are_those_of_the_original(model: ModelFacts) -> None:
    images = pictures("forward-fold", 0, 60, 4)
    halves = filmed([cv2.resize(i, None, fx=0.5, fy=0.5, interpolation=3) for i in images])
    whole = landmarks_of(model, images)
    series = estimate_landmarks(halves, facts_of(halves, scale=2), model)
    assert series.source.width == 640
    assert np.median(np.linalg.norm(series.image - whole.image, axis=-1)) < 2


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_recording_on_its_side_is_read_upright(model: ModelFacts, turns: int) -> None:
    upright = pictures("forward-fold", 0, 8, 2)
    truth = landmarks_of(model, upright).image
    width, height = 640, 480
    series = landmarks_of(model, [np.rot90(image, turns) for image in upright])
    x, y = series.image[..., 0], series.image[..., 1]
    back = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[turns]
    assert series.seen.all()
    assert np.median(np.linalg.norm(np.stack(back, -1) - truth, axis=-1)) < 8


def test_a_portrait_file_keeps_its_own_pixels(model: ModelFacts, tmp_path: Path) -> None:
    wide = [image[:, 180:480] for image in pictures("forward-fold", 0, 6)]
    tall = [cv2.resize(image, (600, 960)) for image in wide]
    path = tmp_path / "portrait.mp4"
    with VideoWriter(path, width=600, height=960, fps=FPS) as writer:
        for frame in filmed(tall):
            writer.write(frame.image, frame.t_s)
    with open_source(path) as source:
        series = estimate_landmarks(source.frames(max_side=480), source.facts, model)
    whole = landmarks_of(model, tall)
    assert (series.source.width, series.source.height) == (600, 960)
    assert np.median(np.linalg.norm(series.image - whole.image, axis=-1)) < 4


@pytest.mark.parametrize("name", ["legs-up-the-wall-hips-60", "cat-cow"])
def test_one_person_needs_one_tracking_detector_some_searches_and_augmentations(
    model: ModelFacts, count: Counter[str], name: str
) -> None:
    series = landmarks_of(model, pictures(name, step=2), fps=FPS / 2)
    seconds = len(series) / (FPS / 2)
    assert series.seen.all()
    assert series.warnings == ()
    assert count["tracking made"] == 1
    assert count["tracking run"] == len(series)
    assert count["search made"] == 1
    again = np.ceil(seconds / LOOK_TWICE_EVERY_S)
    assert augmented_rows(series).sum() == again
    assert count["search run"] - again <= seconds / 2 + 1


def test_detectors_are_closed_even_after_an_error(model: ModelFacts, count: Counter[str]) -> None:
    frames = filmed(pictures("cat-cow", 0, 3))

    def stop(frame: Frame) -> None:
        if frame.index == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimate_landmarks(frames, facts_of(frames), model, on_frame=stop)
    assert count["tracking closed"] == count["tracking made"] == 1
    assert count["search closed"] == count["search made"] == 1


def test_closing_twice_is_fine(model: ModelFacts) -> None:
    tracker = PersonTracker(model.path)
    tracker.track(next(map(Preparer(), filmed(pictures("cat-cow", 0, 1)))))
    tracker.close()
    tracker.close()
    PersonTracker(model.path).close()


def test_a_video_frame_is_augmented_now_and_then_each_time_differently(
    model: ModelFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[float, Augmentation]] = []

    def noted(augmentation: Augmentation, picture: Picture) -> Picture:
        if augmentation in AUGMENTATIONS:
            shown.append((picture.t_s, augmentation))
        return apply(augmentation, picture)

    apply = Augmentation.apply
    monkeypatch.setattr(Augmentation, "apply", noted)
    series = landmarks_of(model, pictures("cat-cow", 0, 72, 2), fps=6)
    times = [LOOK_TWICE_EVERY_S * k for k in range(4)]
    assert shown == [(t_s, AUGMENTATIONS[k % len(AUGMENTATIONS)]) for k, t_s in enumerate(times)]
    assert series.spread is not None
    assert series.t_s[augmented_rows(series)].tolist() == times
    assert np.isnan(series.spread[~augmented_rows(series)]).all()


def test_the_spread_is_in_pixels_of_the_original(model: ModelFacts) -> None:
    image = photo("cat-cow-cat-2")
    frames = filmed([image])
    once, thrice = (
        estimate_landmarks(frames, replace(photo_facts(image), width=w, height=h), model).spread
        for w, h in ((640, 480), (1920, 1440))
    )
    assert once is not None and thrice is not None
    np.testing.assert_allclose(thrice, 3 * once, rtol=1e-4)


# --- photos ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cat-cow-cat-2", "legs-up-the-wall-2"])
def test_a_photo_gives_one_row(model: ModelFacts, count: Counter[str], name: str) -> None:
    with open_source(DATA / f"{name}.jpg") as source:
        series = estimate_landmarks(source.frames(), source.facts, model, outline=True)
    assert len(series) == 1
    assert series.seen.all()
    assert count == {"search made": 1, "search run": 1 + len(AUGMENTATIONS), "search closed": 1}


@pytest.mark.parametrize("name", ["cat-cow-cat-2", "legs-up-the-wall-2"])
def test_a_photo_is_the_consensus_of_its_augmentations(model: ModelFacts, name: str) -> None:
    image = photo(name)
    series = estimate_landmarks(filmed([image]), photo_facts(image), model, outline=True)
    together = consensus(augmented(model.path, image), 1 + len(AUGMENTATIONS))
    assert series.spread is not None and series.outline is not None
    np.testing.assert_allclose(series.image[0], together.image, atol=0.01)
    np.testing.assert_allclose(series.world[0], together.world, atol=1e-4)
    np.testing.assert_allclose(series.spread[0], np.asarray(together.spread), atol=0.01)
    assert np.isfinite(series.outline).mean() > 0.8


def test_a_photo_with_an_augmentation_in_which_nobody_is_found(
    model: ModelFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blinded(MediaPipeDetector):
        """Finds nobody the first time."""

        n_runs = 0

        def detect(self, picture: Picture) -> list[Sighting]:
            self.n_runs += 1
            return [] if self.n_runs == 1 else super().detect(picture)

    image = photo("cat-cow-cat-2")
    facts = photo_facts(image)
    whole = estimate_landmarks(filmed([image]), facts, model, outline=True)
    monkeypatch.setattr(detector_pair, "open_detector", Blinded)
    series = estimate_landmarks(filmed([image]), facts, model, outline=True)
    assert series.seen.all()
    assert off_torso(series, whole.image).max() < 0.1
    assert series.spread is not None and whole.spread is not None
    assert np.median(series.spread) > np.median(whole.spread), "one detection is missing"
    assert series.outline is not None
    assert np.isnan(series.outline).all()


def test_a_photo_of_nobody(model: ModelFacts) -> None:
    image = empty_room(pictures("cat-cow")[0])
    series = estimate_landmarks(filmed([image]), photo_facts(image), model)
    assert len(series) == 1
    assert not series.seen.any()
    assert not augmented_rows(series).any()


def test_a_photo_of_two_gives_the_larger(model: ModelFacts) -> None:
    image, split = beside(pictures("cat-cow", 0, 1), 1.0, pictures("forward-fold", 0, 1), 0.9)
    series = estimate_landmarks(filmed(image), photo_facts(image[0]), model)
    assert len(series) == 1
    assert np.median(series.image[0, TORSO, 0]) > split
    assert "More than one person" in series.warnings[0]


# --- several people --------------------------------------------------------------------------


def test_of_two_the_larger_and_more_central_is_kept(model: ModelFacts, count: Counter[str]) -> None:
    scenes, split = beside(
        pictures("cat-cow", 0, 72, 2), 1.0, pictures("forward-fold", 0, 72, 2), 0.9
    )
    series = landmarks_of(model, scenes, fps=6)
    alone = landmarks_of(model, pictures("cat-cow", 0, 72, 2), fps=6)
    assert series.seen.all()
    assert off_torso(series, alone.image + np.array([split, 0])).max() < 0.15
    assert len(series.warnings) == 1
    assert "More than one person is in view (first at 0.0 s)" in series.warnings[0]
    assert count["tracking made"] <= 3  # one of them for `alone`


@pytest.mark.parametrize("where", ["in front", "behind"])
def test_somebody_passes_a_kneeling_person(model: ModelFacts, where: str) -> None:
    still = pictures("cat-cow", 10, 11)
    body = body_mask(still[0], KNEELING_BOX) if where == "behind" else None
    scenes = passed(still * 48, walk(48, [(8, -150), (44, 700)]), behind=body)
    truth = np.repeat(landmarks_of(model, still * 3).image[-1:], 48, axis=0)
    series = landmarks_of(model, scenes)
    assert np.nanmax(off_torso(series, truth)) < 0.3
    assert series.seen.mean() > 0.8
    assert cuts_of(series) == []


def test_somebody_walks_through_in_front(model: ModelFacts, count: Counter[str]) -> None:
    still = pictures("forward-fold-arms-bent", 0, 1)
    scenes = passed(still * 60, walk(60, [(8, -150), (44, 700)]))
    truth = np.repeat(landmarks_of(model, still * 3).image[-1:], 60, axis=0)
    count.clear()
    series = landmarks_of(model, scenes)
    assert np.nanmax(off_torso(series, truth)) < 0.3, "the other person's landmarks are in it"
    assert series.seen[:20].all()
    assert series.seen[-12:].all(), "the person is in full view again"
    assert cuts_of(series) == []
    assert count["tracking made"] <= 2
    assert count["search run"] <= 10


def test_somebody_stands_in_front_for_2_s(model: ModelFacts, count: Counter[str]) -> None:
    still = pictures("forward-fold-arms-bent", 0, 1)
    scenes = passed(still * 84, walk(84, [(12, -150), (30, 275), (54, 275), (70, 700)]))
    truth = np.repeat(landmarks_of(model, still * 3).image[-1:], 84, axis=0)
    count.clear()
    series = landmarks_of(model, scenes)
    assert np.nanmax(off_torso(series, truth)) < 0.5, "the other person's landmarks are in it"
    assert not series.seen[40:52].any()
    assert series.seen[-12:].all()
    assert "More than one person is in view" in series.warnings[0]
    assert count["tracking made"] <= 3


def test_a_person_who_leaves_and_comes_back_is_found_again(
    model: ModelFacts, count: Counter[str]
) -> None:
    series = landmarks_of(model, strolled(other=False))
    assert series.seen[:20].all()
    assert not series.seen[34:48].any()
    assert series.seen[-10:].all()
    assert cuts_of(series) == []
    assert series.warnings == ()
    assert count["tracking made"] == 1
    # Four searches at most, and augmentations while the person is there.
    assert np.diff(series.t_s[augmented_rows(series)]).min() >= LOOK_TWICE_EVERY_S
    assert count["search run"] - augmented_rows(series).sum() <= 4


def test_whoever_stays_is_not_the_person_who_left(model: ModelFacts, count: Counter[str]) -> None:
    series = landmarks_of(model, strolled(other=True))
    middle = np.median(series.image[:, TORSO, 0], axis=1)
    assert series.seen[:20].all()
    assert not series.seen[34:48].any(), "the one who stayed was taken for the person"
    assert series.seen[-4:].all()
    assert np.nanmin(middle) > 200, "the other person's landmarks are in it"
    assert count["tracking run"] + count["search run"] < 1.3 * len(series)


def strolled(*, other: bool) -> list[Image]:
    """In place for 2 s, out of the picture for 1.5 s, back; `other` stands on the left."""
    original = pictures("forward-fold-arms-bent")[0]
    person, room = cut_out(original, STANDING_BOX), empty_room(original)
    if other:
        room = passer_by().pasted(room, 30, 10)
    steps = walk(72, [(0, 330), (18, 330), (32, 700), (50, 700), (60, 330), (72, 330)])
    return [person.pasted(room, x, 30) for x in steps]


# --- shots -----------------------------------------------------------------------------------


def test_a_hard_cut_starts_a_shot(model: ModelFacts, count: Counter[str]) -> None:
    one, two = pictures("cat-cow", 0, 12), pictures("legs-up-the-wall-hips-60", 0, 12)
    series = landmarks_of(model, [*one, *two, *one])
    assert cuts_of(series) == [12, 24]
    assert series.shot.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    assert count["tracking made"] == 3
    # Nothing is dragged from before the cut: the first frame is as if the clip began there.
    alone = landmarks_of(model, two)
    difference = np.abs(series.image[12:24] - alone.image)
    assert difference[0].max() < 0.01
    assert difference.max() < 2  # smoothing goes by milliseconds, which are rounded


def test_a_cut_to_somebody_else_in_the_same_room(model: ModelFacts) -> None:
    one, two = pictures("forward-fold", 0, 8), pictures("forward-fold-arms-bent", 0, 8)
    series = landmarks_of(model, [*one, *two])
    assert cuts_of(series) == [8]
    assert series.seen.all()


def test_a_cut_through_black(model: ModelFacts) -> None:
    one, two = pictures("cat-cow", 0, 8), pictures("legs-up-the-wall-hips-60", 0, 8)
    series = landmarks_of(model, [*one, *[np.zeros_like(one[0])] * 6, *two])
    assert cuts_of(series) == [8, 14]
    assert series.seen.tolist() == [True] * 8 + [False] * 6 + [True] * 8


def test_a_dissolve_ends_in_a_new_shot(model: ModelFacts) -> None:
    one, two = pictures("cat-cow", 0, 13), pictures("childs-pose", 0, 24)
    mixed = [cv2.addWeighted(one[12], 1 - u, two[0], u, 0) for u in np.linspace(0, 1, 12)]
    series = landmarks_of(model, [*one[:12], *mixed, *two])
    assert series.shot[-1] == 1
    assert series.seen[-12:].all()


@pytest.mark.parametrize("change", ["none", "brighter", "darker", "shake", "grain"])
def test_what_is_no_cut(model: ModelFacts, change: str) -> None:
    images = pictures("cat-cow", 0, 36)
    random = np.random.default_rng(3)

    def changed(image: Image, k: int) -> Image:
        ramp = int(np.clip((k - 12) / 12, 0, 1) * 40)
        if change == "shake":
            return np.roll(image, tuple(random.integers(-5, 6, 2)), (0, 1))
        added = {
            "none": 0,
            "brighter": ramp,
            "darker": -ramp,
            "grain": random.normal(0, 12, image.shape),
        }[change]
        return np.clip(image.astype(int) + added, 0, 255).astype(np.uint8)

    series = landmarks_of(model, [changed(image, k) for k, image in enumerate(images)])
    assert cuts_of(series) == []
    assert series.seen.all()
    assert series.warnings == ()


@pytest.mark.parametrize(
    "path",
    sorted([*RENDERED.values(), *SAMPLES.glob("*.mp4")]),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_a_clip_without_cuts_is_one_shot(path: Path) -> None:
    with open_source(path) as source:
        thumbnails = [make_thumbnail(frame.image) for frame in source.frames()]
    for step in (1, 2):
        finder = CutFinder()
        assert not any(finder.is_cut(thumbnail) for thumbnail in thumbnails[::step])


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (17, 31), (480, 7)])
def test_cuts_of_tiny_pictures(shape: tuple[int, int]) -> None:
    finder = CutFinder()
    images = [np.full((*shape, 3), level, np.uint8) for level in (0, 0, 255, 255)]
    assert not any(finder.is_cut(make_thumbnail(image)) for image in images)


# --- nobody ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["black", "room", "noise"])
def test_nobody_in_view(model: ModelFacts, count: Counter[str], kind: str) -> None:
    like = pictures("cat-cow")[0]
    random = np.random.default_rng(1)
    images = {
        "black": [np.zeros_like(like)] * 24,
        "room": [empty_room(like)] * 24,
        "noise": [random.integers(0, 255, like.shape, dtype=np.uint8) for _ in range(24)],
    }[kind]
    series = landmarks_of(model, images)
    assert not series.seen.any()
    assert np.isnan(series.image).all()
    assert np.isnan(series.world).all()
    assert cuts_of(series) == []
    # The tracker's own search is enough: nothing is searched in an empty room.
    assert count["tracking made"] == 1
    assert count["search run"] == 0


def test_the_right_person_is_found_after_an_empty_start(
    model: ModelFacts, count: Counter[str]
) -> None:
    scenes, split = beside(pictures("cat-cow", 0, 8), 1.0, pictures("forward-fold", 0, 8), 0.9)
    series = landmarks_of(model, [*[empty_room(scenes[0])] * 24, *scenes])
    assert series.seen.tolist() == [False] * 24 + [True] * 8
    assert np.median(series.image[24:, TORSO, 0]) > split
    assert count["search run"] <= 3


def test_an_empty_end_costs_no_more_than_the_tracker(
    model: ModelFacts, count: Counter[str]
) -> None:
    images = pictures("cat-cow", 0, 8)
    series = landmarks_of(model, [*images, *[empty_room(images[0])] * 40])
    assert not series.seen[8:].any()
    assert count["tracking run"] == len(series)
    assert count["search run"] <= 2


# --- times -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [240.0, 5000.0, 1.0])
def test_any_frame_rate(model: ModelFacts, fps: float) -> None:
    series = landmarks_of(model, pictures("cat-cow", 0, 12), fps=fps)
    assert series.seen.all()
    np.testing.assert_allclose(series.t_s, np.arange(12) / fps)


def test_times_that_share_a_millisecond(model: ModelFacts) -> None:
    frames = filmed(pictures("cat-cow", 0, 6))
    times = [0.0, 0.0001, 0.0002, 0.04, 0.0401, 0.08]
    frames = [replace(frame, t_s=t) for frame, t in zip(frames, times, strict=True)]
    series = estimate_landmarks(frames, facts_of(frames), model)
    assert series.t_s.tolist() == times
    assert series.seen.all()


# --- the model's file ------------------------------------------------------------------------


def test_a_model_of_rubbish_is_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.task"
    with zipfile.ZipFile(path, "w") as bundle:
        for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
            bundle.writestr(name, b"\x18\0\0\0TFL3" + bytes(range(256)) * 8)
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from posecheck.pose.sighting import Preparer; from posecheck.media.open import Frame\n"
        "from posecheck.pose.tracker import PersonTracker\n"
        "from posecheck.core.errors import ModelError\n"
        "blank = next(map(Preparer(), [Frame(0, 0.0, np.zeros((48, 64, 3), 'u1'))]))\n"
        "try: PersonTracker(Path(sys.argv[1])).track(blank)\n"
        "except ModelError as error: print('told:', error)\n"
    )
    # In a process of its own: an abort in C++ would take the test run with it.
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("told:")
    assert "rubbish.task" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04"])
def test_a_model_that_is_no_bundle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.task"
    path.write_bytes(content)
    with pytest.raises(ModelError), PersonTracker(path) as tracker:
        tracker.track(next(map(Preparer(), filmed(pictures("cat-cow", 0, 1)))))


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError), PersonTracker(tmp_path / "none.task") as tracker:
        tracker.track(next(map(Preparer(), filmed(pictures("cat-cow", 0, 1)))))


def test_stderr_stays_quiet(model: ModelFacts) -> None:
    script = (
        "import sys; from posecheck.pose.estimate import estimate\n"
        "print(len(estimate(sys.argv[1], model=sys.argv[2], fps=2)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(RENDERED["childs-pose"]), str(model.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
    assert done.stderr == ""


# --- real footage, where it is ---------------------------------------------------------------


def footage(name: str) -> Path:
    path = FOOTAGE / name
    if not path.exists():
        pytest.skip(f"no footage {name}")
    return path


def test_real_walker_below_is_not_the_person_on_the_box(model: ModelFacts) -> None:
    with open_source(footage("clips/walking-two-people.mp4")) as source:
        frames = list(source.frames(max_side=640))[::2]
        series = estimate_landmarks(frames, source.facts, model)
    assert cuts_of(series) == []
    assert series.seen[5:75].all()
    height = np.median(series.image[:75, TORSO, 1], axis=1)
    assert np.nanmax(height) < 0.4 * source.facts.height, "the walker below was followed"
    walker_x = np.interp(np.arange(75, 105), [75, 95, 105], [570, 120, 0])
    assert not np.any(np.abs(np.median(series.image[75:105, TORSO, 0], axis=1) - walker_x) < 80)
    assert "More than one person is in view" in series.warnings[0]


def test_real_knee_to_chest_has_its_cuts() -> None:
    finder = CutFinder()
    with open_source(footage("clips/knee-to-chest-side.mp4")) as source:
        cuts = [
            f.index for f in source.frames(max_side=320) if finder.is_cut(make_thumbnail(f.image))
        ]
    assert {448, 619} <= set(cuts)
    assert len(cuts) <= 5


@pytest.mark.parametrize("name", ["Cat_Stretch_0", "Childs_Pose_0", "Knee_Across_The_Body_0"])
def test_real_photos_give_one_row(model: ModelFacts, name: str) -> None:
    with open_source(footage(f"photos/{name}.jpg")) as source:
        series = estimate_landmarks(source.frames(), source.facts, model)
    assert len(series) == 1
    assert series.seen.all()
