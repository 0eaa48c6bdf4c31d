"""Why a cue was not assessed: typed reasons, with facts from which their sentences are made.

Code decides by `code` and by the facts, never by a sentence. `text` says what was wrong and
`advice` what to do about it; both are made where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from posecheck.core.wording import sentence
from posecheck.landmarks.series import Side
from posecheck.measures.bands import Ends, show_band, show_value
from posecheck.measures.camera_view import view_advice, view_words
from posecheck.measures.catalogue import Unit
from posecheck.measures.hidden import Cause, Hidden


class ReasonCode(StrEnum):
    """Why something was not assessed, as `reason_code` in a report.

    The first eleven are causes that hide a measure (`posecheck.measures.hidden.Cause`).
    """

    nobody = "nobody"
    wrong_view = "wrong_view"
    out_of_picture = "out_of_picture"
    low_visibility = "low_visibility"
    jump = "jump"
    no_outline = "no_outline"
    camera_turned = "camera_turned"
    disagreement = "disagreement"
    proportions = "proportions"
    impossible = "impossible"
    undetermined = "undetermined"
    needs_time = "needs_time"
    near_limit = "near_limit"
    half_shown = "half_shown"
    not_performed = "not_performed"
    other_position = "other_position"
    pain = "pain"


@dataclass(frozen=True)
class Reason:
    """Base of all reasons."""

    code: ClassVar[ReasonCode]

    @property
    def text(self) -> str:
        """What was wrong, as a sentence without its capital and full stop."""
        raise NotImplementedError

    @property
    def advice(self) -> str:
        """What to do about it, as a whole sentence; empty where nothing is to be done."""
        return ""

    @property
    def explanation(self) -> str:
        """Both, in whole sentences, as a report shows them."""
        return f"{sentence(self.text)} {self.advice}".strip()


@dataclass(frozen=True)
class Nobody(Reason):
    """No person was found in the recording."""

    code = ReasonCode.nobody

    @property
    def text(self) -> str:
        return "nobody was found in the picture"

    @property
    def advice(self) -> str:
        return "Film with the whole body in the picture, head to feet, in good light."


@dataclass(frozen=True)
class WrongView(Reason):
    """The camera looked from where the stretch, or one cue, does not show.

    `wanted` are the views it can be judged from; `near` is the side that is nearer to the camera.
    """

    code = ReasonCode.wrong_view
    seen: str
    wanted: tuple[str, ...]
    near: Side
    what: Literal["stretch", "cue"]

    @property
    def text(self) -> str:
        shown = self.wanted[:1] if self.what == "stretch" else _without_above(self.wanted)
        judged = " or ".join(dict.fromkeys(view_words(view) for view in shown))
        return f"filmed {view_words(self.seen)}, but this {self.what} is judged {judged}"

    @property
    def advice(self) -> str:
        return view_advice(self.wanted, self.near)


def _without_above(views: tuple[str, ...]) -> tuple[str, ...]:
    """Above is the front of a person who lies: one word for both."""
    return tuple(view for view in views if view != "above") or views


@dataclass(frozen=True)
class OtherPosition(Reason):
    """The body was somewhere else than in the stretch: the condition that was met least."""

    code = ReasonCode.other_position
    stretch: str
    label: str
    observed: float
    unit: Unit
    band: Ends

    @property
    def text(self) -> str:
        return f"this does not look like {self.stretch}: {self.condition}"

    @property
    def condition(self) -> str:
        """What was read, and what it takes."""
        read, takes = show_value(self.observed, self.unit), show_band(self.band, self.unit)
        return f"{self.label} read {read}, it takes {takes}"

    @property
    def advice(self) -> str:
        return "Check that this is the stretch you mean, and that the camera is level."


@dataclass(frozen=True)
class NotHeld(Reason):
    """The stretch was shown, but not for long enough."""

    code = ReasonCode.not_performed
    stretch: str
    min_s: float

    @property
    def text(self) -> str:
        return f"{self.stretch} was not held for {self.min_s:g} s at a stretch"

    @property
    def advice(self) -> str:
        return f"Hold it still for at least {self.min_s:g} s, and film before and after it too."


@dataclass(frozen=True)
class PhaseNotSeen(Reason):
    """The phase in which the cue is judged did not come."""

    code = ReasonCode.not_performed
    phase: str

    @property
    def text(self) -> str:
        return f"it is judged in {self.phase}, which was not seen"

    @property
    def advice(self) -> str:
        return f"Go all the way into {self.phase}, and film several reps."


@dataclass(frozen=True)
class TooFew(Reason):
    """Too few holds or reps to say how long or how evenly they went."""

    code = ReasonCode.not_performed
    what: Literal["holds", "reps"]
    needed: int
    seen: int

    @property
    def text(self) -> str:
        return f"it needs at least {self.needed} whole {self.what} to tell, saw {self.seen}"

    @property
    def advice(self) -> str:
        return f"Film at least {self.needed} {self.what}, each from its beginning to its end."


@dataclass(frozen=True)
class NeedsTime(Reason):
    """The cue is about movement, and a photo shows none."""

    code = ReasonCode.needs_time

    @property
    def text(self) -> str:
        return "this cue is about movement: a photo cannot show it"

    @property
    def advice(self) -> str:
        return "Film a video to have it judged."


@dataclass(frozen=True)
class NearLimit(Reason):
    """The reading is nearer to the limit than the camera can tell from where it stands."""

    code = ReasonCode.near_limit
    observed: float
    unit: Unit
    doubt: float

    @property
    def text(self) -> str:
        return (
            f"read {show_value(self.observed, self.unit)}, too near to the limit to tell: seen "
            f"from here it may be {show_value(self.doubt, self.unit)} off"
        )

    @property
    def advice(self) -> str:
        return (
            "For a closer reading, put the camera square to your side, "
            "so near that you fill the picture."
        )


@dataclass(frozen=True)
class HalfShown(Reason):
    """The view hides a part of the distance, so the true value may be larger than what was read."""

    code = ReasonCode.half_shown
    observed: float
    unit: Unit
    view: str
    better: tuple[str, ...]

    @property
    def text(self) -> str:
        read = show_value(self.observed, self.unit)
        return f"read {read} {view_words(self.view)}; what points at the camera does not show"

    @property
    def advice(self) -> str:
        views = " or ".join(view_words(view) for view in _without_above(self.better))
        return f"It can be told {views}." if views else ""


@dataclass(frozen=True)
class Pain(Reason):
    """With pain, how deep a stretch goes is neither praised nor coached."""

    code = ReasonCode.pain
    worst: int
    of: int

    @property
    def text(self) -> str:
        return f"with pain ({self.worst} of {self.of}) it does not matter how deep it went"


@dataclass(frozen=True)
class HiddenMeasure(Reason):
    """A measure was hidden for too much of the time.

    Attributes
    ----------
    label : str
        The measure, with its side, as people read it.
    hidden : Hidden
        What hid it; at least one share.
    near : {"left", "right"}
        The side that is nearer to the camera.
    during : {"hold", "recording", "photo"}
        What the shares are of.
    """

    label: str
    hidden: Hidden
    near: Side
    during: Literal["hold", "recording", "photo"] = "hold"

    @property
    def code(self) -> ReasonCode:  # type: ignore[override]
        """That of the cause with the largest share."""
        return ReasonCode[self._cause.name]

    @property
    def text(self) -> str:
        share = self.hidden.shares[self._cause]
        if self.during == "photo":
            often = "in the photo"
        elif share > _ALL:
            often = f"throughout the {self.during}"
        else:
            often = f"in {100 * share:.0f} % of the {self.during}"
        return f"{self.what} {often}"

    @property
    def what(self) -> str:
        """What hid it, without how often."""
        facts = {"joint": self._joint, "by": self._by, "label": self.label}
        return _HIDDEN_TEXT[self._cause].format(**facts)

    @property
    def advice(self) -> str:
        if self._cause is Cause.wrong_view:
            return view_advice(("side",), self.near)
        if self._cause is not Cause.low_visibility:
            return _HIDDEN_ADVICE[self._cause].format(near=self.near)
        far = self.hidden.joint is not None and self.hidden.joint.name.startswith(
            "left_" if self.near == "right" else "right_"
        )
        if far:
            return "Film from the other side."
        if self.hidden.behind:
            return f"Keep the {self.hidden.behind} clear of it, or film from the other side."
        return _HIDDEN_ADVICE[Cause.low_visibility]

    @property
    def _cause(self) -> Cause:
        return self.hidden.main or Cause.undetermined

    @property
    def _joint(self) -> str:
        if self.hidden.joint is None:
            return f"joint that the {self.label} needs"
        side, _, name = self.hidden.joint.name.partition("_")
        return f"{side} {_JOINT_WORDS.get(name, name)}".strip()

    @property
    def _by(self) -> str:
        return f" by the {self.hidden.behind}" if self.hidden.behind else ""


_ALL = 0.995  # a share that reads as 100 %
_JOINT_WORDS = {"foot_index": "foot", "index": "hand"}
_HIDDEN_TEXT = {
    Cause.nobody: "nobody was found",
    Cause.wrong_view: "the {label} does not show from where the camera stood",
    Cause.out_of_picture: "the {joint} was outside the picture",
    Cause.low_visibility: "the {joint} was hidden{by}",
    Cause.jump: "the {joint} was mistaken for something else and jumped about",
    Cause.no_outline: "the outline of the back was not seen",
    Cause.camera_turned: "the camera was turned too far to read the {label}",
    Cause.disagreement: "several readings of the {label} disagreed",
    Cause.proportions: "a limb pointed at the camera, so the {label} could not be read",
    Cause.impossible: "the {label} read what no body can do",
    Cause.needs_time: "the {label} shows only in movement, and there was nothing to compare with",
    Cause.undetermined: "the {label} could not be read",
}
_MORE_LIGHT = "Film with more light, in close-fitting clothes."
_HIDDEN_ADVICE = {
    Cause.nobody: "Keep the whole body in the picture, head to feet, in good light.",
    Cause.out_of_picture: "Move the camera back until head, hands and feet are in the picture.",
    Cause.low_visibility: _MORE_LIGHT,
    Cause.jump: _MORE_LIGHT,
    Cause.no_outline: "Keep the whole back in the picture, in front of a plain background.",
    Cause.camera_turned: "Put the camera square to your {near} side, at hip height.",
    Cause.disagreement: "Bring the camera closer, with more light.",
    Cause.proportions: "Put the camera square to your {near} side, at hip height.",
    Cause.impossible: "Bring the camera closer, with more light.",
    Cause.needs_time: "Film a video to have it judged.",
    Cause.undetermined: _MORE_LIGHT,
}
