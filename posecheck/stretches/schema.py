"""The parts of a definition: what is read, when it counts, what is judged, how much is asked."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Strict,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from posecheck.measures.catalogue import MEASURES, TIMES, Measure

Kind = Literal["alignment", "depth", "reminder"]
Of = Literal["near", "held", "other"]
End = Literal["low", "high"]  # of a band
Statistic = Literal["median", "worst", "min", "max", "range", "drift", "sd", "variation"]
View = Literal["side", "front", "above", "end-on"]

# Statistics that describe how something changes; one picture cannot show them.
NEED_TIME = ("range", "drift", "sd", "variation")
# What can be said of how long holds or reps took.
_OF_TIMES = ("median", "min", "max", "variation")


def _as_band(value: object) -> object:
    """TOML has no null: an open end is written as a missing bound, "-" ."""
    if isinstance(value, list):
        return tuple(None if end == "-" else end for end in value)
    return value


def _as_written(band: tuple[float | None, float | None]) -> list[float | str]:
    return ["-" if end is None else end for end in band]


ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# Strict: "15" in quotes, or `true`, is a slip of the pen and no number.
Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Ends = tuple[Number | None, Number | None]
Band = Annotated[Ends, BeforeValidator(_as_band), PlainSerializer(_as_written)]

# No band reaches farther in its unit: degrees, torso lengths, seconds.
_FARTHEST = {"deg": 360.0, "torso": 10.0, "s": 3600.0}
_IN_WORDS = {"deg": "degrees", "torso": "torso lengths (L), about half a metre", "s": "seconds"}


Loc = tuple[str | int, ...]


def refuse(problems: Iterable[tuple[Loc, str]]) -> None:
    """Raise one error of all problems, each with the place of its key; none raises nothing.

    Parameters
    ----------
    problems : iterable of (place, str)
    """
    errors = [
        InitErrorDetails(
            type=PydanticCustomError("definition", "{reason}", {"reason": reason}),
            loc=loc,
            input=None,
        )
        for loc, reason in problems
    ]
    if errors:
        raise ValidationError.from_exception_data("definition", errors)


class Part(BaseModel):
    """A table of a definition file: it has the keys named here and no others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False
    )


