"""A camera of this computer: its newest picture, and a clear sentence for whatever goes wrong."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import cv2

from posecheck.core.errors import SourceError
from posecheck.media.open import Frame

POLL_S = 0.02  # how long to wait for a new picture before the keys are read again
FIRST_PICTURE_S = 15.0  # the person may have to click "allow" first
_SILENT_S = 6.0  # a camera that gives no picture for so long is gone
_BAD_READS = 30  # in a row, a hundredth of a second apart: one or two happen to good cameras
_JOIN_S = 2.0

_DENIED = {
    "darwin": "Allow it for your terminal in System Settings > Privacy & Security > Camera, then "
    "open the terminal anew.",
    "win32": "Allow it in Settings > Privacy & security > Camera, for desktop apps too.",
}
_GONE = (
    "The camera gives no picture any more: it was unplugged, or another program took it. What it "
    "showed until then is judged."
)
_BUSY = "Close other programs that use it (a video call, a browser tab), then try again."


class Webcam:
    """An open camera. A thread takes its pictures, so that none is older than it must be.

    Parameters
    ----------
    number : int
        0 is the first camera.
    capture : cv2.VideoCapture, optional
        One that is open already.

    Raises
    ------
    SourceError
        There is no such camera, or it may not or cannot be used.
    """

    mirrored = True

    def __init__(self, number: int, capture: Any = None) -> None:
        self.number = number
        self.name = f"camera {number}"
        self.trouble = ""
        self._capture = _opened(number) if capture is None else capture
        self._changed = threading.Condition()
        self._newest: tuple[float, Any] | None = None
        self._ended = False
        self._closing = False
        self._thread = threading.Thread(target=self._grab, name="posecheck-camera", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Switch the camera off."""
        with self._changed:
            self._closing = True
        # The thread itself releases the camera: releasing it under a running read can crash.
        self._thread.join(_JOIN_S)

    def frames(self) -> Generator[Frame | None]:
        """Give the newest picture again and again.

        They end when the camera gives no picture any more; then `trouble` says why.

        Yields
        ------
        Frame or None
            None while there is no new one.

        Raises
        ------
        SourceError
            The camera never gave a picture.
        """
        begun_s = last_s = time.monotonic()
        first_s: float | None = None
        index = 0
        while True:
            taken = self._take()
            if taken is not None:
                last_s, image = taken
                first_s = last_s if first_s is None else first_s
                yield Frame(index, last_s - first_s, image)
                index += 1
                continue
            patience_s = FIRST_PICTURE_S if first_s is None else _SILENT_S
            if self._ended or time.monotonic() - max(begun_s, last_s) > patience_s:
                if index == 0:
                    raise _no_picture(self.number)
                self.trouble = _GONE
                return
            yield None

    def _take(self) -> tuple[float, Any] | None:
        with self._changed:
            if self._newest is None and not self._ended:
                self._changed.wait(POLL_S)
            taken, self._newest = self._newest, None
            return taken

    def _grab(self) -> None:
        n_bad = 0
        try:
            while not self._closing and n_bad < _BAD_READS:
                good, image = self._capture.read()
                at_s = time.monotonic()
                if not good or image is None:
                    n_bad += 1
                    time.sleep(0.01)
                    continue
                n_bad = 0
                with self._changed:
                    self._newest = (at_s, image)
                    self._changed.notify()
        finally:
            self._capture.release()
            with self._changed:
                self._ended = True
                self._changed.notify()


def _opened(number: int) -> Any:
    # OpenCV tells on standard error, in its own words, what the error below says in ours.
    log = cv2.utils.logging
    level = log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        capture = cv2.VideoCapture(number)
    except (cv2.error, OverflowError) as error:
        raise _cannot_open(number) from error
    finally:
        log.setLogLevel(level)
    if not capture.isOpened():
        capture.release()
        raise _cannot_open(number)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # where it is heeded, pictures come without delay
    return capture


def _cannot_open(number: int) -> SourceError:
    where = f"camera {number}"
    if sys.platform.startswith("linux"):
        device = Path(f"/dev/video{number}")
        if not device.exists():
            return SourceError("There is no such camera", where=where, hint=_cameras_found())
        if not os.access(device, os.R_OK | os.W_OK):
            return SourceError(
                f"You may not use {device}",
                where=where,
                hint="Join the group that may: sudo usermod -aG video $USER, then log in anew.",
            )
        return SourceError("The camera does not open", where=where, hint=_BUSY)
    hint = f"Check that it is plugged in. {_BUSY} {_DENIED.get(sys.platform, '')}".rstrip()
    return SourceError("There is no such camera, or it may not be used", where=where, hint=hint)


def _cameras_found() -> str:
    numbers = sorted(
        int(device.name.removeprefix("video"))
        for device in Path("/dev").glob("video*")
        if device.name.removeprefix("video").isdigit()
    )
    if not numbers:
        return "No camera is plugged in; a recording can stand for one: --camera FILE."
    return f"There are: {', '.join(map(str, numbers))}."


def _no_picture(number: int) -> SourceError:
    return SourceError(
        "The camera opens but gives no picture: another program uses it, or it is not allowed",
        where=f"camera {number}",
        hint=f"{_BUSY} {_DENIED.get(sys.platform, '')}".rstrip(),
    )
