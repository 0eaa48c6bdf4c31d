"""What a definition says, in words: the same for the terminal and for a notebook."""

from __future__ import annotations

from dataclasses import dataclass

from posecheck.core.wording import EVERYTHING
from posecheck.measures.bands import Ends, passing_band, show_band
from posecheck.measures.catalogue import Unit
from posecheck.stretches.definition import Stretch
from posecheck.stretches.schema import Check, Cue, Dose, Kind, Reading, Variant

_SEEN = {
    "side": "from the side",
    "front": "from the front",
    "above": "from above",
    "end-on": "from beyond the feet, raised",
}
# How a check sums up a hold, where it is not the middle value.
_SUMMED_UP = {
    "worst": " at its worst",
    "min": " at its lowest",
    "max": " at its highest",
    "range": " moves by",
    "drift": " wanders by",
    "sd": " sways by",
    "variation": " varies by",
}


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    lines: tuple[str, ...]


def sections(stretch: Stretch) -> list[Section]:
    """Everything a person wants to know of a stretch, in the order of doing it.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    list of Section
        Only those that have something to say.
    """
    everything = [
        Section("How to do it", (_one_line(stretch.how),)),
        Section("How to film it", (_one_line(stretch.film), _camera(stretch))),
        Section("Dose", tuple(_dose(stretch, dose) for dose in stretch.doses)),
        Section("What is judged", _cues(stretch, "alignment")),
        Section("What is coached: how far, never failed", _cues(stretch, "depth")),
        Section("What is only said: a camera cannot see it", _cues(stretch, "reminder")),
        Section("Forms", tuple(_variant(stretch, variant) for variant in stretch.variants)),
        Section("Kept as range of motion", _rom(stretch)),
        Section("Sources", tuple(f"{s.key}: {s.title}" for s in stretch.sources)),
        Section("Safety", (*stretch.safety, *EVERYTHING)),
    ]
    return [section for section in everything if section.lines]


def view_words(stretch: Stretch) -> str:
    """The views as people read them: `from the side or from the front`.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    str
    """
    return " or ".join(_SEEN[view] for view in stretch.views)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _camera(stretch: Stretch) -> str:
    words = f"It is judged {view_words(stretch)}"
    if "side" not in stretch.views:
        return f"{words}."
    if stretch.sides == "each":
        return (
            f"{words}. In a side view the side that is stretched is nearer to the camera: turn "
            "round for the other one."
        )
    return f"{words}. In a side view either side may be nearer to the camera."


def _dose(stretch: Stretch, dose: Dose) -> str:
    titles = {source.key: source.title for source in stretch.sources}
    each = " each side" if stretch.sides == "each" else ""
    note = f", {dose.note}" if dose.note else ""
    return f"{dose.amount}{each}{note} ({titles[dose.source]})"


def _cues(stretch: Stretch, kind: Kind) -> tuple[str, ...]:
    return tuple(_cue(stretch, cue) for cue in stretch.cues if cue.kind == kind)


def _cue(stretch: Stretch, cue: Cue) -> str:
    said = cue.say or "; ".join(_check(stretch, cue, check) for check in cue.check)
    return f"{cue.title}: {said}"


def _check(stretch: Stretch, cue: Cue, check: Check) -> str:
    unit: Unit | None = check.what.unit
    label = f"{_whose(stretch, check)}{check.what.label}{_SUMMED_UP.get(check.statistic, '')}"
    target, passing = check.target, passing_band(check.target, check.tolerance)
    if check.statistic == "variation":
        words = f"{label} {_percent(target)}"
    else:
        words = f"{label} {show_band(target, unit)}"
        if stretch.shows_least(check) and target[1] is not None:
            words += f" ({show_band(passing, unit)} is not assessed: it may be more than it looks)"
        elif check.tolerance:
            verb = "passes" if cue.kind == "alignment" else "counts"
            words += f" ({show_band(passing, unit)} {verb})"
    names = {variant.id: variant.name for variant in stretch.variants}
    when = [f"in the phase {check.during}"] if check.during else []
    when += [f"in the form {names[check.variant]}"] if check.variant else []
    return ", ".join([words, *when])


def _percent(band: Ends) -> str:
    ends = zip(("at least", "at most"), band, strict=True)
    return " and ".join(f"{word} {end:g} %" for word, end in ends if end is not None)


def _whose(stretch: Stretch, reading: Reading) -> str:
    """Which side is meant, where the two sides do different things."""
    if not reading.what.sided or stretch.sides == "both":
        return ""
    return "" if stretch.of(reading) == "near" else f"{stretch.of(reading)} side's "


def _variant(stretch: Stretch, variant: Variant) -> str:
    where = " and ".join(
        f"{_whose(stretch, within)}{within.what.label} {show_band(within.band, within.what.unit)}"
        for within in variant.conditions
    )
    return f"{variant.name}: {where}"


def _rom(stretch: Stretch) -> tuple[str, ...]:
    words = []
    for rom in stretch.rom:
        name = f"{rom.what.label}{_SUMMED_UP.get(rom.statistic, '')}"
        if rom.statistic == "range":
            name = f"how far the {rom.what.label} goes to and fro"
        if rom.statistic == "seconds" and rom.band is not None:
            name = f"seconds with {name} {show_band(rom.band, rom.what.unit)}"
        if name not in words:
            words.append(name)
    return (", ".join(words),) if words else ()
