"""Decoding a recording with PyAV: one pass through its pictures, with true times, past damage."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.logging
import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from posecheck.core.errors import SourceError
from posecheck.core.limits import Deadline
from posecheck.media.file_checks import (
    MAX_VIDEO_PIXELS,
    TO_DO,
    cannot_open,
    check_file,
    check_index,
    check_size,
)
from posecheck.media.frames import BgrImage, Grey, fitted

# None is quieter than PANIC: at any other level PyAV's log callback takes the GIL from FFmpeg's
# decoding threads for each error, which is slow in a damaged file and has caused deadlocks.
av.logging.set_level(None)

# Only containers that hold a recording. FFmpeg also "plays" text files (as terminal art) and
# playlists that make it open other files or the network.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,h264,hevc,m4v,"
    "ivf,obu,av1,dv,mxf,nut,wtv,gif,apng,yuv4mpegpipe,mp3,wav,flac,aac,aiff,amr,caf,w64,ac3,ape"
)
_OPTIONS = {
    "format_whitelist": _CONTAINERS,
    "protocol_whitelist": "file",
    "max_pixels": str(MAX_VIDEO_PIXELS),
}
_MAX_READ_ERRORS = 20
THUMBNAIL_SIDE_PX = 128


@contextmanager
def opened(path: Path, deadline: Deadline) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a recording for the length of a `with` block.

    Parameters
    ----------
    path : pathlib.Path
        A file that passed `check_file`.
    deadline : Deadline
        When opening it is given up.

    Yields
    ------
    tuple of av.container.InputContainer and av.video.stream.VideoStream
        The container and its video stream, ready to decode.

    Raises
    ------
    SourceError
        There is no video in the file that can be decoded.
    """
    check_file(path)  # it may have gone since it was opened first
    check_index(path)
    try:
        # An absolute path cannot be taken for a protocol ("concat:...").
        container = av.open(
            str(path.absolute()),
            "r",
            metadata_errors="replace",
            options=dict(_OPTIONS),
            timeout=deadline.left_s,
        )
    except av.ExitError:  # what FFmpeg says when it was stopped
        deadline.check(path)
        raise
    except (av.FFmpegError, ValueError) as error:
        raise cannot_open(path) from error
    with container:
        stream = _video_stream(container, path)
        context = stream.codec_context
        check_size(path, context.width, context.height, MAX_VIDEO_PIXELS)
        # Frame threads win little next to the pose model, hold more frames in memory, and at
        # times lose the decoder's word that a frame is damaged.
        stream.thread_type = "SLICE"
        stream.codec_context.options = {"max_pixels": str(MAX_VIDEO_PIXELS)}
        yield container, stream


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The largest video stream that is no cover picture."""
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving and container.streams.audio:
        raise SourceError("There is no video in this file, only sound", where=path, hint=TO_DO)
    if not moving:  # an index that is cut short can be opened too, but holds nothing
        raise cannot_open(path)
    # Without a decoder PyAV leaves the codec context out, against its type hints.
    readable = [s for s in moving if getattr(s, "codec_context", None) is not None]
    if not readable:
        raise SourceError(
            "The video is coded in a way that cannot be decoded here",
            where=path,
            hint="Convert it to H.264 (MP4).",
        )
    return max(readable, key=lambda s: s.codec_context.width * s.codec_context.height)


def can_seek(container: InputContainer) -> bool:
    """Whether reading can begin in the middle: where the container has an index, or clusters.

    Parameters
    ----------
    container : av.container.InputContainer

    Returns
    -------
    bool
    """
    return any(name in container.format.name for name in ("mov", "matroska"))


def thumbnail(picture: VideoFrame) -> Grey:
    """A small grey picture, as it is stored: what is needed to see whether anything moved.

    Parameters
    ----------
    picture : VideoFrame

    Returns
    -------
    Grey
    """
    form = picture.format
    if form.is_planar and not form.is_rgb and form.components[0].bits == 8:
        plane = picture.planes[0]  # the brightness; converting the colours takes longer
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
        grey = rows[:, : plane.width]
    else:
        grey = picture.reformat(format="gray", threads=1).to_ndarray().astype(np.uint8)
    size = fitted(picture.width, picture.height, THUMBNAIL_SIDE_PX)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


class Pass:
    """One pass through a video: decodes, keeps the clock, and counts what goes wrong.

    Parameters
    ----------
    container, stream
        From `opened`, not read yet.
    path : pathlib.Path
        Names the file in errors.
    deadline : Deadline
        When reading is given up.

    Attributes
    ----------
    n_undecodable, n_patched, n_not_advancing : int
        Pieces that could not be decoded, frames decoded only in part, and frames dropped because
        time did not advance; so far.
    """

    def __init__(
        self, container: InputContainer, stream: VideoStream, path: Path, deadline: Deadline
    ) -> None:
        self._container = container
        self._stream = stream
        self._path = path
        self._deadline = deadline
        self._clock = _Clock(stream)
        self._any_stream_end_s = 0.0
        self._start_s = 0.0
        self.n_undecodable = 0
        self.n_patched = 0
        self.n_not_advancing = 0

    @property
    def damaged(self) -> bool:
        """Whether anything went wrong so far."""
        return bool(self.n_undecodable or self.n_patched or self.n_not_advancing)

    @property
    def origin_s(self) -> Fraction | None:
        """Where the first frame lies on the file's own clock; None where it has none."""
        return self._clock.origin_s

    def begin_at(self, start_s: float, origin_s: Fraction) -> None:
        """Read from `start_s` on; before the first picture, and only if `can_seek`.

        Parameters
        ----------
        start_s : float
            Seconds into the recording.
        origin_s : Fraction
        """
        self._start_s = start_s
        self._clock.origin_s = origin_s
        time_base = self._stream.time_base or Fraction(1, av.time_base)
        stamp = int((origin_s + Fraction(start_s)) / time_base)
        # Where it fails all is read, and what comes before is passed over below.
        with suppress(av.FFmpegError, ValueError):
            self._container.seek(stamp, stream=self._stream)

    def pictures(self) -> Iterator[tuple[float, VideoFrame]]:
        """Give the time and the picture of each frame that can be decoded."""
        for packet in self._packets():
            try:
                decoded = self._stream.decode(packet)
            except (av.FFmpegError, ValueError):
                self.n_undecodable += 1
                continue
            for picture in decoded:
                t_s = self._clock.time_of(picture)
                if t_s is None:
                    self.n_not_advancing += 1
                elif t_s >= self._start_s:
                    self.n_patched += picture.is_corrupt
                    yield t_s, picture

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        """Read on after damage; the last packet is empty, it empties the decoder."""
        for _ in range(_MAX_READ_ERRORS):
            try:
                for packet in self._container.demux():
                    self._deadline.check(self._path)
                    self._note_end(packet)
                    if packet.stream.index == self._stream.index:
                        yield packet  # type: ignore[misc]  # the index says it is a video packet
                return
            except (av.FFmpegError, ValueError):
                self.n_undecodable += 1
        yield None

    def _note_end(self, packet: Packet[Stream]) -> None:
        # Of all streams: in MKV the length is that of the longest one, which may be the sound.
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None and packet.time_base:
            end_s = float((stamp + (packet.duration or 0)) * packet.time_base)
            self._any_stream_end_s = max(self._any_stream_end_s, end_s)

    def findings(self, duration_s: float | None) -> list[str]:
        """What a complete pass found wrong, in words.

        Parameters
        ----------
        duration_s : float or None

        Returns
        -------
        list of str
        """
        found = []
        read_s = max(0.0, self._clock.last_s + self._clock.step_s)
        reached_s = read_s
        if self._stream.duration is None:
            start_s = (self._container.start_time or 0) / av.time_base
            reached_s = max(read_s, self._any_stream_end_s - start_s)
        if duration_s is not None and duration_s - reached_s > max(0.5, 3 * self._clock.step_s):
            found.append(f"the file ends early: read {read_s:.1f} s of {duration_s:.1f} s")
        if self.n_undecodable or self.n_patched:
            found.append(
                f"the file is damaged: {self.n_undecodable} pieces could not be decoded and "
                f"{self.n_patched} frames were decoded only in part"
            )
        if self.n_not_advancing:
            found.append(
                f"{self.n_not_advancing} frames were dropped: their time stamps do not advance"
            )
        return found


