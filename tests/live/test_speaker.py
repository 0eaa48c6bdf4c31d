"""Which message is said and shown, and when."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posecheck.live.engine.feedback import Message
from posecheck.live.engine.speaker import SAY_EVERY_S, SHOW_S, Prompt, Speaker


def message(text: str) -> Message:
    return Message("guide", "reminder", text, text, cue=text)


def test_a_prompt_must_last_before_it_is_said() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), after_s=1)
    assert speaker.speak(0.0, [prompt]) is None
    assert speaker.speak(0.5, []) is None  # gone, so it begins anew
    assert speaker.speak(0.9, [prompt]) is None
    assert speaker.speak(1.8, [prompt]) is None
    assert speaker.speak(2.0, [prompt]) == "A"


def test_urgent_events_go_first_and_others_last() -> None:
    speaker = Speaker()
    speaker.tell(0, message("3 of 10"), urgent=False)
    speaker.tell(0, message("switch"))
    prompt = Prompt(message("A"))
    said = [speaker.speak(t_s, [prompt]) for t_s in (0.0, SAY_EVERY_S, 1.6 * SAY_EVERY_S)]
    assert said == ["switch", "A", None]


def test_events_that_waited_too_long_are_dropped() -> None:
    speaker = Speaker()
    speaker.speak(0, [Prompt(message("A"))])
    speaker.tell(0.1, message("old"))
    assert speaker.speak(20, []) is None


def test_the_same_is_not_said_again_at_once() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), again_s=9)
    said = [t for t in range(20) if speaker.speak(float(t), [prompt])]
    assert said == [0, 9, 18]


def test_a_message_is_taken_down_when_it_was_read_and_is_over() -> None:
    speaker, prompt = Speaker(), Prompt(message("A"), again_s=99)
    speaker.speak(0, [prompt])
    speaker.speak(SHOW_S + 1, [prompt])
    assert speaker.message == message("A")  # it is still so
    speaker.speak(SHOW_S + 2, [])
    assert speaker.message is None


@given(
    st.lists(
        st.tuples(st.floats(0.05, 1.0), st.sets(st.sampled_from("abcd")), st.booleans()),
        max_size=80,
    )
)
def test_never_too_much_talk(steps: list[tuple[float, set[str], bool]]) -> None:
    speaker, t_s, said_s, shown, since_s = Speaker(), 0.0, [], None, 0.0
    for step, prompts, event in steps:
        t_s += step
        if event:
            speaker.tell(t_s, message(f"event {t_s}"))
        if speaker.speak(t_s, [Prompt(message(key)) for key in sorted(prompts)]):
            said_s.append(t_s)
        if speaker.message != shown:
            assert shown is None or t_s - since_s >= 1
            shown, since_s = speaker.message, t_s
    assert (np.diff(said_s) >= SAY_EVERY_S - 1e-9).all()
