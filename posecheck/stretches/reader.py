"""Definitions from files: the catalogue that comes with the package, or a file of one's own."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

from posecheck.core.errors import DefinitionError, UsageError
from posecheck.core.files import file_fault
from posecheck.core.wording import small
from posecheck.stretches.definition import Stretch
from posecheck.stretches.problems import read_definition

_MAX_BYTES = 64_000  # those of the catalogue have 3,000


@cache
def stretch_ids() -> tuple[str, ...]:
    """Ids of the catalogue, in alphabetical order."""
    files = resources.files("posecheck.stretches").joinpath("catalogue").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def load_stretch(stretch: str | Path) -> Stretch:
    """Load a stretch by its id, or from a TOML file.

    Parameters
    ----------
    stretch : str or Path
        An id of the catalogue (`legs-up-the-wall`) or the path of a `.toml` file.

    Returns
    -------
    Stretch

    Raises
    ------
    UsageError
        There is no such stretch.
    DefinitionError
        The file cannot be meant as written; the message names every key and the reason.
    """
    if isinstance(stretch, Path) or str(stretch).endswith(".toml"):
        return parse_stretch(read_text(Path(stretch)), where=str(stretch))
    if stretch not in stretch_ids():
        near = get_close_matches(stretch, stretch_ids(), n=1, cutoff=0.4)
        guess = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"there is no stretch {stretch!r}",
            hint=f"{guess}`posecheck stretches` lists them: {', '.join(stretch_ids())}.",
        )
    return _read_catalogue(stretch)


@cache
def _read_catalogue(stretch: str) -> Stretch:
    file = resources.files("posecheck.stretches").joinpath("catalogue", f"{stretch}.toml")
    return parse_stretch(file.read_text(encoding="utf-8"), where=f"{stretch}.toml")


@cache
def unknown_stretch() -> Stretch:
    """What a recording is judged as whose stretch nobody named and nothing recognised."""
    file = resources.files("posecheck.stretches").joinpath("unknown.toml")
    return parse_stretch(file.read_text(encoding="utf-8"), where="unknown.toml")


def read_text(path: Path) -> str:
    """The text of a definition file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str

    Raises
    ------
    DefinitionError
        It cannot be read, is too large or no UTF-8.
    """
    fault = file_fault(path, "the path of a .toml file")
    if fault is not None:
        what = f"the definition cannot be read: {small(fault.what)}"
        raise DefinitionError(what, where=path, hint=fault.hint)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)  # not more: it may grow
    except OSError as error:
        raise DefinitionError(
            f"the definition cannot be read ({error.strerror or error})",
            where=path,
            hint="Give the path of a .toml file.",
        ) from error
    if len(data) > _MAX_BYTES:
        raise DefinitionError(
            "this is too large for a definition", where=path, hint="Is it another file?"
        )
    try:
        return data.decode("utf-8-sig")  # Windows editors begin with a mark
    except UnicodeDecodeError as error:
        raise DefinitionError(
            "the definition is not UTF-8 text", where=path, hint="Save it as UTF-8."
        ) from error


def parse_stretch(text: str, *, where: str) -> Stretch:
    """Read a definition from TOML text; `where` names it in errors.

    Parameters
    ----------
    text : str
    where : str
        Names the text in errors.

    Returns
    -------
    Stretch
    """
    stretch, problems = read_definition(text)
    if stretch is None:
        raise DefinitionError(
            "; ".join(map(str, problems)),
            where=where,
            hint="docs/stretch-format.md explains every key.",
        )
    return stretch


def template() -> str:
    """A definition to begin with: complete as it is, with a comment for every part."""
    file = resources.files("posecheck.stretches").joinpath("template.toml")
    return file.read_text(encoding="utf-8")
