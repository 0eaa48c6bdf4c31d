"""Does the drawing of a definition show the stretch? It is judged as if it were a photo."""

from __future__ import annotations

from posecheck.assess.judge import check_series
from posecheck.stretches.definition import Stretch
from posecheck.stretches.drawing import figure_landmarks


def figure_faults(stretch: Stretch) -> list[str]:
    """A line for every drawing that is not found in its own stretch, or fails one of its cues.

    Parameters
    ----------
    stretch : Stretch
    """
    faults = []
    for k, figure in enumerate(stretch.figures, start=1):
        form = check_series(figure_landmarks(stretch, figure), stretch, correct=False)
        if not form.holds:
            why = next((cue.reason for cue in form.cues if cue.status == "not_assessed"), "")
            faults.append(f"figure[{k}] would not be found in the stretch: {why}")
        faults += [
            f"figure[{k}] fails {cue.id}: {cue.reason}" for cue in form.cues if cue.status == "fail"
        ]
    return faults
