"""The live feedback as lines of text, for a machine without a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from posecheck.live.desktop.panel import phase_word
from posecheck.live.desktop.source import LiveSource
from posecheck.live.desktop.voice import Voice
from posecheck.live.engine.feedback import KIND_SIGN, Feedback

if TYPE_CHECKING:
    from posecheck.live.engine.engine import Engine
    from posecheck.stretches import Stretch


def run_lines(
    engine: Engine,
    source: LiveSource,
    voice: Voice,
    stopped: Callable[[], bool],
    write: Callable[[str], None],
) -> None:
    """Write a line for whatever is new, until the person stops or the camera does.

    Parameters
    ----------
    engine : Engine
    source : LiveSource
    voice : Voice
    stopped : callable
        Whether to end, asked before every picture.
    write : callable
        Takes a line.
    """
    before: Feedback | None = None
    for frame in source.frames():
        if stopped():
            return
        if frame is not None:
            feedback = engine.feed(frame)
            if feedback.say:
                voice.say(feedback.say)
            line = _new_line(before, feedback, engine.stretch)
            if line:
                write(line)
            before = feedback


def _new_line(before: Feedback | None, now: Feedback, stretch: Stretch) -> str:
    """A line about what is new since the picture before; empty where nothing is."""
    same_phase = before is not None and before.phase == now.phase
    same_message = before is not None and before.message == now.message
    if same_phase and (same_message or now.message is None):
        return ""
    words = phase_word(now.phase, stretch)
    line = f"{now.t_s:7.1f} s  {words:<7}"
    if now.message is not None and not same_message:
        line += f"  {KIND_SIGN[now.message.kind]} {now.message.text}"
    elif before is not None and before.clock.held_s >= 1 and before.phase == "hold":
        line += f"  held for {before.clock.held_s:.0f} s"
    return line.rstrip()
