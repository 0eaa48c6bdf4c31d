"""Where the pose model comes from: a file you name, the cache, Google, or packages of Google's.

`resolve_model` tries them in that order and returns a path; `model_facts` says what is in it.
`POSECHECK_OFFLINE=1` forbids the download, and `POSECHECK_MODEL` names a `.task` file to use
instead.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from posecheck.core.errors import ModelError
from posecheck.pose.model.build import RECIPES, build_bundle, built_model
from posecheck.pose.model.bundle import bundle_problem
from posecheck.pose.model.cache import OFFLINE_REASON, cache_folder, is_offline, silent, store
from posecheck.pose.model.download import FetchFailedError, Progress, download
from posecheck.pose.model.thunder import ORIGIN as THUNDER_ORIGIN
from posecheck.pose.model.thunder import is_complete as is_thunder

DEFAULT_MODEL = "full"
OFFICIAL_BASE_URL = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"
OFFICIAL_SHA256: dict[str, frozenset[str]] = {
    "lite": frozenset({"59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a"}),
    # The address says "latest": Google has served two builds of this one.
    "full": frozenset(
        {
            "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
            "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
        }
    ),
    "heavy": frozenset({"64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b"}),
}


@dataclass(frozen=True)
class ModelFacts:
    """What is known about a model file.

    Attributes
    ----------
    name : str
        ``lite``, ``full``, ``heavy`` or ``thunder`` where the content or the place in the cache
        says so, otherwise the file's name without its ending.
    sha256 : str
        Of the whole file, in hexadecimal.
    path : Path
        The file.
    size_bytes : int
        Its size.
    origin : str
        ``official`` when the sha256 is one Google has published, ``built from mediapipe 0.10.21``
        or from another package, ``cache`` for any other file in the cache folder, or ``file``.
    """

    name: str
    sha256: str
    path: Path
    size_bytes: int
    origin: str


def resolve_model(
    model: str | Path | None = None,
    *,
    progress: Progress | None = None,
    base_url: str | None = None,
) -> Path:
    """The path of a `.task` file, fetched into the cache when it is not there yet.

    Parameters
    ----------
    model : str or Path, optional
        A `.task` file (anything that ends in `.task` or holds a path separator, or a `Path`), or
        ``lite``, ``full`` or ``heavy``. Without it `POSECHECK_MODEL` decides, then ``full``.
    progress : callable, optional
        Called during a fetch with a message, the bytes done, and the bytes in all or None.
    base_url : str, optional
        Where the official models are, for a mirror; their sha256 must still be right.

    Returns
    -------
    Path
        A bundle whose members and checksums are in order.

    Raises
    ------
    ModelError
        The file named is not a pose bundle, the name is unknown, or the model is not in the cache
        and cannot be fetched.

    Examples
    --------
    >>> resolve_model("full")  # doctest: +SKIP
    PosixPath('/home/me/.local/share/posecheck/models/pose_landmarker_full.task')
    """
    if model is None and (named := os.environ.get("POSECHECK_MODEL")):
        return _checked_file(
            Path(named), hint="Point POSECHECK_MODEL at a pose landmarker .task file, or unset it."
        )
    if model is None:
        model = DEFAULT_MODEL
    if isinstance(model, Path) or _looks_like_path(model):
        return _checked_file(
            Path(model),
            hint=f"Name a pose landmarker .task file, or one of {_names()}.",
        )
    return _cached_model(_known_name(model), progress or silent, base_url or OFFICIAL_BASE_URL)


def model_facts(path: str | Path) -> ModelFacts:
    """What a model file is, told from its content first and its place second.

    Parameters
    ----------
    path : str or Path
        A `.task` file, as `resolve_model` returns it, or that of MoveNet Thunder.

    Returns
    -------
    ModelFacts
        Name, sha256, path, size and origin.

    Raises
    ------
    ModelError
        The file cannot be read.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size_bytes = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ModelError(
            f"the pose model cannot be read ({error.strerror})",
            where=path,
            hint="Get it again with `posecheck model full`, or name another .task file.",
        ) from error
    name, origin = _identity(path, sha256)
    return ModelFacts(name, sha256, path, size_bytes, origin)


def _identity(path: Path, sha256: str) -> tuple[str, str]:
    for name, known in OFFICIAL_SHA256.items():
        if sha256 in known:
            return name, "official"
    if built := built_model(path):
        return built, RECIPES[built].origin
    if is_thunder(path):
        return "thunder", THUNDER_ORIGIN
    if path.absolute().parent != cache_folder().absolute():
        return path.stem, "file"
    # It was copied there under this name, which says what it is.
    match = re.fullmatch(r"pose_landmarker_(\w+)\.task", path.name)
    return (match[1] if match and match[1] in OFFICIAL_SHA256 else path.stem), "cache"


def _names() -> str:
    *most, last = OFFICIAL_SHA256
    return f"{', '.join(most)} and {last}"


def _looks_like_path(model: str) -> bool:
    return model.endswith(".task") or "/" in model or os.sep in model


def _known_name(model: str) -> str:
    if model in OFFICIAL_SHA256:
        return model
    near = difflib.get_close_matches(model.lower(), OFFICIAL_SHA256, n=1, cutoff=0.4)
    raise ModelError(
        f"there is no pose model called {model!r}",
        hint=(f"Did you mean {near[0]!r}? " if near else "")
        + f"The models are {_names()}; a file of your own is named by its path.",
    )


def _checked_file(path: Path, *, hint: str) -> Path:
    with contextlib.suppress(RuntimeError):  # no home folder known: leave the ~ as it is
        path = path.expanduser()
    if problem := bundle_problem(path):
        raise ModelError(f"the pose model {problem}", where=path, hint=hint)
    return path


def _cached_model(name: str, progress: Progress, base_url: str) -> Path:
    target = cache_folder() / f"pose_landmarker_{name}.task"
    # A damaged file is fetched again without a word: nobody but this module writes it.
    if _is_sound(target):
        return target
    if is_offline():
        raise _unavailable(name, target, OFFLINE_REASON)
    store(target, _fetch(name, target, progress, base_url), is_sound=_is_sound)
    return target


def _is_sound(path: Path) -> bool:
    return bundle_problem(path) is None


def _unavailable(name: str, target: Path, why: str) -> ModelError:
    return ModelError(
        f"the pose model {name!r} is not on this machine, and {why}",
        where=target,
        hint=f"Connect to the internet once and run `posecheck model {name}`, or point "
        "POSECHECK_MODEL or --model at a .task file you have, or copy one to the place above.",
    )


def _fetch(name: str, target: Path, progress: Progress, base_url: str) -> bytes:
    url = f"{base_url.rstrip('/')}/pose_landmarker_{name}/float16/latest/{target.name}"
    try:
        what = f"the {name} pose model"
        return download(url, sha256=OFFICIAL_SHA256[name], what=what, progress=progress)
    except FetchFailedError as error:
        reason = f"the download failed because {error}"
    try:
        return build_bundle(name, progress)
    except FetchFailedError as error:
        reasons = f"{reason}; building it from {RECIPES[name].package} failed because {error}"
        raise _unavailable(name, target, reasons) from error
