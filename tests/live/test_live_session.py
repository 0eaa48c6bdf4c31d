"""What a client and the live engine say to each other, without a browser."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import posecheck as pc
from posecheck.core.errors import ModelError, UsageError
from posecheck.live.browser.messages import MAX_PICTURE_BYTES
from posecheck.live.browser.session import LiveSession
from posecheck.live.browser.widget import LiveCoach
from posecheck.live.engine.engine import Engine
from posecheck.media.open import Frame, open_source
from posecheck.sessions import History
from posecheck.stretches import load_stretch
from tests.fixtures.paths import SAMPLES

CLIP = SAMPLES / "childs-pose-arms-short.mp4"


class Client:
    """Says what a cell would say, and keeps the answers."""

    def __init__(self, session: LiveSession, view: str = "one") -> None:
        self._session, self._view, self._n = session, view, 0
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()

    def say(self, kind: str, picture: bytes | None = None, **what: Any) -> None:
        self._session.receive(
            {"kind": kind, "view": self._view, **what}, picture, self._answers.put
        )

    def send(self, t_s: float, picture: bytes) -> None:
        self._n += 1
        self.say("frame", picture, n=self._n, t_s=t_s)

    def hear(self, kind: str) -> dict[str, Any]:
        """The next answer of a kind; what came before it is skipped."""
        while (answer := self._answers.get(timeout=30))["kind"] != kind:
            pass
        return answer

    def heard(self) -> list[str]:
        """The kinds of what came so far."""
        return [answer["kind"] for answer in list(self._answers.queue)]


@pytest.fixture
def session() -> Iterator[LiveSession]:
    session = LiveSession(load_stretch("childs-pose"))
    yield session
    session.close()


@pytest.fixture
def client(session: LiveSession) -> Client:
    return Client(session)


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


BLACK = jpeg(np.zeros((48, 64, 3), np.uint8))


# --- from start to report -------------------------------------------------------------------------


def test_from_start_to_saved_session(
    session: LiveSession, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_DB", f"sqlite:///{tmp_path / 'history.sqlite'}")
    client.say("hello")
    setup = client.hear("setup")
    assert setup["stretch"]["name"] == "Child's pose" and not setup["stretch"]["each_side"]
    assert any("Stop at sharp pain" in text for text in setup["safety"])
    client.say("start")
    client.hear("started")
    with open_source(CLIP) as source:
        for frame in source.frames():
            client.send(frame.t_s, jpeg(frame.image))
            answer = client.hear("feedback")
    assert answer["n"] == frame.index + 1
    assert answer["feedback"]["phase"] == "hold"
    assert session.report is None
    client.say("stop")
    client.hear("stopped")
    assert session.report is not None
    assert session.report.verdict == "needs-work"
    assert {c.status for c in session.report.cues if c.kind == "depth"} == {"reached"}
    client.say("pain", before=None, after=4)
    assert "walk the hands out" in client.hear("report")["html"]
    assert {c.status for c in session.report.cues if c.kind == "depth"} == {"not_assessed"}
    client.say("save", person="Ann")
    assert client.hear("saved")["text"] == "Saved as session 1 of Ann."
    client.say("save", person="Ann")
    assert "saved already" in client.hear("error")["text"]
    assert session.report is not None, "an error while saving does not cost the report"
    with History() as history:
        assert list(history.sessions("Ann")["pain_after"]) == [4]


def test_the_first_feedback_comes_with_the_frame_that_came_last(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_load = threading.Event()
    make = Engine.__init__

    def slow(self: Engine, *args: Any, **options: Any) -> None:
        may_load.wait(30)
        make(self, *args, **options)

    monkeypatch.setattr(Engine, "__init__", slow)
    client.say("start")
    for k in range(5):
        client.send(k / 10, BLACK)
    client.say("alive")
    assert client.hear("loading") and client.hear("alive")
    may_load.set()
    client.hear("started")
    assert client.hear("feedback")["n"] == 5
    assert not client.heard()


# --- the way of the answers -----------------------------------------------------------------------


def test_answers_go_the_way_that_was_taken_last(session: LiveSession, client: Client) -> None:
    """A cell that finds a shorter way goes on by it in the same run."""
    client.say("start")
    client.hear("started")
    client.send(0.1, BLACK)
    assert client.hear("feedback")["n"] == 1
    shorter = Client(session)
    shorter.send(0.2, BLACK)
    assert shorter.hear("feedback")["feedback"]["t_s"] == pytest.approx(0.2)
    assert not client.heard()


def test_when_python_ends_the_cell_is_told(
    session: LiveSession, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its libraries refuse to go on while a thread of ours still looks at a frame."""

    def refuse(self: Engine, frame: Frame) -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(Engine, "feed", refuse)
    client.say("start")
    client.hear("started")
    monkeypatch.setattr(threading.main_thread(), "is_alive", lambda: False)
    client.send(0.1, BLACK)
    assert "the kernel was restarted" in client.hear("closed")["text"]


# --- who is served --------------------------------------------------------------------------------


def test_only_the_newest_view_is_served(session: LiveSession, client: Client) -> None:
    client.say("start")
    client.hear("started")
    other = Client(session, "two")
    other.say("start")
    assert client.hear("moved")["view"] == "one"
    other.hear("started")
    client.send(0.0, BLACK)
    client.hear("moved")
    other.send(0.0, BLACK)
    assert other.hear("feedback")["view"] == "two"


