"""A real Chromium, headless, with a clip as its camera: what the browser tests have in common."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import pytest

import posecheck as pc
from posecheck.assess.report import Report
from posecheck.media.open import open_source

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

SAMPLES = Path(__file__).parents[1] / "sample_videos"
CAMERA_FPS = 30  # Chromium plays a file of JPEGs at this rate, again and again
PATIENCE_MS = 30_000

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")

FAKE_CAMERA = "--use-fake-device-for-media-stream"
NO_CAMERA = f"{FAKE_CAMERA}=device-count=0"
YES_TO_CAMERA = "--use-fake-ui-for-media-stream"  # without it nobody is there to allow it

# Keeps what is said aloud, the camera's tracks, the captions, and when the timer moved on.
_WATCH = """
window.said = [];
speechSynthesis.speak = (words) => { if (words.text) window.said.push(words.text); };
window.tracks = [];
const devices = navigator.mediaDevices;
if (devices) {
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}
window.captions = [];
window.seconds = [];
setInterval(() => {
  const caption = document.querySelector(".pc-caption")?.textContent ?? "";
  if (caption !== window.captions.at(-1)) window.captions.push(caption);
  const held = parseInt(document.querySelector(".pc-seconds")?.textContent ?? "");
  const phase = document.querySelector(".pc-phase")?.textContent;
  if (phase === "Hold" && held !== window.seconds.at(-1)?.[1]) {
    window.seconds.push([performance.now() / 1000, held]);
  }
}, 20);
"""


@cache
def recorded(clip: str) -> Report:
    """The check of a sample clip as a recording."""
    return pc.check(SAMPLES / f"{clip}.mp4", "childs-pose")


def statuses(report: dict[str, Any]) -> dict[str, str]:
    """Status by cue, of a report as plain data."""
    return {cue["id"]: cue["status"] for cue in report["cues"]}


def film(clip: str, folder: Path) -> Path:
    """A sample clip as the file that Chromium plays as its camera: JPEGs, one after the other."""
    target = folder / f"{clip}.mjpeg"
    if target.exists():
        return target
    n = 0
    with open_source(SAMPLES / f"{clip}.mp4") as source, target.open("wb") as file:
        for frame in source.frames():
            jpeg = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
            while n <= frame.t_s * CAMERA_FPS + 0.5:
                file.write(jpeg)
                n += 1
    return target


@contextmanager
def browser(
    playwright: Playwright, *flags: str, camera: Path | None = None, **options: Any
) -> Iterator[BrowserContext]:
    """A new Chromium; with `camera` it plays that file, and allows every page to see it."""
    if camera is not None:
        flags = (FAKE_CAMERA, YES_TO_CAMERA, f"--use-file-for-fake-video-capture={camera}", *flags)
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **options)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_WATCH)
    try:
        yield context
    finally:
        chromium.close()


def wait_until(page: Page, condition: str) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's own `wait_for_function` needs `eval`, which the page's policy forbids.
    """
    page.evaluate(
        f"""() => new Promise((done, fail) => {{
            const look = setInterval(() => {{
                if ({condition}) {{ clearInterval(look); done(); }}
            }}, 20);
            setTimeout(() => fail(new Error("waited in vain")), {PATIENCE_MS});
        }})"""
    )


def wait_held(page: Page, seconds: int) -> None:
    """Wait until the timer shows so many seconds of a hold."""
    wait_until(page, f"window.seconds.some(([, held]) => held >= {seconds})")


def wait_text(page: Page, selector: str, text: str) -> None:
    """Wait until an element says something."""
    page.locator(selector, has_text=text).first.wait_for()


def camera_is_off(page: Page) -> bool:
    """Whether a camera was on, and none is any more."""
    return page.evaluate(
        "window.tracks.length > 0 && window.tracks.every((one) => one.readyState === 'ended')"
    )


def timer_is_true(page: Page) -> bool:
    """Whether the seconds that were shown went by as seconds do."""
    moves = page.evaluate("window.seconds")
    (begin_s, first), (end_s, last) = moves[0], moves[-1]
    return last - first >= 3 and abs((end_s - begin_s) - (last - first)) < 1.2


def stop_and_answer(page: Page, pain: int) -> str:
    """Press the key that stops, say how much it hurts; what the report says."""
    page.keyboard.press("s")
    page.locator(".pc-pain").get_by_role("button", name=str(pain)).first.click()
    report = page.frame_locator(".pc-report iframe").locator("body")
    report.wait_for()
    return report.inner_text()
