"""Which sittings are not compared with one another, and why, in words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from posecheck.sessions.progress.sittings import CONDITIONS

_WORDS = {
    "view": ("filmed from the {} view", "filmed from an unknown side"),
    "near_side": ("with the {} side to the camera", "with neither side nearer to the camera"),
    "model": ("read by the {} model", "read by an unknown model"),
    "corrected": ("with corrected angles: {}", "not known to be corrected"),
    "prop": ("with {}", "without a prop"),
    "variant": ("done as {}", "done in the plain form"),
    "meaning": ("measured by another definition ({})", "measured by the newer definition"),
}


def kept_apart(
    own: Sequence[Hashable], others: Sequence[tuple[Sequence[Hashable], int]]
) -> tuple[str, ...]:
    """A sentence for every other series of the same measure and side.

    Parameters
    ----------
    own : sequence of str
        The conditions of the series that is shown, in the order of CONDITIONS.
    others : sequence of (conditions, int)
        Conditions and number of sittings of the other ones.
    """
    lines = []
    for conditions, n in others:
        words = [
            _WORDS[name][not theirs].format(theirs)
            for name, mine, theirs in zip(CONDITIONS, own, conditions, strict=True)
            if mine != theirs
        ]
        sessions = f"{n} session{'s' if n != 1 else ''}"
        verb = "are" if n != 1 else "is"
        lines.append(
            f"{sessions} {' and '.join(words)} {verb} kept apart: only like is compared with like."
        )
    return tuple(lines)
