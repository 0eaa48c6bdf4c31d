"""Which frames are looked at: no more than needed, and none that matters left out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.core.errors import UsageError
from posecheck.media.frame_selector import EvenFrames, Fps, MovingFrames, frame_selector
from posecheck.media.frames import FrameSelector, Grey, Unchanged
from posecheck.media.open import open_source

RNG = np.random.default_rng(0)
ROOM: Grey = RNG.integers(40, 200, (72, 128), np.uint8)


def taken(
    selector: FrameSelector | None, frames: Iterable[tuple[float, Grey]]
) -> dict[float, tuple[Unchanged, ...]]:
    """When a frame was taken, with those passed over before it."""
    chosen = {}
    assert selector is not None
    for t_s, grey in frames:
        unchanged = selector(t_s, grey.copy)
        if unchanged is not None:
            chosen[t_s] = unchanged
    return chosen


def times(rate: float, seconds: float) -> list[float]:
    return [k / rate for k in range(round(rate * seconds))]


def moving(t_s: float, grey: Grey = ROOM) -> Grey:
    """Something bright, a tenth of the picture wide, that crosses it in five seconds."""
    picture = grey.copy()
    x = int(t_s / 5 * 128) % 128
    picture[20:50, x : x + 12] = 255
    return picture


# --- so many frames a second ----------------------------------------------------------------------


@pytest.mark.parametrize("rate", [29.97, 30.0, 60.0, 24.0])
@pytest.mark.parametrize("fps", [1.0, 5.0, 10.0, 12.5])
def test_no_more_than_so_many_a_second(rate: float, fps: float) -> None:
    kept = np.array(list(taken(EvenFrames(fps), ((t, ROOM) for t in times(rate, 20)))))
    assert kept[0] == 0
    assert len(kept) == pytest.approx(20 * fps, rel=0.06)
    for start in np.arange(0, 19, 0.5):
        assert ((kept >= start) & (kept < start + 1)).sum() <= fps + 1


def test_slow_recording_keeps_every_frame() -> None:
    assert len(taken(EvenFrames(10.0), ((t, ROOM) for t in times(5, 4)))) == 20


def test_after_a_gap_the_rate_stays() -> None:
    """No burst of frames to make up for a gap."""
    t_s = np.concatenate([np.arange(0, 2, 0.02), np.arange(10, 12, 0.02)])
    kept = np.array(list(taken(EvenFrames(5.0), ((t, ROOM) for t in t_s))))
    assert (np.diff(kept) > 0.09).all()
    assert ((kept >= 10) & (kept < 11)).sum() <= 6


def test_what_is_asked_for() -> None:
    assert frame_selector("all") is None
    assert isinstance(frame_selector("auto"), MovingFrames)
    assert isinstance(frame_selector(4.0), EvenFrames)


@pytest.mark.parametrize("fps", [None, 0, -3, float("nan"), float("inf"), "many", 1e4])
def test_what_is_no_rate(fps: Any) -> None:
    with pytest.raises(UsageError, match="no frame rate"):
        frame_selector(fps)


# --- where it moves -------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [12, 15, 24, 25, 29.97, 30, 50, 60, 120, 240])
def test_stillness_is_looked_at_five_times_a_second_and_motion_up_to_twenty(rate: float) -> None:
    still = list(taken(MovingFrames(), ((t, ROOM) for t in times(rate, 10))))
    assert sum(t > 1 for t in still) == pytest.approx(45, abs=1)
    assert max(np.diff(still)) < 0.3, "the tracker loses who was not looked at for longer"
    always = list(taken(MovingFrames(), ((t, moving(t)) for t in times(rate, 10))))
    assert 11 < len(always) / 10 <= 20.5
    assert len(always) == len(times(rate, 10)) or rate > 20


@pytest.mark.parametrize("fps", ["auto", 2.0, 7.5, 12.0, 40.0])
@pytest.mark.parametrize("rate", [15, 24, 25, 29.97, 30, 59.94, 60])
def test_wherever_the_looking_begins_it_falls_into_step(rate: float, fps: Fps) -> None:
    """Else two who look at parts would never look at the same frame."""
    t_s = times(rate, 12)
    for picture in (lambda _: ROOM, moving):
        whole = taken(frame_selector(fps), ((t, picture(t)) for t in t_s))
        for begins in range(1, 60):
            part = taken(frame_selector(fps), ((t, picture(t)) for t in t_s[begins:]))
            since = t_s[begins] + 2
            assert [t for t in part if t > since] == [t for t in whole if t > since]


def test_a_movement_is_seen_at_once() -> None:
    begins_s = 4.13
    frames = [(t, moving(max(t, begins_s))) for t in times(30, 8)]
    chosen = taken(MovingFrames(), frames)
    seen = min(t for t in chosen if t > begins_s)
    assert seen - begins_s <= 0.3, "five pixels of movement in a second"
    # What was passed over before it belongs to what was seen before, and not to what came after.
    passed = [one for one in chosen[seen] if one.t_s < begins_s]
    assert all(one.share < 0.2 for one in passed)


def test_the_model_gets_time_to_settle_after_a_movement() -> None:
    frames = [(t, moving(min(t, 3.0))) for t in times(15, 6)]
    chosen = list(taken(MovingFrames(), frames))
    assert [t for t in times(15, 6) if 3 <= t <= 3.5] == [t for t in chosen if 3 <= t <= 3.5]


def test_light_and_noise_are_no_movement() -> None:
    def lit(t_s: float) -> Grey:
        noise = RNG.normal(0, 1.5, ROOM.shape)
        return np.clip(ROOM + 12 * np.sin(t_s) + noise, 0, 255).astype(np.uint8)

    chosen = taken(MovingFrames(), ((t, lit(t)) for t in times(30, 10)))
    assert len(chosen) / 10 < 6.5


def test_a_cut_is_taken_at_once() -> None:
    other = RNG.integers(40, 200, ROOM.shape, np.uint8)
    chosen = taken(MovingFrames(), ((t, ROOM if t < 2.95 else other) for t in times(15, 6)))
    assert min(t for t in chosen if t >= 2.95) == pytest.approx(3.0)


@given(
    st.floats(10, 240),
    st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=12),
    st.floats(0, 100),
)
def test_no_frame_that_counts_is_lost(
    rate: float, spells: list[tuple[bool, int]], start_s: float
) -> None:
    """Each is taken, or passed over once, in order, between those that were taken."""
    states = [moves for moves, n in spells for _ in range(n)]
    selector, told, last = MovingFrames(), [], -1.0
    for k, moves in enumerate(states):
        t_s = start_s + k / rate
        grey = moving(t_s) if moves else ROOM
        unchanged = selector(t_s, grey.copy)
        if unchanged is None:
            continue
        assert all(0 <= one.share <= 1 for one in unchanged)
        assert all(last < one.t_s < t_s for one in unchanged)
        told += [*(one.t_s for one in unchanged), t_s]
        last = t_s
    rest = selector.rest()
    assert all(one.share == 0 for one in rest)
    told += [one.t_s for one in rest]
    assert told == sorted(set(told))
    assert told[0] == start_s
    if len(told) > 1:
        anew = np.diff(np.floor(np.array(told) + 1e-6)) > 0  # every second counts anew
        assert all(np.diff(told)[~anew] >= 0.049 - 1e-9)
        assert max(np.diff(told)) <= 0.049 + 1 / rate + 1e-9


# --- in files -------------------------------------------------------------------------------------


def clip(path: Path, form: str, codec: str, size: tuple[int, int] = (160, 120)) -> Path:
    """Three still seconds and one in which a bar crosses the picture."""
    with av.open(str(path), "w") as target:
        stream = target.add_stream(codec, rate=30)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = form
        for k in range(120):
            image = np.full((size[1], size[0], 3), 90, np.uint8)
            x = max(0, k - 89) * size[0] // 31
            image[:, x : x + max(2, size[0] // 8)] = 220
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=form)
            frame.pts, frame.time_base = k, Fraction(1, 30)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "form", "codec"),
    [
        ("a.mp4", "yuv420p", "libx264"),
        ("a.mov", "yuv444p", "libx264"),
        ("a.mkv", "yuv420p10le", "libx265"),
        ("b.mkv", "gray", "ffv1"),
        ("c.mkv", "bgr0", "ffv1"),
        ("a.webm", "yuv420p", "libvpx-vp9"),
    ],
)
def test_every_kind_of_picture_shows_what_moves(
    tmp_path: Path, name: str, form: str, codec: str
) -> None:
    selector = MovingFrames()
    with open_source(clip(tmp_path / name, form, codec)) as source:
        frames = list(source.frames(selector=selector))
    t_s = np.array([frame.t_s for frame in frames])
    assert ((t_s > 1) & (t_s < 2.9)).sum() == pytest.approx(9.5, abs=1.6)
    assert (t_s > 3.05).sum() >= 13
    passed = [one.t_s for frame in frames for one in frame.unchanged] + [
        one.t_s for one in selector.rest()
    ]
    assert len(passed) + len(frames) == 60, "every second frame of thirty a second"
    assert isinstance(selector.rest(), tuple)
    assert all(isinstance(one, Unchanged) for frame in frames for one in frame.unchanged)


@pytest.mark.parametrize("size", [(2, 1200), (1200, 2), (16, 16)])
def test_pictures_of_odd_shape(tmp_path: Path, size: tuple[int, int]) -> None:
    with open_source(clip(tmp_path / "a.mkv", "yuv444p", "ffv1", size)) as source:
        assert sum(1 for _ in source.frames(selector=MovingFrames())) > 20