def test_second_coach_closes_the_first() -> None:
    first, second = LiveCoach("childs-pose"), LiveCoach("cobra", side=None)
    client = Client(first._session)
    client.say("start")
    assert "Another coach was started" in client.hear("closed")["text"]
    ours = Client(second._session)
    ours.say("start")
    ours.hear("started")
    third = LiveCoach("childs-pose")
    assert "Another coach was started" in ours.hear("closed")["text"]
    third.close()


def test_alive_says_nothing_while_a_frame_is_overdue(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, may_go_on = threading.Event(), threading.Event()
    feed = Engine.feed

    def stuck(self: Engine, frame: Any) -> Any:
        inside.set()
        may_go_on.wait(30)
        return feed(self, frame)

    monkeypatch.setattr(Engine, "feed", stuck)
    client.say("start")
    client.hear("started")
    client.say("alive")
    client.hear("alive")
    client.send(0.0, BLACK)
    assert inside.wait(30)
    client.say("alive")
    assert not client.heard()
    may_go_on.set()
    client.hear("feedback")


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"kind": "dance"}, "does not know"),
        ({"kind": "start", "extra": 1}, "extra"),
        ({"kind": "pain", "after": 11}, "after"),
        ({"kind": "pain", "after": True}, "after"),
        ({"kind": "frame", "t_s": float("nan")}, "t_s"),
        ("hello", "does not know"),
    ],
)
def test_strange_messages_get_a_sentence(session: LiveSession, message: Any, words: str) -> None:
    answers: list[dict[str, Any]] = []
    session.receive(message, None, answers.append)
    assert [answer["kind"] for answer in answers] == ["error"]
    assert words in answers[0]["text"]


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (None, "without a picture"),
        (b"", "without a picture"),
        (b"no jpeg", "cannot be read"),
        (bytes(MAX_PICTURE_BYTES + 1), "far too large"),
    ],
)
def test_pictures_that_are_none(client: Client, picture: bytes | None, words: str) -> None:
    client.say("start")
    client.say("frame", picture, n=1, t_s=0.0)
    answer = client.hear("error")
    assert words in answer["text"] and answer["over"]


def test_time_and_size_must_stay_in_order(client: Client) -> None:
    client.say("start")
    client.send(1.0, BLACK)
    client.hear("feedback")
    client.send(0.5, BLACK)
    assert "older than" in client.hear("error")["text"]
    client.say("start")
    client.send(1.0, BLACK)
    client.hear("feedback")
    client.send(2.0, jpeg(np.zeros((64, 48, 3), np.uint8)))
    assert "changed its size" in client.hear("error")["text"]


def test_stop_without_a_picture(session: LiveSession, client: Client) -> None:
    client.say("start")
    client.say("stop")
    answer = client.hear("error")
    assert answer["over"] and "nothing was seen" in answer["text"]
    assert session.report is None
    with pytest.raises(UsageError, match="nothing to save"):
        session.save("me")


def test_stopped_from_python_where_the_client_is_gone() -> None:
    """The page was closed in the middle: what was done until then is not lost."""
    coach = pc.LiveCoach("childs-pose")
    client = Client(coach._session)
    with pytest.raises(UsageError, match="nothing to report yet"):
        coach.stop()
    client.say("start")
    with open_source(CLIP) as source:
        for frame in islice(source.frames(), 60):
            client.send(frame.t_s, jpeg(frame.image))
            client.hear("feedback")
    report = coach.stop()
    assert len(report.series) == 60
    assert "stopped" in client.heard()
    again = coach.stop()
    assert again.series is report.series
    assert "error" not in client.heard()
    coach.close()
    assert coach.stop().series is report.series


def test_missing_model_is_a_sentence(tmp_path: Path) -> None:
    session = LiveSession(load_stretch("childs-pose"), model=tmp_path / "none.task")
    client = Client(session)
    client.say("start")
    answer = client.hear("error")
    assert answer["over"] and "none.task" in answer["text"]
    session.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModelError("the model fell over", hint="Pick it up."), "the model fell over. Pick it up."),
        (ZeroDivisionError("by zero"), "posecheck itself failed (ZeroDivisionError: by zero)"),
    ],
)
def test_errors_of_the_engine_reach_the_client_and_do_not_end_the_worker(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    feed = Engine.feed

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Engine, "feed", fail)
    client.say("start")
    client.send(0.0, BLACK)
    answer = client.hear("error")
    assert words in answer["text"] and answer["over"]
    monkeypatch.setattr(Engine, "feed", feed)
    client.say("start")
    client.send(0.0, BLACK)
    client.hear("feedback")


def test_wrong_stretch_or_side_is_refused_at_once() -> None:
    with pytest.raises(UsageError):
        pc.LiveCoach("childs-poze")
    with pytest.raises(UsageError, match="both sides at once"):
        pc.LiveCoach("childs-pose", side="left")


def test_closed_session_says_so(session: LiveSession, client: Client) -> None:
    session.close()
    client.say("start")
    assert "closed" in client.hear("closed")["text"]
