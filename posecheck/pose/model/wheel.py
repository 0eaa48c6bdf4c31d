"""The official wheel of mediapipe 0.10.21, which carries the networks of the "full" model.

pip fetches it, so that the user's own pip settings hold. mediapipe 1.2 ships no model.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

from posecheck.pose.model.download import FetchFailedError, Progress
from posecheck.pose.model.packages import read_files, run_tool

WHEEL_VERSION = "0.10.21"

# Any platform's wheel carries the same networks. Forcing one makes pip fetch it on macOS and
# Windows too, and on a Python this old release never had a wheel for.
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
WHEEL_PYTHON = "3.11"
PIP_TIMEOUT_S = 600


def wheel_files(wanted: dict[str, str], progress: Progress) -> dict[str, bytes]:
    """Some files of the wheel, which is fetched for them.

    Parameters
    ----------
    wanted : dict of str to str
        From the path inside the wheel to the sha256.
    progress : Progress
        As for `fetch_wheel`.

    Returns
    -------
    dict of str to bytes
        From each path to the content.

    Raises
    ------
    FetchFailedError
        The wheel cannot be had, or does not hold exactly these files.
    """
    with (
        tempfile.TemporaryDirectory(prefix="posecheck-") as folder,
        fetch_wheel(Path(folder), progress).open("rb") as wheel,
    ):
        return read_files(wheel, wanted, what="the mediapipe wheel")


def fetch_wheel(folder: Path, progress: Progress) -> Path:
    """Download the wheel into a folder with pip, so that the user's own pip settings hold.

    Parameters
    ----------
    folder : Path
        An empty folder.
    progress : Progress
        Told the size once the wheel is there; pip does not say how far it is.

    Returns
    -------
    Path
        The wheel.

    Raises
    ------
    FetchFailedError
        There is no pip, or pip cannot get the wheel.
    """
    if not sys.executable or importlib.util.find_spec("pip") is None:
        raise FetchFailedError("this Python environment has no pip")
    message = f"fetching mediapipe {WHEEL_VERSION} with pip"
    progress(message, 0, None)
    command = _pip_command(folder)
    is_done, said = run_tool("pip", command, limit_s=PIP_TIMEOUT_S)
    wheel = next(folder.glob(f"mediapipe-{WHEEL_VERSION}-*.whl"), None)
    if not is_done or wheel is None:
        raise FetchFailedError(_pip_reason(said))
    size = wheel.stat().st_size
    progress(message, size, size)
    return wheel


def _pip_command(folder: Path) -> list[str]:
    return [
        # -P: a pip.py in the current folder is not run.
        *(sys.executable, "-P", "-m", "pip", "download"),
        *("--quiet", "--disable-pip-version-check", "--no-input"),
        # pip's own defaults would keep a person without a network waiting for minutes.
        *("--timeout", "8", "--retries", "1"),
        *("--no-deps", "--only-binary=:all:"),
        *("--platform", WHEEL_PLATFORM, "--python-version", WHEEL_PYTHON),
        *("--dest", str(folder), f"mediapipe=={WHEEL_VERSION}"),
    ]


def _pip_reason(stderr: str) -> str:
    # An index that cannot be reached ends in "No matching distribution", which tells nobody
    # that the network is the trouble; only the warnings before it do.
    if "connection broken by" in stderr or "Could not fetch URL" in stderr:
        return "pip could not reach the package index"
    lines = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if "ERROR: " in line]
    # pip's last error is the conclusion; the ones before it repeat the attempts.
    return "pip said: " + (
        lines[-1].strip().rstrip(".") if lines else "nothing about why it failed"
    )
