"""The "full" bundle, built from a Python package where only a package index can be reached.

mediapipe 1.2 ships no model; the official wheel of mediapipe 0.10.21 carries the two networks of
the "full" bundle, but without the normalisation metadata that the Tasks API asks for. Adding that
metadata and zipping the two gives a bundle that works alike.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from posecheck.pose.model.bundle import DETECTOR, LANDMARKER, zip_bundle
from posecheck.pose.model.download import FetchFailedError, Progress
from posecheck.pose.model.tflite import with_normalisation

WHEEL_VERSION = "0.10.21"
BUILT_ORIGIN = f"built from mediapipe {WHEEL_VERSION}"

# Any platform's wheel carries the same networks. Forcing one makes pip fetch it on macOS and
# Windows too, and on a Python this old release never had a wheel for.
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
WHEEL_PYTHON = "3.11"
PIP_TIMEOUT_S = 600
_LARGEST_NETWORK = 64 * 2**20


@dataclass(frozen=True)
class Network:
    """One network of the bundle: where the wheel has it, and how its input is normalised."""

    member: str
    wheel_path: str
    sha256: str
    mean: float
    std: float

    @property
    def name(self) -> str:
        """What the network calls itself."""
        return self.member.removesuffix(".tflite")


NETWORKS = (
    Network(
        DETECTOR,
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        mean=127.5,
        std=127.5,
    ),
    Network(
        LANDMARKER,
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        mean=0.0,
        std=255.0,
    ),
)


def bundle_was_built_here(path: Path) -> bool:
    """Whether a bundle carries the mark that `build_bundle` leaves.

    A mark, and not one known sha256: another flatbuffers release may order the same content
    differently.

    Parameters
    ----------
    path : Path
        A sound `.task` file.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            return bundle.comment == BUILT_ORIGIN.encode()
    except (OSError, zipfile.BadZipFile):
        return False


def build_bundle(progress: Progress) -> bytes:
    """The "full" bundle, built from the official wheel of mediapipe 0.10.21.

    Parameters
    ----------
    progress : Progress
        Told when a step starts and ends.

    Returns
    -------
    bytes
        The same bytes every time, for the same releases of mediapipe and flatbuffers.

    Raises
    ------
    FetchFailedError
        The wheel cannot be had, or does not hold exactly the expected networks.
    """
    with tempfile.TemporaryDirectory(prefix="posecheck-") as folder:
        wheel = fetch_wheel(Path(folder), progress)
        progress("building the pose model", 0, None)
        return bundle_from_wheel(wheel)


def bundle_from_wheel(wheel: Path) -> bytes:
    """The "full" bundle, built from a wheel that is already here.

    Parameters
    ----------
    wheel : Path
        The wheel of mediapipe 0.10.21, for any platform.

    Returns
    -------
    bytes
        The `.task` file.

    Raises
    ------
    FetchFailedError
        The wheel does not hold exactly the expected networks.
    """
    # All are checked before the first is parsed: no parser sees a network of unknown origin.
    checked = [(network, read_network(wheel, network)) for network in NETWORKS]
    return zip_bundle(
        [
            (one.member, with_normalisation(data, one.name, mean=one.mean, std=one.std))
            for one, data in checked
        ],
        comment=BUILT_ORIGIN.encode(),
    )


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
    try:
        finished = subprocess.run(
            _pip_command(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PIP_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchFailedError(f"pip did not finish within {PIP_TIMEOUT_S} s") from error
    except OSError as error:
        raise FetchFailedError(f"pip could not be started ({error.strerror})") from error
    wheel = next(folder.glob(f"mediapipe-{WHEEL_VERSION}-*.whl"), None)
    if finished.returncode or wheel is None:
        raise FetchFailedError(_pip_reason(finished.stderr))
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


def read_network(wheel: Path, network: Network) -> bytes:
    """One network of the wheel, checked against the sha256 it must have.

    Parameters
    ----------
    wheel : Path
        The wheel of mediapipe 0.10.21.
    network : Network
        The one to read.

    Returns
    -------
    bytes
        The network as the wheel has it.

    Raises
    ------
    FetchFailedError
        The wheel is damaged, lacks the network, or has another one in its place.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(network.wheel_path).file_size > _LARGEST_NETWORK:
                raise FetchFailedError(f"{network.wheel_path} is far too large to be the network")
            data = archive.read(network.wheel_path)
    except KeyError as error:
        raise FetchFailedError(f"the mediapipe wheel has no {network.wheel_path}") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise FetchFailedError(f"the mediapipe wheel cannot be read ({error})") from error
    if hashlib.sha256(data).hexdigest() != network.sha256:
        raise FetchFailedError(f"{network.wheel_path} has another sha256 than it must have")
    return data
