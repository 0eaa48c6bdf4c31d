"""MediaPipe kept from reporting its use to Google, and onnxruntime to Microsoft.

The MediaPipe that pip installs counts how it is used, and reports it to play.googleapis.com: about
once a minute while a landmarker is open, and when it is closed. It has no switch for this, and is
to get none (https://github.com/google-ai-edge/mediapipe/issues/6291). What stops it depends on the
platform:

- On Linux it reports with libcurl, which looks for a proxy in the environment each time. Where the
  proxy is of a kind that it does not know, it connects to nothing and looks up no name. So such a
  proxy stands there for as long as a landmarker is open.
- On macOS and Windows it reports in other ways, which the environment does not stop. There
  `pyproject.toml` asks for a release from before the reports.

The environment that libcurl reads is the C library's. Python has a copy of it, `os.environ`, which
stays as it is: what else runs in this process makes its requests as ever, through the user's own
proxy too. Child processes get the C library's where they are not given `os.environ` by name. Who
writes the same variables into `os.environ` while a landmarker is open undoes the silence.
"""

from __future__ import annotations

import os
import re
import sys
from threading import Lock

SILENT = "mediapipe>=0.10.33,<0.10.35"  # where the reports of later ones cannot be stopped

# onnxruntime reports its use to its maker unless this stands in the environment before it is
# imported; a call afterwards is too late.
NO_REPORTS = {"ORT_DISABLE_TELEMETRY": "1"}

_FIRST_THAT_REPORTS = (0, 10, 35)
# The first names that libcurl looks for. The second lest the user's own exempts Google's host.
_BLOCKED = {"https_proxy": "blocked://posecheck", "no_proxy": "posecheck.invalid"}
_lock = Lock()
_n_silences = 0


class Silence:
    """MediaPipe reports nothing from now on until `end`.

    It is not a context that ends by itself: a landmarker that nobody closed reports when Python
    tidies it away, so the silence must outlast it.
    """

    def __init__(self) -> None:
        self._ended = False
        _count(+1)

    def end(self) -> None:
        """Give child processes the user's own proxy again, if no other silence is left."""
        if not self._ended:
            self._ended = True
            _count(-1)


def _count(more: int) -> None:
    """Write the environment with the first silence and after the last one, not in between.

    The C library's environment is not made for threads, so it changes while no landmarker is open.
    """
    global _n_silences
    with _lock:
        before, _n_silences = _n_silences, _n_silences + more
        if bool(before) == bool(_n_silences):
            return
        for name, blocked in _BLOCKED.items():
            value = blocked if _n_silences else os.environ.get(name)
            if value is None:
                os.unsetenv(name)
            else:
                os.putenv(name, value)


def is_silent(version: str) -> bool:
    """Whether a release of MediaPipe reports nothing on this platform, where posecheck runs it.

    Parameters
    ----------
    version : str
        As pip tells it.

    Returns
    -------
    bool
    """
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    return sys.platform == "linux" or numbers < _FIRST_THAT_REPORTS
