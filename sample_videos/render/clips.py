"""Render sample clips of stretching people, each with its exact truth.

    python clips.py [NAME...] --out DIR [--from evidence] [--fps 10] [--draft] [--sheet] [--again]
    python clips.py [NAME...] --out DIR [--from evidence] --sidecar-only

Each clips/NAME.toml becomes NAME.mp4, NAME.json and NAME.jpg (a poster); with `--from`, each
NAME.toml of another folder. A draft is small and coarse and only makes NAME-sheet.png, frames to
look at. Rendered frames are kept in .cache/frames: a run that was killed goes on where it was.
Names that are there already are left out, or not, with `--again`. With `--sidecar-only` nothing is
rendered: the sidecars that are there are written anew, from their clip files and the motion.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

# Small matrices: more threads only wait for each other, and for Blender's. Before numpy comes.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import numpy as np
from PIL import Image

from body import N_SKIN
from camera import Camera, frame_body
from choices import Room
from clip_file import FPS, HEIGHT, WIDTH, Clip, clip_names, load_clip
from encode import write_poster, write_video
from motion import BodyFrame, FrameKey
from picture import photograph
from sidecar import sidecar
from views import PLACINGS

FRAMES = Path(__file__).resolve().parent / ".cache" / "frames"
SHEET_COLUMNS, SHEET_ROWS = 4, 4
# Whatever changes how a posed body looks makes the kept frames stale.
_LOOKS = ("stage", "figure", "wardrobe", "drape", "materials", "room", "furniture", "lights",
          "look", "shapes", "hairdo", "surface", "choices")  # fmt: skip


def main() -> None:
    """Render the clips that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of the folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from", dest="folder", default="clips", help="clips, or evidence")
    parser.add_argument("--fps", type=int, default=FPS, help="frames a second (%(default)s)")
    parser.add_argument("--draft", action="store_true", help="a third of the size, fewer rays")
    parser.add_argument("--sheet", action="store_true", help="NAME-sheet.png, too")
    parser.add_argument("--again", action="store_true", help="also what is there already")
    parser.add_argument("--sidecar-only", action="store_true", help="only truth, no rendering")
    options = parser.parse_args()
    names = options.names or clip_names(options.folder)
    if options.sidecar_only:
        for name in names:
            if (options.out / f"{name}.json").exists():
                film = Film(load_clip(name, options.folder), options.fps, draft=False)
                film.write_truth(options.out)
                print(f"{name}.json: written anew", flush=True)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in names:
        done = options.out / (f"{name}-sheet.png" if options.draft else f"{name}.json")
        if done.exists() and not options.again and not options.names:
            continue
        started = time.monotonic()
        film = Film(load_clip(name, options.folder), options.fps, draft=options.draft)
        if options.draft or options.sheet:
            film.write_sheet(options.out / f"{name}-sheet.png")
        if not options.draft:
            film.write(options.out)
        print(f"{name}: {film.summary} in {time.monotonic() - started:.0f} s", flush=True)


def write_sidecar(path: Path, record: dict[str, Any]) -> None:
    """On one line: over a hundred numbers a measure."""
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


