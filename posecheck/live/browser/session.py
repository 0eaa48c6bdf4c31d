"""What a client (a notebook cell, a page) and the live engine say to each other.

Messages are plain data; those with a picture carry its bytes beside them.

::

    client                                         session
    hello                                     ->   setup: the stretch, what to draw, safety
    start   view, side                        ->   loading, then started
    frame   view, n, t_s and a picture        ->   feedback: view, n, feedback
    alive   view                              ->   alive, unless a frame's feedback is due
    pause, resume   view
    stop    view                              ->   loading, then stopped
    pain    before, after                     ->   report: html
    save    person                            ->   saved: text
                                                   error: text, over
                                                   moved or closed: another one took over

`view` is new with every start, so that of a cell shown twice, or run again, only the newest is
served: the older one is told `moved`. `t_s` is when the browser took the picture, so that seconds
held are true however long a frame was under way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from posecheck.assess.pain import check_pain, spare_depth
from posecheck.core.errors import PosecheckError, UsageError
from posecheck.landmarks.series import Side
from posecheck.live.browser.client import setup_message
from posecheck.live.browser.messages import ClientMessage, read_message, read_picture
from posecheck.live.browser.worker import Job, Worker
from posecheck.media.frames import Frame
from posecheck.stretches import Stretch

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.live.engine.engine import Engine

Reply = Callable[[dict[str, Any]], None]

_ENDED = (
    "Python has ended: the kernel was restarted or stopped. The camera is off. Run the cell again."
)
_TAKEN_OVER = "Another coach was started, so this one is closed. Run its cell again to use it."


class LiveSession:
    """One stretch, checked live as often as Start is pressed; the clients come and go.

    A new session closes the one before it: there is one camera.

    Parameters
    ----------
    stretch : Stretch
    side : {"left", "right"}, optional
        The side that is chosen at first; None leaves it to the person.
    model : str or Path, optional
        As for `posecheck.check`.
    """

    _current: ClassVar[LiveSession | None] = None
    _changing: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self, stretch: Stretch, *, side: Side | None = None, model: str | Path | None = None
    ) -> None:
        self.stretch = stretch
        self.on_close: list[Callable[[], None]] = []
        self._side, self._model = side, model
        self._lock = threading.Lock()  # of what follows; the engine belongs to the worker alone
        self._view: str | None = None
        self._reply: Reply | None = None
        self._loading = False
        self._closed = ""
        self._report: Report | None = None
        self._pain: tuple[int | None, int | None] = (None, None)
        self._engine: Engine | None = None
        self._n_frames, self._last_s = 0, -np.inf
        self._shape: tuple[int, ...] = ()
        self._worker = Worker("posecheck-live")
        with self._changing:
            before, LiveSession._current = LiveSession._current, self
        if before is not None:
            before.close(_TAKEN_OVER)
        # The libraries take two seconds to load: most of it is over before Start is pressed.
        self._worker.do(_load_engine)

    # --- for Python -----------------------------------------------------------------------------

    @property
    def report(self) -> Report | None:
        """The report of the newest run; None before its end. With pain, depth is not judged."""
        with self._lock:
            report, pain = self._report, self._pain
        return None if report is None else spare_depth(report, *pain)

    def save(
        self,
        person: str,
        *,
        pain_before: int | None = None,
        pain_after: int | None = None,
        note: str = "",
        prop: str = "",
    ) -> int:
        """Save the newest run in the history.

        Parameters
        ----------
        person : str
        pain_before, pain_after : int, optional
            From 0 to 10; by default what the client said.
        note, prop : str
            As for `History.add`.

        Returns
        -------
        int
            The session's number.

        Raises
        ------
        UsageError
            Nothing was done yet, or a number of pain is not one.
        HistoryError
        """
        with self._lock:
            report, (before, after) = self._report, self._pain
        if report is None:
            raise UsageError(
                "there is nothing to save yet", hint="Press Start, and Stop at the end."
            )
        check_pain(pain_before, "before")
        check_pain(pain_after, "after")
        # 0.3 s to load, and only saving needs it
        from posecheck.sessions import History  # noqa: PLC0415

        with History() as history:
            return history.add(
                report,
                person=person,
                pain_before=before if pain_before is None else pain_before,
                pain_after=after if pain_after is None else pain_after,
                note=note,
                prop=prop,
            )

    def stop(self) -> Report:
        """End the current run, as the client's Stop does; for when the client is gone.

        Returns
        -------
        Report

        Raises
        ------
        UsageError
            Nothing was done yet.
        """
        self._worker.do_and_wait(self._guarded(self._finish_if_running))
        report = self.report
        if report is None:
            raise UsageError("there is nothing to report yet", hint="Press Start.")
        return report

    def close(self, why: str = "This coach was closed. Run its cell again to use it.") -> None:
        """Tell the client that it is over, and free the model; a report stays.

        Parameters
        ----------
        why : str
            The sentence that the client shows.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = why
            view, reply = self._view, self._reply
            self._view = self._reply = None
        if reply is not None:
            reply({"kind": "closed", "view": view, "text": why})
        self._worker.do(self._drop_engine)
        self._worker.close()
        for hook in self.on_close:
            hook()

    # --- from the client ------------------------------------------------------------------------

    def receive(self, message: object, picture: bytes | memoryview | None, reply: Reply) -> None:
        """Take a message.

        Parameters
        ----------
        message : object
            Plain data, as it came.
        picture : bytes or memoryview or None
            The bytes that came with it.
        reply : callable
            Takes each answer, also from another thread.
        """
        try:
            read = read_message(message)
            if self._closed and read.kind != "hello":
                reply({"kind": "closed", "view": read.view, "text": self._closed})
            elif read.kind == "hello":
                reply(setup_message(self.stretch, self._side))
            elif read.kind == "start":
                self._take_over(read, reply)
            elif read.view != self._view:
                reply({"kind": "moved", "view": read.view})
            else:
                with self._lock:  # the client may have found a shorter way meanwhile
                    self._reply = reply
                self._handle(read, picture, reply)
        except PosecheckError as error:
            reply({"kind": "error", "text": str(error), "over": False})

    def _take_over(self, message: ClientMessage, reply: Reply) -> None:
        with self._lock:
            old_view, old_reply = self._view, self._reply
            self._view, self._reply = message.view, reply
            self._side = message.side if self.stretch.sides == "each" else None
            self._report, self._pain, self._loading = None, (None, None), True
        if old_reply is not None:
            old_reply({"kind": "moved", "view": old_view})
        self._send("loading")
        self._enqueue(self._begin)

    def _handle(
        self, message: ClientMessage, picture: bytes | memoryview | None, reply: Reply
    ) -> None:
        kind = message.kind
        if kind == "frame":
            self._worker.do_newest(self._guarded(partial(self._feed_frame, message, picture)))
        elif kind == "alive":
            if self._loading or not self._worker.has_frame:
                reply({"kind": "alive", "view": message.view})
        elif kind == "pause":
            self._enqueue(self._pause)
        elif kind == "stop":
            self._loading = True
            self._send("loading")
            self._enqueue(self._finish)
        elif kind == "pain":
            with self._lock:
                self._pain = (message.before, message.after)
            self._enqueue(self._send_report)
        elif kind == "save":
            self._enqueue(partial(self._save_for, message.person))

    def _enqueue(self, job: Job) -> None:
        self._worker.do(self._guarded(job))

    def _send(self, kind: str, **what: Any) -> None:
        with self._lock:
            view, reply = self._view, self._reply
        if reply is not None:
            reply({"kind": kind, "view": view, **what})

    # --- in the worker's thread -----------------------------------------------------------------

    def _guarded(self, job: Job) -> Job:
        """The same job; an error in it reaches the client as a sentence."""

        def run() -> None:
            try:
                job()
            except PosecheckError as error:
                self._fail(str(error))
            except Exception as error:
                if not threading.main_thread().is_alive():
                    self.close(_ENDED)  # Python ends: libraries refuse to go on
                    return
                self._fail(
                    f"posecheck itself failed ({type(error).__name__}: {error}). "
                    "Press Start to try again; the log says more."
                )
                raise

        return run

    def _fail(self, text: str) -> None:
        running = self._engine is not None or self._loading
        self._drop_engine()
        self._send("error", text=text, over=running)

    def _drop_engine(self) -> None:
        engine, self._engine, self._loading = self._engine, None, False
        if engine is not None:
            engine.close()

    def _begin(self) -> None:
        # 0.2 s to load, which the worker's thread has spent by now: the cell shows at once.
        from posecheck.live.engine.engine import Engine  # noqa: PLC0415

        self._drop_engine()
        self._n_frames, self._last_s, self._loading = 0, -np.inf, True
        self._engine = Engine(self.stretch, side=self._side, model=self._model)
        self._loading = False
        self._send("started")

    def _feed_frame(self, message: ClientMessage, picture: bytes | memoryview | None) -> None:
        if self._engine is None or message.view != self._view:
            return  # it was on its way when Stop was pressed, or Start elsewhere
        if not message.t_s > self._last_s:
            raise UsageError("a picture came that is older than the one before it")
        image = read_picture(picture, message.layout, width=message.width, height=message.height)
        frame = Frame(self._n_frames, message.t_s, image)
        if self._n_frames and frame.image.shape != self._shape:
            raise UsageError("the camera's picture changed its size", hint="Press Start again.")
        self._shape = frame.image.shape
        self._n_frames, self._last_s = self._n_frames + 1, message.t_s
        feedback = self._engine.feed(frame)
        self._send("feedback", n=message.n, feedback=feedback.to_dict())

    def _pause(self) -> None:
        if self._engine is not None:
            self._engine.pause()

    def _finish(self) -> None:
        if self._engine is None:
            raise UsageError("nothing is running", hint="Press Start.")
        report = self._engine.finish()
        self._drop_engine()
        with self._lock:
            self._report = report
        self._send("stopped")

    def _finish_if_running(self) -> None:
        if self._engine is not None:
            self._loading = True
            self._finish()

    def _send_report(self) -> None:
        report = self.report
        if report is not None:
            self._send("report", html=report.to_html())

    def _save_for(self, person: str) -> None:
        number = self.save(person)
        self._send("saved", text=f"Saved as session {number} of {person}.")


def _load_engine() -> None:
    import_module("posecheck.live.engine.engine")
