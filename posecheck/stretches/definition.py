"""What a stretch is: the types that a definition file is read into.

A definition is a plain TOML file that a physiotherapist can read and write. One that cannot be
meant as written is refused when it is read, with the key and the reason.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from posecheck.landmarks import Side, other_side
from posecheck.measure_table import MEASURES, Measure

Kind = Literal["alignment", "depth", "reminder"]
Of = Literal["near", "held", "other"]
Statistic = Literal["median", "worst", "min", "max", "range", "drift", "sd"]

# Statistics that describe how something changes; one picture cannot show them.
NEED_TIME = ("range", "drift", "sd")


def _as_band(value: object) -> object:
    """TOML has no null: an open end is written as a missing bound, "-" ."""
    if isinstance(value, list):
        return tuple(None if end == "-" else end for end in value)
    return value


Band = Annotated[tuple[float | None, float | None], BeforeValidator(_as_band)]


class _Part(BaseModel):
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


class Reading(_Part):
    """One measure of one side."""

    measure: str
    of: Of | None = Field(None, description="near, held or other; only for sided measures")

    @field_validator("measure")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in MEASURES:
            near = get_close_matches(name, MEASURES, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no measure {name!r}{hint}")
        return name

    @model_validator(mode="after")
    def _side_makes_sense(self) -> Self:
        if self.of is not None and not self.what.sided:
            raise ValueError(f"{self.measure} has no sides, so `of` must be left out")
        return self

    @property
    def what(self) -> Measure:
        """The measure itself."""
        return MEASURES[self.measure]


class Condition(Reading):
    """A band that a measure must be in; a wider one that it must leave again."""

    enter: Band
    leave: Band
    if_seen: bool = Field(False, description="what is hidden does not count against it")

    _bands = field_validator("enter", "leave")(_check_band)

    @model_validator(mode="after")
    def _leave_is_wider(self) -> Self:
        pairs = zip(self.enter, self.leave, (1, -1), strict=True)
        for inner, outer, sign in pairs:
            if outer is not None and (inner is None or sign * outer > sign * inner):
                raise ValueError("`leave` must hold all of `enter`")
        return self


class Position(_Part):
    """When somebody is in the stretch: all conditions at once, for long enough."""

    min_s: float = Field(2.0, gt=0, le=60, description="shorter ones do not count")
    still: float | None = Field(
        None,
        gt=0,
        le=90,
        description="degrees the listed angles may change within half a second; none for a flow",
    )
    conditions: tuple[Condition, ...] = Field(min_length=1, alias="while")

    @model_validator(mode="after")
    def _something_must_be_seen(self) -> Self:
        if all(condition.if_seen for condition in self.conditions):
            raise ValueError("not every `while` can have if_seen: an empty picture would do")
        return self


class Repeats(_Part):
    """Movement to and fro inside the position: one rep is a high phase and a low phase."""

    measure: str
    high: str = Field(description="name of the phase in which the measure is high")
    low: str = Field(description="name of the phase in which the measure is low")
    first: Literal["high", "low"] = "high"
    min_range: float = Field(gt=0, description="a smaller to and fro is not a rep")
    min_s: float = Field(0.3, gt=0, le=30, description="a shorter phase is not one")

    _known = field_validator("measure")(Reading._known.__func__)  # type: ignore[attr-defined]


class Check(Reading):
    """A measure, how it is summed up over the position, and the band it must be in."""

    statistic: Statistic = "median"
    target: Band
    tolerance: float = Field(0.0, ge=0)

    _bands = field_validator("target")(_check_band)


class Advice(_Part):
    """What to say when the value is too low or too high; `{observed}` stands for the value."""

    low: str | None = None
    high: str | None = None

    @field_validator("low", "high")
    @classmethod
    def _only_observed(cls, text: str | None) -> str | None:
        if text and set("{}") & set(text.replace("{observed}", "")):
            raise ValueError("in braces only {observed} can stand")
        return text


class Cue(_Part):
    """One form cue: judged (alignment), coached (depth) or only said (reminder)."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: Kind
    title: str
    say: str | None = Field(None, description="the words of a reminder")
    check: tuple[Check, ...] = Field((), description="all must hold; the first is the main one")
    advice: Advice = Advice()

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

    statistic: Literal["median", "min", "max", "range"] = "median"