class Film:
    """A clip on its way to a file.

    Parameters
    ----------
    clip : Clip
    fps : int
        Frames a second.
    draft : bool
        A third of the size, two rays a pixel.
    """

    def __init__(self, clip: Clip, fps: int, *, draft: bool) -> None:
        self.clip = clip
        self.fps = fps
        self.size = (WIDTH // 3, HEIGHT // 3) if draft else (WIDTH, HEIGHT)
        self.samples = 2 if draft else 4
        self.rendered = 0
        self.keys = clip.motion.keys(fps) if clip.moments else []

    @property
    def summary(self) -> str:
        """Words about the work."""
        return f"{len(self.keys)} frames, {len(set(self.keys))} unlike, {self.rendered} rendered"

    def write(self, out: Path) -> None:
        """The clip, its poster and, last, its truth."""
        clip = self.clip
        size = write_video(out / f"{clip.name}.mp4", self.photographs, self.fps, self.size)
        frame = round(clip.poster_s * self.fps)
        write_poster(out / f"{clip.name}.jpg", next(self.photographs(frame)))
        self.write_truth(out)
        print(f"{clip.name}.mp4: {size / 1000:.0f} kB", flush=True)

    def write_truth(self, out: Path) -> None:
        """The sidecar; renders nothing."""
        record = sidecar(self.clip, self.keys, self.camera, self.fps)
        write_sidecar(out / f"{self.clip.name}.json", record)

    def write_sheet(self, path: Path) -> None:
        """Frames of the clip side by side, row by row."""
        count = SHEET_COLUMNS * SHEET_ROWS
        chosen = np.linspace(0, self.length - 1, count).astype(int)
        pictures = [self.clean(frame) for frame in chosen]
        rows = [
            np.concatenate(pictures[k : k + SHEET_COLUMNS], axis=1)
            for k in range(0, count, SHEET_COLUMNS)
        ]
        Image.fromarray(np.concatenate(rows)).save(path)

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.keys) or round(self.clip.seconds * self.fps)

    def photographs(self, first: int = 0) -> Iterator[np.ndarray]:
        """The frames as the camera gives them, grain and all."""
        for frame in range(first, self.length):
            rng = np.random.default_rng((frame, len(self.clip.name)))
            yield photograph(self.clean(frame), self.clip.picture, rng)

    # --- rendering -----------------------------------------------------------------------------

    @cached_property
    def camera(self) -> Camera:
        """One camera, which the whole motion fits."""
        view = self.clip.camera
        return frame_body(
            self._everywhere,
            yaw_deg=view.yaw_deg,
            height_m=view.height_m,
            distance_m=view.distance_m,
            roll_deg=view.roll_deg,
            margin=view.margin,
            width=self.size[0],
            height=self.size[1],
            offset=view.offset,
            elevation_deg=view.elevation_deg,
        )

    @cached_property
    def _everywhere(self) -> np.ndarray:
        """Points (n, 3) of the body wherever it goes; without one, where it would be."""
        if not self.keys:
            return np.array([[x, y, z] for x in (-0.9, 0.9) for y in (-0.3, 0.3) for z in (0, 0.9)])
        chosen = sorted(set(self.keys))[:: max(1, len(set(self.keys)) // 12)]
        chosen += [FrameKey(m.form, m.form) for m in self.clip.moments]
        return np.concatenate([self.clip.motion.frame(key).vertices[:N_SKIN:5] for key in chosen])

    @cached_property
    def room(self) -> Room:
        """The room with what the stretch needs in it, on the right side of the person."""
        place = PLACINGS[self.clip.made_for]
        room = replace(self.clip.room, mat_y=place.y, mat_along=place.mat_along)
        props = self.clip.forms[self.clip.form].props if self.clip.moments else {}
        turn = -1 if self.clip.near_side == "left" else 1
        if "wall_x" in props and self.clip.camera.view == "side":
            return replace(room, wall_x=turn * props["wall_x"], wall_side=turn)
        if room.mat_x is not None or room.mat is None:
            return room
        low, high = self._everywhere[:, 0].min(), self._everywhere[:, 0].max()
        return replace(room, mat_x=float(low + high) / 2)

    @cached_property
    def _stage(self):
        # Blender is loaded only when something must be rendered.
        from stage import Stage  # noqa: PLC0415

        clip = self.clip
        stage = Stage(
            clip.motion.body, clip.look, clip.clothes, self.room, clip.light,
            samples=self.samples, width=self.size[0], height=self.size[1],
        )  # fmt: skip
        if self.keys:
            shown = clip.motion.frame(self.keys[0])
            stage.show(shown.vertices, shown.posed)
        stage.plate(self.camera)
        return stage

    def clean(self, frame: int) -> np.ndarray:
        """A frame before the camera's faults, rendered or kept: (h, w, 3) uint8."""
        body = self.clip.motion.frame(self.keys[frame]) if self.keys else None
        path = FRAMES / self.clip.name / f"{self._fingerprint(body)}.png"
        if path.exists():
            return np.asarray(Image.open(path))
        if body is None:
            picture = self._stage.plate(self.camera)
        else:
            self._stage.show(body.vertices, body.posed)
            picture = self._stage.render_crop(self.camera)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.png")
        Image.fromarray(picture).save(partial)
        partial.replace(path)
        self.rendered += 1
        return picture

    def _fingerprint(self, body: BodyFrame | None) -> str:
        digest = hashlib.sha256(self._scene)
        if body is not None:
            digest.update(np.round(body.vertices, 4).astype(np.float32).tobytes())
        return digest.hexdigest()[:24]

    @cached_property
    def _scene(self) -> bytes:
        """All that the frames have in common, as bytes."""
        clip = self.clip
        parts = (clip.look, clip.clothes, self.room, clip.light, self.camera)
        here = Path(__file__).resolve().parent
        code = b"".join((here / f"{name}.py").read_bytes() for name in _LOOKS)
        text = json.dumps(
            [clip.body, self.samples, *(asdict(part) for part in parts)], default=float
        )
        return text.encode() + hashlib.sha256(code).digest()


if __name__ == "__main__":
    main()
