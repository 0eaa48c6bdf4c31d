"""What the commands that check recordings have in common: rates, outputs and exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from posecheck.core.errors import UsageError

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.media.frame_selector import Fps

EXIT_GOOD, EXIT_FAILED_CUES, EXIT_BAD_INPUT, EXIT_NOT_ASSESSED = 0, 1, 2, 3
EXIT_OF = {"good": EXIT_GOOD, "needs-work": EXIT_FAILED_CUES, "not-assessed": EXIT_NOT_ASSESSED}

FPS_HELP = (
    "Frames a second to look at: a number; all of them; or auto, up to 15 where something moves "
    "and 5 where nothing does."
)

_out = Console(emoji=False)
_err = Console(stderr=True, emoji=False)


def read_fps(text: str) -> Fps:
    """Frames a second to look at, as `--fps` has them."""
    from posecheck.media.frame_selector import pick_for

    fps: Fps = text  # type: ignore[assignment]
    if text not in {"auto", "all"}:
        with suppress(ValueError):
            fps = float(text)
    pick_for(fps)  # refuses what is no rate
    return fps


def n_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_outputs(source: Path, outputs: list[str | Path | None]) -> None:
    """Refuse before the work what could not be written or would destroy the input."""
    from posecheck.media.writer import refuse_overwriting

    for output in outputs:
        if output is None or str(output) == "-":
            continue
        path = Path(output)
        if not path.parent.is_dir():
            raise UsageError("there is no such folder", where=path.parent, hint="Make it first.")
        if path.is_dir():
            raise UsageError("this is a folder", where=path, hint="Give a file name.")
        refuse_overwriting(source, path)


def write_report(
    report: Report, *, html_file: Path | None, json_file: str | None, quiet: bool
) -> None:
    """Write the report where it was asked for, and print it for people."""
    if html_file is not None:
        report.to_html(html_file)
    if json_file == "-":
        sys.stdout.write(report.to_json() + "\n")
    elif json_file is not None:
        report.to_json(json_file)
    if not quiet:
        from posecheck.report.terminal import print_report

        print_report(report, _err if json_file == "-" else _out)
