"""The notebooks run from the first cell to the last, and are kept without outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REPO = Path(__file__).parents[1]
NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    # A copy of the folder layout: what a notebook writes must not land in the repository.
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(REPO / "sample_videos", tmp_path / "sample_videos")
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(tmp_path / "notebooks")}}
    NotebookClient(notebook, timeout=120, resources=folder).execute()
    text = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "Good: every cue that could be judged passed." in text
    assert "image/png" in text
    assert "video/mp4" in text
    assert "'name': 'stderr'" not in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
