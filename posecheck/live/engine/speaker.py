"""Which message is said and shown, and for how long: one at a time, never in a hurry."""

from __future__ import annotations

from dataclasses import dataclass

from posecheck.live.engine.feedback import Message

SAY_EVERY_S = 3.0  # nobody who breathes into a stretch wants to be talked to more often
SHOW_S = 4.0  # for so long a message stays at least, unless a new one is said
_AGAIN_S = 8.0  # before the same is said again
_NEWS_S = 5.0  # news that could not be told in time is old


@dataclass(frozen=True)
class Wish:
    """Something that could be said now.

    Attributes
    ----------
    key : str
        The same for the same matter, so that it is not said again too soon.
    message : Message
    after_s : float
        It must have been wished for so long without a break.
    again_s : float
        Before it is said again; infinite to say it once.
    """

    key: str
    message: Message
    after_s: float = 0.0
    again_s: float = _AGAIN_S


@dataclass(frozen=True)
class _News:
    t_s: float
    message: Message
    urgent: bool


class Speaker:
    """Picks from news, which happen once, and wishes, which last while something is so."""

    def __init__(self) -> None:
        self._news: list[_News] = []
        self._wished_since_s: dict[str, float] = {}
        self._said_s: dict[str, float] = {}
        self._last_said_s = float("-inf")
        self._shown_key = ""
        self.shown: Message | None = None

    def tell(self, t_s: float, message: Message, *, urgent: bool = True) -> None:
        """Take news: it is said as soon as nothing else has just been said.

        What is not urgent lets every wish go first.
        """
        self._news.append(_News(t_s, message, urgent))

    def forget_news(self) -> None:
        """What has not been said is of no use any more."""
        self._news.clear()

    def speak(self, t_s: float, wishes: list[Wish]) -> str | None:
        """Return what is to be said now, if anything.

        Parameters
        ----------
        t_s : float
        wishes : list of Wish
            The most important first.
        """
        self._note(t_s, wishes)
        self._news = [news for news in self._news if t_s - news.t_s <= _NEWS_S]
        said = None
        if t_s - self._last_said_s >= SAY_EVERY_S:
            said = (
                self._say_news(t_s, urgent=True)
                or self._say_wish(t_s, wishes)
                or self._say_news(t_s, urgent=False)
            )
        if said is None:
            self._take_down(t_s, wishes)
        return said

    def _note(self, t_s: float, wishes: list[Wish]) -> None:
        self._wished_since_s = {
            wish.key: self._wished_since_s.get(wish.key, t_s) for wish in wishes
        }

    def _say_news(self, t_s: float, *, urgent: bool) -> str | None:
        due = next((news for news in self._news if news.urgent == urgent), None)
        if due is None:
            return None
        self._news.remove(due)
        return self._say(t_s, "", due.message)

    def _say_wish(self, t_s: float, wishes: list[Wish]) -> str | None:
        due = next((wish for wish in wishes if self._may_be_said(t_s, wish)), None)
        if due is None:
            return None
        self._said_s[due.key] = t_s
        return self._say(t_s, due.key, due.message)

    def _may_be_said(self, t_s: float, wish: Wish) -> bool:
        long_enough = t_s - self._wished_since_s[wish.key] >= wish.after_s
        said_s = self._said_s.get(wish.key, float("-inf"))
        return long_enough and t_s - said_s >= wish.again_s

    def _say(self, t_s: float, key: str, message: Message) -> str:
        self._last_said_s, self._shown_key, self.shown = t_s, key, message
        return message.spoken

    def _take_down(self, t_s: float, wishes: list[Wish]) -> None:
        """Take a message down once it has been read, and what it asks for is done."""
        still = {wish.key for wish in wishes}
        if t_s - self._last_said_s >= SHOW_S and self._shown_key not in still:
            self.shown = None
