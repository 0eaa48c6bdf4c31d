"""Render stills of stretching people with exact truth beside each.

    python stills.py --out DIR --split train --count 400 --seed 1 [--resume] [--stretch cat-cow]
    python stills.py --out DIR --split test --count 60 --seed 1 --series cat-cow,forearm-cat-cow
    python stills.py --out DIR --split train --count 150 --seed 1 --view above,front,feet
    python stills.py --out DIR --split test --count 8 --seed 2 --stretch low-lunge --form knee-in
    python stills.py --out DIR --sidecar-only

Each still is NAME.jpg and NAME.json; the JSON is written last, so a still that has one is whole.
A series is a group of stills in which only the pose changes; its last group is always completed.
The same seed gives the same list, however long, as long as no body, stretch or form is added. The
views have lists of their own: the side view's stretches are dealt without the others.
With `--sidecar-only` nothing is rendered: the stills that are there get their truth anew.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from poses import Form, load_forms, stretches
from records import retold
from solving import Solved, solve_shot
from variation import Shot, series, shots, splits

SOLVED_AHEAD = 6  # groups
REPORT_EVERY = 10  # stills

# Of the forms of a stretch, a series takes those of the back and the neck: all whose names begin
# with one of these; then the first ones again, as they look a moment later.
SERIES = ("neutral", "cat", "cow", "neck")
AGAIN = 3


def main() -> None:
    """Make the wanted stills."""
    args = arguments()
    out: Path = args.out
    if args.sidecar_only:
        retell(out)
        return
    if args.count is None:
        raise SystemExit("--count, or --sidecar-only")
    out.mkdir(parents=True, exist_ok=True)
    groups = wanted(args)
    total = sum(map(len, groups))
    if args.resume:
        groups = [group for group in groups if not all(is_made(out, shot) for shot in group)]
    todo = sum(map(len, groups))
    print(f"{total} stills, {total - todo} there already", flush=True)
    started = time.monotonic()
    done = 0
    # Only the process that renders loads Blender; those that solve import this module too.
    from shooting import shoot  # noqa: PLC0415

    with solvers(args.workers) as pool:
        for group, people in solved_ahead(pool, groups):
            for shot, picture, record in shoot(group, people):
                write(out, shot, picture, record)
                done += 1
                if done % REPORT_EVERY == 0 or done == todo:
                    report(done, todo, time.monotonic() - started)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--split", choices=splits(), default="train")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="keep the stills that are there")
    parser.add_argument("--sidecar-only", action="store_true", help="only truth, no rendering")
    parser.add_argument("--stretch", help="only these, with commas between; default all")
    parser.add_argument("--form", help="only these forms, with commas between; default all")
    parser.add_argument("--series", help="series of these stretches, with commas between")
    parser.add_argument("--view", default="side", help="side; or above, front, feet with commas")
    parser.add_argument("--workers", type=int, default=1, help="processes that solve poses; or 0")
    return parser.parse_args()


def wanted(args: argparse.Namespace) -> list[list[Shot]]:
    """The shots as groups; a still of no series is a group of one."""
    names = args.series or args.stretch
    wanted_views = args.view.split(",")
    chosen = names.split(",") if names else stretches(*wanted_views)
    forms = {name: chosen_forms(name, wanted_views, args.form) for name in chosen}
    standing = [
        stretch
        for stretch, own in forms.items()
        if any(form.position == "standing" for form in own.values())
    ]
    if args.series:
        members = {stretch: of_series(own) for stretch, own in forms.items()}
        return take_groups(series(args.split, args.seed, members, standing), args.count)
    near_sides = {
        (stretch, name): near_side_at_door(form)
        for stretch, own in forms.items()
        for name, form in own.items()
        if form.props.get("doorway")
    }
    listed = shots(
        args.split,
        args.seed,
        {stretch: list(own) for stretch, own in forms.items()},
        standing=standing,
        near_sides=near_sides,
        views={stretch: seen_from(own, wanted_views) for stretch, own in forms.items()},
    )
    return [[shot] for shot in islice(listed, args.count)]


def chosen_forms(stretch: str, wanted_views: list[str], names: str | None) -> dict[str, Form]:
    """The forms of a stretch that are seen from these views, or those of them that are named."""
    forms = load_forms(stretch)
    seen = {name: form for name, form in forms.items() if set(form.views) & set(wanted_views)}
    if names is None:
        return seen or forms
    if unknown := set(names.split(",")) - seen.keys():
        raise SystemExit(f"{stretch} has no form {', '.join(sorted(unknown))} from there")
    return {name: form for name, form in seen.items() if name in names.split(",")}


def seen_from(forms: dict[str, Form], wanted_views: list[str]) -> list[str]:
    """Those of the wanted views that a stretch has; all its own if it has none of them."""
    own = next(iter(forms.values())).views
    return [view for view in own if view in wanted_views] or list(own)


def near_side_at_door(form: Form) -> str:
    """The doorway opens towards the camera, so the leg on the wall beside it is the far one."""
    return "left" if form.held == "right" else "right"


def of_series(forms: dict[str, Form]) -> list[str]:
    """The forms of one series in their order."""
    wanted_forms = [name for name in forms if name.startswith(SERIES)]
    return wanted_forms + wanted_forms[:AGAIN]


def take_groups(groups: Iterator[list[Shot]], count: int) -> list[list[Shot]]:
    """Whole groups until there are `count` shots."""
    taken: list[list[Shot]] = []
    while sum(map(len, taken)) < count:
        taken.append(next(groups))
    return taken


def report(done: int, todo: int, seconds: float) -> None:
    """A line of progress."""
    each = seconds / done
    left = each * (todo - done) / 60
    print(f"{done}/{todo}  {each:.2f} s a still, {left:.0f} min left", flush=True)


# --- solving ahead ------------------------------------------------------------------------------


@contextmanager
def solvers(workers: int) -> Iterator[Executor | None]:
    """Processes that solve poses; None solves in this process."""
    if not workers:
        yield None
        return
    # Blender renders on all cores: a solver that took several threads would only be in its way.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


def solved_ahead(
    pool: Executor | None, groups: Iterable[list[Shot]]
) -> Iterator[tuple[list[Shot], list[Solved]]]:
    """Each group with its people posed; some groups are in the making meanwhile."""
    if pool is None:
        for group in groups:
            yield group, [solve_shot(shot) for shot in group]
        return
    waiting: list[tuple[list[Shot], list[Future]]] = []
    coming = iter(groups)
    while True:
        for group in islice(coming, SOLVED_AHEAD - len(waiting)):
            waiting.append((group, [pool.submit(solve_shot, shot) for shot in group]))
        if not waiting:
            return
        group, people = waiting.pop(0)
        yield group, [person.result() for person in people]


# --- files ----------------------------------------------------------------------------------------


def is_made(out: Path, shot: Shot) -> bool:
    """The JSON comes last."""
    return (out / f"{shot.name}.json").exists()


def write(out: Path, shot: Shot, jpeg: bytes, record: dict[str, Any]) -> None:
    """Both files, each whole or not at all."""
    write_whole(out / f"{shot.name}.jpg", jpeg)
    write_whole(out / f"{shot.name}.json", json.dumps(record, indent=1).encode())


def retell(out: Path) -> None:
    """Write what is true of the stills that are there anew."""
    paths = sorted(out.glob("*.json"))
    for path in paths:
        record = retold(json.loads(path.read_text(encoding="utf-8")))
        write_whole(path, json.dumps(record, indent=1).encode())
    print(f"{out}: {len(paths)} sidecars written anew", flush=True)


def write_whole(path: Path, data: bytes) -> None:
    """No reader ever sees half of it."""
    partial = path.with_suffix(path.suffix + ".part")
    partial.write_bytes(data)
    partial.replace(path)


if __name__ == "__main__":
    main()
