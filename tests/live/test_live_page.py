"""The live coach on a page of its own, in a real browser; and who may not see it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from websocket import WebSocket, WebSocketBadStatusException, create_connection

from posecheck.live.browser.page import Page
from posecheck.live.browser.session import LiveSession
from posecheck.live.browser.widget import LiveCoach
from posecheck.sessions import History
from posecheck.stretches import load_stretch
from tests.fixtures.browser import (
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
    from playwright.sync_api import BrowserContext, Playwright
    from playwright.sync_api import Page as Tab

FAULTY, CORRECT = "childs-pose-arms-short", "childs-pose"


# --- who may see it -------------------------------------------------------------------------------


@pytest.fixture
def page() -> Iterator[Page]:
    session = LiveSession(load_stretch(CORRECT))
    page = Page(session)
    yield page
    page.close()
    session.close()


def get(page: Page, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    with closing(http.client.HTTPConnection(page.host, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def token_path(page: Page) -> str:
    return page.url.removeprefix(f"http://{page.host}")


def cookie(page: Page) -> str:
    status, headers, _ = get(page, token_path(page))
    assert status == 200
    return str(headers["Set-Cookie"]).partition(";")[0]


def call(page: Page, *, cookie: str | None, origin: str | None, host: str = "") -> WebSocket:
    return create_connection(
        f"ws://{page.host}/socket",
        cookie=cookie,
        origin=origin,
        suppress_origin=origin is None,
        host=host or None,
        timeout=10,
    )


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/widget.js", "/socket"])
def test_nobody_without_the_token(page: Page, path: str) -> None:
    status, headers, text = get(page, path)
    assert status == 403
    assert "Set-Cookie" not in headers
    assert "run coach.page() again" in text.lower() or path == "/socket"


def test_token_is_good_for_one_load_and_the_cookie_carries_on(page: Page) -> None:
    ours = cookie(page)
    assert get(page, token_path(page))[0] == 403
    assert get(page, "/", Cookie=ours)[0] == 200
    assert get(page, "/widget.js", Cookie=ours)[0] == 200
    assert get(page, "/", Cookie=f"{ours}x")[0] == 403
    assert get(page, "/session.py", Cookie=ours)[0] == 404


def test_browser_keeps_nothing_and_fetches_nothing_from_elsewhere(page: Page) -> None:
    _, headers, text = get(page, token_path(page))
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert f"connect-src ws://{page.host};" in headers["Content-Security-Policy"]
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
    assert "http" not in text


def test_other_names_of_this_machine_are_refused(page: Page) -> None:
    """A page elsewhere may point its own name at this machine: the browser then says that name."""
    ours = cookie(page)
    port = page.host.rpartition(":")[2]
    for host in (f"rebound.example:{port}", f"localhost:{port}", "127.0.0.1"):
        assert get(page, "/", Cookie=ours, Host=host)[0] == 403
        with pytest.raises(WebSocketBadStatusException, match="403"):
            call(page, cookie=ours, origin=f"http://{page.host}", host=host)


def test_socket_wants_cookie_and_own_origin(page: Page) -> None:
    ours, own = cookie(page), f"http://{page.host}"
    for origin in ("http://evil.example", "http://127.0.0.1:1", f"https://{page.host}", None):
        with pytest.raises(WebSocketBadStatusException, match="403"):
            call(page, cookie=ours, origin=origin)
    with pytest.raises(WebSocketBadStatusException, match="403"):
        call(page, cookie=None, origin=own)
    with closing(call(page, cookie=ours, origin=own)) as connection:
        connection.send(json.dumps({"message": {"kind": "hello"}, "picture": False}))
        assert json.loads(connection.recv())["stretch"]["name"] == "Child's pose"


def test_socket_survives_what_no_page_sends(page: Page) -> None:
    ours, own = cookie(page), f"http://{page.host}"
    with closing(call(page, cookie=ours, origin=own)) as connection:
        connection.send(json.dumps({"message": {"kind": "format-disk"}, "picture": False}))
        assert "does not know" in json.loads(connection.recv())["text"]
        connection.send("no JSON")
        assert connection.recv() == ""
    with closing(call(page, cookie=ours, origin=own)) as connection:
        connection.send(json.dumps({"message": {"kind": "hello"}, "picture": False}))
        assert json.loads(connection.recv())["kind"] == "setup"


def invited(page: Page, origin: str) -> str:
    url = page.invite(origin)
    assert url is not None
    return url


def test_a_notebook_of_this_machine_is_let_in_once_from_its_own_origin(page: Page) -> None:
    lab, other = "http://localhost:8888", "http://localhost:9999"
    for url, origin in (
        (invited(page, lab), other),
        (invited(page, lab), None),
        (invited(page, lab) + "x", lab),
        (f"ws://{page.host}/socket?token=", lab),
    ):
        with pytest.raises(WebSocketBadStatusException, match="403"):
            create_connection(url, origin=origin, suppress_origin=origin is None, timeout=10)
    url = invited(page, lab)
    with closing(create_connection(url, origin=lab, timeout=10)) as connection:
        connection.send(json.dumps({"message": {"kind": "hello"}, "picture": False}))
        assert json.loads(connection.recv())["kind"] == "setup"
    with pytest.raises(WebSocketBadStatusException, match="403"):
        create_connection(url, origin=lab, timeout=10)
    assert page.url.partition("token=")[2] not in url, "the page's own token opens no socket"


@pytest.mark.parametrize(
    "origin", ["https://hub.example", "http://localhost.evil.example", "null", "", "localhost"]
)
def test_only_pages_of_this_machine_are_invited(page: Page, origin: str) -> None:
    assert page.invite(origin) is None


def test_only_this_machine_reaches_it(page: Page) -> None:
    port = int(page.host.rpartition(":")[2])
    assert page.host.startswith("127.0.0.1:")
    # Bound to one address, not to all: another loopback address does not reach it either.
    with pytest.raises(OSError), closing(socket.create_connection(("127.0.0.2", port), 2)):
        pass


def test_page_ends_with_its_coach() -> None:
    coach = LiveCoach(CORRECT)
    url = coach.page(open_browser=False, wait=False)
    page = coach._page
    assert page is not None
    assert url == page.url
    coach.close()
    page.wait()
    with pytest.raises(OSError):
        get(page, "/")


def test_script_waits_until_the_page_is_closed() -> None:
    command = "import posecheck as pc; pc.LiveCoach('childs-pose').page(); print('over')"
    nobody = os.environ | {"BROWSER": "true"}  # a program that opens nothing
    with subprocess.Popen(
        [sys.executable, "-c", command], env=nobody, stdout=subprocess.PIPE, text=True
    ) as script:
        assert script.stdout is not None
        url = urlsplit(script.stdout.readline().split()[-1])
        with closing(http.client.HTTPConnection(url.netloc, timeout=30)) as connection:
            connection.request("GET", f"/?{url.query}")
            ours = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
        create_connection(
            f"ws://{url.netloc}/socket", cookie=ours, origin=f"http://{url.netloc}", timeout=30
        ).close()
        assert script.stdout.read().endswith("over\n")
    assert script.returncode == 0


# --- in a browser ---------------------------------------------------------------------------------


@pytest.fixture
def coach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveCoach]:
    monkeypatch.setenv("POSECHECK_DB", f"sqlite:///{tmp_path / 'history.sqlite'}")
    coach = LiveCoach("childs-pose")
    yield coach
    coach.close()


def opened(context: BrowserContext, coach: LiveCoach) -> Tab:
    """The coach's page in a tab of its own."""
    tab = context.new_page()
    tab.goto(coach.page(open_browser=False, wait=False))
    return tab


