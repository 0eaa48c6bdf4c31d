"""A recording that several processes analyse: the same as one alone would have found."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import posecheck as pc
from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.core.errors import PosecheckError, SourceError
from posecheck.core.limits import time_limit
from posecheck.landmarks.series import LandmarkSeries
from posecheck.media.open import VideoWriter, open_source
from posecheck.pose import estimate, worker
from posecheck.pose.frame_results import Ending
from posecheck.pose.model.locate import ModelFacts, model_facts, resolve_model
from posecheck.pose.parallel import LaterSegments, segment_starts
from tests.fixtures.composed import beside, filmed, pictures
from tests.fixtures.paths import DATA, SAMPLES

STRETCH = "childs-pose"


@pytest.fixture(scope="module")
def model() -> ModelFacts:
    return model_facts(resolve_model())


@pytest.fixture
def joined_at_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Where a process handed over to the next one."""
    told: list[float] = []
    real = LaterSegments.results_after

    def noted(self: Any, result: Any) -> Any:
        told.append(result.sighting.t_s)
        return real(self, result)

    monkeypatch.setattr(LaterSegments, "results_after", noted)
    return told


def seen(path: Path, model: ModelFacts, *starts_s: float, **more: Any) -> LandmarkSeries:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimate, "segment_starts", lambda *_: (0.0, *starts_s))
        return pc.estimate(path, model=model.path, **{"outline": False, **more})


def written(path: Path, images: list[np.ndarray], fps: float = 12.0) -> Path:
    height, width = images[0].shape[:2]
    with VideoWriter(path, width=width, height=height, fps=fps) as writer:
        for frame in filmed(images, fps):
            writer.write(frame.image, frame.t_s)
    return path


# --- what is cut, and where -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration_s", "workers", "n_segments"),
    [(None, 4, 1), (3, 4, 1), (39, 2, 1), (40, 2, 2), (40, 1, 1), (100, 8, 5), (3600, 8, 8)],
)
def test_as_many_segments_as_are_worth_their_while(
    duration_s: float | None, workers: int, n_segments: int
) -> None:
    with open_source(SAMPLES / "cobra.mp4") as source:
        source.facts = replace(source.facts, duration_s=duration_s)
        starts_s = segment_starts(source, workers)
        assert len(starts_s) == n_segments
        assert starts_s[0] == 0
        source.seekable = False
        assert segment_starts(source, workers) == (0.0,)