def _check_band(band: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    low, high = band
    if low is None and high is None:
        raise ValueError("both ends are open, so everything is inside")
    if low is not None and high is not None and low > high:
        raise ValueError(f"the lower end {low:g} is above the upper end {high:g}")
    return band


def _known(name: str, measures: Iterable[str]) -> str:
    if name not in measures:
        near = get_close_matches(name, measures, n=3)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ValueError(f"there is no measure {name!r}{hint}")
    return name


class Reading(Part):
    """One measure of one side."""

    _may_be: ClassVar[tuple[str, ...]] = tuple(MEASURES)

    measure: str = Field(description="a name from the table of measures below")
    of: Of | None = Field(
        None,
        description="which side, where the measure has sides; `near` if left out, or `held` "
        'with sides = "each"',
    )

    @field_validator("measure")
    @classmethod
    def _is_known(cls, name: str) -> str:
        return _known(name, cls._may_be)

    @model_validator(mode="after")
    def _side_makes_sense(self) -> Self:
        if self.of is not None and not self.what.sided:
            raise ValueError(f"{self.measure} has no sides, so `of` must be left out")
        return self

    @model_validator(mode="after")
    def _bands_are_in_its_unit(self) -> Self:
        if getattr(self, "statistic", "") == "variation":  # a share, in percent
            return self
        farthest = _FARTHEST[self.what.unit]
        for key in ("band", "enter", "leave", "target"):
            for end in getattr(self, key, None) or ():
                if end is not None and abs(end) > farthest:
                    raise ValueError(
                        f"`{key}` has {end:g}, but {self.measure} is in {_IN_WORDS[self.what.unit]}"
                    )
        return self

    @property
    def what(self) -> Measure:
        """The measure itself."""
        return MEASURES.get(self.measure) or TIMES[self.measure]

    def seen_from(self, view: str) -> bool:
        """Whether it can be read from a view; above is the front of somebody who lies.

        Parameters
        ----------
        view : str
            As `ViewTrack` names it.

        Returns
        -------
        bool
        """
        return view in self.what.views or (view == "above" and "front" in self.what.views)


class Within(Reading):
    """A band that a measure lies in."""

    band: Band = Field(description='`[low, high]`; `"-"` is an open end')

    _bands = field_validator("band")(_check_band)


class Condition(Reading):
    """A band that a measure must be in; a wider one that it must leave again."""

    enter: Band = Field(description="`[low, high]`: in the stretch from here on")
    leave: Band = Field(description="a wider band: out of the stretch beyond it")
    if_seen: Switch = Field(False, description="what is hidden does not count against it")

    _bands = field_validator("enter", "leave")(_check_band)

    @model_validator(mode="after")
    def _leave_is_wider(self) -> Self:
        pairs = zip(self.enter, self.leave, (1, -1), strict=True)
        for inner, outer, sign in pairs:
            if outer is not None and (inner is None or sign * outer > sign * inner):
                raise ValueError("`leave` must hold all of `enter`")
        return self


class Position(Part):
    """When somebody is in the stretch: all conditions at once, for long enough."""

    min_s: Number = Field(2.0, gt=0, le=60, description="seconds; shorter ones do not count")
    still: Number | None = Field(
        None,
        gt=0,
        le=90,
        description="degrees the listed angles may change within half a second; none for a flow",
    )
    conditions: tuple[Condition, ...] = Field(
        min_length=1, alias="while", description="`[[hold.while]]`: all must be met"
    )

    @model_validator(mode="after")
    def _something_must_be_seen(self) -> Self:
        if all(condition.if_seen for condition in self.conditions):
            raise ValueError("not every `while` can have if_seen: an empty picture would do")
        return self


class ByHold(Part):
    """Every hold is one rep."""

    each: Literal["hold"] = Field(description="every hold is one rep")


class Repeats(Part):
    """Movement to and fro inside the position: one rep is a high phase and a low phase."""

    measure: str = Field(description="what goes up and down")
    high: str = Field(description="name of the phase in which the measure is high")
    low: str = Field(description="name of the phase in which the measure is low")
    first: Literal["high", "low"] = Field("high", description="with which a rep begins")
    min_range: Number = Field(gt=0, description="a smaller to and fro is not a rep")
    min_s: Number = Field(0.3, gt=0, le=30, description="seconds; a shorter phase is not one")
    high_from: Number | None = Field(None, description="without a to and fro, high from here on")
    low_to: Number | None = Field(None, description="without a to and fro, low up to here")

    @field_validator("measure")
    @classmethod
    def _is_known(cls, name: str) -> str:
        return _known(name, tuple(MEASURES))

    @model_validator(mode="after")
    def _low_is_lower(self) -> Self:
        if self.high == self.low:
            raise ValueError("`high` and `low` need different names")
        if None not in (self.high_from, self.low_to) and self.high_from <= self.low_to:  # type: ignore[operator]
            raise ValueError("`high_from` must be above `low_to`")
        return self


def _kind_of_reps(value: object) -> str:
    each_hold = isinstance(value, ByHold) or (isinstance(value, dict) and "each" in value)
    return REPS_KINDS[1] if each_hold else REPS_KINDS[0]


REPS_KINDS = ("to-and-fro", "by-hold")  # pydantic puts them into the place of an error
Reps = Annotated[
    Annotated[Repeats, Tag(REPS_KINDS[0])] | Annotated[ByHold, Tag(REPS_KINDS[1])],
    Discriminator(_kind_of_reps),
]


class Variant(Part):
    """An easier or a further form of the stretch, told by where the body is."""

    id: str = Field(pattern=ID, description="short name in small letters and dashes")
    name: str = Field(description="as people read it")
    conditions: tuple[Within, ...] = Field(
        min_length=1, alias="while", description="`[[variant.while]]`: all must be met"
    )


class Check(Reading):
    """A measure, how it is summed up over the position, and the band it must be in."""

    _may_be: ClassVar[tuple[str, ...]] = (*MEASURES, *TIMES)

    statistic: Statistic = Field("median", description="how the hold is summed up, see below")
    target: Band = Field(description="`[low, high]`: what is asked for")
    tolerance: Number = Field(0.0, ge=0, description="by which the band that passes is wider")
    during: str | None = Field(None, description="only in this phase of the reps")
    variant: str | None = Field(None, description="in this variant, instead of the other checks")

    _bands = field_validator("target")(_check_band)

    @property
    def timed(self) -> bool:
        """Whether it is about how long holds or reps took, not about what a frame shows."""
        return self.measure in TIMES

    @model_validator(mode="after")
    def _times_have_their_own_statistics(self) -> Self:
        if self.timed and self.statistic not in _OF_TIMES:
            raise ValueError(f"{self.measure} takes the statistics {', '.join(_OF_TIMES)}")
        if self.timed and self.during:
            raise ValueError(f"{self.measure} is of whole holds or reps, so leave `during` out")
        if self.statistic == "variation" and not self.timed:
            raise ValueError("`variation` is of times: hold_time or rep_time")
        return self


class Advice(Part):
    """What to say when the value is too low or too high; `{observed}` stands for the value.

    What was read comes first, then a colon, then what to do, which alone is said aloud:
    `knees read {observed}: lengthen the legs`.
    """

    low: str | None = Field(None, description="what to say when the value is too low")
    high: str | None = Field(None, description="what to say when it is too high")

    @field_validator("low", "high")
    @classmethod
    def _only_observed(cls, text: str | None) -> str | None:
        if text and set("{}") & set(text.replace("{observed}", "")):
            raise ValueError("in braces only {observed} can stand")
        return text

    def instruction(self, end: End) -> str:
        """What to do when the value lies beyond an end, without what was read.

        Parameters
        ----------
        end : {"low", "high"}
            Which end of the band was missed.

        Returns
        -------
        str
        """
        text = (self.low if end == "low" else self.high) or ""
        return text.partition(": ")[2] or text


class Cue(Part):
    """One form cue: judged (alignment), coached (depth) or only said (reminder)."""

    id: str = Field(pattern=ID, description="short name in small letters and dashes")
    kind: Kind = Field(description="judged, coached or only said")
    title: str = Field(description="as people read it")
    say: str | None = Field(None, description="the words of a reminder")
    check: tuple[Check, ...] = Field(
        (), description="`[[cue.check]]`: all must hold; the first is the main one"
    )
    advice: Advice = Field(Advice(), description="`[cue.advice]`, for every end that can be missed")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "reminder":
            if self.check or not self.say:
                raise ValueError("a reminder has `say` and no `check`")
        elif not self.check:
            raise ValueError(f"a cue of kind {self.kind} needs a `check`")
        if self.kind == "alignment":
            self._advice_for_every_end()
        return self

    def _advice_for_every_end(self) -> None:
        for end, name in enumerate(("low", "high")):
            can_miss = any(check.target[end] is not None for check in self.check)
            if can_miss and not getattr(self.advice, name):
                raise ValueError(f"advice.{name} is missing: the value can be too {name}")


class Rom(Reading):
    """A range-of-motion value to keep."""

    statistic: Literal["median", "min", "max", "range", "seconds"] = Field(
        "median", description="how the hold is summed up; `seconds`: for how long"
    )
    band: Band | None = Field(None, description="with `seconds`: how long it lay in this band")
    better: Literal["more", "less"] = Field("more", description="which change counts as a gain")
    since: int = Field(1, gt=0, description="the version since which it has measured the same")

    @model_validator(mode="after")
    def _seconds_have_a_band(self) -> Self:
        if (self.statistic == "seconds") != (self.band is not None):
            raise ValueError('`statistic = "seconds"` needs a `band`, and only it does')
        return self


class Dose(Part):
    """How much a source asks for; each side when the stretch is done on each side."""

    source: str = Field(description="a key of the sources")
    seconds: Number | None = Field(None, gt=0, le=3600, description="either this")
    reps: Whole | None = Field(None, gt=0, le=1000, description="or this")
    sets: Whole = Field(1, gt=0, le=50, description="how many times over")
    rest_s: Number | None = Field(
        None, gt=0, le=3600, description="seconds of pause between the sets"
    )
    note: str = Field("", description="anything else the source says of it")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.seconds is None) == (self.reps is None):
            raise ValueError("give either `seconds` or `reps`")
        if self.rest_s is not None and self.sets == 1:
            raise ValueError("`rest_s` is between sets, but there is only one")
        return self

    @property
    def amount(self) -> str:
        """As people read it: `60 s`, `2 x 30 s`, `10 reps`."""
        once = f"{self.seconds:g} s" if self.seconds else f"{self.reps} reps"
        rest = f", {self.rest_s:g} s of rest between" if self.rest_s else ""
        return f"{self.sets} x {once}{rest}" if self.sets > 1 else once


class Source(Part):
    """Where the form and the dose come from."""

    key: str = Field(description="short name that doses refer to")
    title: str = Field(description="title of the article, and who wrote it")
