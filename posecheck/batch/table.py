"""The rows of a batch as CSV and JSON, the same however the work was shared out."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from posecheck.batch.job import Row
from posecheck.core.files import whole_file
from posecheck.core.text_file import write_text

SCHEMA = "posecheck.batch/1"
UNREADABLE = "unreadable"
COLUMNS = (
    "file", "sha256", "stretch", "definition_version", "side", "person", "date", "pain_before",
    "pain_after", "note", "verdict", "cues_failed", "to_change", "held_s", "reps", "rom", "view",
    "duration_s", "frames", "frames_with_person", "warnings", "error", "posecheck", "model",
    "model_sha256",
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A row with the seconds that it took; these differ from run to run."""

    row: Row
    took_s: float


def marked_twice(done: Iterable[Done]) -> list[Done]:
    """Say of every recording that is there more than once, for one stretch, where it was first."""
    first: dict[tuple[str | None, ...], str] = {}
    marked = []
    for one in done:
        row = one.row
        same = (row.sha256, row.stretch, row.side)
        if row.was_read and row.sha256 is not None and same in first:
            words = f"This is the same recording as {first[same]}: kept once."
            row = row.model_copy(update={"warnings": (*row.warnings, words)})
        elif row.was_read:
            first[same] = row.file
        marked.append(replace(one, row=row))
    return marked


def counts(done: Iterable[Done]) -> dict[str, int]:
    """How many clips there are of each verdict, and how many could not be read."""
    found = Counter(one.row.verdict or UNREADABLE for one in done)
    return {name: found[name] for name in ("good", "needs-work", "not-assessed", UNREADABLE)}


def save_csv(done: Iterable[Done], path: Path, *, times: bool = False) -> None:
    """Write one line a clip, whole or not at all.

    Parameters
    ----------
    done : iterable of Done
    path : Path
    times : bool
        Add how long each clip took, which is another time in every run.
    """
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*COLUMNS, "took_s"] if times else COLUMNS)
        for one in done:
            cells = _cells(one.row)
            lines.writerow([*cells, one.took_s] if times else cells)


def to_json(done: Sequence[Done], **about: object) -> str:
    """The batch as JSON, with `about` at its head."""
    clips = [one.row.model_dump(mode="json") | {"took_s": one.took_s} for one in done]
    tree = {"schema": SCHEMA, **about, "counts": counts(done), "clips": clips}
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def save_json(text: str, path: Path) -> None:
    """Write what `to_json` gave."""
    write_text(path, text, what="the list of results")


def _cells(row: Row) -> list[Any]:
    # A spreadsheet takes a name that begins so for a formula.
    file = f"./{row.file}" if row.file.startswith(("=", "+", "-", "@")) else row.file
    made = {
        "file": file,
        "cues_failed": "; ".join(row.cues_failed),
        "to_change": " ".join(row.to_change),
        "held_s": "; ".join(f"{side} {seconds:g}" for side, seconds in row.holds),
        "reps": "; ".join(f"{side} {n}" for side, n in row.reps.items()),
        "rom": "; ".join(
            f"{' '.join(filter(None, (rom.side, rom.measure, rom.statistic)))}="
            f"{rom.value:g} {rom.unit}"
            for rom in row.rom
        ),
        "warnings": " ".join(row.warnings),
    }
    return [made[name] if name in made else getattr(row, name) for name in COLUMNS]
