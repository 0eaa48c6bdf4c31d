"""Write the samples' README from the sidecars beside them.

    python table.py [--folder DIR] [--out FILE]

Without options: `sample_videos/README.md` of this checkout. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent
CATALOGUE = SAMPLES.parent / "posecheck" / "stretches" / "catalogue"
VERDICTS = ("good", "needs-work", "not-assessed")
WORDS = {"good": "good", "needs-work": "needs work", "not-assessed": "not assessed"}

HEAD = """\
# Sample clips

Short clips of people who do a stretch well, or with one fault, or filmed so that nothing can be
judged. Beside each `NAME.mp4` lie a picture, `NAME.jpg`, and the truth, `NAME.json`: the angles of
the joints in every frame, and what posecheck must say. The tests hold posecheck to it.

Try one:

```sh
{command}
```

"""

COLUMNS = ("", "clip", "stretch", "what is right or wrong", "posecheck says", "length")

FOOT = """
## How they were made

They are rendered: nobody real is in them. A body is posed, breathes and moves from pose to pose; it
is dressed, put into a room and filmed by a virtual camera whose pictures then get a phone's noise
and colours. The angles are those of the skeleton that was posed, so they are exact. All of it is in
[render](render/README.md); one file, `render/clips/NAME.toml`, says everything about a clip.

The bodies come from [Anny](https://github.com/naver/anny), whose code is under the Apache 2.0
licence and whose data is CC0. The clips belong to this project.

This page is written by `python sample_videos/render/table.py`; what it says comes from the
sidecars.
"""


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=SAMPLES, help="where the sidecars are")
    parser.add_argument("--out", type=Path, help="default: README.md in that folder")
    options = parser.parse_args()
    out = options.out or options.folder / "README.md"
    out.write_text(page(options.folder), encoding="utf-8")


def page(folder: Path) -> str:
    """The whole README of a folder of clips."""
    sidecars = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")
    }
    names = sorted(sidecars, key=lambda name: _rank(name, sidecars[name]))
    head = HEAD.format(command="\n".join(_command(name, sidecars[name]) for name in _tries(names)))
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_row(name, sidecars[name]) for name in names)]
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows) + FOOT


def _rank(name: str, sidecar: dict[str, Any]) -> tuple:
    """Stretch by stretch, the good form first; what posecheck does not know yet last."""
    stretch, verdict = sidecar["stretch"], sidecar["expected"]["verdict"]
    return not _cue_titles(stretch), stretch, VERDICTS.index(verdict), name


def _tries(names: list[str]) -> list[str]:
    """What the page tells people to try, if it is there."""
    return [name for name in ("legs-up-the-wall", "childs-pose-hips-off-heels") if name in names]


def _command(name: str, sidecar: dict[str, Any]) -> str:
    return f"posecheck check sample_videos/{name}.mp4 --stretch {sidecar['stretch']}"


def _row(name: str, sidecar: dict[str, Any]) -> tuple[str, ...]:
    title = sidecar["title"]
    return (
        f'<img src="{name}.jpg" width="200" alt="{title}">',
        f"[{title}]({name}.mp4)",
        f"`{sidecar['stretch']}`",
        sidecar["notes"].get("clip", ""),
        _answer(sidecar),
        f"{sidecar['seconds']:.0f} s",
    )


def _answer(sidecar: dict[str, Any]) -> str:
    """The verdict and the cues it comes from."""
    titles = _cue_titles(sidecar["stretch"])
    if not titles:
        return "no definition of this stretch yet: only the angles are compared"
    expected = sidecar["expected"]
    verdict = f"**{WORDS[expected['verdict']]}**"
    if expected["verdict"] == "not-assessed":
        return verdict
    told = []
    for status, words in (("fail", "fails"), ("short", "short"), ("not_assessed", "not assessed")):
        cues = [titles[cue] for cue, is_now in expected["cues"].items() if is_now == status]
        told += [f"{words}: {', '.join(cues)}"] if cues else []
    return "; ".join([verdict, *told])


def _cue_titles(stretch: str) -> dict[str, str]:
    """Titles of a stretch's cues by id; none where posecheck has no definition."""
    path = CATALOGUE / f"{stretch}.toml"
    if not path.exists():
        return {}
    definition = tomllib.loads(path.read_text(encoding="utf-8"))
    return {cue["id"]: cue["title"] for cue in definition["cue"]}


if __name__ == "__main__":
    main()
