"""Whether a change of the code changed an answer: records what posecheck says, and compares.

    python -m benchmarks.same_answers record OUT FOLDER...   # once before a change, once after it
    python -m benchmarks.same_answers compare BEFORE AFTER [--but reason,advice]

A record holds the landmarks, the measures and the reports (of every stretch, and of `auto`) of
every video and photo in the folders. Numbers are compared to the last bit. `--but` names keys that
may differ; keys that only the newer reports have are counted, and make no difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import posecheck as pc

KINDS = {".mp4", ".jpg", ".png"}
_MOST = 60  # differences that are printed
SERIES = ("t_s", "image", "world", "visibility", "shot", "outline", "spread")


def record(out: Path, folders: list[Path]) -> None:
    """Keep what posecheck says of every recording in the folders."""
    out.mkdir(parents=True, exist_ok=True)
    paths = [p for folder in folders for p in sorted(folder.rglob("*")) if p.suffix in KINDS]
    for number, path in enumerate(paths, 1):
        print(f"\r{number}/{len(paths)} {path.name:50.50}", end="", file=sys.stderr, flush=True)
        stem = out / f"{path.parent.name}-{path.name}"
        series = pc.estimate(path, outline=True)
        arrays = {n: np.asarray(v) for n in SERIES if (v := getattr(series, n)) is not None}
        np.savez_compressed(stem.with_suffix(path.suffix + ".npz"), **arrays)  # type: ignore[arg-type]
        pc.compute_measures(series).to_parquet(stem.with_suffix(path.suffix + ".parquet"))
        reports = {i: pc.check(series, i).to_dict() for i in ("auto", *pc.stretch_ids())}
        stem.with_suffix(path.suffix + ".json").write_text(json.dumps(reports), encoding="utf-8")
    print(file=sys.stderr)


def compare(before: Path, after: Path, but: set[str]) -> int:
    """Print what differs between two records; 1 where something does."""
    counts: Counter[str] = Counter()
    added: Counter[str] = Counter()
    differences: list[str] = []
    for old in sorted(before.iterdir()):
        new = after / old.name
        counts[old.suffix] += 1
        if not new.exists():
            differences.append(f"{old.name}: not in {after}")
        elif old.suffix == ".npz":
            differences += [] if _same_arrays(old, new) else [f"{old.name}: landmarks"]
        elif old.suffix == ".parquet":
            one, two = pd.read_parquet(old), pd.read_parquet(new)
            differences += [] if one.equals(two) else [f"{old.name}: measures"]
        else:
            one, two = (json.loads(path.read_text(encoding="utf-8")) for path in (old, new))
            counts["reports"] += len(one)
            differences += _different(one, two, old.name, but, added)
    print("\n".join(differences[:_MOST]))
    print(f"compared: {dict(counts)}; keys added: {dict(added)}; differences: {len(differences)}")
    return 1 if differences else 0


def _same_arrays(old: Path, new: Path) -> bool:
    one, two = np.load(old), np.load(new)
    return set(one) == set(two) and all(one[n].tobytes() == two[n].tobytes() for n in one)


def _different(one: Any, two: Any, where: str, but: set[str], added: Counter[str]) -> list[str]:
    """The places in which two JSON values differ."""
    if isinstance(one, dict) and isinstance(two, dict):
        added.update(two.keys() - one.keys())
        return [
            found
            for key in one
            if key not in but
            for found in _different(one[key], two.get(key, "missing"), f"{where}.{key}", but, added)
        ]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return [
            found
            for i, pair in enumerate(zip(one, two, strict=True))
            for found in _different(*pair, f"{where}[{i}]", but, added)
        ]
    return [] if one == two else [f"{where}: {one!r} -> {two!r}"]


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    to_record = commands.add_parser("record")
    to_record.add_argument("out", type=Path)
    to_record.add_argument("folders", type=Path, nargs="+")
    to_compare = commands.add_parser("compare")
    to_compare.add_argument("before", type=Path)
    to_compare.add_argument("after", type=Path)
    to_compare.add_argument("--but", default="", help="keys of a cue that may differ, with commas")
    asked = parser.parse_args()
    if asked.command == "record":
        record(asked.out, asked.folders)
        return 0
    return compare(asked.before, asked.after, set(filter(None, asked.but.split(","))))


if __name__ == "__main__":
    sys.exit(main())
