"""What tests ask of a page: its parts, and how a browser shows and prints it."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")

_LOADING = {"src", "srcset", "href", "data", "action", "poster", "background", "ping"}
_VOID = {"meta", "img", "br", "hr", "link", "input"}
_WIDTH = """
screen_.onload = () => {
    const inside = screen_.contentDocument;
    const out = [...inside.querySelectorAll('body :not(thead, thead *)')]
        .filter(one => one.getBoundingClientRect().right > %d + 1)
        .map(one => one.tagName);
    found.textContent = [inside.documentElement.scrollWidth, ...out].join(' ');
}"""


class Page(HTMLParser):
    """Tags, attributes and visible text of a page, and whatever a browser would load for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.images: list[dict[str, str]] = []
        self.metas: list[dict[str, str]] = []
        self.language = ""
        self._words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.loads += [value for name, value in own.items() if name in _LOADING]
        if tag == "html":
            self.language = own.get("lang", "")
        if tag == "img":
            self.images.append(own)
        if tag == "meta":
            self.metas.append(own)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self._words.append(data)

    @property
    def text(self) -> str:
        """All that is to be read, with single spaces."""
        return " ".join(" ".join(self._words).split())

    @property
    def headings(self) -> list[str]:
        """The headings as they come."""
        return [tag for tag in self.tags if re.fullmatch(r"h[1-6]", tag)]


def check_alone(text: str) -> Page:
    """A page that needs nothing from anywhere and runs nothing."""
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert not re.search(r"(?i)https?:|//cdn|@import|url\(|javascript:", text)
    assert all(re.match(r"data:image/(png|jpeg);base64,", load) for load in page.loads)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    (policy,) = [one["content"] for one in page.metas if "http-equiv" in one]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert page.language == "en"
    assert any(one.get("name") == "viewport" for one in page.metas)
    assert all(len(image["alt"]) > 10 for image in page.images)
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    return page


def printed(text: str, folder: Path) -> list[str]:
    """The words on each sheet of A4 that the page is printed to."""
    page, sheets = folder / "page.html", folder / "page.pdf"
    page.write_text(text, encoding="utf-8")
    _run("--no-pdf-header-footer", f"--print-to-pdf={sheets}", page.as_uri())
    found = PdfReader(sheets).pages
    for sheet in found:
        size = [float(side) for side in sheet.mediabox[2:]]
        assert size == pytest.approx([595, 842], abs=2)
    return [" ".join(sheet.extract_text().split()) for sheet in found]


def too_wide(text: str, folder: Path, *, width: int) -> tuple[int, list[str]]:
    """How wide the page is on a screen of some width, and which elements stick out."""
    frame = folder / "frame.html"
    frame.write_text(
        f"<iframe id=screen_ width={width} height=800 style='border:0' srcdoc=\""
        f'{html.escape(text)}"></iframe><p id=found></p><script>{_WIDTH % width}</script>',
        encoding="utf-8",
    )
    shown = re.search(r'<p id="found">([^<]+)</p>', _run("--dump-dom", frame.as_uri()))
    assert shown, "the page was not shown"
    pixels, *tags = shown[1].split()
    return int(pixels), tags


def _run(*arguments: str) -> str:
    assert CHROMIUM is not None
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    command = [CHROMIUM, *options, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout
