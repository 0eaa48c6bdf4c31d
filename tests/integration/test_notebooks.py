"""The notebooks run from the first cell to the last, and are kept without outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.fixtures.paths import REPO, SAMPLES

NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
SHOWN = {
    "01_check_a_video": ("Good: every cue that could be judged passed.", "video/mp4"),
    "02_live_feedback": (
        "application/vnd.jupyter.widget-view+json",
        "LiveCoach of Child's pose",
        "Nothing to plot yet",
    ),
    "04_your_own_stretch": (
        "did you mean 'thigh_inclination'",
        "<svg",
        "Good: every cue that could be judged passed.",
        "Standing side bend is drawn as it is judged.",
    ),
    "03_rom_progress": ("Simulated history: nobody", "real gain", "Dropdown"),
    "05_how_true_is_it": ("hip flexion: a change below", "degrees is noise"),
}
# Its picture is the camera's, and here is none: test_live_cell.py runs it in a browser.
NO_PICTURE = {"02_live_feedback"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    # A copy of the folder layout: what a notebook writes must not land in the repository.
    (tmp_path / "notebooks").mkdir()
    samples = tmp_path / "sample_videos"
    shutil.copytree(SAMPLES, samples, ignore=shutil.ignore_patterns("render"))
    # 05 imports from benchmarks and reads its data.
    shutil.copytree(REPO / "benchmarks", tmp_path / "benchmarks")
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(tmp_path / "notebooks")}}
    NotebookClient(notebook, timeout=120, resources=folder).execute()
    text = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "image/png" in text or path.stem in NO_PICTURE
    for words in SHOWN.get(path.stem, ()):
        assert words in text
    assert "'name': 'stderr'" not in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