class Dose(_Part):
    """How much a source asks for; each side when the stretch is done on each side."""

    source: str
    seconds: float | None = Field(None, gt=0, le=3600)
    reps: int | None = Field(None, gt=0, le=1000)
    sets: int = Field(1, gt=0, le=50)
    note: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.seconds is None) == (self.reps is None):
            raise ValueError("give either `seconds` or `reps`")
        return self

    @property
    def amount(self) -> str:
        """As people read it: `60 s`, `2 x 30 s`, `10 reps`."""
        once = f"{self.seconds:g} s" if self.seconds else f"{self.reps} reps"
        return f"{self.sets} x {once}" if self.sets > 1 else once


class Source(_Part):
    """Where the form and the dose come from."""

    key: str
    title: str


class Stretch(_Part):
    """A whole definition."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str
    version: int = Field(gt=0)
    position: Literal["standing", "all-fours", "kneeling", "prone", "supine", "seated"]
    views: tuple[Literal["side", "front", "above", "end-on"], ...] = Field(min_length=1)
    sides: Literal["both", "each"] = Field(description="done with both sides at once, or each")
    how: str = Field(description="how to do it, in own words")
    film: str = Field(description="how to film it")
    safety: tuple[str, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    doses: tuple[Dose, ...] = Field((), alias="dose")
    hold: Position
    reps: Repeats | None = None
    cues: tuple[Cue, ...] = Field(min_length=1, alias="cue")
    rom: tuple[Rom, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [cue.id for cue in self.cues]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"cue id {twice[0]!r} is used twice")
        known = {source.key for source in self.sources}
        for dose in self.doses:
            if dose.source not in known:
                raise ValueError(
                    f"dose names source {dose.source!r}, which `sources` does not list"
                )
            if dose.reps is not None and self.reps is None:
                raise ValueError("a dose counts reps, but there is no [reps]")
        for reading in self.readings():
            self._check_reading(reading)
        return self

    def _check_reading(self, reading: Reading) -> None:
        what = reading.what
        seen = set(self.views) | ({"front"} if "above" in self.views else set())
        if not seen & set(what.views):
            raise ValueError(
                f"{what.name} is read from the {' or '.join(what.views)} view, "
                f"but this stretch is filmed from the {' or '.join(self.views)}"
            )
        if self.sides == "both" and reading.of in {"held", "other"}:
            raise ValueError(f"`of = {reading.of!r}` needs sides = 'each' ({what.name})")

    def readings(self) -> list[Reading]:
        """Every measure the definition reads."""
        checks = [check for cue in self.cues for check in cue.check]
        reps = [Reading(measure=self.reps.measure)] if self.reps else []
        return [*self.hold.conditions, *reps, *checks, *self.rom]

    def too_fine(self) -> list[str]:
        """A line for every cue whose tolerance is finer than the camera can tell (2 SEM)."""
        return [
            f"{cue.id}: tolerance {check.tolerance:g} is finer than twice the standard error of "
            f"{check.what.label} ({check.what.finest_tolerance:.2g}): readings near the limit say "
            "little"
            for cue in self.cues
            for check in cue.check
            if cue.kind == "alignment"
            and check.tolerance < check.what.finest_tolerance
            and check.statistic not in NEED_TIME
        ]

    @property
    def needs_outline(self) -> bool:
        """Whether the outline of the back has to be measured."""
        return any(reading.what.outline for reading in self.readings())

    def of(self, reading: Reading) -> Of:
        """Whether a sided reading means the near, the held or the other side."""
        return reading.of or ("held" if self.sides == "each" else "near")

    def side_of(self, reading: Reading, *, held: Side | None, near: Side) -> Side | None:
        """Which side a reading means, for one hold; None where the measure has no sides."""
        if not reading.what.sided:
            return None
        if self.of(reading) == "near" or held is None:
            return near
        return held if self.of(reading) == "held" else other_side(held)