@needs_chromium
def test_faulty_clip(playwright: Playwright, cameras: Path, coach: LiveCoach) -> None:
    with browser(playwright, camera=film(FAULTY, cameras)) as context:
        tab = opened(context, coach)
        tab.get_by_role("button", name="Start").click()
        wait_text(tab, ".pc-caption", "walk the hands out ahead of you")
        wait_held(tab, 5)
        assert "token" not in tab.url
        text = stop_and_answer(tab, 0)
        assert camera_is_off(tab)
        assert timer_is_true(tab)
        assert "Needs work" in text and "walk the hands out ahead of you" in text
        assert any("Walk the hands out" in words for words in tab.evaluate("window.said"))
        tab.get_by_label("Keep this session for").fill("Ann")
        tab.get_by_role("button", name="Save").click()
        wait_text(tab, ".pc-save", "Saved as session 1 of Ann.")
        shown_s = tab.evaluate("window.seconds.at(-1)[1]")
    assert coach.report is not None
    live, expected = coach.report.to_dict(), recorded(FAULTY).to_dict()
    assert statuses(live) == statuses(expected)
    assert live["verdict"] == expected["verdict"] == "needs-work"
    assert live["source"]["kind"] == "camera"
    assert sum(hold["seconds"] for hold in live["dose"]["holds"]) == pytest.approx(shown_s, abs=2)
    with History() as history:
        (session,) = history.sessions("Ann").to_dict("records")
    assert session["pain_after"] == 0
    assert session["verdict"] == "needs-work"


