"""Notebook 02 in JupyterLab, in a real browser with a sample clip as its camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posecheck.sessions import History
from tests.fixtures.browser import (
    FAKE_CAMERA,
    NO_CAMERA,
    browser,
    camera_is_off,
    film,
    needs_chromium,
    recorded,
    statuses,
    stop_and_answer,
    timer_is_true,
    wait_held,
    wait_text,
    wait_until,
)
from tests.fixtures.jupyter import KERNEL, Lab, open_lab, run_in_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

pytestmark = needs_chromium

OTHER_NAME = "lab.example"  # of this machine; a browser trusts plain http at localhost only


_DELETE_CELL = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const isCoach = (cell) => cell.node.querySelector(".posecheck-coach");
    notebook.activeCellIndex = notebook.widgets.findIndex(isCoach);
    return window.jupyterapp.commands.execute("notebook:delete-cell");
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_faulty_clip(playwright: Playwright, lab: Lab, cameras: Path) -> None:
    """By the way that a hub leaves: through Jupyter."""
    clip = "childs-pose-arms-short"
    with browser(playwright, camera=film(clip, cameras)) as context:
        context.route_web_socket(re.compile("/socket"), lambda way: way.close())
        tab = lab.open(context)
        tab.get_by_role("button", name="▶ Start").click()
        wait_text(tab, ".pc-caption", "walk the hands out ahead of you")
        wait_held(tab, 6)
        text = stop_and_answer(tab, 0)
        assert camera_is_off(tab)
        assert timer_is_true(tab)
        assert "Needs work" in text and "walk the hands out ahead of you" in text
        assert any("Walk the hands out" in words for words in tab.evaluate("window.said"))
        shown_s = tab.evaluate("window.seconds.at(-1)[1]")
        live, expected = lab.report(tab), recorded(clip).to_dict()
        assert statuses(live) == statuses(expected)
        assert live["verdict"] == expected["verdict"] == "needs-work"
        assert sum(hold["seconds"] for hold in live["dose"]["holds"]) == pytest.approx(
            shown_s, abs=2
        )
        tab.get_by_label("Keep this session for").fill("Ann")
        tab.locator(".pc-save button").click()
        wait_text(tab, ".pc-save", "Saved as session 1 of Ann.")

        tab.get_by_role("button", name="▶ Start again").click()
        wait_until(tab, "window.tracks.at(-1).readyState === 'live'")
        tab.evaluate(_DELETE_CELL)
        wait_until(tab, "window.tracks.every((one) => one.readyState === 'ended')")
    with History(lab.folder / "history.sqlite") as history:
        assert list(history.sessions("Ann")["verdict"]) == ["needs-work"]


def test_correct_clip_then_run_again_then_kernel_restarted(
    playwright: Playwright, lab: Lab, cameras: Path
) -> None:
    clip = "childs-pose"
    with browser(playwright, camera=film(clip, cameras)) as context:
        tab = lab.open(context)
        start = tab.get_by_role("button", name="▶ Start")
        start.click()
        wait_held(tab, 5)
        run_in_kernel(tab, "assert len(coach._shortcut.sockets) == 1")  # past Jupyter
        text = stop_and_answer(tab, 0)
        assert "Good" in text
        said, captions = tab.evaluate("[window.said, window.captions]")
        assert not any("✗" in words for words in captions)
        assert any("Hold for 60 seconds" in words for words in said)
        live, expected = lab.report(tab), recorded(clip).to_dict()
        assert statuses(live) == statuses(expected)
        assert live["verdict"] == expected["verdict"] == "good"

        start.click()
        wait_text(tab, ".pc-phase", "Hold")
        tab.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        wait_until(tab, "window.tracks.every((one) => one.readyState === 'ended')")
        tab.locator(".posecheck-coach[data-state=idle] .pc-intro p").first.wait_for()

        start.click()
        wait_text(tab, ".pc-phase", "Hold")
        assert not camera_is_off(tab)
        tab.evaluate(f"{KERNEL}.restart()")
        # It says so with its last breath, or has not answered for 8 seconds.
        wait_text(tab, ".pc-error", "the kernel was restarted")
        wait_text(tab, ".pc-error", "Run the cell again.")
        assert camera_is_off(tab)


def test_camera_refused_and_plain_http(playwright: Playwright, lab: Lab) -> None:
    flags = (FAKE_CAMERA, f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1")
    with browser(playwright, *flags) as context:
        tab = lab.open(context)
        tab.get_by_role("button", name="▶ Start").click()
        wait_text(tab, ".pc-error", "The camera was refused.")
        tab.close()
        tab = lab.open(context, OTHER_NAME)
        tab.get_by_role("button", name="▶ Start").click()
        wait_text(tab, ".pc-error", "Browsers give no camera to a page that was opened over plain")


def test_no_camera(playwright: Playwright, lab: Lab) -> None:
    with browser(playwright, NO_CAMERA) as context:
        tab = lab.open(context)
        tab.get_by_role("button", name="▶ Start").click()
        wait_text(tab, ".pc-error", "No camera was found.")
