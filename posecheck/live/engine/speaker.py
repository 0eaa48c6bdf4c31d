"""Which message is said and shown, and for how long: one at a time, never in a hurry."""

from __future__ import annotations

from dataclasses import dataclass

from posecheck.live.engine.feedback import Message

SAY_EVERY_S = 3.0  # a person who breathes into a stretch does not want to be talked to more often
SHOW_S = 4.0  # for so long a message stays at least, unless a new one is said
_AGAIN_S = 8.0  # before the same message is said again
_OLD_S = 5.0  # an event that could not be told for so long is old


@dataclass(frozen=True)
class Prompt:
    """A message that is true now, for as long as the speaker gets it.

    Attributes
    ----------
    message : Message
    after_s : float
        It must have been true for so long without a break.
    again_s : float
        Before it is said again; infinite to say it once.
    """

    message: Message
    after_s: float = 0.0
    again_s: float = _AGAIN_S

    @property
    def matter(self) -> tuple[str, str]:
        """What it is about, whatever values its sentence gives."""
        return self.message.code, self.message.cue


@dataclass(frozen=True)
class _Event:
    t_s: float
    message: Message
    urgent: bool


class Speaker:
    """Chooses between events, which happen once, and prompts, which last while they are true.

    Attributes
    ----------
    message : Message or None
        What stands on the screen.
    """

    def __init__(self) -> None:
        self._events: list[_Event] = []
        self._true_since_s: dict[tuple[str, str], float] = {}
        self._said_s: dict[tuple[str, str], float] = {}
        self._last_said_s = float("-inf")
        self._shown: tuple[str, str] | None = None  # the matter of a prompt's message
        self.message: Message | None = None

    def tell(self, t_s: float, message: Message, *, urgent: bool = True) -> None:
        """Take an event: it is said as soon as nothing else has just been said.

        Parameters
        ----------
        t_s : float
            When it happened.
        message : Message
        urgent : bool
            Whether it goes before every prompt, or after them.
        """
        self._events.append(_Event(t_s, message, urgent))

    def forget_events(self) -> None:
        """Drop the events that have not been said, because they no longer matter."""
        self._events.clear()

    def speak(self, t_s: float, prompts: list[Prompt]) -> str | None:
        """Choose what to say now.

        Parameters
        ----------
        t_s : float
        prompts : list of Prompt
            The most important first.

        Returns
        -------
        str or None
            The sentence to say aloud; None for silence.
        """
        self._true_since_s = {
            prompt.matter: self._true_since_s.get(prompt.matter, t_s) for prompt in prompts
        }
        self._events = [event for event in self._events if t_s - event.t_s <= _OLD_S]
        sentence = None
        if t_s - self._last_said_s >= SAY_EVERY_S:
            sentence = (
                self._say_event(t_s, urgent=True)
                or self._say_prompt(t_s, prompts)
                or self._say_event(t_s, urgent=False)
            )
        if sentence is None:
            self._take_down(t_s)
        return sentence

    def _say_event(self, t_s: float, *, urgent: bool) -> str | None:
        due = next((event for event in self._events if event.urgent == urgent), None)
        if due is None:
            return None
        self._events.remove(due)
        return self._say(t_s, due.message, None)

    def _say_prompt(self, t_s: float, prompts: list[Prompt]) -> str | None:
        due = next((prompt for prompt in prompts if self._is_due(t_s, prompt)), None)
        if due is None:
            return None
        self._said_s[due.matter] = t_s
        return self._say(t_s, due.message, due.matter)

    def _is_due(self, t_s: float, prompt: Prompt) -> bool:
        long_enough = t_s - self._true_since_s[prompt.matter] >= prompt.after_s
        said_s = self._said_s.get(prompt.matter, float("-inf"))
        return long_enough and t_s - said_s >= prompt.again_s

    def _say(self, t_s: float, message: Message, matter: tuple[str, str] | None) -> str:
        self._last_said_s, self._shown, self.message = t_s, matter, message
        return message.spoken

    def _take_down(self, t_s: float) -> None:
        """Take a message down once it has been read and is no longer true."""
        if t_s - self._last_said_s >= SHOW_S and self._shown not in self._true_since_s:
            self.message = None
