"""The browser's side: its parts put together into one module, the same for a cell and a page."""

from __future__ import annotations

from pathlib import Path

_STATIC = Path(__file__).parent / "static"
# They share one scope, because a cell takes one module and no imports; the last one exports.
_PARTS = (
    "words.js",
    "elements.js",
    "drawing.js",
    "camera.js",
    "pictures.js",
    "coach.js",
    "socket.js",
    "widget.js",
)


def script() -> str:
    """The module: it exports `Coach`, `socketTransport` and by default what anywidget renders."""
    return "\n".join(_read(name) for name in _PARTS)


def style() -> str:
    """The style sheet."""
    return _read("widget.css")


def page_script() -> str:
    """What a page of its own runs: it imports the module as `./widget.js`."""
    return _read("page.js")


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
