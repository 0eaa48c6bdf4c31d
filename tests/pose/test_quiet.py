"""MediaPipe reports nothing, and nobody else's requests are touched.

A proxy on this machine notes who asks it for a connection, in a process whose environment names it.
MediaPipe on its own asks it too, so the trap is known to see what is to be stopped.
"""

from __future__ import annotations

import os
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.quiet import Silence, is_silent
from tests.fixtures.commands import PHOTO, PROGRAM

GOOGLE = "CONNECT play.googleapis.com:443"
on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="MediaPipe's releases for other systems report nothing"
)

BARE = """
import sys
from mediapipe.tasks.python import BaseOptions, vision

options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=sys.argv[1]))
try:
    vision.PoseLandmarker.create_from_options(options).close()
except RuntimeError:
    print("cannot be loaded")
"""

# Each name is asked for through the proxy, which refuses.
OURS = """
import subprocess, sys
from pathlib import Path
from posecheck.core.errors import ModelError
from posecheck.pose.detector import open_detector

ASK = '''
import sys, urllib.request
try:
    urllib.request.urlopen(f"https://{sys.argv[1]}.example", timeout=20)
except OSError:
    pass
'''

def ask(name):
    sys.argv[1:] = [name]
    exec(ASK)

def ask_in_child(name):
    subprocess.run([sys.executable, "-c", ASK, name], check=True)

def opened():
    return open_detector(Path(MODEL), video=True, n_people=1, outline=False)

MODEL, BROKEN = sys.argv[1:3]
try:
    open_detector(Path(BROKEN), video=True, n_people=1, outline=True)
except ModelError:
    ask_in_child("after-failure")
first, second = opened(), opened()
ask("open")
first.close()
first.close()
ask("one-open")
ask_in_child("child-of-one-open")
second.close()
ask_in_child("child-after")
ask("after")
never_closed = opened()
"""


@contextmanager
def trap() -> Iterator[tuple[dict[str, str], list[str]]]:
    """A proxy that refuses everything: the environment that names it, and what it was asked."""
    asked: list[str] = []

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode().rsplit(" ", 1)[0])
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    proxies = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
    clean = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield {**clean, "https_proxy": f"http://127.0.0.1:{server.server_address[1]}"}, asked
        server.shutdown()


def run(program: str, *arguments: object, env: dict[str, str]) -> str:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(
        command, env=env, stdout=subprocess.PIPE, text=True, timeout=120, check=True
    ).stdout


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A bundle whose networks are no networks."""
    path = tmp_path / "broken.task"
    path.write_bytes(b"not a model")
    return path


@on_linux
def test_mediapipe_alone_reports(model: ModelFacts) -> None:
    """Where this fails, MediaPipe reports no more or in a way that the trap does not see."""
    with trap() as (env, asked):
        run(BARE, model.path, env=env)
    assert asked == [GOOGLE]


def test_nothing_is_reported_and_other_requests_go_through_the_users_proxy(
    model: ModelFacts, broken: Path
) -> None:
    with trap() as (env, asked):
        run(OURS, model.path, broken, env=env)
    assert asked == [
        f"CONNECT {name}.example:443"
        for name in ("after-failure", "open", "one-open", "child-after", "after")
    ]


@pytest.mark.parametrize("command", ["check", "batch"])
def test_commands_report_nothing(command: str, model: ModelFacts, tmp_path: Path) -> None:
    """A batch works in processes of its own."""
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(PHOTO, tmp_path / name)
    what = [tmp_path, "--workers", 2] if command == "batch" else [tmp_path / "a.jpg"]
    with trap() as (env, asked):
        env |= {"POSECHECK_MODEL": str(model.path), "POSECHECK_OFFLINE": "1"}
        env |= {"POSECHECK_HOME": str(tmp_path / "home")}
        said = run(PROGRAM, command, *what, "--stretch", "legs-up-the-wall", env=env)
    assert "legs-up-the-wall" in said.lower().replace(" ", "-")
    assert not asked


def test_an_exemption_does_not_let_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that `no_proxy` names is asked without a proxy."""
    monkeypatch.setenv("no_proxy", "*")
    silence = Silence()
    try:
        assert seen_by_a_child("no_proxy") != "*"
        assert os.environ["no_proxy"] == "*"
    finally:
        silence.end()
    assert seen_by_a_child("no_proxy") == "*"


def test_what_was_not_there_is_gone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    silences = [Silence(), Silence()]
    silences[0].end()
    silences[0].end()
    assert seen_by_a_child("https_proxy") == "blocked://posecheck"
    silences[1].end()
    assert seen_by_a_child("https_proxy") == "None"


def seen_by_a_child(name: str) -> str:
    """A variable in the C library's environment, which a child process inherits."""
    program = f"import os; print(os.environ.get({name!r}))"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("version", "platform", "silent"),
    [
        ("1.2.2", "linux", True),
        ("1.2.2", "darwin", False),
        ("0.10.35", "win32", False),
        ("0.10.33", "win32", True),
        ("0.10.33", "darwin", True),
    ],
)
def test_releases_that_are_silent(
    version: str, platform: str, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert is_silent(version) == silent
