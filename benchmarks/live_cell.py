"""From the picture to the feedback in a notebook cell, beside the bare model on such pictures.

    python benchmarks/live_cell.py [--seconds 20]

JupyterLab runs `02_live_feedback.ipynb` in a headless Chromium whose camera is a sample clip, at
640x480. The browser notes for every picture how long its feedback took, from the moment it was
taken; the kernel notes how long the model itself took over it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CLIP = "childs-pose"
_LISTEN = """() => {
    window.answers = [];
    const root = document.querySelector(".posecheck-coach");
    root.addEventListener("pc-answer", (event) => window.answers.push(event.detail));
}"""
# In the notebook's kernel: how long the model itself takes over each of the same pictures.
_TIME_THE_MODEL = """
import time
from posecheck.landmarker import Landmarker
spent, run = [], Landmarker._run
def timed(self, image, t_s):
    begin = time.perf_counter()
    found = run(self, image, t_s)
    if self._video:
        spent.append(1000 * (time.perf_counter() - begin))
    return found
Landmarker._run = timed
"""


def measure(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds from each picture to its feedback, and of the model alone."""
    from playwright.sync_api import sync_playwright

    from tests.browser import browser, film, wait_held
    from tests.test_live_cell import open_lab, run_in_kernel

    with (
        tempfile.TemporaryDirectory() as folder,
        open_lab(Path(folder)) as lab,
        sync_playwright() as playwright,
        browser(playwright, camera=film(CLIP, Path(folder))) as context,
    ):
        tab = lab.open(context)
        tab.evaluate(_LISTEN)
        run_in_kernel(tab, _TIME_THE_MODEL)
        tab.get_by_role("button", name="▶ Start").click()
        wait_held(tab, 3)
        run_in_kernel(tab, "spent.clear()")
        tab.evaluate("window.answers = []")
        tab.wait_for_timeout(1000 * seconds)
        answers = tab.evaluate("window.answers")
        told = Path(folder) / "spent"
        run_in_kernel(tab, f"import numpy; numpy.savetxt({str(told)!r}, spent)")
        return np.array(answers), np.loadtxt(told)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    show(parser.parse_args().seconds)


def show(seconds: float) -> None:
    """Measure and print."""
    cell, model = measure(seconds)
    for name, ms in (("cell", cell), ("model", model)):
        print(f"{name}: median {np.median(ms):.1f} ms, 95th percentile {np.percentile(ms, 95):.1f}")
    ratio = np.median(cell) / np.median(model)
    print(f"cell / model {ratio:.2f}; {len(cell) / seconds:.1f} frames/s")


if __name__ == "__main__":
    main()
