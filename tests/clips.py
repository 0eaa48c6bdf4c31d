"""Pieces of the sample clips, for tests and benchmarks."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import av

from posecheck.media.open import open_source
from posecheck.media.writer import VideoWriter

_STILL_FPS = 5


def cut(source: Path, target: Path, seconds: float) -> Path:
    """The beginning of a clip, not encoded again."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as part:
        stream = part.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.pts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = stream
                part.mux(packet)
    return target


def with_a_long_hold(source: Path, target: Path, at_s: float, seconds: float) -> Path:
    """A clip up to a moment, where the person then stays; made for tests that wait for words."""
    with open_source(source) as clip:
        frames = list(takewhile(lambda frame: frame.t_s <= at_s, clip.frames()))
        height, width = frames[0].image.shape[:2]
        with VideoWriter(target, width=width, height=height, fps=clip.facts.fps or 30) as writer:
            for frame in frames:
                writer.write(frame.image, frame.t_s)
            for n in range(1, int(seconds * _STILL_FPS)):
                writer.write(frames[-1].image, frames[-1].t_s + n / _STILL_FPS)
    return target