class _Clock:
    """Turns time stamps into seconds since the first frame shown."""

    def __init__(self, stream: VideoStream) -> None:
        rate = sane_rate(stream.guessed_rate) or sane_rate(stream.average_rate) or 30.0
        self.step_s = 1.0 / rate
        self._time_base = stream.time_base or Fraction(1, 90_000)
        self.origin_s: Fraction | None = None
        self.last_s = -math.inf
        self._last = {"pts": -math.inf, "dts": -math.inf}
        self._faults = {"pts": 0, "dts": 0}

    def time_of(self, picture: VideoFrame) -> float | None:
        """Seconds since the first frame, or None when time does not advance."""
        stamp = self._trusted_stamp(picture)
        expected_s = 0.0 if math.isinf(self.last_s) else self.last_s + self.step_s
        if stamp is None:
            t_s = expected_s
        else:
            if self.origin_s is None:
                self.origin_s = stamp * self._time_base - Fraction(expected_s)
            t_s = float(stamp * self._time_base - self.origin_s)
        if t_s <= self.last_s:
            return None
        self.last_s = t_s
        return t_s

    def _trusted_stamp(self, picture: VideoFrame) -> int | None:
        """The presentation stamp, unless the decoding stamp has proved more orderly.

        AVI has no presentation stamps, and what is made up for them goes back and forth.
        """
        for kind, stamp in (("pts", picture.pts), ("dts", picture.dts)):
            if stamp is not None:
                self._faults[kind] += stamp <= self._last[kind]
                self._last[kind] = stamp
        if picture.pts is None or self._faults["pts"] > self._faults["dts"]:
            return picture.dts if picture.dts is not None else picture.pts
        return picture.pts