@needs_chromium
def test_correct_clip_pause_and_pain(
    playwright: Playwright, cameras: Path, coach: LiveCoach
) -> None:
    with browser(playwright, camera=film(CORRECT, cameras)) as context:
        tab = opened(context, coach)
        tab.get_by_label("Pain before").select_option("2")
        tab.get_by_role("button", name="Start").click()
        wait_held(tab, 4)
        tab.get_by_role("button", name="Pause").click()
        wait_text(tab, ".pc-caption", "Paused")
        tab.get_by_role("button", name="Go on").click()
        wait_until(tab, "!window.captions.at(-1).includes('Paused')")
        tab.get_by_role("button", name="Full screen").click()
        wait_until(tab, "document.fullscreenElement")
        text = stop_and_answer(tab, 3)
        said, captions = tab.evaluate("[window.said, window.captions]")
        assert "Good" in text
    assert not any("✗" in words for words in captions)
    assert any("Hold for 60 seconds" in words for words in said)
    assert coach.report is not None
    live, expected = statuses(coach.report.to_dict()), statuses(recorded(CORRECT).to_dict())
    # Where it hurts, how deep somebody went is neither praised nor coached.
    assert live == expected | {"hips-to-heels": "not_assessed"}
    assert coach.save("me", note="on a page") == 1
    with History() as history:
        (session,) = history.sessions("me").to_dict("records")
    assert (session["pain_before"], session["pain_after"]) == (2, 3)


@needs_chromium
def test_page_is_told_when_somebody_else_takes_over(
    playwright: Playwright, cameras: Path, coach: LiveCoach
) -> None:
    with browser(playwright, camera=film(CORRECT, cameras)) as context:
        first, second = opened(context, coach), context.new_page()
        second.goto(first.url)  # a second tab of the same browser: the cookie lets it in
        first.get_by_role("button", name="Start").click()
        wait_text(first, ".pc-phase", "Hold")
        second.get_by_role("button", name="Start").click()
        wait_text(first, ".pc-error", "started in another place")
        assert camera_is_off(first)
        wait_text(second, ".pc-phase", "Hold")
        LiveCoach("cobra").close()
        wait_text(second, ".pc-error", "Another coach was started")
        assert camera_is_off(second)


@needs_chromium
def test_stopped_from_python_with_and_without_the_page(
    playwright: Playwright, cameras: Path, coach: LiveCoach
) -> None:
    with browser(playwright, camera=film(CORRECT, cameras)) as context:
        tab = opened(context, coach)
        tab.get_by_role("button", name="Start").click()
        wait_text(tab, ".pc-phase", "Hold")
        first = coach.stop()
        tab.locator(".pc-pain").wait_for()
        assert camera_is_off(tab)
        tab.reload()
        tab.get_by_role("button", name="Start").click()
        wait_held(tab, 2)
        tab.close()
    second = coach.stop()
    assert second is not first
    assert sum(hold.seconds for hold in second.holds) >= 1


@needs_chromium
def test_camera_that_is_busy_or_pulled_out(
    playwright: Playwright, cameras: Path, coach: LiveCoach
) -> None:
    busy = """() => {
        const open = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async () => {
            navigator.mediaDevices.getUserMedia = open;
            throw new DOMException("in use", "NotReadableError");
        };
    }"""
    with browser(playwright, camera=film(CORRECT, cameras)) as context:
        tab = opened(context, coach)
        tab.evaluate(busy)
        tab.get_by_role("button", name="Start").click()
        wait_text(tab, ".pc-error", "in use by another program")
        tab.get_by_role("button", name="Start").click()
        wait_text(tab, ".pc-phase", "Hold")
        tab.evaluate("window.tracks.at(-1).dispatchEvent(new Event('ended'))")
        wait_text(tab, ".pc-error", "Plug it in")
        assert camera_is_off(tab)
        tab.get_by_role("button", name="Go on").click()
        wait_until(tab, "window.tracks.at(-1).readyState === 'live'")
        tab.keyboard.press("Escape")
        tab.locator(".pc-pain").wait_for()
