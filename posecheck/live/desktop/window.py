"""The live window: what the camera sees, what to do, and the keys that control it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posecheck.core.errors import UsageError
from posecheck.live.desktop.drawing import HEIGHT, WIDTH, Screen
from posecheck.live.desktop.source import LiveSource
from posecheck.live.desktop.voice import Voice
from posecheck.live.engine.feedback import Feedback, Message
from posecheck.media.open import Frame

if TYPE_CHECKING:
    from posecheck.live.engine.engine import Engine

TITLE = "posecheck"
_PAUSED = Message("guide", "paused", "Paused. Space goes on.", "")
_ESC = 27
_TRIAL_S = 20.0
_INSTEAD = "Use --no-window, which prints the feedback, or notebooks/02_live_feedback.ipynb."
_HEADLESS = 3  # exit status of the trial where OpenCV was built without windows
_TRIAL = f"""
import sys, cv2, av
if not cv2.currentUIFramework():
    sys.exit({_HEADLESS})
cv2.namedWindow({TITLE!r})
cv2.destroyAllWindows()
"""


def check_display() -> None:
    """Raise an error where no window can be opened.

    Without a display the libraries behind a window end the whole process instead of raising an
    error, so a process of its own tries it first.

    Raises
    ------
    UsageError
        With the reason, and what to do instead.
    """
    on_linux = sys.platform.startswith("linux")
    if on_linux and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise UsageError("There is no display to open a window on", hint=_INSTEAD)
    if sys.platform == "win32":
        return  # it always has one
    try:
        tried = subprocess.run(
            [sys.executable, "-P", "-c", _TRIAL],
            capture_output=True,
            check=False,
            timeout=_TRIAL_S,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError("The display does not answer", hint=_INSTEAD) from error
    if tried.returncode == 0:
        return
    if tried.returncode == _HEADLESS:
        raise UsageError(
            "This OpenCV cannot open windows: a headless build is installed",
            hint=f"`posecheck doctor` tells how to mend it. {_INSTEAD}",
        )
    where = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or ""
    raise UsageError("No window can be opened on this display", where=where, hint=_INSTEAD)


class LiveWindow:
    """Shows a session until it is stopped.

    Parameters
    ----------
    engine : Engine
    source : LiveSource
    voice : Voice
    stopped : callable
        Whether to end, asked before every picture.
    """

    def __init__(
        self, engine: Engine, source: LiveSource, voice: Voice, stopped: Callable[[], bool]
    ) -> None:
        self._engine, self._source, self._voice, self._stopped = engine, source, voice, stopped
        self._screen = Screen(engine.stretch, mirrored=source.mirrored)
        self._paused = self._with_help = self._is_full = self._is_stopped = False
        self._can_tell_closing = False

    def run(self) -> None:
        """Show, speak and follow the keys until the person stops, or the camera does."""
        # No larger than its pictures are sharp; it can be pulled larger, or F fills the screen.
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, WIDTH, HEIGHT)
        try:
            for frame in self._source.frames():
                if self._stopped():
                    return
                if frame is not None:
                    feedback = None if self._paused else self._feed(frame)
                    cv2.imshow(TITLE, self._picture(frame, feedback))
                self._handle_key(cv2.waitKeyEx(1))
                if self._is_stopped or self._is_closed():
                    return
        finally:
            cv2.destroyAllWindows()
            cv2.waitKey(1)  # lets the window go

    def _feed(self, frame: Frame) -> Feedback:
        feedback = self._engine.feed(frame)
        if feedback.say:
            self._voice.say(feedback.say)
        return feedback

    def _picture(self, frame: Frame, feedback: Feedback | None) -> np.ndarray:
        silent = self._voice.muted or self._voice.trouble
        return self._screen.draw(
            frame.image,
            feedback,
            caption=_PAUSED if self._paused else None,
            notes=("voice off",) if silent else (),
            with_help=self._with_help,
        )

    def _handle_key(self, code: int) -> None:
        code &= 0xFFFF  # without Num Lock and other modifiers
        if code > 0x7F:
            return  # none, or an arrow, whose lower half is that of a letter
        key = chr(code).lower()
        if key == "s" or code == _ESC:
            self._is_stopped = True
        elif key == " ":
            self._paused = not self._paused
            self._engine.pause()
        elif key == "m":
            self._voice.toggle()
        elif key == "h":
            self._with_help = not self._with_help
        elif key == "f":
            self._is_full = not self._is_full
            mode = cv2.WINDOW_FULLSCREEN if self._is_full else cv2.WINDOW_NORMAL
            cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, mode)

    def _is_closed(self) -> bool:
        """Whether the window was closed; some kinds of windows never tell."""
        try:
            visible = cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt's answer once its last window is gone
            visible = False
        self._can_tell_closing = self._can_tell_closing or visible
        return self._can_tell_closing and not visible
