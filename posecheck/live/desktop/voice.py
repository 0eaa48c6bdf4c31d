"""A voice that says what the live engine wants said, where the platform has one.

Each sentence is a process of its own: speaking never holds up a frame, and the newest sentence cuts
short the one before it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import IO

NO_VOICE = "No voice was found on this machine, so there is text only (docs/live.md: The voice)."
SILENT_VOICE = "The voice of this machine does not work ({reason}), so there is text only."

# One sentence with the extra `voice`, which brings pyttsx3.
_PYTTSX3 = "import sys, pyttsx3; pyttsx3.speak(sys.argv[1])"


def find_voice() -> list[str] | None:
    """Find a voice of this machine.

    Returns
    -------
    list of str or None
        The command that speaks the text put after it; None where there is none.
    """
    if sys.platform == "darwin":
        return ["say"]
    for program in ("espeak-ng", "espeak"):
        if shutil.which(program):
            return [program, "-s", "150"]
    # It hands the text to a service, which goes on speaking when it is stopped itself: hence last.
    if shutil.which("spd-say"):
        return ["spd-say", "--wait"]
    if find_spec("pyttsx3"):
        return [sys.executable, "-P", "-c", _PYTTSX3]
    return None


class Voice:
    """Speaks one sentence at a time; a new one cuts short the one before it.

    Parameters
    ----------
    command : list of str or None
        What `find_voice` found.

    Attributes
    ----------
    muted : bool
    trouble : str
        Why nothing is said; empty where the voice works.
    """

    def __init__(self, command: list[str] | None) -> None:
        self._command = command
        self._speaking: subprocess.Popen[str] | None = None
        self.muted = False
        self.trouble = "" if command else NO_VOICE

    def say(self, text: str) -> None:
        """Begin to speak and return at once.

        Parameters
        ----------
        text : str
            One sentence.
        """
        self._stop()
        if self._command is None or self.muted:
            return
        try:
            self._speaking = subprocess.Popen(
                [*self._command, text.lstrip("- ")],  # a dash would begin an option
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as error:
            self._give_up(str(error))

    def toggle(self) -> None:
        """Mute the voice, or let it speak again."""
        self.muted = not self.muted
        if self.muted:
            self._stop()

    def close(self) -> None:
        """Be silent."""
        self._stop()
        self._command = None

    def _stop(self) -> None:
        """End what is being said; learn from what was said whether the voice works."""
        speaking, self._speaking = self._speaking, None
        if speaking is None:
            return
        if speaking.poll() is None:
            speaking.kill()
            speaking.communicate()
            return
        complaint = _last_line(speaking.stderr)
        speaking.communicate()
        # eSpeak ends with 0 even without a loudspeaker: only its words tell. Below 0 it was killed.
        if speaking.returncode > 0 or complaint.startswith("error"):
            self._give_up(complaint or f"exit status {speaking.returncode}")

    def _give_up(self, reason: str) -> None:
        self._command = None
        self.trouble = SILENT_VOICE.format(reason=reason)


def _last_line(stderr: IO[str] | None) -> str:
    lines = (stderr.read() if stderr else "").strip().splitlines()
    return lines[-1] if lines else ""
