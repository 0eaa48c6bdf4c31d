"""`posecheck doctor` and `posecheck model`: what is installed, what is missing, how to mend it."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, replace
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

import posecheck
from posecheck.cli.options import EXIT_FAILED_CUES, EXIT_GOOD, err, out
from posecheck.core.errors import MISSING_LIBRARY, PosecheckError
from posecheck.core.files import data_folder
from posecheck.pose.model.cache import cache_folder
from posecheck.pose.model.locate import DEFAULT_MODEL, model_facts, resolve_model
from posecheck.pose.model.thunder import (
    FILE_NAME,
    find_second_model,
    is_whole,
    resolve_thunder,
)
from posecheck.pose.quiet import NO_REPORTS, SILENT, is_silent

_PACKAGES = (
    *("mediapipe", "onnx", "onnxruntime", "numpy", "pandas", "av", "matplotlib", "scipy"),
    "jupyterlab",
)
_NATIVE = ("mediapipe", "onnxruntime", "av")
_NO_SECOND_MODEL = "not on this machine; `posecheck model thunder` fetches it"
_CV2_OWNERS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)


def doctor() -> None:
    """Tell what is installed, where data goes, what is wrong and how to mend it."""
    findings = examine()
    table = Table("", "what", box=None, padding=(0, 2, 0, 0))
    table.add_column("found", overflow="fold")
    for finding in findings:
        sign = "[green]✓[/]" if finding.ok else "[red]✗[/]"
        table.add_row(sign, finding.name, escape(finding.detail))
    out.print(table)
    wrong = [finding for finding in findings if not finding.ok]
    for finding in wrong:
        out.print(f"[red]{finding.name}[/]: {escape(finding.mend)}")
    raise typer.Exit(EXIT_FAILED_CUES if wrong else EXIT_GOOD)


def model(
    name: Annotated[
        str | None,
        typer.Argument(
            help="lite, full, heavy, thunder or a path. Without it: all that a check uses.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fetch a pose model if need be, and tell which one it is."""
    # 0.1 s: PyAV and OpenCV
    from posecheck.pose.progress_bar import download_bar  # noqa: PLC0415

    with download_bar(err) as progress:
        if name == "thunder":
            found: list[Path | None] = [resolve_thunder(progress=progress)]
        elif name is not None:
            found = [resolve_model(name, progress=progress)]
        else:
            found = [resolve_model(DEFAULT_MODEL, progress=progress), find_second_model(progress)]
    for path in found:
        if path is None:
            out.print(f"thunder  {_NO_SECOND_MODEL}", highlight=False, soft_wrap=True)
            continue
        facts = model_facts(path)
        out.print(f"{facts.name}  {facts.origin}  {facts.size_bytes} bytes", highlight=False)
        out.print(f"sha256 {facts.sha256}", highlight=False, soft_wrap=True)
        out.print(escape(str(facts.path)), highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when `ok` is False."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything posecheck needs.

    Returns
    -------
    list of Finding
        In the order in which they are worth mending.
    """
    return [
        Finding(
            "posecheck", True, f"{posecheck.__version__} on Python {platform.python_version()}"
        ),
        Finding("platform", True, platform.platform()),
        *(_package(name) for name in _PACKAGES),
        _opencv(),
        _model(),
        _second_model(),
        _data(),
        _history(),
        _cameras(),
    ]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _package(name: str) -> Finding:
    version = _version(name)
    if version and name == "mediapipe" and not is_silent(version):
        return Finding(
            name, False, f"{version}, which reports to Google", f"pip install '{SILENT}'"
        )
    if version and name in _NATIVE:
        return _loads(name, version)
    if version:
        return Finding(name, True, version)
    extra = "[notebook]" if name == "jupyterlab" else ""
    return Finding(name, bool(extra), "not installed", f"pip install 'posecheck{extra}'")


def _loads(name: str, version: str) -> Finding:
    """Whether a package's own libraries find the system's."""
    os.environ |= NO_REPORTS
    try:
        import_module(name)
    except (ImportError, OSError) as error:
        return Finding(name, False, f"{version}, but it does not load: {error}", MISSING_LIBRARY)
    return Finding(name, True, version)


def _opencv() -> Finding:
    """Several packages own the folder cv2/; the one installed last wins, so versions must agree."""
    owners = {name: version for name in _CV2_OWNERS if (version := _version(name))}
    detail = ", ".join(f"{name} {version}" for name, version in owners.items()) or "none"
    headless = [name for name in owners if name.endswith("headless")]
    if headless:
        return Finding("cv2/", False, detail, f"pip uninstall {' '.join(headless)}")
    loaded = _loads("cv2", detail)
    if not loaded.ok:
        return replace(loaded, name="cv2/")
    if len(set(owners.values())) > 1:
        newest = owners["opencv-contrib-python"]
        mend = f"pip install opencv-python=={newest} opencv-contrib-python=={newest}"
        return Finding("cv2/", False, detail, mend)
    return Finding("cv2/", True, detail)


def _model() -> Finding:
    try:
        return Finding("pose model", True, _told(resolve_model()))
    except PosecheckError as error:
        return Finding("pose model", False, error.what, error.hint)


def _second_model() -> Finding:
    """MoveNet Thunder where it is here; nothing is wrong where it is not, and nothing fetched."""
    try:
        path = cache_folder() / FILE_NAME
        detail = _told(path) if is_whole(path) else _NO_SECOND_MODEL
    except PosecheckError as error:
        detail = error.what
    return Finding("second model", True, detail)


def _told(path: Path) -> str:
    facts = model_facts(path)
    size_mb = facts.size_bytes / 1e6
    return f"{facts.name}, {size_mb:.1f} MB, {facts.origin}, sha256 {facts.sha256}, {facts.path}"


def _data() -> Finding:
    try:
        folder = data_folder()
    except PosecheckError as error:
        return Finding("data folder", False, str(error), error.hint)
    writable = os.access(folder, os.W_OK)
    if not writable:
        return Finding("data folder", False, f"{folder} is read-only", "Set POSECHECK_HOME.")
    others = folder.stat().st_mode & 0o077 if os.name == "posix" else 0
    if others:
        return Finding(
            "data folder", False, f"{folder} is open to other users", f"chmod 700 '{folder}'"
        )
    return Finding("data folder", True, f"{folder} (nothing leaves this machine)")


def _history() -> Finding:
    """Whether every kept session is whole; nothing is made where nothing is kept."""
    try:
        if not os.environ.get("POSECHECK_DB") and not (data_folder() / "history.sqlite").exists():
            return Finding("history", True, "no session is kept yet")
        with posecheck.History() as history:
            problems = history.problems()
    except PosecheckError as error:
        return Finding("history", False, str(error), error.hint)
    if problems:
        mend = "Restore it from a backup, or go on: what is whole stays readable."
        return Finding("history", False, "; ".join(problems[:5]), mend)
    return Finding("history", True, str(history))


def _cameras() -> Finding:
    """Cameras by their device files: opening one would switch its light on."""
    if platform.system() != "Linux":
        return Finding("cameras", True, "asked for when a live session starts")
    devices = sorted(str(device) for device in Path("/dev").glob("video*"))
    if devices:
        return Finding("cameras", True, ", ".join(devices))
    return Finding("cameras", True, "none found (only live feedback needs one)")
