"""The network without its mask finds the same landmarks to the last bit, whatever the bundle."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from posecheck.core.errors import ModelError
from posecheck.media.open import open_source
from posecheck.pose.detector import open_detector
from posecheck.pose.model.bundle import DETECTOR, LANDMARKER, landmarks_only, zip_bundle
from posecheck.pose.model.locate import resolve_model
from posecheck.pose.sighting import Preparer
from tests.fixtures.paths import SAMPLES


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("video", [True, False])
@pytest.mark.parametrize("clip", ["legs-up-the-wall", "cat-cow"])
def test_the_landmarks_are_the_same_to_the_last_bit(clip: str, video: bool) -> None:
    model = resolve_model()
    prepare, n_seen = Preparer(), 0
    plain, lean = (
        open_detector(model, video=video, n_people=1, outline=outline) for outline in (True, False)
    )
    with open_source(SAMPLES / f"{clip}.mp4") as source:
        for picture in map(prepare, source.frames(640)):
            if picture.t_s > 2:
                break
            seen = [next(iter(one.detect(picture)), None) for one in (plain, lean)]
            assert (seen[0] is None) == (seen[1] is None)
            if seen[0] is None or seen[1] is None:
                continue
            n_seen += 1
            with_outline, without = seen
            assert with_outline.outline is not None
            assert without.outline is None
            for name in ("image", "world", "visibility"):
                assert np.array_equal(getattr(with_outline, name), getattr(without, name))
    plain.close()
    lean.close()
    assert n_seen > 20


def test_what_is_left_out_and_what_stays(tmp_path: Path) -> None:
    before, after = resolve_model(), tmp_path / "lean.task"
    after.write_bytes(landmarks_only(before))
    assert members(after)[DETECTOR] == members(before)[DETECTOR]
    assert len(members(after)[LANDMARKER]) < len(members(before)[LANDMARKER])
    # Done once, there is nothing more to leave out.
    again = tmp_path / "again.task"
    again.write_bytes(landmarks_only(after))
    assert members(again) == members(after)


def test_another_file_in_the_same_place_is_read_anew(tmp_path: Path) -> None:
    bundle = tmp_path / "model.task"
    for k in range(2):
        bundle.write_bytes(zip_bundle([(DETECTOR, b"a"), (LANDMARKER, bytes([k]))]))
        (tmp_path / "seen.task").write_bytes(landmarks_only(bundle))
        assert members(tmp_path / "seen.task")[LANDMARKER] == bytes([k])


@pytest.mark.parametrize("part", [slice(4, 8), slice(40, 80), slice(-4000, -3000)])
def test_a_damaged_network_is_refused_in_words(part: slice, tmp_path: Path) -> None:
    parts = members(resolve_model())
    network = bytearray(parts[LANDMARKER])
    network[part] = b"\xff" * len(network[part])
    bundle = tmp_path / "damaged.task"
    bundle.write_bytes(zip_bundle([(DETECTOR, parts[DETECTOR]), (LANDMARKER, bytes(network))]))
    with pytest.raises(ModelError, match="cannot load this model"):
        open_detector(bundle, video=True, n_people=1, outline=False)


def test_half_a_bundle_is_refused_in_words(tmp_path: Path) -> None:
    bundle = tmp_path / "half.task"
    bundle.write_bytes(zip_bundle([(DETECTOR, members(resolve_model())[DETECTOR])]))
    with pytest.raises(ModelError, match="cannot load this model"):
        open_detector(bundle, video=True, n_people=1, outline=False)
