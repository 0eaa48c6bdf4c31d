"""Notebook 02 in JupyterLab, in a real browser with a sample clip as its camera."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

pytestmark = needs_chromium

REPO = Path(__file__).parents[2]
NOTEBOOK = "02_live_feedback.ipynb"
OTHER_NAME = "lab.example"  # of this machine; a browser trusts plain http at localhost only
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


@dataclass(frozen=True)
class Lab:
    """A JupyterLab of our own, on a folder of its own."""

    folder: Path
    port: int
    token: str

    def url(self, host: str = "localhost") -> str:
        """The notebook in a workspace of its own."""
        place = f"lab/workspaces/w{secrets.token_hex(4)}/tree/{NOTEBOOK}"
        return f"http://{host}:{self.port}/{place}?token={self.token}"

    def open(self, context: BrowserContext, host: str = "localhost") -> Page:
        """Open the notebook and run it from the first cell to the last."""
        tab = context.new_page()
        tab.goto(self.url(host))
        wait_until(tab, "window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady")
        wait_until(tab, f"{_KERNEL}?.status === 'idle'")
        tab.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        tab.locator(".posecheck-coach h2", has_text="Child's pose").wait_for()
        return tab

    def report(self, tab: Page) -> dict[str, Any]:
        """What `coach.report` is in the notebook's kernel."""
        path = self.folder / "report.json"
        run_in_kernel(tab, f"coach.report.to_json({str(path)!r})")
        return json.loads(path.read_text(encoding="utf-8"))


_KERNEL = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"

_DELETE_CELL = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const isCoach = (cell) => cell.node.querySelector(".posecheck-coach");
    notebook.activeCellIndex = notebook.widgets.findIndex(isCoach);
    return window.jupyterapp.commands.execute("notebook:delete-cell");
}"""


def run_in_kernel(tab: Page, code: str) -> None:
    reply = tab.evaluate(
        f"async (code) => (await {_KERNEL}.requestExecute({{ code }}).done).content.status", code
    )
    assert reply == "ok"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@contextmanager
def open_lab(folder: Path) -> Iterator[Lab]:
    """A JupyterLab with the notebook in a folder of its own."""
    (folder / "notebooks").mkdir()
    shutil.copy(REPO / "notebooks" / NOTEBOOK, folder / "notebooks")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with _server(Lab(folder, port, secrets.token_hex(16))) as lab:
        yield lab


@contextmanager
def _server(lab: Lab) -> Iterator[Lab]:
    settings = lab.folder / "settings"
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
    own = {f"JUPYTER_{kind}_DIR": str(lab.folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(lab.folder / "user-settings")
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(lab.folder / "workspaces")
    own["POSECHECK_DB"] = f"sqlite:///{lab.folder / 'history.sqlite'}"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        f"--ServerApp.root_dir={lab.folder / 'notebooks'}", f"--ServerApp.port={lab.port}",
        "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_remote_access=True",  # by another name than localhost
        f"--IdentityProvider.token={lab.token}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",  # the other one asks a package index
        f"--LabServerApp.app_settings_dir={settings}", f"--LabApp.app_settings_dir={settings}",
    ]  # fmt: skip
    log = (lab.folder / "lab.log").open("wb")
    server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    try:
        _wait_for_server(lab, server)
        yield lab
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait_for_server(lab: Lab, server: subprocess.Popen[bytes]) -> None:
    url = f"http://127.0.0.1:{lab.port}/api?token={lab.token}"
    for _ in range(300):
        assert server.poll() is None, (lab.folder / "lab.log").read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)  # between two looks; how long it takes in all decides nothing
    pytest.fail((lab.folder / "lab.log").read_text())


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
        tab.evaluate(f"{_KERNEL}.restart()")
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
