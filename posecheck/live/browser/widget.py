"""`LiveCoach`: live feedback in a JupyterLab cell, or on a page of its own."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecheck.assess.check import check_side
from posecheck.core.errors import UsageError
from posecheck.live.browser.client import script, style
from posecheck.live.browser.session import LiveSession
from posecheck.stretches import Stretch, load_stretch

try:
    import anywidget

    from posecheck.live.browser.page import Page
except ImportError as error:
    raise UsageError(
        "the live coach needs packages that are not installed",
        where=error.name,
        hint="Run: pip install 'posecheck[notebook]'.",
    ) from error

if TYPE_CHECKING:
    from posecheck.assess.report import Report


class LiveCoach(anywidget.AnyWidget):
    """A camera cell: shows itself in JupyterLab; elsewhere `page()` opens it in a browser.

    A new coach closes the one before it.

    Parameters
    ----------
    stretch : str, Path or Stretch
        An id of the catalogue, the path of a `.toml` file, or a loaded definition.
    side : {"left", "right"}, optional
        The side that is chosen at first, of a stretch that is done on each side.
    model : str or Path, optional
        As for `posecheck.check`.

    Raises
    ------
    UsageError, DefinitionError

    Examples
    --------
    >>> coach = LiveCoach("childs-pose")  # doctest: +SKIP
    >>> coach  # doctest: +SKIP
    >>> coach.report  # doctest: +SKIP
    >>> coach.save(person="me", pain_after=0)  # doctest: +SKIP
    """

    _esm = script()
    _css = style()

    def __init__(
        self,
        stretch: str | Path | Stretch,
        side: str | None = None,
        model: str | Path | None = None,
    ) -> None:
        definition = stretch if isinstance(stretch, Stretch) else load_stretch(stretch)
        check_side(side, definition)
        super().__init__()
        self._page: Page | None = None
        self._shortcut: Page | None = None
        self._session = LiveSession(definition, side=side, model=model)  # type: ignore[arg-type]
        self._session.on_close.append(self._close_pages)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        name = self._session.stretch.name
        return f"LiveCoach of {name}: it shows in JupyterLab; elsewhere run coach.page()"

    @property
    def report(self) -> Report | None:
        """The report of what was done last; None before Stop was pressed."""
        return self._session.report

    def stop(self) -> Report:
        """End the current run, as the cell's Stop does; for when its page was closed in the middle.

        Returns
        -------
        Report
            Of what was done until then; where nothing runs, of what was done last.

        Raises
        ------
        UsageError
            Nothing was done yet.
        """
        return self._session.stop()

    def save(
        self,
        person: str = "me",
        *,
        pain_before: int | None = None,
        pain_after: int | None = None,
        note: str = "",
        prop: str = "",
    ) -> int:
        """Save what was done last in the history.

        Parameters
        ----------
        person : str
            Whose session it is.
        pain_before, pain_after : int, optional
            From 0 to 10; by default what was said in the cell.
        note, prop : str
            As for `History.add`.

        Returns
        -------
        int
            The session's number.

        Raises
        ------
        UsageError, HistoryError
        """
        return self._session.save(
            person, pain_before=pain_before, pain_after=pain_after, note=note, prop=prop
        )

    def page(self, *, open_browser: bool = True, wait: bool | None = None) -> str:
        """Open the coach in an ordinary browser: for VS Code, plain Python and scripts.

        Parameters
        ----------
        open_browser : bool
            False only prints the address.
        wait : bool, optional
            Return only when the page is closed. By default only in a script, which would end
            otherwise, and not where code is typed.

        Returns
        -------
        str
            The address. It opens once, on this machine only.
        """
        if self._page is not None:
            self._page.close()
        self._page = page = Page(self._session)
        # Flushed: a script's output may go through a pipe, and the script waits here.
        print(f"posecheck's live coach: {page.url}", flush=True)
        print("The address opens once, and on this machine only.", flush=True)
        if open_browser:
            webbrowser.open(page.url)
        typed = hasattr(sys, "ps1") or bool(sys.flags.interactive)
        if wait if wait is not None else not typed:
            page.wait()
        return page.url

    def close(self) -> None:
        """End it: camera and model are freed. A report stays."""
        session: LiveSession | None = getattr(self, "_session", None)
        if session is not None:  # none where the stretch was refused: widgets are closed even so
            session.close()
        super().close()

    def _close_pages(self) -> None:
        for page in (self._page, self._shortcut):
            if page is not None:
                page.close()

    def _show_shortcut(self, origin: str, asks: str) -> None:
        """Tell a cell on this machine how to reach the session without Jupyter in between."""
        with suppress(UsageError):  # where no port can be opened, the way through Jupyter stays
            self._shortcut = self._shortcut or Page(self._session)
            url = self._shortcut.invite(origin)
            if url is not None:
                self.send({"kind": "shortcut", "asks": asks, "url": url})

    def _receive(self, _: LiveCoach, content: Any, buffers: list[memoryview]) -> None:
        if isinstance(content, dict) and content.get("kind") == "shortcut":
            self._show_shortcut(str(content.get("origin")), str(content.get("asks")))
            return
        self._session.receive(content, buffers[0] if buffers else None, self.send)