def sane_rate(rate: Fraction | None) -> float | None:
    """Frames per second, or None where a container only repeats its time base.

    Parameters
    ----------
    rate : Fraction or None
        Frames per second, as the container says.

    Returns
    -------
    float or None
    """
    return float(rate) if rate and 0 < rate < 1000 else None


@dataclass(frozen=True)
class Turn:
    """What makes stored pictures upright: swap x and y first, then mirror along x and y.

    Attributes
    ----------
    swap, mirror_x, mirror_y : bool
        Which of these steps are needed.
    rotation_deg : int
        The clockwise turn in it: 0, 90, 180 or 270.
    """

    swap: bool = False
    mirror_x: bool = False
    mirror_y: bool = False
    rotation_deg: int = 0

    def apply(self, image: BgrImage) -> BgrImage:
        """Turn a stored picture upright.

        Parameters
        ----------
        image : ndarray, shape (height, width, 3)
            uint8, BGR.

        Returns
        -------
        BgrImage
        """
        # OpenCV does this in a third of numpy's time.
        if self.swap:
            image = cv2.transpose(image)
        if self.mirror_x:
            image = cv2.flip(image, -1 if self.mirror_y else 1)
        elif self.mirror_y:
            image = cv2.flip(image, 0)
        return image


def turn_of(picture: VideoFrame) -> Turn:
    """The turn that the recording's display matrix asks for, to the nearest quarter.

    The matrix sends (x, y) to (a x + c y, b x + d y), y pointing down. It says more than
    PyAV's `rotation`: some front cameras also mirror.

    Parameters
    ----------
    picture : VideoFrame

    Returns
    -------
    Turn
    """
    if "DISPLAYMATRIX" not in picture.side_data:
        return Turn()
    matrix = picture.side_data["DISPLAYMATRIX"]  # type: ignore[typeddict-item]  # hints lag
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])
    rotation_deg = round(math.degrees(math.atan2(b, d)) / 90) * 90 % 360
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Turn(True, mirror_x=c < 0, mirror_y=b < 0, rotation_deg=rotation_deg)
    return Turn(False, mirror_x=a < 0, mirror_y=d < 0, rotation_deg=rotation_deg)