def numbered(path: Path, codec: str, **options: str) -> Path:
    """A clip at 30 frames a second, in whose pictures the brightness tells the number."""
    with av.open(str(path), "w") as target:
        stream = target.add_stream(codec, rate=30, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(90):
            image = np.full((48, 64, 3), 30 + 2 * k, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = k + 7, Fraction(1, 30)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    return [
        numbered(folder / "a.mp4", "libx264", g="24", bf="3"),
        numbered(folder / "open.mp4", "libx264", **{"x264-params": "open-gop=1:keyint=20"}),
        numbered(folder / "one-key.mov", "libx264", g="1000"),
        numbered(folder / "a.mkv", "libx265", g="24"),
        numbered(folder / "a.webm", "libvpx-vp9", g="30"),
    ]


@settings(max_examples=12)
@given(start_s=st.floats(0.01, 2.9))
def test_reading_begins_anywhere(clips: list[Path], start_s: float) -> None:
    """The same frames at the same times, whatever key frames there are."""
    for path in clips:
        with open_source(path) as source:
            assert source.seekable
            whole = {f.t_s: f.image.mean() for f in source.frames() if f.t_s >= start_s}
            later = {f.t_s: f.image.mean() for f in source.frames(start_s=start_s)}
        # Where a key frame comes a little late, the process before goes on to it.
        assert set(later) <= set(whole)
        assert max(whole) == max(later)
        assert len(later) >= len(whole) - 3
        assert all(abs(whole[t_s] - mean) < 2 for t_s, mean in later.items())


def test_what_has_no_index_is_read_in_one_go(tmp_path: Path) -> None:
    with open_source(numbered(tmp_path / "a.avi", "mpeg4")) as source:
        assert not source.seekable
    with open_source(DATA / "legs-up-the-wall-front.jpg") as source:
        assert segment_starts(source, 8) == (0.0,)


# --- the same as one alone ------------------------------------------------------------------------


def judged(series: LandmarkSeries, stretch: str) -> Report:
    return check_series(series, pc.load_stretch(stretch))


def assert_same(one: Report, other: Report, seams_s: list[float]) -> None:
    assert np.array_equal(one.series.t_s, other.series.t_s)
    assert np.array_equal(one.series.shot, other.series.shot)
    cues, same = ([(cue.id, cue.side, cue.status) for cue in form.cues] for form in (one, other))
    assert cues == same
    step_s = float(np.median(np.diff(one.series.t_s)))
    spans = [[(i.kind, i.name, i.start_s, i.end_s) for i in f.intervals] for f in (one, other)]
    assert [s[:2] for s in spans[0]] == [s[:2] for s in spans[1]]
    ends = np.array([[s[2:] for s in of] for of in spans])
    assert np.abs(ends[0] - ends[1]).max() <= step_s + 1e-6
    away = np.all([np.abs(one.series.t_s - seam_s) > 0.5 for seam_s in seams_s], axis=0)
    names = [n for n in ("hip_flexion", "knee_flexion", "trunk_inclination") if n in one.measures]
    change = np.abs(one.measures[names].to_numpy() - other.measures[names].to_numpy())[away]
    assert np.nanpercentile(change, 95) < 1.0
    assert np.nanmedian(change) < 0.3


@pytest.mark.parametrize("name", ["childs-pose", "cat-cow", "single-knee-to-chest"])
def test_two_segments(model: ModelFacts, joined_at_s: list[float], name: str) -> None:
    path = SAMPLES / f"{name}.mp4"
    half_s = 6.0
    alone = judged(seen(path, model, outline=True), name)
    both = judged(seen(path, model, half_s, outline=True), name)
    assert len(joined_at_s) == 1
    assert half_s + 1 <= joined_at_s[0] < half_s + 3
    assert_same(alone, both, [half_s, *joined_at_s])


def test_the_seam_lies_where_the_recording_puts_it(
    model: ModelFacts, joined_at_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the other process is so late that it has to be waited for."""
    path = SAMPLES / "childs-pose.mp4"
    soon = seen(path, model, 6.0)

    class LateQueue(SimpleQueue):  # type: ignore[type-arg]
        asked = threading.Event()

        def put(self, item: bytes | None, *_: Any) -> None:
            assert self.asked.wait(60)
            super().put(item)

        def get(self, *_: Any, **timeout: Any) -> Any:
            self.asked.set()
            return super().get(**timeout)

    monkeypatch.setattr(worker, "SimpleQueue", LateQueue)
    late = seen(path, model, 6.0)
    assert joined_at_s[0] == joined_at_s[1]
    assert np.array_equal(soon.image, late.image, equal_nan=True)


def test_three_segments_of_which_the_second_hands_over_to_the_third(
    model: ModelFacts, joined_at_s: list[float]
) -> None:
    path = SAMPLES / "childs-pose.mp4"
    together = seen(path, model, 4.0, 8.0)
    assert len(joined_at_s) == 1, "the second does so in its own process"
    assert_same(judged(seen(path, model), STRETCH), judged(together, STRETCH), [4, 8, *joined_at_s])


def test_shots_are_numbered_on(model: ModelFacts, tmp_path: Path, joined_at_s: list[float]) -> None:
    """A cut in the first part, and one in the second."""
    kneeling, folding = pictures("childs-pose", 24, 72), pictures("forward-fold", 24, 72)
    path = written(tmp_path / "cuts.mp4", [*kneeling, *folding, *kneeling])
    alone, both = seen(path, model), seen(path, model, 5.0)
    assert joined_at_s
    assert np.array_equal(alone.shot, both.shot)
    assert both.shot[-1] == 2


def test_who_is_in_company_is_followed_by_one_alone(
    model: ModelFacts, tmp_path: Path, joined_at_s: list[float]
) -> None:
    folding = pictures("forward-fold", 0, 96, 2)
    scenes, _ = beside(pictures("childs-pose", 0, 96, 2), 1.0, folding, 0.9)
    path = written(tmp_path / "two.mp4", list(scenes), 6.0)
    alone, both = seen(path, model), seen(path, model, 4.0)
    assert joined_at_s == []
    assert both.warnings == alone.warnings
    assert "More than one person" in both.warnings[0]
    assert np.array_equal(both.image, alone.image, equal_nan=True)


def test_an_empty_room_is_looked_at_by_one_alone(
    model: ModelFacts, joined_at_s: list[float]
) -> None:
    """Who comes in later may be somebody else."""
    assert not seen(SAMPLES / "empty-room.mp4", model, 4.0).seen.any()
    assert joined_at_s == []


def test_a_damaged_recording_is_read_in_one_go(
    model: ModelFacts, tmp_path: Path, joined_at_s: list[float]
) -> None:
    data = bytearray((SAMPLES / "childs-pose.mp4").read_bytes())
    for place in range(60_000, 62_000):
        data[place] ^= 0x5A
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    alone = seen(path, model)
    assert "damaged" in alone.warnings[0]
    both = seen(path, model, 6.5)
    assert joined_at_s == []
    assert both.warnings == alone.warnings
    assert np.array_equal(both.t_s, alone.t_s)


# --- what may go wrong ----------------------------------------------------------------------------


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that were begun."""
    begun: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*given: Any, **more: Any) -> subprocess.Popen[bytes]:
        begun.append(real(*given, **more))
        return begun[-1]

    monkeypatch.setattr("posecheck.pose.worker.subprocess.Popen", noted)
    yield begun
    assert all(process.poll() is not None for process in begun), "one was left behind"


def test_the_other_process_dies_before_it_is_needed(
    model: ModelFacts, helpers: list[subprocess.Popen[bytes]]
) -> None:
    path = SAMPLES / "cobra.mp4"
    both = seen(path, model, 5.0, on_frame=lambda frame: helpers[0].kill())
    assert np.array_equal(both.image, seen(path, model).image, equal_nan=True)


def test_the_other_process_dies_when_all_wait_for_it(
    model: ModelFacts, joined_at_s: list[float], helpers: list[subprocess.Popen[bytes]]
) -> None:
    path = SAMPLES / "childs-pose.mp4"

    def killing(self: Any, result: Any) -> Any:
        helpers[0].kill()
        while self._worker.receive() is not None:
            pass
        self._worker._inbox.put(None)
        return real(self, result)

    real = LaterSegments.results_after
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LaterSegments, "results_after", killing)
        with pytest.raises(SourceError, match=r"childs-pose.mp4: .* died.*--workers 1"):
            seen(path, model, 6.0)


def test_time_is_limited_in_every_process(
    model: ModelFacts, helpers: list[subprocess.Popen[bytes]]
) -> None:
    with pytest.raises(SourceError, match="takes more than"), time_limit(0.4):
        seen(SAMPLES / "cobra.mp4", model, 5.0)


def test_whoever_stops_leaves_no_process_behind(
    model: ModelFacts, helpers: list[subprocess.Popen[bytes]]
) -> None:
    def stop(frame: Any) -> None:
        if frame.index == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seen(SAMPLES / "cobra.mp4", model, 3.0, 6.0, on_frame=stop)
    assert len(helpers) == 1, "the third is a child of the second"


def test_an_error_of_the_other_process_is_told_as_its_own(
    model: ModelFacts, joined_at_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    class FailingQueue(SimpleQueue):  # type: ignore[type-arg]
        def put(self, item: bytes | None, *_: Any) -> None:
            failed = pickle.dumps(PosecheckError("the disk is gone", where="here"))
            last = item is not None and isinstance(pickle.loads(item), Ending)
            super().put(failed if last else item)

    monkeypatch.setattr(worker, "SimpleQueue", FailingQueue)
    with pytest.raises(PosecheckError, match="here: the disk is gone"):
        seen(SAMPLES / "childs-pose.mp4", model, 6.0)
    assert joined_at_s


def test_script_without_a_guard(tmp_path: Path) -> None:
    """It is not run again by the other process, as multiprocessing would."""
    script = tmp_path / "mine.py"
    script.write_text(
        "from posecheck.pose import parallel; parallel.LEAST_SEGMENT_S = 4\n"
        f"import posecheck; print('begun'); s = posecheck.estimate({str(SAMPLES / 'cobra.mp4')!r},"
        " workers=2)\nprint(len(s))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["begun", "165"], done.stderr
