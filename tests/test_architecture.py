"""The house: imports point one way, and each heavy library lives behind its wall."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import posecheck

PACKAGE = Path(posecheck.__file__).parent

# From the ground up: a module may import only from lines above its own. A line is a storey.
STOREYS = [
    ["errors"],
    ["paths", "safety", "geometry", "text_file", "words", "limits", "regular_file", "mp4_boxes"],
    ["calibration", "whole_file", "parquet_file", "network"],
    ["landmarks", "model_bundle", "measure_table"],
    ["landmark_file", "source_file", "models", "landmarks_only", "stick_figure"],
    ["frames"],
    ["video_decode", "photo", "video_writer", "bars", "hdr"],
    ["video_source"],
    ["video", "outline", "follow", "cuts", "sampling"],
    ["landmarker", "camera", "clean"],
    ["looks", "export.tables", "export.markers"],
    ["export.json_form", "export.trc", "export.c3d", "export.netcdf"],
    ["export.formats"],
    ["export"],
    ["person_watcher"],
    ["moments"],
    ["pose"],
    ["parts", "proportions"],
    ["body", "correction", "doubt"],
    ["turns"],
    ["formulas"],
    ["measures"],
    ["values", "stretches.parts"],
    ["stretches.figure", "stretches.lines"],
    ["stretches.definition"],
    ["stretches.problems"],
    ["stretches.catalogue"],
    ["stretches"],
    ["sittings", "real_change", "trend", "adherence", "demo_history"],
    ["kept_apart", "series_progress"],
    ["side_difference"],
    ["progression"],
    ["drawn_figure", "braille", "stretch_words"],
    ["figure_chart"],
    ["intervals"],
    ["summary", "reading", "dose", "cue_result"],
    ["checks", "rom", "why_not", "holding"],
    ["form", "recognise", "stretch_page"],
    ["pain", "history.names", "history.schema", "history.landmark_store", "history.migrations"],
    ["history.migrations.versions", "history.migrations.versions.v0001_first", "history.records"],
    ["history.upgrade"],
    ["history.migrations.env", "history.database", "history.rows"],
    ["history.tables"],
    ["history.store"],
    ["history.recheck", "history.transfer", "history.backup"],
    ["history.history"],
    ["history"],
    ["doctor", "export.folder", "pen"],
    ["charts", "figure_check", "overlay"],
    ["progress_charts"],
    ["progress_picker"],
    ["annotate"],
    ["report"],
    ["pages.rendering", "pages.moments"],
    ["pages.pictures", "pages.person_words"],
    ["pages.session", "pages.person"],
    ["pages"],
    ["terminal", "pipeline"],
    ["live", "live.feedback", "live.smoothing", "live.tail"],
    ["live.causal", "live.speaker", "live.holds", "live.guide", "live.marks"],
    ["live.cue_watch", "live.dose_walk"],
    ["live.coach"],
    ["live.engine"],
    ["live.worker", "live.pictures", "live.client", "live.voice", "live.webcam", "live.panel"],
    ["live.messages"],
    ["live.source", "live.drawing"],
    ["live.lines", "live.window"],
    ["live.session"],
    ["live.page"],
    ["live.widget"],
    ["batch", "batch.files"],
    ["batch.remote", "batch.row"],
    ["batch.folders"],
    ["batch.plan", "batch.table", "batch.work", "batch.pool", "batch.cluster"],
    ["batch.ledger", "batch.keep", "batch.shown"],
    ["batch.run"],
    ["cli_history", "cli_progress", "cli_report"],
    ["cli_batch", "cli_live"],
    ["cli"],
]

WALLS = {
    "mediapipe": {"landmarker", "network"},
    "av": {"frames", "hdr", "photo", "video_decode", "video_source", "video_writer"},
    "cv2": {
        "annotate",
        "frames",
        "hdr",
        "landmarker",
        "looks",
        "live.drawing",
        "live.engine",
        "live.pictures",
        "live.webcam",
        "live.window",
        "pages.pictures",
        "pen",
        "video_decode",
    },
    "PIL": {"photo", "pen"},
    "matplotlib": {"charts", "figure_chart", "progress_charts", "report", "pen"},
    "sqlalchemy": {
        f"history.{name}"
        for name in ("schema", "upgrade", "database", "rows", "tables", "store", "backup")
    }
    | {"history.migrations.versions.v0001_first"},
    "alembic": {
        f"history.{name}"
        for name in ("upgrade", "migrations.env", "migrations.versions.v0001_first")
    },
    "distributed": {"batch.cluster"},
    "fsspec": {"batch.remote"},
    "typer": {"cli", "cli_batch", "cli_history", "cli_live", "cli_progress"},
    "ipywidgets": {"progress_picker"},
    "anywidget": {"live.widget"},
    "tornado": {"live.page"},
    "ezc3d": {"export.c3d"},
    "xarray": {"export.netcdf"},
    "urllib": {"models", "model_bundle"},
    "requests": set(),
    "socket": {"models"},
}

# A type's own `save`, `__str__` or `_repr_html_`: a convenience that uses the module above it.
EXCEPTIONS = {
    ("landmarks", "landmark_file"),
    ("stretches.definition", "stretch_page"),
    ("progression", "progress_charts"),
    ("progression", "pages"),
    ("report", "pages"),
    ("report", "terminal"),
}

CEILING = 420  # about 400


def _modules() -> dict[str, Path]:
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        names[name.removesuffix(".__init__")] = path
    return names


def _imports(path: Path) -> set[str]:
    """Every module imported anywhere in a file, also inside functions; not for typing only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


MODULES = _modules()
LEVEL = {name: level for level, storey in enumerate(STOREYS) for name in storey}


def test_every_module_has_its_storey() -> None:
    assert set(MODULES) - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("name", [n for n in MODULES if n != "__init__"])
def test_imports_point_down(name: str) -> None:
    inside = {
        imported.removeprefix("posecheck.")
        for imported in _imports(MODULES[name])
        if imported.startswith("posecheck.")
    }
    for imported in inside & set(LEVEL):
        if name == imported.split(".")[0] or (name, imported) in EXCEPTIONS:
            continue
        assert LEVEL[imported] < LEVEL[name], f"{name} imports {imported}"


@pytest.mark.parametrize("library", sorted(WALLS))
def test_walls(library: str) -> None:
    users = {
        name
        for name, path in MODULES.items()
        if any(i.split(".")[0] == library for i in _imports(path))
    }
    assert users <= WALLS[library]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_stay_small(name: str) -> None:
    lines = MODULES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= CEILING, f"{name} has {lines} lines"


def test_public_names_are_what_they_say() -> None:
    for name in posecheck.__all__:
        assert getattr(posecheck, name) is not None
    assert set(posecheck.__all__) == set(posecheck._HOME)


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
