"""The house: twelve rooms, modules of a good size, public names, and tests that stand alone.

The order of the rooms and the walls around heavy libraries are contracts of import-linter, in
pyproject.toml; `make lint` holds them.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import posecheck
from posecheck.models import resolve_model
from tests.fixtures.paths import REPO

PACKAGE = Path(posecheck.__file__).parent
CEILING = 420
FEW_LINES, MOST_SMALL = 60, 10


def _modules() -> dict[str, Path]:
    paths = {path: path.relative_to(PACKAGE) for path in sorted(PACKAGE.rglob("*.py"))}
    return {".".join(inside.with_suffix("").parts): path for path, inside in paths.items()}


MODULES = _modules()


def _n_lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_the_package_has_its_rooms_and_little_else() -> None:
    entries = [path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= 16, sorted(entries)


@pytest.mark.parametrize("name", MODULES)
def test_modules_stay_small(name: str) -> None:
    assert _n_lines(MODULES[name]) <= CEILING


def test_public_names_are_what_they_say() -> None:
    for name in posecheck.__all__:
        assert getattr(posecheck, name) is not None
    everything: dict[str, object] = {}
    exec("from posecheck import *", everything)
    assert set(posecheck.__all__) == set(dir(posecheck)) == set(everything) - {"__builtins__"}
    assert posecheck.resolve_model is resolve_model


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_what_tests_share_stands_in_fixtures(folder: str) -> None:
    """A test file can be moved, split or deleted without a look at any other."""
    borrowed = re.compile(
        r"\bfrom (?:tests[\w.]*|\.+[\w.]*) import [^#]*?\btest_\w+"
        r"|\b(?:from|import) tests[\w.]*\.test_\w+"
        r"|\b(?:from|import) tests\.(?:\w+\.)*conftest\b"
    )
    for path in sorted((REPO / folder).rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [line.strip() for line in lines if borrowed.search(line)]
        assert not found, f"{path.relative_to(REPO)} imports from another test file: {found}"


def test_no_rule_of_a_stretch_lives_in_python() -> None:
    ids = [path.stem for path in (PACKAGE / "stretches" / "catalogue").glob("*.toml")]
    assert ids
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        }
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        } - docstrings
        used = [i for i in ids if i in texts]
        assert not used, f"{name} names {used}"


def test_the_map_in_contributing_has_every_module() -> None:
    text = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = "|".join(sorted({name.split(".")[0] for name in MODULES if "." in name}))
    mapped = set(re.findall(rf"^- `((?:{rooms})/[a-z0-9_/]+)`:", text, re.MULTILINE))
    modules = {
        name.replace(".", "/") for name in MODULES if "." in name and not name.endswith("__init__")
    }
    assert mapped == modules, "write in the map of CONTRIBUTING.md what each module is for"


def test_few_modules_are_small() -> None:
    small = [
        name
        for name, path in MODULES.items()
        if _n_lines(path) < FEW_LINES and not name.endswith("__init__")
    ]
    assert len(small) <= MOST_SMALL, small
