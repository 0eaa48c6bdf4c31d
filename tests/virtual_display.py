"""A display of the tests' own: an X server without a screen, a window manager, keys, a shutter."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 1400, 900
_CLIENT_MESSAGE = 33
_PROGRAMS = ("Xvfb", "openbox", "xdotool")
# Windows have no frame and lie in the corner of the screen.
_MANNERS = """<openbox_config xmlns="http://openbox.org/3.4/rc">
<theme><keepBorder>no</keepBorder></theme>
<applications><application class="*"><decor>no</decor>
<position force="yes"><x>0</x><y>0</y></position></application></applications>
</openbox_config>"""


def missing() -> str:
    """What is not installed here; empty where nothing is."""
    return " and ".join(name for name in _PROGRAMS if shutil.which(name) is None)


class VirtualDisplay:
    """A running X server; `name` is what DISPLAY has to be."""

    def __init__(self, name: str, buffer: Path) -> None:
        self.name = name
        self._buffer = buffer

    def picture(self) -> np.ndarray:
        """What the screen shows, (height, width, 3) uint8 BGR; from the X server's own memory."""
        data = self._buffer.read_bytes()
        head = struct.unpack(">25I", data[:100])  # an XWD file
        start, stride, n_colours = head[0] + 12 * head[19], head[12], head[19]
        assert n_colours <= 256
        rows = np.frombuffer(data, np.uint8, stride * HEIGHT, start).reshape(HEIGHT, stride // 4, 4)
        return rows[:, :WIDTH, :3]

    def window(self) -> str | None:
        """The number of posecheck's window, if it is open."""
        found = self._xdotool("search", "--onlyvisible", "--name", "^posecheck$").split()
        return found[0] if found else None

    def press(self, key: str) -> None:
        """Press a key while the window is open, as xdotool names it."""
        window = self.window()
        assert window is not None
        self._xdotool("key", "--window", window, key)
        # Where the key closes the window, its release has nowhere to go: the server would hold it
        # down, and type it into every window that comes.
        self._xdotool("keyup", key)

    def close_window(self) -> None:
        """Do what the cross in a title bar does: ask the window to close."""
        window = self.window()
        assert window is not None
        x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        protocols, delete = (
            x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        # XClientMessageEvent: type, serial, send_event, display, window, message, format, data
        event = struct.pack(
            "@iLiPLLi5l", _CLIENT_MESSAGE, 0, 1, 0, int(window), protocols, 32, delete, 0, 0, 0, 0
        ).ljust(192, b"\0")
        x11.XSendEvent(display, ctypes.c_ulong(int(window)), 0, ctypes.c_long(0), event)
        x11.XCloseDisplay(display)

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.name},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout


@contextmanager
def virtual_display(folder: Path) -> Iterator[VirtualDisplay]:
    """Start an X server on a number that is free, with a window manager, and stop them."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
            "-fbdir", str(folder), "-nolisten", "tcp",
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()  # it comes when the server is ready
        assert number, "the X server does not start"
        with _window_manager(f":{number}", folder):
            yield VirtualDisplay(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def _window_manager(display: str, folder: Path) -> Iterator[None]:
    """Every desktop has one; without it, Qt now and then misses that its window is shown."""
    manners, ready = folder / "openbox.xml", folder / "ready"
    manners.write_text(_MANNERS)
    manager = subprocess.Popen(
        ["openbox", "--config-file", str(manners), "--startup", f"touch {ready}"],
        env={**os.environ, "DISPLAY": display},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not ready.exists():
            assert manager.poll() is None, "the window manager does not start"
            time.sleep(0.05)
        yield
    finally:
        manager.terminate()
        manager.wait(timeout=30)
