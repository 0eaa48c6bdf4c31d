"""From the picture to the feedback in a notebook cell, beside the bare model on such pictures.

    python -m benchmarks.live_cell [--seconds 20]

JupyterLab runs `02_live_feedback.ipynb` in a headless Chromium whose camera is a sample clip, at
640x480. The browser notes for every picture how long its feedback took, from the moment it was
taken. The kernel keeps some of the pictures, and MediaPipe's own landmarker takes them one after
the other when the camera is off again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from tests.fixtures.browser import browser, film, wait_held
from tests.fixtures.jupyter import open_lab, run_in_kernel

ROOT = Path(__file__).resolve().parent.parent

CLIP = "childs-pose"
_QUIET_S = 3  # until the report is made and the camera is off
_LISTEN = """() => {
    window.answers = [];
    const root = document.querySelector(".posecheck-coach");
    root.addEventListener("pc-answer", (event) => window.answers.push(event.detail));
}"""
# In the notebook's kernel: every fifth of the pictures, as the model gets it.
_KEEP_PICTURES = """
from itertools import count
from posecheck.pose.detector import MediaPipeDetector
pictures, number, run = [], count(), MediaPipeDetector._run
def kept(self, image, t_s):
    if self._video and next(number) % 5 == 0:
        pictures.append(image.numpy_view().copy())
    return run(self, image, t_s)
MediaPipeDetector._run = kept
"""
_TIME_THE_MODEL = """
import os, time
os.chdir({root!r})  # where benchmarks is a package
from benchmarks.live import bare
from posecheck.pose.model.locate import resolve_model
from posecheck.media.open import Frame
detect, spent = bare(resolve_model("full"), masks=False), []
for k, picture in enumerate(pictures):
    begin = time.perf_counter()
    detect(Frame(k, k / 7, picture[..., ::-1]))
    spent.append(1000 * (time.perf_counter() - begin))
import numpy
numpy.savetxt({told!r}, spent)
"""


def measure(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds from each picture to its feedback, and of the bare model."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_lab(Path(folder)) as lab,
        sync_playwright() as playwright,
        browser(playwright, camera=film(CLIP, Path(folder))) as context,
    ):
        tab = lab.open(context)
        tab.evaluate(_LISTEN)
        run_in_kernel(tab, _KEEP_PICTURES)
        tab.get_by_role("button", name="▶ Start").click()
        wait_held(tab, 3)
        run_in_kernel(tab, "pictures.clear()")
        tab.evaluate("window.answers = []")
        tab.wait_for_timeout(1000 * seconds)
        answers = tab.evaluate("window.answers")
        tab.get_by_role("button", name="■ Stop").click()
        tab.wait_for_timeout(1000 * _QUIET_S)
        told = Path(folder) / "spent"
        code = _TIME_THE_MODEL.format(root=str(ROOT), told=str(told))
        run_in_kernel(tab, code)
        return np.array(answers), np.loadtxt(told)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    show(parser.parse_args().seconds)


def show(seconds: float) -> None:
    """Measure and print."""
    cell, model = measure(seconds)
    for name, ms in (("cell", cell), ("bare model", model)):
        print(f"{name}: median {np.median(ms):.1f} ms, 95th percentile {np.percentile(ms, 95):.1f}")
    ratio = np.median(cell) / np.median(model)
    print(f"cell / bare model {ratio:.2f}; {len(cell) / seconds:.1f} frames/s")


if __name__ == "__main__":
    main()
