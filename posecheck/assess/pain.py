"""What pain, which a person was asked for, changes about a check.

Pain is never read from a picture. Where there is any, how deep somebody went is neither praised nor
coached: it would ask a body that hurts to go on.
"""

from __future__ import annotations

from dataclasses import replace

from posecheck.assess.reasons import Pain
from posecheck.assess.report import Report
from posecheck.core.errors import UsageError

WORST = 10


def check_pain(pain: int | None, when: str) -> None:
    """Refuse what is no answer to "how much does it hurt, from 0 to 10?".

    Parameters
    ----------
    pain : int or None
        None was not asked.
    when : {"before", "after"}
        For the words of the error.

    Raises
    ------
    UsageError
        It is no whole number from 0 to 10.
    """
    if pain is None:
        return
    if isinstance(pain, bool) or not isinstance(pain, int) or not 0 <= pain <= WORST:
        raise UsageError(
            f"{pain!r} is no pain {when}",
            hint=f"Give a whole number from 0 (none) to {WORST} (the worst there is).",
        )


def spare_depth(report: Report, before: int | None, after: int | None) -> Report:
    """The same check, with depth not judged where it hurt before or after.

    Parameters
    ----------
    report : Report
    before, after : int or None
        From 0 to 10; None was not asked.
    """
    worst = max(before or 0, after or 0)
    if not worst:
        return report
    why = Pain(worst, WORST)
    cues = tuple(
        replace(cue, status="not_assessed", observed=None, change="", why=why)
        if cue.kind == "depth"
        else cue
        for cue in report.cues
    )
    return replace(report, cues=cues)
